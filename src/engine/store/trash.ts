/**
 * Deleting with Undo (M5). Rows move to a list below `.gen-image-factory/trash/<id>/`, then their files follow.
 * What is under way stands in the trash row, each step can be repeated, and a crash is made good at the next
 * start: no row is left without its file, no file without its row.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Files } from '../files/files.ts';
import { sizeBelow } from '../files/heldFiles.ts';
import { FactoryError, toFactoryError } from '../model/errors.ts';
import { findSeq } from './ids.ts';
import { errnoOf } from '../model/diskErrors.ts';
import type { FactoryEvent } from '../model/events.ts';
import { queueEvent } from './asEvents.ts';
import { cancelRuns } from './runs.ts';
import { readEach } from './readEach.ts';
import { longest } from './rows/checkedRow.ts';
import { idInSql, isId } from './rows/ids.ts';
import { selectTrash, toTrash } from './rows/trash.ts';
import type { TrashRecord, TrashState } from './rows/trash.ts';
import type { Reader, Store } from './store.ts';
import {
  firstWithoutPlace,
  holdsFiles,
  lastWritten,
  moveAway,
  moveBack,
  readFiles,
  readPlaces,
  removeFolder,
  trashedIds,
  writeLists,
} from './trashFiles.ts';
import type { TrashFolder } from './trashFiles.ts';
import { deleteRows, insertRows, isJobMissing, rowsOf, storedFiles } from './trashRows.ts';
import type { Deletion } from './trashRows.ts';
import { messages } from './messages.ts';

export interface TrashOptions {
  store: Store;
  /** What lies in no folder that this workspace may touch stays where it is. */
  files: Files;
  /** UTC ms. */
  now: () => number;
}

export interface Trashed {
  jobs: number;
  images: number;
  /** Pass to `undoDelete`. */
  trashId: string;
  /** Files that stay where they are, because they lie in no folder of this workspace; absent when there are none. */
  left?: number;
}

/** How long a deletion can be undone, in ms. */
export const trashKept = 30 * 24 * 3600 * 1000;

/**
 * Jobs with their images (`imageIds`, for who is told), logs and files. Refuses with `conflict` when one of them
 * runs, and then deletes none.
 */
export async function deleteJobs(
  options: TrashOptions,
  ids: readonly string[],
  imageIds: readonly string[] = [],
): Promise<Trashed> {
  const removed: FactoryEvent = { kind: 'removed', jobIds: [...ids], imageIds: [...imageIds] };
  return remove(options, removed, async (store) => {
    const found = await readEach(store, ids, (db, id) => findSeq(db, 'jobs', id));
    const seqs = [...new Set(found)];
    const jobs = store.read((db) => {
      const list = JSON.stringify(seqs);
      const running = db
        .sql<{ label: unknown }>(
          `SELECT label FROM jobs WHERE seq IN (SELECT value FROM json_each(@list)) AND (status = 'running' OR id IN
             (SELECT i.job_id FROM runs AS i WHERE i.status = 'running'))`,
        )
        .get({ list });
      if (running !== undefined) {
        throw new FactoryError('conflict', messages.jobRuns({ label: labelOf(running) }));
      }
      const busy = db
        .sql<{ label: unknown }>(
          `SELECT j.label FROM jobs AS j JOIN images AS i INDEXED BY images_by_job ON i.job_seq = j.seq
           WHERE j.seq IN (SELECT value FROM json_each(@list)) AND i.status = 'processing' LIMIT 1`,
        )
        .get({ list });
      if (busy !== undefined) {
        throw new FactoryError('conflict', messages.jobRetries({ label: labelOf(busy) }));
      }
      return seqs;
    });
    return { jobs, images: [] };
  });
}

/** Images with their files. Refuses with `conflict` when work on one of them is under way. */
export async function deleteImages(options: TrashOptions, ids: readonly string[]): Promise<Trashed> {
  const removed: FactoryEvent = { kind: 'removed', jobIds: [], imageIds: [...ids] };
  return remove(options, removed, async (store) => {
    const found = await readEach(store, ids, (db, id) => findSeq(db, 'images', id));
    const seqs = [...new Set(found)];
    const images = store.read((db) => {
      const busy = db
        .sql<{ id: string }>(
          `SELECT ${idInSql('i')} AS id FROM images AS i JOIN jobs AS j ON j.seq = i.job_seq
           WHERE i.seq IN (SELECT value FROM json_each(?))
             AND (i.status = 'processing' OR (i.status = 'pending' AND j.status = 'running')) LIMIT 1`,
        )
        .get(JSON.stringify(seqs));
      if (busy !== undefined) {
        throw new FactoryError('conflict', messages.imageBusy({ id: busy.id }));
      }
      return seqs;
    });
    return { jobs: [], images };
  });
}

async function remove(
  options: TrashOptions,
  removed: FactoryEvent,
  choose: (store: Store) => Deletion | Promise<Deletion>,
): Promise<Trashed> {
  const { store, now } = options;
  return exclusively(store, async () => {
    const deletion = await choose(store);
    const trashId = randomUUID();
    const folder = folderOf(options, trashId);
    const images = store.read((db) => {
      const inJobs = db
        .sql<{ n: number }>(
          `SELECT count(*) AS n FROM images INDEXED BY images_by_job WHERE job_seq IN (SELECT value FROM json_each(?))`,
        )
        .get(JSON.stringify(deletion.jobs));
      return deletion.images.length + (inJobs?.n ?? 0);
    });
    try {
      await writeLists(folder, rowsOf(store, deletion), storedFiles);
    } catch (error) {
      await removeFolder(folder);
      throw error;
    }
    store.editDurably((db, emit) => {
      db.sql(
        `INSERT INTO trash (id, state, deleted_at, title, jobs, images, job_count, image_count)
         VALUES (@id, 'deleting', @now, @title, @jobs, @images, @jobCount, @imageCount)`,
      ).run({
        id: trashId,
        now: now(),
        title: titleOf(deletion.jobs.length, images),
        jobs: JSON.stringify(deletion.jobs),
        images: JSON.stringify(deletion.images),
        jobCount: deletion.jobs.length,
        imageCount: images,
      });
      const waiting = db
        .sql<{ id: string }>(
          `SELECT ${idInSql('runs')} AS id FROM runs WHERE status IN ('waiting', 'held') AND job_id IN
             (SELECT id FROM jobs WHERE seq IN (SELECT value FROM json_each(?)))`,
        )
        .all(JSON.stringify(deletion.jobs));
      cancelRuns(
        db,
        waiting.map(({ id }) => id),
        now(),
      );
      if (waiting.length > 0) emit(queueEvent(db));
    });
    const left = await proceed(options, trashId, removed);
    return { jobs: deletion.jobs.length, images, trashId, ...(left === 0 ? {} : { left }) };
  });
}

/** Brings rows and files back as they were. Fails with `notFound` when they are gone for good, or `conflict`. */
export async function undoDelete(
  options: TrashOptions,
  trashId: string,
): Promise<{ jobs: number; images: number }> {
  const { store } = options;
  return exclusively(store, async () => {
    // A deletion that a crash cut short is first brought to its end, so that there is one state to come back from.
    await proceed(options, trashId);
    const row = store.read((db) => trashOf(db, trashId));
    if (row === null) {
      throw new FactoryError('notFound', messages.notInTrash());
    }
    if (await isJobMissing(store, folderOf(options, trashId))) {
      throw new FactoryError('conflict', messages.jobInTrash());
    }
    const without = await firstWithoutPlace(folderOf(options, trashId));
    if (without !== null) throw new FactoryError('conflict', messages.noWayBack({ path: without }));
    setState(store, trashId, 'restoring');
    await proceed(options, trashId);
    return { jobs: row.jobCount, images: row.imageCount };
  });
}

/** Goes on with what a crash cut short; to be called once after opening. Skipped while another process deletes. */
export async function finishTrash(options: TrashOptions): Promise<void> {
  const { store } = options;
  const free = store.lock('trash');
  if (free === null) return;
  try {
    const open = store.read((db) =>
      db
        .sql<{ id: unknown }>(`SELECT id FROM trash WHERE state <> 'done'`)
        .all()
        .flatMap(({ id }) => (isId(id) ? [id] : [])),
    );
    let failure: Error | null = null;
    for (const id of open) {
      try {
        await proceed(options, id);
      } catch (error) {
        // One file that cannot be moved must not keep the others from their places.
        failure ??= toFactoryError(error);
      }
    }
    await removeAbandoned(options);
    if (failure !== null) throw failure;
  } finally {
    free();
  }
}

/** Deletes for good what was deleted before `before` (UTC ms). */
export async function purgeTrash(options: TrashOptions, before: number): Promise<void> {
  const { store } = options;
  await exclusively(store, async () => {
    const ids = store.edit((db) =>
      db
        .sql<{ id: unknown }>(
          `UPDATE trash SET state = 'purging' WHERE state = 'done' AND deleted_at < ? RETURNING id`,
        )
        .all(before)
        .flatMap(({ id }) => (isId(id) ? [id] : [])),
    );
    for (const id of ids) await proceed(options, id);
  });
}

/** What the trash takes on the disk. */
export async function trashSize(files: Files): Promise<{ files: number; bytes: number }> {
  try {
    return await sizeBelow((way, use) => files.inOwnFolder(way, { make: false }, use), ['trash']);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { files: 0, bytes: 0 };
    throw error;
  }
}

/**
 * Takes a deletion from the state that its row names to its end; how many files it had to leave where they are.
 * `removed` tells what is gone; after a crash nobody knows it any more.
 */
async function proceed(
  options: TrashOptions,
  id: string,
  removed: FactoryEvent = { kind: 'changed' },
): Promise<number> {
  const { store } = options;
  let left = 0;
  const folder = folderOf(options, id);
  for (;;) {
    const row = store.read((db) => trashOf(db, id));
    if (row === null || row.state === 'done') return left;
    if (row.state === 'deleting') {
      await deleteRows(store, row);
      // From here on the rows are gone for certain, so that their files may go.
      setState(store, id, 'moving', removed);
    } else if (row.state === 'moving') {
      for await (const files of readFiles(folder)) left += await moveAway(folder, files);
      setState(store, id, 'done');
    } else if (row.state === 'restoring') {
      await restore(options, id, folder);
      return left;
    } else {
      await removeFolder(folder);
      forget(store, id);
      return left;
    }
  }
}

async function restore(options: TrashOptions, id: string, folder: TrashFolder): Promise<void> {
  const { store } = options;
  const places = await readPlaces(folder);
  for await (const files of readFiles(folder)) await moveBack(folder, files, places);
  await insertRows(store, folder, places);
  forget(store, id);
  // What found no place stays for whoever mends it.
  if (!(await holdsFiles(folder))) await removeFolder(folder);
}

function setState(store: Store, id: string, state: TrashState, event?: FactoryEvent): void {
  store.editDurably((db, emit) => {
    db.sql('UPDATE trash SET state = ? WHERE id = ?').run(state, id);
    if (event !== undefined) emit(event);
  });
}

/** It was brought back, or is gone for good. */
function forget(store: Store, id: string): void {
  store.editDurably((db, emit) => {
    db.sql('DELETE FROM trash WHERE id = ?').run(id);
    emit({ kind: 'changed' });
    emit(queueEvent(db));
  });
}

/** Lists of a deletion that died before its row was written: nothing had been deleted. */
async function removeAbandoned(options: TrashOptions): Promise<void> {
  const { store, now } = options;
  for (const name of await trashedIds(options.files)) {
    const known = store.read((db) => db.sql('SELECT 1 FROM trash WHERE id = ?').get(name));
    if (known !== undefined || !/^[0-9a-f-]{36}$/.test(name)) continue;
    const folder = folderOf(options, name);
    // Files here belong to a store that was set aside; they stay for whoever mends it.
    if (await holdsFiles(folder)) continue;
    if (now() - (await lastWritten(folder)) > 3_600_000) await removeFolder(folder);
  }
}

async function exclusively<T>(store: Store, fn: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const free = store.lock('trash');
    if (free !== null) {
      try {
        return await fn();
      } finally {
        free();
      }
    }
    if (tries > 600) {
      throw new FactoryError('conflict', messages.deletingElsewhere());
    }
    await delay(50);
  }
}

function folderOf({ files }: TrashOptions, id: string): TrashFolder {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new FactoryError('notFound', messages.noDeletion());
  return { files, id };
}

/** Null where it is not there, or holds what it should not. */
function trashOf(db: Reader, id: string): TrashRecord | null {
  const row = db.sql<object>(`${selectTrash} WHERE t.id = ?`).get(id);
  return row === undefined ? null : toTrash(row);
}

function labelOf({ label }: { label: unknown }): string {
  return typeof label === 'string' ? label.slice(0, longest.name) : '';
}

function titleOf(jobs: number, images: number): string {
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return jobs === 0 ? count(images, 'image') : `${count(jobs, 'job')} with ${count(images, 'image')}`;
}
