/** The folder of one deletion: its rows as JSON lines, and the files that the rows named. */
import { createReadStream } from 'node:fs';
import { appendFile, copyFile, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { safeName } from '../files/names.ts';
import { FactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';

/** A row that was deleted. */
export interface TrashedRow {
  table: TrashedTable;
  row: Record<string, string | number | null>;
}

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
  row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
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

export function filesFolder(folder: string): string {
  return join(folder, 'files');
}

/** Writes the lists of a deletion, to the disk, before any row goes. */
export async function writeLists(
  folder: string,
  rows: AsyncIterable<TrashedRow[]>,
  filesOf: (row: TrashedRow) => string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rowList = await open(join(folder, rowsFile), 'wx');
  const fileList = await open(join(folder, filesFile), 'wx');
  try {
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
  } finally {
    await rowList.close();
    await fileList.close();
  }
}

/** The rows in slices of fifty. */
export function readRows(folder: string): AsyncIterable<TrashedRow[]> {
  return readLines(join(folder, rowsFile), rowShape);
}

export function readFiles(folder: string): AsyncIterable<TrashedFile[]> {
  return readLines(join(folder, filesFile), fileShape);
}

/** The new names of files that could not have theirs back. */
export async function readPlaces(folder: string): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for await (const slice of readLines(join(folder, placesFile), placeShape)) {
    for (const { path, restored } of slice) places.set(path, restored);
  }
  return places;
}

export async function writePlace(folder: string, path: string, restored: string): Promise<void> {
  await appendFile(join(folder, placesFile), `${JSON.stringify({ path, restored })}\n`);
}

/** Rows that come back in one transaction: images have many indexes to be written. */
const sliceLength = 50;

async function* readLines<T>(path: string, shape: z.ZodType<T>): AsyncGenerator<T[]> {
  if (!(await exists(path))) return;
  let slice: T[] = [];
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
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

export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** Moves a file, to another disk too; a file that is not there was moved before. Never replaces. */
export async function moveFile(from: string, to: string): Promise<void> {
  if (!(await exists(from)) || (await exists(to))) return;
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code !== 'EXDEV') throw moveError(error, from);
    const aside = `${to}.part`;
    try {
      await copyFile(from, aside);
      await rename(aside, to);
      await rm(from);
    } catch (copyError) {
      await rm(aside, { force: true });
      throw moveError(copyError, from);
    }
  }
}

function moveError(error: unknown, path: string): FactoryError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new FactoryError('disk.full', messages.noSpaceToMove({ path }), { cause: error });
  }
  return new FactoryError('disk.unwritable', messages.notMoved({ path, code: code ?? 'unknown' }), {
    cause: error,
  });
}

/** The first free name beside `path`: `cat.png`, `cat-2.png` … */
export async function freeName(path: string): Promise<string> {
  const extension = extname(path);
  for (let number = 1; ; number += 1) {
    const name =
      number === 1 ? path : `${path.slice(0, path.length - extension.length)}-${number}${extension}`;
    if (!(await exists(name))) return name;
  }
}

/** Files and bytes below a folder; 0 where there is none. */
export async function folderSize(folder: string): Promise<{ files: number; bytes: number }> {
  const total = { files: 0, bytes: 0 };
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const { size } = await lstat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }));
    total.files += 1;
    total.bytes += size;
  }
  return total;
}

/** What is named after a file follows it to its new name: `cat.png.xmp`. */
export function besideItsFile(path: string, places: ReadonlyMap<string, string>): string | null {
  const ending = extname(path);
  const place = places.get(path.slice(0, path.length - ending.length));
  return ending !== '.xmp' || place === undefined ? null : place + ending;
}
