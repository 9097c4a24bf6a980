/** Clean Up: what takes room and can go without losing a delivered image. */
import type { Files } from '../files/files.ts';
import { isFactoryError } from '../model/errors.ts';
import { nextTurn } from '../model/turns.ts';
import { updateImage } from './images.ts';
import { debugLogSize, removeDebugLogs } from './logs.ts';
import { largest, longest } from './rows/checkedRow.ts';
import { idInSql } from './rows/ids.ts';
import type { Reader, Store } from './store.ts';
import { purgeTrash, trashSize } from './trash.ts';

export type CleanUpKind = 'originals' | 'thumbnails' | 'logs' | 'trash';

/** Files (rows, for logs) and bytes. */
export interface CleanUpSize {
  files: number;
  bytes: number;
}

export interface CleanUpOptions {
  store: Store;
  files: Files;
  /** UTC ms. */
  now: () => number;
}

/** Images, and log rows, that one turn looks at. */
const slice = 200;
const logSlice = 2000;

export async function cleanUpSizes(options: CleanUpOptions): Promise<Record<CleanUpKind, CleanUpSize>> {
  return {
    originals: await sizeOf(options, 'originals'),
    thumbnails: await sizeOf(options, 'thumbnails'),
    logs: logSize(options.store),
    trash: await trashSize(options.files),
  };
}

export async function cleanUp(options: CleanUpOptions, kinds: readonly CleanUpKind[]): Promise<void> {
  const { store } = options;
  if (kinds.includes('originals')) await removeFiles(options, 'originals');
  if (kinds.includes('thumbnails')) await removeFiles(options, 'thumbnails');
  if (kinds.includes('logs')) {
    while (removeSomeLogs(store) === logSlice) await nextTurn();
  }
  // Deletions of this very millisecond too.
  if (kinds.includes('trash')) await purgeTrash(options, options.now() + 1);
}

function removeSomeLogs(store: Store): number {
  return store.edit((db, emit) => {
    emit({ kind: 'changed' });
    return removeDebugLogs(db, logSlice);
  });
}

function logSize(store: Store): CleanUpSize {
  const { rows, bytes } = store.read(debugLogSize);
  return { files: rows, bytes };
}

async function sizeOf(options: CleanUpOptions, kind: Removable): Promise<CleanUpSize> {
  const total = { files: 0, bytes: 0 };
  for (const { path } of eachFile(options.store, kind)) {
    const size = await allowed(options.files.size(path, kindOf[kind]));
    if (size === null) continue;
    total.files += 1;
    total.bytes += size;
  }
  return total;
}

/** The row forgets the file first: a row never names a file that is gone. */
async function removeFiles(options: CleanUpOptions, kind: Removable): Promise<void> {
  for (const { id, path } of eachFile(options.store, kind)) {
    const change = kind === 'originals' ? { originalPath: null } : { thumbnailPath: null };
    options.store.edit((db, emit) => {
      updateImage(db, id, change, options.now());
      emit({ kind: 'changed' });
    });
    await allowed(options.files.remove(path, kindOf[kind]));
  }
}

/** Null for a file that this workspace has no business with: it stays where it is. */
async function allowed<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isFactoryError(error, 'input.invalid')) return null;
    throw error;
  }
}

type Removable = 'originals' | 'thumbnails';

const kindOf = { originals: 'picture', thumbnails: 'thumbnail' } as const;

interface FileRow {
  seq: number;
  id: string;
  path: string;
}

/** Of rows whose path is one. */
const isPath = (column: string): string =>
  `typeof(i.${column}) = 'text' AND octet_length(i.${column}) BETWEEN 1 AND ${longest.path}`;

const statements: Record<Removable, string> = {
  // An image that was not delivered has nothing but its original.
  originals: `SELECT i.seq, ${idInSql('i')} AS id, i.original_path AS path FROM images AS i
    WHERE i.seq > ? AND i.seq <= ${largest} AND ${isPath('original_path')} AND i.status = 'approved' AND i.original_path IS NOT NULL AND i.path IS NOT NULL
      AND i.path <> i.original_path ORDER BY i.seq LIMIT ?`,
  thumbnails: `SELECT i.seq, ${idInSql('i')} AS id, i.thumbnail_path AS path FROM images AS i
    WHERE i.seq > ? AND i.seq <= ${largest} AND ${isPath('thumbnail_path')} AND i.status NOT IN ('pending', 'processing') AND i.thumbnail_path IS NOT NULL
    ORDER BY i.seq LIMIT ?`,
};

function* eachFile(store: Store, kind: Removable): Generator<FileRow> {
  const page = (after: number) => (db: Reader) => db.sql<FileRow>(statements[kind]).all(after, slice);
  for (let after = 0; ;) {
    const rows = store.read(page(after));
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < slice) return;
    after = last.seq;
  }
}
