/**
 * Folders for images that the user has chosen on this computer, each for one workspace: what a workspace's own settings
 * name outside of it, or behind a link, counts only when it stands here. Chosen is where the folder really lies: a link
 * that leads elsewhere later is another folder.
 */
import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { errnoOf } from '../model/diskErrors.ts';
import { wayInside } from './inside.ts';
import { readSmallFile } from './smallFile.ts';
import { chosenFoldersFile } from './userFolder.ts';

export interface ChosenFolder {
  /** Absolute, as it was named. */
  folder: string;
  /** Where it really lies. */
  real: string;
}

interface Entry extends ChosenFolder {
  /** Real path of the workspace folder. */
  root: string;
}

const largestList = 1024 * 1024;
const mostKept = 500;

/** Changes with the list, so that it need not be read for every file. */
export function chosenFoldersVersion(): string {
  const stats = statsOf(chosenFoldersFile());
  const written = stats === undefined ? '' : `${stats.ino} ${stats.mtimeNs} ${stats.size}`;
  return `${written} ${ofThisProcess.length}`;
}

/** Those of a workspace that still lie where they lay. Never fails. */
export function chosenFolders(root: string): ChosenFolder[] {
  const workspace = realAsFar(root);
  return [...readList(), ...ofThisProcess]
    .filter((entry) => entry.root === workspace && realAsFar(entry.folder) === entry.real)
    .map(({ folder, real }) => ({ folder, real }));
}

/** Where the list cannot be written, a choice counts for as long as this process lives. */
const ofThisProcess: Entry[] = [];

/** Remembers that the user has named this folder for images of the workspace. */
export function chooseFolder(root: string, folder: string): void {
  const path = chosenFoldersFile();
  const entry = { root: realAsFar(root), folder: resolve(folder), real: realAsFar(folder) };
  // A folder of the workspace needs no choice, unless a link leads to it.
  const way = entry.real === entry.root ? '' : wayInside(entry.root, entry.real);
  if (way !== null && entry.folder === join(resolve(root), way)) return;
  const before = readList();
  if (before.some((known) => JSON.stringify(known) === JSON.stringify(entry))) return;
  const others = before.filter(({ root, folder }) => root !== entry.root || folder !== entry.folder);
  const aside = `${path}.${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const text = JSON.stringify([...others.slice(1 - mostKept), entry], null, 1);
    writeFileSync(aside, `${text}\n`, { flag: 'wx', mode: 0o600 });
    renameSync(aside, path);
  } catch {
    ofThisProcess.push(entry);
    drop(aside);
  }
}

function drop(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It could not be made either.
  }
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false, bigint: true });
  } catch {
    return undefined;
  }
}

function readList(): Entry[] {
  try {
    const list: unknown = JSON.parse(readSmallFile(chosenFoldersFile(), largestList));
    return Array.isArray(list) ? list.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  return (['root', 'folder', 'real'] as const).every(
    (key) => typeof (value as Partial<Entry>)[key] === 'string',
  );
}

/** The real path as far as it exists; the rest as it is written. */
export function realAsFar(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync.native(absolute);
  } catch (error) {
    const above = dirname(absolute);
    if (errnoOf(error) !== 'ENOENT' || above === absolute) return absolute;
    return join(realAsFar(above), basename(absolute));
  }
}
