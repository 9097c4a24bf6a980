/**
 * A folder that is where its path says, without a link on the way: what is done with its files happens in that very
 * folder, whatever becomes of the path meanwhile.
 *
 * Paths come from rows, settings and folders that were made elsewhere, so their text proves nothing. On Linux the folder
 * is opened, the system is asked where the opened one really lies, and all further steps go through its handle
 * (`/proc/self/fd`): a link that takes the folder's place between the look and the deed has no effect. A file is looked
 * at without following links, opened without following links, and compared: it is the same regular file or refused.
 *
 * What is left: elsewhere than on Linux (and where `/proc` is missing or a file system tells other names) every part of
 * the path is looked at, and then used by its text; whoever can exchange folders of the workspace in the microseconds
 * between has the rights of this user already or shares the folder with write access. Inside a held folder another
 * process can exchange one file for another between look and rename: it is then that folder's other file that moves.
 * A hard link cannot be told from the file. Windows refuses links to ordinary users, but knows junctions: they count as
 * links here.
 */
import { constants } from 'node:fs';
import { lstat, mkdir, open, readlink, realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { errnoOf } from '../model/diskErrors.ts';
import { FactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';

export interface HeldFolder {
  /** Absolute, as people know it. */
  readonly path: string;
  /** The path by which the system reaches the folder itself. */
  readonly here: string;
  /** The path by which the system reaches a file of this folder. Fails with `input.invalid` for more than a bare name. */
  at(name: string): string;
}

/** A folder whose own path is trusted, and the way below it that is not. */
export interface Place {
  /** Absolute, without links. */
  base: string;
  /** Bare names. */
  way: readonly string[];
  /** The path as people know it, where they reach it by a link that is theirs. */
  shown?: string;
}

export interface HoldOptions {
  /** Makes what is missing of the way, with these rights. */
  make?: { mode?: number };
}

/** Missing on Windows. */
const { O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants as Partial<typeof constants>;
const folderFlags = constants.O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

/**
 * Lets `use` work in the folder. Fails with `disk.unwritable` where a part of the way is a link or no folder, and with
 * the system's error (`ENOENT`) where it is missing.
 */
export async function inFolder<T>(
  place: Place,
  options: HoldOptions,
  use: (folder: HeldFolder) => Promise<T>,
): Promise<T> {
  const path = join(place.base, ...place.way);
  if (process.platform !== 'linux') {
    await walk(place, options);
    return await use(held(place, path));
  }
  await using handle = await openFolder(path, place, options);
  const here = `/proc/self/fd/${handle.fd}`;
  const real = await readlink(here).catch(() => null);
  if (real === path) return await use(held(place, here));
  await walk(place, {});
  const [opened, named] = await Promise.all([handle.stat({ bigint: true }), lstat(path, { bigint: true })]);
  if (opened.ino !== named.ino || opened.dev !== named.dev) throw linkError(path);
  return await use(held(place, real === null ? path : here));
}

function held({ base, way, shown }: Place, here: string): HeldFolder {
  const path = shown ?? join(base, ...way);
  return {
    path,
    here,
    at(name) {
      if (basename(name) !== name || name === '' || name === '.' || name === '..' || name.includes('\0')) {
        throw new FactoryError('input.invalid', messages.noRegularFile({ path: `${path}${sep}${name}` }));
      }
      return join(here, name);
    },
  };
}

async function openFolder(
  path: string,
  place: Place,
  options: HoldOptions,
): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(path, folderFlags);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' && options.make !== undefined) {
      await makeFolder(place, options.make);
      return await open(path, folderFlags);
    }
    // The walk says which part of it is wrong, if one is.
    if (code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENOENT') await walk(place, {});
    throw error;
  }
}

/** From the trusted base on, each inside its checked parent. */
async function makeFolder({ base, way }: Place, make: { mode?: number }): Promise<void> {
  const name = way.at(-1);
  if (name === undefined) {
    await mkdir(base, { recursive: true, ...make });
    return;
  }
  await inFolder({ base, way: way.slice(0, -1) }, { make }, async (parent) => {
    try {
      await mkdir(parent.at(name), make);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      // A link that leads nowhere has the name.
      await walk({ base, way }, {});
    }
  });
}

/** Looks at every part of the way, without following it. */
async function walk({ base, way }: Place, { make }: HoldOptions): Promise<void> {
  let path = base;
  if (make !== undefined) await mkdir(base, { recursive: true, ...make });
  for (const name of way) {
    path = join(path, name);
    if (make !== undefined) {
      await mkdir(path, make).catch((error: unknown) => {
        if (errnoOf(error) !== 'EEXIST') throw error;
      });
    }
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) throw linkError(path);
    if (!stats.isDirectory()) throw new FactoryError('disk.unwritable', messages.noFolder({ path }));
  }
  // Short names of Windows, and junctions that do not call themselves links, lead somewhere else.
  if (process.platform !== 'linux' && !(await isReally(path))) throw linkError(path);
}

async function isReally(path: string): Promise<boolean> {
  const real = await realpath(path);
  return real.normalize('NFC').toLowerCase() === path.normalize('NFC').toLowerCase();
}

export function linkError(link: string): FactoryError {
  return new FactoryError('disk.unwritable', messages.link({ link }));
}

/** A folder that a person has just named for this one file; what lies above it is theirs. Missing ones are made. */
export async function inChosenFolder<T>(folder: string, use: (folder: HeldFolder) => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  return inFolder({ base: await realpath(folder), way: [], shown: folder }, {}, use);
}
