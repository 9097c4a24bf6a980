/** What a disk refuses, in words. */
import { FactoryError } from './errors.ts';
import { messages } from './messages.ts';

/** An error of the file system in words: what could not be written, and what to do. */
export function diskError(error: unknown, path: string): FactoryError {
  if (error instanceof FactoryError) return error;
  const code = errnoOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return fullDisk(path, error);
  return new FactoryError('disk.unwritable', messages.unwritable({ path, reason: code || String(error) }), {
    cause: error,
  });
}

export function fullDisk(path: string, cause?: unknown): FactoryError {
  return new FactoryError('disk.full', messages.full({ path }), { cause });
}

/** The system's code of an error (`ENOSPC`, `EEXIST` …), or an empty text. */
export function errnoOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
