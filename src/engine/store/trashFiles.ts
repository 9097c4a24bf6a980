/** The folder of one deletion: its rows as JSON lines, and the files that the rows named. */
import { basename, extname } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Files } from '../files/files.ts';
import {
  appendLine,
  createFile,
  isFile,
  isTaken,
  moveFile,
  namesIn,
  openFile,
  removeBelow,
  writtenAt,
} from '../files/heldFiles.ts';
import type { HeldFolder } from '../files/heldFolder.ts';
import { numbered, safeName } from '../files/names.ts';
import { errnoOf } from '../model/diskErrors.ts';
import { FactoryError, isFactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';

/** A row that was deleted. */
export interface TrashedRow {
  table: TrashedTable;
  row: Record<string, TrashedValue>;
}

/** A damaged row can hold bytes, in base64 here, where a text belongs. */
export type TrashedValue = string | number | null | { bytes: string };

/** In the order in which they can be inserted again. */
const trashedTables = [
  'jobs',
  'job_inputs',
  'generations',
  'slots',
  'images',
  'image_texts',
  'logs',
] as const;
export type TrashedTable = (typeof trashedTables)[number];

/** A file that a row named, and its name below `files/`. */
export interface TrashedFile {
  /** As stored in the row. */
  path: string;
  name: string;
}

const rowShape = z.object({
  table: z.enum(trashedTables),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.null(), z.object({ bytes: z.base64() })])),
});
/** A plain name: the folder travels with the workspace, so its lists are outside data. */
const fileShape = z.object({
  path: z.string(),
  name: z
    .string()
    .regex(/^[^/\\]+$/)
    .refine((name) => name !== '..'),
});
const placeShape = z.object({ path: z.string(), restored: z.string() });

const rowsFile = 'rows.jsonl';
const filesFile = 'files.jsonl';
/** Files that came back under another name, because theirs was taken. */
const placesFile = 'places.jsonl';

const filesFolder = 'files';

/** The folder of one deletion. */
export interface TrashFolder {
  files: Files;
  id: string;
}

function inside<T>(
  { files, id }: TrashFolder,
  how: { make: boolean },
  use: (folder: HeldFolder) => Promise<T>,
  ...below: string[]
): Promise<T> {
  return files.inOwnFolder(['trash', id, ...below], how, use);
}

/** Writes the lists of a deletion, to the disk, before any row goes. */
export async function writeLists(
  trash: TrashFolder,
  rows: AsyncIterable<TrashedRow[]>,
  filesOf: (row: TrashedRow) => string[],
): Promise<void> {
  await inside(trash, { make: true }, async (folder) => {
    await using rowList = await createFile(folder, rowsFile, 0o600);
    await using fileList = await createFile(folder, filesFile, 0o600);
    let number = 0;
    for await (const slice of rows) {
      await rowList.appendFile(slice.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const files = slice.flatMap(filesOf).map((path): TrashedFile => {
        number += 1;
        return { path, name: `${number}-${safeName(basename(path))}` };
      });
      await fileList.appendFile(files.map((file) => `${JSON.stringify(file)}\n`).join(''));
    }
    await rowList.sync();
    await fileList.sync();
  });
}

/** The rows in slices of fifty. */
export function readRows(trash: TrashFolder): AsyncIterable<TrashedRow[]> {
  return readLines(trash, rowsFile, rowShape);
}

export function readFiles(trash: TrashFolder): AsyncIterable<TrashedFile[]> {
  return readLines(trash, filesFile, fileShape);
}

/** The new names of files that could not have theirs back. */
export async function readPlaces(trash: TrashFolder): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for await (const slice of readLines(trash, placesFile, placeShape)) {
    for (const { path, restored } of slice) places.set(path, restored);
  }
  return places;
}

function writePlace(trash: TrashFolder, path: string, restored: string): Promise<void> {
  return inside(trash, { make: false }, (folder) =>
    appendLine(folder, placesFile, JSON.stringify({ path, restored }), 0o600),
  );
}

/** Rows that come back in one transaction: images have many indexes to be written. */
const sliceLength = 50;

async function* readLines<T>(trash: TrashFolder, name: string, shape: z.ZodType<T>): AsyncGenerator<T[]> {
  const file = await present(inside(trash, { make: false }, (folder) => openFile(folder, name)));
  if (file === null) return;
  let slice: T[] = [];
  for await (const line of createInterface({ input: file.createReadStream(), crlfDelay: Infinity })) {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      // A line that a crash cut short is the last one of a list that was never used.
      continue;
    }
    const parsed = shape.safeParse(value);
    if (parsed.success) slice.push(parsed.data);
    if (slice.length >= sliceLength) {
      yield slice;
      slice = [];
    }
  }
  if (slice.length > 0) yield slice;
}

async function present<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Moves files into the trash; how many stay, because this workspace has no business with them. */
export async function moveAway(trash: TrashFolder, list: readonly TrashedFile[]): Promise<number> {
  return inside(
    trash,
    { make: true },
    async (to) => {
      let left = 0;
      for (const { path, name } of list) {
        try {
          const moved = await present(
            trash.files.holding(path, {}, (from, fromName) =>
              moveFile({ folder: from, name: fromName }, { folder: to, name }),
            ),
          );
          if (moved === false) left += 1;
        } catch (error) {
          if (!isFactoryError(error, 'input.invalid')) throw moveError(error, path);
          left += 1;
        }
      }
      return left;
    },
    filesFolder,
  );
}

/** True while the deletion has files that were not brought back. */
export async function holdsFiles(trash: TrashFolder): Promise<boolean> {
  const names = await present(inside(trash, { make: false }, namesIn, filesFolder));
  return names !== null && names.length > 0;
}

/** Removes the folder with all that is in it; one that is gone already is no error. */
export async function removeFolder({ files, id }: TrashFolder): Promise<void> {
  await present(removeBelow((way, use) => files.inOwnFolder(way, { make: false }, use), ['trash', id]));
}

/** What lies in the trash, whoever put it there. */
export async function trashedIds(files: Files): Promise<string[]> {
  return (await present(files.inOwnFolder(['trash'], { make: false }, namesIn))) ?? [];
}

/** When the folder was last written to, UTC ms. */
export async function lastWritten(trash: TrashFolder): Promise<number> {
  return inside(trash, { make: false }, writtenAt);
}

/** The first file that could not go back to where the row wants it; null where all can. */
export async function firstWithoutPlace(trash: TrashFolder): Promise<string | null> {
  const places = await readPlaces(trash);
  for await (const list of readFiles(trash)) {
    for (const { path, name } of list) {
      const there = await present(inside(trash, { make: false }, (from) => isFile(from, name), filesFolder));
      if (there === true && (await trash.files.locate(placeOf(path, places))) === null) return path;
    }
  }
  return null;
}

/** Brings files back, under another name where theirs is taken; notes that in `places`, also for after a crash. */
export async function moveBack(
  trash: TrashFolder,
  list: readonly TrashedFile[],
  places: Map<string, string>,
): Promise<void> {
  const { files } = trash;
  const bringBack = async (from: HeldFolder, { path, name }: TrashedFile): Promise<void> => {
    if (!(await isFile(from, name))) return;
    const place = placeOf(path, places);
    await files.holding(place, { make: true }, async (to, wanted) => {
      for (let number = 1; ; number += 1) {
        const free = numbered(wanted, number);
        if (await isTaken(to, free)) continue;
        if (free !== wanted || place !== path) {
          // Another image has the name by now; the row will say the new one, also after a crash in between.
          const restored = place.slice(0, place.length - wanted.length) + free;
          await writePlace(trash, path, restored);
          places.set(path, restored);
        }
        if (await moveFile({ folder: from, name }, { folder: to, name: free })) return;
      }
    });
  };
  await present(
    inside(
      trash,
      { make: false },
      async (from) => {
        for (const file of list) {
          try {
            await bringBack(from, file);
          } catch (error) {
            // What has no place any more stays in the trash.
            if (!isFactoryError(error, 'input.invalid')) throw moveError(error, file.path);
          }
        }
      },
      filesFolder,
    ),
  );
}

function placeOf(path: string, places: ReadonlyMap<string, string>): string {
  return places.get(path) ?? besideItsFile(path, places) ?? path;
}

function moveError(error: unknown, path: string): unknown {
  const code = errnoOf(error);
  if (isFactoryError(error) || code === '') return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new FactoryError('disk.full', messages.noSpaceToMove({ path }), { cause: error });
  }
  return new FactoryError('disk.unwritable', messages.notMoved({ path, code }), {
    cause: error,
  });
}

/** What is named after a file follows it to its new name: `cat.png.xmp`. */
function besideItsFile(path: string, places: ReadonlyMap<string, string>): string | null {
  const ending = extname(path);
  const place = places.get(path.slice(0, path.length - ending.length));
  return ending !== '.xmp' || place === undefined ? null : place + ending;
}
