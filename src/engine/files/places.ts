/** Where the images of a workspace may lie, by the texts of paths; whether the disk agrees is asked in `heldFolder.ts`. */
import { basename, dirname, join, resolve, sep } from 'node:path';
import { FactoryError } from '../model/errors.ts';
import { ownImages, storeFolder } from '../model/storeFolder.ts';
import { chosenFolders, chosenFoldersVersion, realAsFar } from './chosenFolders.ts';
import type { ChosenFolder } from './chosenFolders.ts';
import type { Place } from './heldFolder.ts';
import { isInside, wayInside } from './inside.ts';
import { isProtected, mayBe } from './kinds.ts';
import type { FileKind } from './kinds.ts';
import { messages } from './messages.ts';

export interface FilesOptions {
  /** Absolute path of the workspace folder. */
  root: string;
  /** Folders outside of it that the user has configured, not the workspace (absolute paths). Asked each time. */
  folders?: () => readonly string[];
}

export interface Places {
  /** Absolute, as it was given. */
  readonly root: string;
  readonly realRoot: string;
  /** Where a folder for images lies; `protected` where none may ever lie, null outside of everything. */
  placeOf: (folder: string) => Place | 'protected' | null;
  /** Where the file of a stored path lies. Fails with `input.invalid`. */
  fileOf: (stored: string, kind?: FileKind) => { place: Place; name: string };
}

export function createPlaces({ root, folders }: FilesOptions): Places {
  const absoluteRoot = resolve(root);
  const realRoot = realAsFar(absoluteRoot);

  // Where a folder really lies is found out once: another link in its place is no longer the folder that was named.
  const reals = new Map<string, string>();
  const realOf = (folder: string): string => {
    const real = reals.get(folder) ?? realAsFar(folder);
    reals.set(folder, real);
    return real;
  };
  let chosen: readonly ChosenFolder[] = [];
  let version: string | null = null;

  /** Folders beyond the workspace, or behind a link in it, that the user has named on this computer. */
  const named = (): ChosenFolder[] => {
    const now = chosenFoldersVersion();
    if (now !== version) {
      chosen = chosenFolders(absoluteRoot);
      version = now;
    }
    const configured = (folders?.() ?? [])
      .map((folder) => resolve(absoluteRoot, folder))
      .filter((folder) => !isInside(absoluteRoot, folder) && !isInside(realRoot, folder))
      .map((folder) => ({ folder, real: realOf(folder) }));
    return [...chosen, ...configured];
  };

  const placeOf: Places['placeOf'] = (folder) => {
    for (const one of named()) {
      const way = partsBelow(one.folder, folder);
      if (way === null) continue;
      return [...one.real.split(sep), ...way].some(isProtected)
        ? 'protected'
        : { base: one.real, way, shown: folder };
    }
    for (const base of [absoluteRoot, realRoot]) {
      const way = partsBelow(base, folder);
      if (way === null) continue;
      const isOwn = way[0] === storeFolder && way[1] === ownImages;
      return way.slice(isOwn ? 2 : 0).some(isProtected)
        ? 'protected'
        : { base: realRoot, way, shown: folder };
    }
    return null;
  };

  return {
    root: absoluteRoot,
    realRoot,
    placeOf: (folder) => placeOf(resolve(absoluteRoot, folder)),
    fileOf(stored, kind) {
      const absolute = resolve(absoluteRoot, stored);
      const name = basename(absolute);
      const place = stored.includes('\0') || !mayBe(stored, kind) ? null : placeOf(dirname(absolute));
      if (place === null || place === 'protected' || isProtected(name) || isMisplaced(place, kind)) {
        throw new FactoryError('input.invalid', messages.pathOutside({ stored }));
      }
      return { place, name };
    },
  };
}

/** Small pictures lie in one place, so that nobody's own picture is taken for one. */
function isMisplaced({ way }: Place, kind: FileKind | undefined): boolean {
  return kind === 'thumbnail' && (way.length !== 2 || way[0] !== storeFolder || way[1] !== ownImages);
}

/** Nothing for the folder itself; null for what does not lie in it. */
function partsBelow(folder: string, path: string): string[] | null {
  return path === folder ? [] : (wayInside(folder, path)?.split(sep) ?? null);
}

/** True below the store's folder, where only this user reads. */
export function isOwn(root: string, path: string): boolean {
  return isInside(join(root, storeFolder), path);
}
