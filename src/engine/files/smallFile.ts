/** Reading and writing small files of our own folder, which may hold anything when it came from elsewhere. */
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Absent on Windows, where making a link takes a privilege. */
const noFollow = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;
const noBlock = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0;

/**
 * The text of a regular file of at most `most` bytes. Fails with an error for anything else: a link leads elsewhere, and
 * a pipe or a device never ends.
 */
export function readSmallFile(path: string, most: number): string {
  const file = openSync(path, constants.O_RDONLY | noFollow | noBlock);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > most) throw new Error(`${path} is no file of at most ${most} bytes.`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Writes over the beginning of a file in one piece, and makes it where there is none; never through a link. */
export function writeInPlace(path: string, text: string, how: { cut: boolean }): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | noFollow | noBlock;
  const file = openSync(path, how.cut ? flags | constants.O_TRUNC : flags, 0o600);
  try {
    if (!fstatSync(file).isFile()) throw new Error(`${path} is no file.`);
    writeSync(file, text, 0);
  } finally {
    closeSync(file);
  }
}
