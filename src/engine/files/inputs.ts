/** Files that a person has named to be read, and folders to be written: by their own path, links above them included. */
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { errnoOf } from '../model/diskErrors.ts';
import { isFactoryError } from '../model/errors.ts';
import { openFile } from './heldFiles.ts';
import { inFolder } from './heldFolder.ts';
import { isInside } from './inside.ts';

export type Input =
  | { bytes: Buffer }
  | { refused: 'outside' | 'noFile' }
  /** Bytes. */
  | { refused: 'tooLarge'; size: number };

/** Reads a regular file, links followed; with `within`, one that really lies there. Fails as the system does. */
export async function readInput(
  path: string,
  { within, most }: { within: string | null; most: number },
): Promise<Input> {
  const real = await realpath(path);
  if (within !== null && !isInside(await realpath(within), real)) return { refused: 'outside' };
  try {
    return await inFolder({ base: dirname(real), way: [] }, {}, async (folder): Promise<Input> => {
      await using file = await openFile(folder, basename(real));
      const { size } = await file.stat();
      return size > most ? { refused: 'tooLarge', size } : { bytes: await file.readFile() };
    });
  } catch (error) {
    if (isFactoryError(error)) return { refused: 'noFile' };
    throw error;
  }
}

/** What keeps a folder, or the nearest one above it that is there, from being written; null where nothing does. */
export async function writabilityOf(
  folder: string,
): Promise<{ why: 'file'; path: string } | { why: 'readOnly' | 'unwritable' } | null> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      if (!(await stat(path)).isDirectory()) return { why: 'file', path };
      await access(path, constants.W_OK | constants.X_OK);
      return null;
    } catch (error) {
      const code = errnoOf(error);
      if ((code === 'ENOENT' || code === 'ENOTDIR') && dirname(path) !== path) continue;
      return { why: code === 'EROFS' ? 'readOnly' : 'unwritable' };
    }
  }
}

/** True for a folder, reached by a link too. */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
