/**
 * The files of one workspace: which of them may be read, written, moved or deleted, and as what. Everything that touches
 * a file named by a row, a setting or a folder that came from elsewhere goes through here; `heldFolder.ts` says how the
 * disk is asked.
 */
import type { FileHandle } from 'node:fs/promises';
import { lstat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { diskError, errnoOf } from '../model/diskErrors.ts';
import { FactoryError, isFactoryError } from '../model/errors.ts';
import { storeFolder, thumbnailFolder } from '../model/storeFolder.ts';
import { chooseFolder, realAsFar } from './chosenFolders.ts';
import { inFolder } from './heldFolder.ts';
import type { HeldFolder, Place } from './heldFolder.ts';
import {
  isFile,
  namesIn,
  openFile,
  placeWhole,
  readBytes,
  removeAside,
  removeFile,
  sizeOf,
  writeWhole,
} from './heldFiles.ts';
import { isInside, toStored } from './inside.ts';
import type { FileKind } from './kinds.ts';
import { messages } from './messages.ts';
import { createPlaces, isOwn } from './places.ts';
import type { FilesOptions } from './places.ts';

/** Why images cannot go into a folder. */
export type FolderRefusal =
  { why: 'outside' | 'protected' } | { why: 'link'; link: string; leadsOut: boolean };

type Use<T> = (folder: HeldFolder, name: string) => Promise<T>;

export interface Files {
  readonly root: string;

  // Files that rows name, as the store writes them. A path that this workspace has no business with, and whatever is
  // no regular file of that kind, fails with `input.invalid`; what the system says (`ENOENT`) is passed on.

  /** Lets `use` work in the folder of the file, which need not be there; with `make`, nor its folder. */
  holding<T>(stored: string, how: { kind?: FileKind | undefined; make?: boolean }, use: Use<T>): Promise<T>;
  /** The absolute path, to be shown or told; null where it may not be named. */
  locate(stored: string, kind?: FileKind): Promise<string | null>;
  open(stored: string, kind?: FileKind): Promise<FileHandle>;
  read(stored: string, kind?: FileKind): Promise<Buffer>;
  /** Bytes; null where there is no such file. */
  size(stored: string, kind?: FileKind): Promise<number | null>;
  /** What is gone already is no error. */
  remove(stored: string, kind?: FileKind): Promise<void>;

  // Where images go. Folders are absolute; they fail with `disk.unwritable` where nothing may be written, and with
  // `disk.full`.

  /** Why nothing may be written there; null where it may, there or not. */
  refusalOf(folder: string): Promise<FolderRefusal | null>;
  /** Remembers a folder that the user, not the workspace, has named for images. */
  choose(folder: string): void;
  makeFolder(folder: string): Promise<void>;
  /** Complete under its name or not there; replaces what has the name. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** The same of a small picture, by its bare name; resolves with its path as the store keeps it. */
  writeThumbnail(name: string, bytes: Uint8Array): Promise<string>;
  /** Complete under a free name; resolves with its path. */
  place(folder: string, name: string, bytes: Uint8Array, how?: { adoptIdentical?: boolean }): Promise<string>;
  /** Removes what a killed process left half written. */
  removeAside(folder: string): Promise<void>;
  /** Names of what lies in a folder of images; none where there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Lets `use` work in a folder of images; one that is missing fails as the system does. */
  inImageFolder<T>(folder: string, use: (folder: HeldFolder) => Promise<T>): Promise<T>;

  /** Lets `use` work in a folder of the store's own, which only this user can read. */
  inOwnFolder<T>(
    way: readonly string[],
    how: { make: boolean },
    use: (folder: HeldFolder) => Promise<T>,
  ): Promise<T>;
}

/** Rights of what lies in the store's folder; delivered pictures have the usual ones. */
const ownFolderMode = 0o700;
const ownFileMode = 0o600;

export function createFiles(options: FilesOptions): Files {
  const { root, realRoot, placeOf, fileOf } = createPlaces(options);

  const holding: Files['holding'] = async (stored, { kind, make }, use) => {
    const { place, name } = fileOf(stored, kind);
    const how = make === true ? { make: modeOf(resolve(root, stored)) } : {};
    return asInvalid(() => inFolder(place, how, (folder) => use(folder, name)));
  };

  const modeOf = (path: string): { mode?: number } => (isOwn(root, path) ? { mode: ownFolderMode } : {});

  const writable = (folder: string): Place => {
    const place = placeOf(folder);
    if (place === null || place === 'protected') {
      throw new FactoryError('disk.unwritable', messages.folderOutside({ path: folder }));
    }
    return place;
  };

  const writing = async <T>(folder: string, use: (held: HeldFolder) => Promise<T>): Promise<T> => {
    try {
      return await inFolder(writable(folder), { make: modeOf(folder) }, use);
    } catch (error) {
      throw diskError(error, folder);
    }
  };

  const present = async <T>(what: Promise<T>, absent: T): Promise<T> => {
    try {
      return await what;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return absent;
      throw error;
    }
  };

  return {
    root,
    holding,
    async locate(stored, kind) {
      try {
        await present(holding(stored, { kind }, isFile), false);
        return resolve(root, stored);
      } catch (error) {
        // What may not even be looked at is no image of ours either.
        if (isFactoryError(error, 'input.invalid') || errnoOf(error) !== '') return null;
        throw error;
      }
    },
    open: (stored, kind) => holding(stored, { kind }, openFile),
    read: (stored, kind) => holding(stored, { kind }, (folder, name) => readBytes(folder, name)),
    size: (stored, kind) => present(holding(stored, { kind }, sizeOf), null),
    remove: (stored, kind) => present(holding(stored, { kind }, removeFile), undefined),

    async refusalOf(folder) {
      const place = placeOf(folder);
      if (place === null) return { why: 'outside' };
      if (place === 'protected') return { why: 'protected' };
      const link = await firstLink(place);
      if (link === null) return null;
      return { why: 'link', link, leadsOut: !isInside(realRoot, realAsFar(link)) };
    },
    choose: (folder) => chooseFolder(root, resolve(root, folder)),
    makeFolder: (folder) => writing(folder, () => Promise.resolve()),
    write: (path, bytes) => writing(dirname(path), (folder) => writeWhole(folder, basename(path), bytes)),
    async writeThumbnail(name, bytes) {
      await writing(join(root, thumbnailFolder), (folder) => writeWhole(folder, name, bytes, ownFileMode));
      return toStored(root, join(root, thumbnailFolder, name));
    },
    place: (folder, name, bytes, how) =>
      writing(folder, async (held) => join(folder, await placeWhole(held, name, bytes, how))),
    removeAside: (folder) => present(inFolder(writable(folder), {}, removeAside), undefined),
    list: (folder) => present(inFolder(writable(folder), {}, namesIn), []),
    inImageFolder: (folder, use) => inFolder(writable(folder), {}, use),

    inOwnFolder: (way, { make }, use) =>
      inFolder(
        { base: realRoot, way: [storeFolder, ...way], shown: join(root, storeFolder, ...way) },
        make ? { make: { mode: ownFolderMode } } : {},
        use,
      ),
  };
}

/** A link or a file in place of a folder is, to who reads a row, a path that leads elsewhere. */
async function asInvalid<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFactoryError(error, 'disk.unwritable')) throw error;
    throw new FactoryError('input.invalid', error.told, { cause: error });
  }
}

/** The first part of the way that is a link. */
async function firstLink({ base, way }: Place): Promise<string | null> {
  let path = base;
  for (const name of way) {
    path = join(path, name);
    const stats = await lstat(path).catch(() => null);
    if (stats === null) return null;
    if (stats.isSymbolicLink()) return path;
  }
  return null;
}
