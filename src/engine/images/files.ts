/** Files that are whole or not there, and paths that stay where they may. */
import { randomBytes } from 'node:crypto';
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  statfs,
} from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isInside } from '../files/inside.ts';
import { numbered } from '../files/names.ts';
import { diskError, errnoOf, fullDisk } from '../model/diskErrors.ts';
import { FactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';

/**
 * Writes a file so that it is complete under its name or not there at all: aside, to the disk, renamed.
 * Replaces what has the name; makes missing folders. Fails with `disk.full` or `disk.unwritable`.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const aside = await writeAside(path, bytes);
  try {
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw diskError(error, path);
  }
}

/**
 * Puts a complete file into `folder` under `name`, or `name-2`, `name-3` … when that is taken: never replaces.
 * Resolves with the absolute path. With `adoptIdentical`, a file of that name with the same bytes counts as
 * already placed (a delivery that was cut short and is done again). Fails like `writeAtomically`.
 */
export async function moveToFreeName(
  folder: string,
  name: string,
  bytes: Uint8Array,
  options: { adoptIdentical?: boolean } = {},
): Promise<string> {
  const aside = await writeAside(join(folder, name), bytes);
  try {
    for (let number = 1; ; number += 1) {
      const path = join(folder, numbered(name, number));
      if (await claimName(aside, path)) return path;
      if (options.adoptIdentical === true && (await holdsBytes(path, bytes))) return path;
    }
  } catch (error) {
    throw diskError(error, join(folder, name));
  } finally {
    await rm(aside, { force: true }).catch(() => undefined);
  }
}

/** Gives a complete file a name that must be free; false when it is taken. The file may keep its old name too. */
export async function claimName(aside: string, path: string): Promise<boolean> {
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EINVAL'].includes(errnoOf(error)))
      throw error;
  }
  // No hard links here (FAT, some shares): hold the name with an empty file, then rename over it.
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(aside, path);
  return true;
}

async function holdsBytes(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    if ((await stat(path)).size !== bytes.length) return false;
    return Buffer.compare(await readFile(path), bytes) === 0;
  } catch {
    return false;
  }
}

async function writeAside(path: string, bytes: Uint8Array): Promise<string> {
  const aside = asidePath(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    if (!leavesDiskSpace(await statfs(dirname(path)), bytes.length)) throw fullDisk(path);
    const file = await open(aside, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return aside;
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw diskError(error, path);
  }
}

/** What images leave free on a disk, in bytes: the store needs it to write down that the job pauses. */
const keptFree = 1024 * 1024;

/** True when a file of `bytes` bytes leaves the store room to go on. Some file systems do not tell their size. */
export function leavesDiskSpace(
  disk: { blocks: number; bavail: number; bsize: number },
  bytes: number,
): boolean {
  return disk.blocks === 0 || disk.bavail * disk.bsize >= bytes + keptFree;
}

/** Where a file is written before it gets its name: hidden, beside it, so that the rename stays on one disk. */
export function asidePath(path: string): string {
  return join(dirname(path), `.${randomBytes(8).toString('hex')}.part`);
}

/** Removes what a killed process left half written in a folder. Only for the owner of the workspace's lease. */
export async function removeLeftAside(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (/^\.[0-9a-f]{16}\.part$/.test(name)) await rm(join(folder, name), { force: true });
  }
}

/** What the factory writes and rows name: images in every format of a provider, and the words beside one. */
const storedTypes = /\.(?:png|jpe?g|webp|svg|xmp)$/i;

/** Folders below which nothing is an image of ours, whatever it is called; of our own, thumbnails and exports apart. */
const foreignParts = /(?:^|[\\/])\.git(?:[\\/]|$)|(?:^|[\\/])\.gen-image-factory[\\/](?!thumbnails[\\/])/i;

/**
 * The absolute path of a stored one, when it names an image that lies (symbolic links followed) in the workspace or
 * in one of the folders that the settings name. Anything else in a row was not written by this factory:
 * `input.invalid`. The file need not exist; what is there under its name is a regular file.
 */
export async function resolveStored(
  root: string,
  allowedFolders: readonly string[],
  stored: string,
): Promise<string> {
  if (stored.includes('\0') || !storedTypes.test(stored)) throw outside(stored);
  const absolute = resolve(root, stored);
  if (foreignParts.test(relative(root, absolute))) throw outside(stored);
  const there = await lstat(absolute).catch(() => null);
  if (there !== null && !there.isFile()) throw outside(stored);
  const real = await realPathOf(absolute);
  for (const folder of [root, ...allowedFolders]) {
    if (isInside(await realPathOf(resolve(root, folder)), real)) return absolute;
  }
  throw outside(stored);
}

/** The path with symbolic links followed as far as it exists. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    // A link that leads nowhere today may lead anywhere tomorrow.
    const dangling = (await lstat(path).catch(() => null))?.isSymbolicLink() ?? false;
    if (errnoOf(error) !== 'ENOENT' || parent === path || dangling) throw outside(path);
    return join(await realPathOf(parent), basename(path));
  }
}

function outside(stored: string): FactoryError {
  return new FactoryError('input.invalid', messages.pathOutside({ stored }));
}
