/** Files of this process alone: in a folder of the system's that only this user can enter, or new ones that nobody knows yet. */
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskError } from '../model/diskErrors.ts';

/** A folder that is gone when the work is done. Fails with `disk.…` where none can be made. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const wanted = join(tmpdir(), 'gen-image-factory-export-');
  const folder = await mkdtemp(wanted).catch((error: unknown) => {
    throw diskError(error, wanted);
  });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** To write a file that must not be there, under no link either. */
export function newFileStream(path: string, options: { highWaterMark?: number } = {}): WriteStream {
  return createWriteStream(path, { ...options, flags: 'wx' });
}

/** To read a file that this process has written. */
export function openOwn(path: string): Promise<FileHandle> {
  return open(path);
}
