/** Where an export goes: a name that is free, a file that is complete or not there. */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { slug } from '../files/names.ts';
import { asidePath, claimName } from '../images/files.ts';
import { diskError } from '../model/diskErrors.ts';
import { FactoryError, isFactoryError } from '../model/errors.ts';
import { timestamp } from '../model/wallTime.ts';
import { messages } from './messages.ts';

export type ConflictPolicy = 'append' | 'overwrite';

/** What an export is doing, in the words that people read. */
export type ExportPhase = 'Gathering Files' | 'Creating Excel' | 'Zipping';

export interface ExportProgress {
  phase: ExportPhase;
  done: number;
  total: number;
}

export interface ExportControl {
  signal?: AbortSignal;
  onProgress?: (progress: ExportProgress) => void;
}

/** A finished export. */
export interface Exported {
  /** Absolute. */
  path: string;
  /** Images without a file, or jobs that could not be read: whoever asked for them is told. */
  leftOut: number;
}

export interface Destination {
  /** Absolute path of the file, or of an existing folder for the default name; absent: `folder`. */
  path?: string;
  /** What happens when the file exists; `append` writes `name-1.zip`, which is the default. */
  onConflict?: ConflictPolicy;
  /** Absolute path of the default exports folder. */
  folder: string;
  /** What the default name begins with, before the time stamp. */
  name: string;
  extension: 'xlsx' | 'zip';
  /** UTC ms, for the time stamp. */
  now: number;
}

/**
 * Lets `write` fill a file aside and gives it its name when it is complete. Resolves with the absolute path.
 * After a failure or an abort nothing is left behind. Fails with `cancelled`, `disk.full`, `disk.unwritable`,
 * `export.failed`, or the code of a FactoryError that `write` threw.
 */
export async function writeDestination(
  destination: Destination,
  write: (asidePath: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<string> {
  const wanted = await wantedPath(destination);
  const aside = asidePath(wanted);
  try {
    signal?.throwIfAborted();
    await mkdir(dirname(wanted), { recursive: true });
    await write(aside);
    signal?.throwIfAborted();
    if (destination.onConflict === 'overwrite' && destination.path !== undefined) {
      // The old export goes: the new one must be on the disk first. A first export can be made again.
      await syncFile(aside);
      await rename(aside, wanted);
      return wanted;
    }
    return await takeFreeName(aside, wanted);
  } catch (error) {
    throw exportError(error, wanted, signal);
  } finally {
    // Gone already after a rename; where it cannot be removed, it could not be made.
    await rm(aside, { force: true }).catch(() => undefined);
  }
}

async function wantedPath({ path, folder, name, extension, now }: Destination): Promise<string> {
  const byDefault = `${slug(name)}_${timestamp(now)}.${extension}`;
  if (path === undefined) return join(folder, byDefault);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return join(path, byDefault);
  return extname(path).toLowerCase() === `.${extension}` ? path : `${path}.${extension}`;
}

async function takeFreeName(aside: string, wanted: string): Promise<string> {
  const extension = extname(wanted);
  const stem = wanted.slice(0, wanted.length - extension.length);
  for (let number = 0; ; number += 1) {
    const path = number === 0 ? wanted : `${stem}-${number}${extension}`;
    if (await claimName(aside, path)) return path;
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function exportError(error: unknown, path: string, signal: AbortSignal | undefined): FactoryError {
  if (signal?.aborted === true || isFactoryError(error, 'cancelled')) {
    return new FactoryError('cancelled', messages.cancelled(), {
      cause: error,
    });
  }
  if (error instanceof FactoryError) return error;
  if (error instanceof Error && 'code' in error && 'syscall' in error) return diskError(error, path);
  const reason = error instanceof Error ? error.message : String(error);
  return new FactoryError('export.failed', messages.failed({ path, reason }), { cause: error });
}
