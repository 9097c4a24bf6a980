/** Puts the write-ahead log on the disk without holding the thread up: the disk may take tens of milliseconds. */
import { open } from 'node:fs/promises';

/** Resolves when the disk has every byte that was in the file before the call. */
export async function syncFile(path: string): Promise<void> {
  // Windows flushes only what is open for writing. Closing drops no lock: SQLite's are on the files beside it.
  const handle = await open(path, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** One sync at a time; callers that come while one runs share the next, for theirs may have come too late for it. */
export function createLogSync(sync: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  const start = (): Promise<void> => {
    next = null;
    const started = sync().finally(() => {
      if (running === started) running = null;
    });
    running = started;
    return started;
  };

  return () => {
    if (running === null) return start();
    // Whether the one before worked is its callers' concern.
    next ??= running.then(start, start);
    return next;
  };
}
