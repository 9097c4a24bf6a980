/** A ZIP file, filled entry by entry: each is written before the next is read. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { FactoryError } from '../model/errors.ts';

/** Larger files are streamed, at the price of a data descriptor that some old readers do not know. */
const maxWhole = 8 * 1024 * 1024;

export interface Zip {
  /** Adds a file as it is (pictures do not get smaller). Rejects when it cannot be read. */
  store(name: string, path: string): Promise<void>;
  /** Adds text, compressed. */
  text(name: string, text: string): Promise<void>;
}

/** Opens a ZIP at a path, lets `fill` add entries, and completes it. Large archives become ZIP64. */
export async function writeZip(
  path: string,
  signal: AbortSignal | undefined,
  fill: (zip: Zip) => Promise<void>,
): Promise<void> {
  const { ZipArchive } = await import('archiver');
  const archive = new ZipArchive({ zlib: { level: 6 } });
  const file = createWriteStream(path, { flags: 'wx', highWaterMark: 1024 * 1024 });
  const closed = once(file, 'close');
  const broken = new Promise<never>((_, reject) => {
    file.once('error', reject);
    archive.once('error', reject);
  });
  // A failure may come when nobody waits for the race any more.
  broken.catch(() => undefined);
  archive.pipe(file);

  const append = async (
    source: Parameters<typeof archive.append>[0],
    name: string,
    store: boolean,
  ): Promise<void> => {
    signal?.throwIfAborted();
    const written = once(archive, 'entry');
    archive.append(source, { name, store });
    await Promise.race([written, broken]);
  };
  const zip: Zip = {
    store: async (name, from) => {
      const { size } = await reading(from, () => stat(from));
      if (size <= maxWhole) return append(await reading(from, () => readFile(from)), name, true);
      const source = createReadStream(from, { highWaterMark: 1024 * 1024 });
      await reading(from, () => once(source, 'open'));
      const unreadable = reading(from, () => once(source, 'end'));
      // Either may fail first; the other then has nobody waiting.
      unreadable.catch(() => undefined);
      await Promise.race([
        append(source, name, true),
        unreadable.then(() => new Promise<never>(() => undefined)),
      ]);
    },
    text: (name, text) => append(Buffer.from(text), name, false),
  };
  try {
    await fill(zip);
    signal?.throwIfAborted();
    await Promise.race([archive.finalize(), broken]);
    await Promise.race([closed, broken]);
  } catch (error) {
    archive.abort();
    file.destroy();
    await closed.catch(() => undefined);
    throw error;
  }
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new FactoryError('export.failed', `${path} could not be read for the export.`, { cause: error });
  }
}
