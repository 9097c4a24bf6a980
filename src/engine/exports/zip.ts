/** A ZIP file, filled entry by entry: written in order while the next ones are read. */
import { once } from 'node:events';
import type { ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { safeName } from '../files/names.ts';
import { newFileStream } from '../files/temporary.ts';
import { FactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';

/** Larger files are streamed, at the price of a data descriptor that some old readers do not know. */
const maxWhole = 8 * 1024 * 1024;

/** Files read while the one before them is written. */
const readAhead = 4;

/** A file that may be read. */
export interface FileToExport {
  /** As people are told. */
  path: string;
  /** To be read; whoever opens it closes it. */
  open(): Promise<FileHandle>;
}

export interface ZipFileEntry extends FileToExport {
  name: string;
}

export interface Zip {
  /** Adds files as they are (images do not get smaller). Rejects with `export.failed` when one cannot be read. */
  store(files: Iterable<ZipFileEntry>, onStored?: (done: number) => void): Promise<void>;
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
  const file = newFileStream(path, { highWaterMark: 1024 * 1024 });
  // Not `once` of node:events: it rejects when the file breaks, which nobody may be waiting to hear.
  const closed = new Promise<void>((resolve) => {
    file.once('close', resolve);
  });
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
    archive.append(source, { name: entryName(name), store });
    await Promise.race([written, broken]);
  };
  const zip: Zip = {
    store: async (files, onStored) => {
      let done = 0;
      for await (const { name, path: from, source } of opened(files)) {
        if (Buffer.isBuffer(source)) await append(source, name, true);
        else await Promise.race([append(source, name, true), failureOf(source, from)]);
        done += 1;
        onStored?.(done);
      }
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
    await closed;
    throw error;
  }
}

/** The door for every name in an archive: whoever unpacks it may be on another system. */
function entryName(name: string): string {
  return name.split('/').map(safeName).join('/');
}

interface OpenedFile extends ZipFileEntry {
  source: Buffer | ReadStream;
}

/** Files in their order, a few of them being read already. */
async function* opened(files: Iterable<ZipFileEntry>): AsyncGenerator<OpenedFile> {
  const ahead: Promise<OpenedFile>[] = [];
  try {
    for (const file of files) {
      const next = openFile(file);
      // It is awaited in its turn; until then nobody else reports it.
      next.catch(() => undefined);
      ahead.push(next);
      if (ahead.length > readAhead) {
        const first = ahead.shift();
        if (first !== undefined) yield await first;
      }
    }
    for (let first = ahead.shift(); first !== undefined; first = ahead.shift()) yield await first;
  } finally {
    for (const { status, value } of (await Promise.allSettled(ahead)) as {
      status: string;
      value?: OpenedFile;
    }[]) {
      if (status === 'fulfilled' && value !== undefined && !Buffer.isBuffer(value.source))
        value.source.destroy();
    }
  }
}

async function openFile(file: ZipFileEntry): Promise<OpenedFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await file.open();
    const { size } = await handle.stat();
    if (size > maxWhole) return { ...file, source: handle.createReadStream({ highWaterMark: 1024 * 1024 }) };
    const source = Buffer.allocUnsafe(size);
    const { bytesRead } = await handle.read(source, 0, size, 0);
    await handle.close();
    if (bytesRead < size) throw new Error(`read ${bytesRead} of ${size} bytes`);
    return { ...file, source };
  } catch (error) {
    await handle?.close().catch(() => undefined);
    throw new FactoryError('export.failed', messages.unreadable({ path: file.path }), {
      cause: error,
    });
  }
}

/** Settles only when a stream breaks. */
function failureOf(source: ReadStream, path: string): Promise<never> {
  return new Promise((_, reject) => {
    source.once('error', (error) => {
      reject(new FactoryError('export.failed', messages.unreadable({ path }), { cause: error }));
    });
  });
}
