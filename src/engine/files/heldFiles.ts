/** What can be done with the files of a held folder. Only regular files are touched, and links are never followed. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, readdir, rename, rm, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError, errnoOf, fullDisk } from '../model/diskErrors.ts';
import { FactoryError } from '../model/errors.ts';
import { linkError } from './heldFolder.ts';
import { maxImageBytes } from '../model/imageLimits.ts';
import type { HeldFolder } from './heldFolder.ts';
import { messages } from './messages.ts';
import { numbered } from './names.ts';

const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/** True for a regular file, false where nothing has the name. Fails with `input.invalid` for anything else. */
export async function isFile(folder: HeldFolder, name: string): Promise<boolean> {
  return (await regular(folder, name)) !== null;
}

/** True where anything has the name. */
export async function isTaken(folder: HeldFolder, name: string): Promise<boolean> {
  return lstat(folder.at(name)).then(
    () => true,
    () => false,
  );
}

export function namesIn(folder: HeldFolder): Promise<string[]> {
  return readdir(folder.here);
}

export async function sizeOf(folder: HeldFolder, name: string): Promise<number | null> {
  const stats = await regular(folder, name);
  return stats === null ? null : Number(stats.size);
}

async function regular(
  folder: HeldFolder,
  name: string,
): Promise<{ ino: bigint; dev: bigint; size: bigint } | null> {
  const stats = await lstat(folder.at(name), { bigint: true }).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (stats === null || stats.isFile()) return stats;
  const path = join(folder.path, name);
  throw new FactoryError(
    'input.invalid',
    stats.isSymbolicLink() ? messages.link({ link: path }) : messages.noRegularFile({ path }),
  );
}

/** When the folder itself was last changed, UTC ms. */
export async function writtenAt(folder: HeldFolder): Promise<number> {
  return (await stat(folder.here)).mtimeMs;
}

/** To be read. Fails with `input.invalid`, or as the system does where there is no such file. */
export async function openFile(folder: HeldFolder, name: string): Promise<FileHandle> {
  const seen = await regular(folder, name);
  const file = await open(folder.at(name), constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
    (error: unknown) => {
      throw errnoOf(error) === 'ELOOP' ? linkError(join(folder.path, name)) : error;
    },
  );
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile() || stats.ino !== seen?.ino || stats.dev !== seen.dev) {
      throw new FactoryError('input.invalid', messages.noRegularFile({ path: join(folder.path, name) }));
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The whole file. Fails like `openFile`, and with `input.invalid` where it is larger than `most` bytes. */
export async function readBytes(folder: HeldFolder, name: string, most = maxImageBytes): Promise<Buffer> {
  await using file = await openFile(folder, name);
  if ((await file.stat()).size > most) {
    const path = join(folder.path, name);
    throw new FactoryError(
      'input.invalid',
      messages.tooLarge({ path, most: Math.round(most / 1024 / 1024) }),
    );
  }
  return await file.readFile();
}

/** Removes a regular file; one that is gone already is no error. */
export async function removeFile(folder: HeldFolder, name: string): Promise<void> {
  if (!(await isFile(folder, name))) return;
  await unlink(folder.at(name)).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
  });
}

/** A new file that is to be filled; fails where the name is taken, by a link too. */
export function createFile(folder: HeldFolder, name: string, mode?: number): Promise<FileHandle> {
  return open(folder.at(name), 'wx', mode);
}

/** Writes a file so that it is complete under its name or not there at all: aside, to the disk, renamed. */
export async function writeWhole(
  folder: HeldFolder,
  name: string,
  bytes: Uint8Array,
  mode?: number,
): Promise<void> {
  const aside = await writeAside(folder, name, bytes, mode);
  try {
    await rename(folder.at(aside), folder.at(name));
  } catch (error) {
    await dropFile(folder, aside);
    throw diskError(error, join(folder.path, name));
  }
}

/**
 * Puts a complete file under `name`, or `name-2`, `name-3` … when that is taken: never replaces. Resolves with its
 * name. With `adoptIdentical`, a file of that name with the same bytes counts as already placed (a delivery that was
 * cut short and is done again). Fails like `writeWhole`.
 */
export async function placeWhole(
  folder: HeldFolder,
  name: string,
  bytes: Uint8Array,
  options: { adoptIdentical?: boolean } = {},
): Promise<string> {
  const aside = await writeAside(folder, name, bytes);
  try {
    for (let number = 1; ; number += 1) {
      const free = numbered(name, number);
      if (await claimName(folder, aside, free)) return free;
      if (options.adoptIdentical === true && (await holdsBytes(folder, free, bytes))) return free;
    }
  } catch (error) {
    throw diskError(error, join(folder.path, name));
  } finally {
    await dropFile(folder, aside);
  }
}

async function holdsBytes(folder: HeldFolder, name: string, bytes: Uint8Array): Promise<boolean> {
  try {
    if ((await sizeOf(folder, name)) !== bytes.length) return false;
    return Buffer.compare(await readBytes(folder, name, bytes.length), bytes) === 0;
  } catch {
    return false;
  }
}

async function writeAside(
  folder: HeldFolder,
  name: string,
  bytes: Uint8Array,
  mode?: number,
): Promise<string> {
  const aside = asideName();
  const path = join(folder.path, name);
  try {
    if (!leavesDiskSpace(await statfs(folder.here), bytes.length)) throw fullDisk(path);
    await using file = await createFile(folder, aside, mode);
    await file.writeFile(bytes);
    await file.sync();
    return aside;
  } catch (error) {
    await dropFile(folder, aside);
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

/** What a file is called until it gets its name: hidden, beside it, so that the rename stays on one disk. */
export function asideName(): string {
  return `.${randomBytes(8).toString('hex')}.part`;
}

/** Removes what a killed process left half written in a folder. Only for the owner of the workspace's lease. */
export async function removeAside(folder: HeldFolder): Promise<void> {
  for (const name of await readdir(folder.here)) {
    if (/^\.[0-9a-f]{16}\.part$/.test(name)) await rm(folder.at(name), { force: true });
  }
}

/** Gives a complete file a name that must be free; false when it is taken. The file may keep its old name too. */
export function claimName(folder: HeldFolder, aside: string, name: string): Promise<boolean> {
  return claim({ folder, name: aside }, { folder, name });
}

/** A complete file takes a name from another, which goes: the new one must be on the disk first. */
export async function replaceFile(folder: HeldFolder, aside: string, name: string): Promise<void> {
  await using file = await open(folder.at(aside), 'r+');
  await file.sync();
  await rename(folder.at(aside), folder.at(name));
}

/** Removes what this process has begun; best effort. */
export async function dropFile(folder: HeldFolder, name: string): Promise<void> {
  await rm(folder.at(name), { force: true }).catch(() => undefined);
}

interface NamedFile {
  folder: HeldFolder;
  name: string;
}

async function claim(from: NamedFile, to: NamedFile): Promise<boolean> {
  const source = from.folder.at(from.name);
  const target = to.folder.at(to.name);
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'].includes(errnoOf(error)))
      throw error;
  }
  // No hard links here (FAT, some shares): hold the name with an empty file, then rename over it.
  try {
    await (await open(target, 'wx')).close();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(source, target);
  return true;
}

/**
 * Moves a regular file, to another disk too; one that is not there was moved before. Never replaces: false when the
 * name is taken. Fails with `input.invalid`, or as the system does.
 */
export async function moveFile(from: NamedFile, to: NamedFile): Promise<boolean> {
  if (!(await isFile(from.folder, from.name))) return true;
  try {
    // Killed between the two, it has both names.
    if (!(await claim(from, to)) && !(await isSame(from, to))) return false;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true;
    if (errnoOf(error) !== 'EXDEV') throw error;
    if (!(await copyFile(from, to))) return false;
  }
  await rm(from.folder.at(from.name), { force: true });
  return true;
}

async function isSame(from: NamedFile, to: NamedFile): Promise<boolean> {
  const [one, other] = await Promise.all(
    [from, to].map(({ folder, name }) => lstat(folder.at(name), { bigint: true })),
  );
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

async function copyFile(from: NamedFile, to: NamedFile): Promise<boolean> {
  const aside = asideName();
  try {
    await using source = await openFile(from.folder, from.name);
    await using target = await createFile(to.folder, aside);
    for await (const part of source.createReadStream({ autoClose: false }))
      await target.write(part as Buffer);
    await target.sync();
    return await claimName(to.folder, aside, to.name);
  } finally {
    await dropFile(to.folder, aside);
  }
}

/** Adds a line to a file that is made where there is none; never through a link. */
export async function appendLine(
  folder: HeldFolder,
  name: string,
  text: string,
  mode?: number,
): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  await isFile(folder, name);
  await using file = await open(folder.at(name), flags, mode);
  await file.writeFile(`${text}\n`);
}

type Enter = <T>(way: readonly string[], use: (folder: HeldFolder) => Promise<T>) => Promise<T>;

/** Removes a folder and all below it. Links and whatever else lies there go as they are, nothing is followed. */
export async function removeBelow(enter: Enter, way: readonly string[]): Promise<void> {
  for (const name of await foldersIn(enter, way, (folder, other) => unlink(folder.at(other)))) {
    await removeBelow(enter, [...way, name]);
  }
  const name = way.at(-1);
  if (name !== undefined) await enter(way.slice(0, -1), (folder) => rmdir(folder.at(name)));
}

/** Files and bytes below a folder. */
export async function sizeBelow(
  enter: Enter,
  way: readonly string[],
): Promise<{ files: number; bytes: number }> {
  const total = { files: 0, bytes: 0 };
  const folders = await foldersIn(enter, way, async (folder, name) => {
    const stats = await lstat(folder.at(name));
    if (!stats.isFile()) return;
    total.files += 1;
    total.bytes += stats.size;
  });
  for (const name of folders) {
    const { files, bytes } = await sizeBelow(enter, [...way, name]);
    total.files += files;
    total.bytes += bytes;
  }
  return total;
}

/** The folders in a folder, after `visit` has seen what else is in it. */
function foldersIn(
  enter: Enter,
  way: readonly string[],
  visit: (folder: HeldFolder, name: string) => Promise<void>,
): Promise<string[]> {
  return enter(way, async (folder) => {
    const folders: string[] = [];
    for (const entry of await readdir(folder.here, { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(entry.name);
      else await visit(folder, entry.name);
    }
    return folders;
  });
}
