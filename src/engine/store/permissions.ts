/**
 * What is kept of a workspace is for its user's eyes alone. Of POSIX systems: on Windows, files have the rights of the
 * folder that they lie in, which is its user's.
 */
import { chmodSync, closeSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const isPosix = process.platform !== 'win32';

/** The folder and the files in it. Best effort: some drives know no rights, and what is another user's stays as it is. */
export function tighten(folder: string): void {
  if (!isPosix) return;
  try {
    restrict(folder, 0o700);
    for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())) {
      restrict(join(folder, name), 0o600);
    }
  } catch {
    // Nothing that work depends on.
  }
}

/** Makes an empty file for SQLite, which would let everybody read it; its logs get the rights of their database. */
export function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function restrict(path: string, mode: number): void {
  const stats = lstatSync(path);
  if (!stats.isSymbolicLink() && (stats.mode & 0o077) !== 0) chmodSync(path, mode);
}
