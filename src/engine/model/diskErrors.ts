/** What a disk refuses, in words. */
import { FactoryError } from './errors.ts';

/** An error of the file system in words: what could not be written, and what to do. */
export function diskError(error: unknown, path: string): FactoryError {
  if (error instanceof FactoryError) return error;
  const code = errnoOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return fullDisk(path, error);
  return new FactoryError(
    'disk.unwritable',
    `${path} could not be written (${code || String(error)}). Check that the folder exists and that you may write to it.`,
    { cause: error },
  );
}

export function fullDisk(path: string, cause?: unknown): FactoryError {
  const message = `There is no space left on the disk to write ${path}. Free some space, then go on.`;
  return new FactoryError('disk.full', message, { cause });
}

/** The system's code of an error (`ENOSPC`, `EEXIST` …), or an empty text. */
export function errnoOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
