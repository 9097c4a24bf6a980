/** Where an export goes: a name that is free, a file that is complete or not there. */
import { basename, dirname, extname, join } from 'node:path';
import { asideName, claimName, dropFile, replaceFile } from '../files/heldFiles.ts';
import { inChosenFolder } from '../files/heldFolder.ts';
import type { HeldFolder } from '../files/heldFolder.ts';
import { isFolder } from '../files/inputs.ts';
import { slug } from '../files/names.ts';
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
  /** Lets work be done in the default exports folder. */
  folder: <T>(use: (folder: HeldFolder) => Promise<T>) => Promise<T>;
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
  const { path, extension, onConflict } = destination;
  const { named, name } = await wantedName(destination);
  let told = path ?? name;
  const fill = async (folder: HeldFolder): Promise<string> => {
    told = join(folder.path, name);
    const aside = asideName();
    try {
      signal?.throwIfAborted();
      await write(folder.at(aside));
      signal?.throwIfAborted();
      if (onConflict === 'overwrite' && path !== undefined) {
        await replaceFile(folder, aside, name);
        return told;
      }
      return join(folder.path, await takeFreeName(folder, aside, name, extension));
    } finally {
      // Gone already after a rename; where it cannot be removed, it could not be made.
      await dropFile(folder, aside);
    }
  };
  try {
    return await (named === null ? destination.folder(fill) : inChosenFolder(named, fill));
  } catch (error) {
    throw exportError(error, told, signal);
  }
}

/** The folder that was named, and the name in it. */
async function wantedName({
  path,
  name,
  extension,
  now,
}: Destination): Promise<{ named: string | null; name: string }> {
  const byDefault = `${slug(name)}_${timestamp(now)}.${extension}`;
  if (path === undefined) return { named: null, name: byDefault };
  if (await isFolder(path)) return { named: path, name: byDefault };
  const ended = extname(path).toLowerCase() === `.${extension}` ? path : `${path}.${extension}`;
  return { named: dirname(ended), name: basename(ended) };
}

async function takeFreeName(
  folder: HeldFolder,
  aside: string,
  wanted: string,
  extension: string,
): Promise<string> {
  const stem = wanted.slice(0, wanted.length - extension.length - 1);
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? wanted : `${stem}-${number}.${extension}`;
    if (await claimName(folder, aside, name)) return name;
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
