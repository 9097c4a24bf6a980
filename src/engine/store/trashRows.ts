/** The rows of a deletion: read into its list, deleted, and inserted again, in slices that never block for long. */
import { inTurns, nextTurn } from '../model/turns.ts';
import type { Reader, Store, Writer } from './store.ts';
import { readRows } from './trashFiles.ts';
import type { TrashedRow, TrashedTable, TrashedValue, TrashFolder } from './trashFiles.ts';

/** Row numbers: whole jobs, and single images of other jobs. */
export interface Deletion {
  jobs: readonly number[];
  images: readonly number[];
}

const slice = 200;

type Row = TrashedRow['row'];

/** All rows that go, in the order in which they can be inserted again. */
export async function* rowsOf(store: Store, deletion: Deletion): AsyncGenerator<TrashedRow[]> {
  for (const seq of deletion.jobs) {
    for (const table of ['jobs', 'job_inputs'] as const) {
      const key = table === 'jobs' ? 'seq' : 'job_seq';
      yield store.read((db) => all(db, table, `${key} = ?`, seq));
    }
    for (const table of ['generations', 'slots'] as const) {
      // By their place in the list: what stands in the columns may be anything.
      for (let from = 0; ; from += slice) {
        const rows = store.read((db) =>
          all(db, table, `job_seq = ? ORDER BY ${placeOf[table]} LIMIT ${slice} OFFSET ?`, seq, from),
        );
        if (rows.length > 0) yield rows;
        if (rows.length < slice) break;
        await nextTurn();
      }
    }
    yield* bySeq(store, 'images', 'job_seq = ? AND', [seq]);
    for (const debug of [0, 1]) yield* bySeq(store, 'logs', 'job_seq = ? AND debug = ? AND', [seq, debug]);
  }
  for await (const seqs of inTurns(deletion.images, slice)) {
    const list = JSON.stringify(seqs);
    yield store.read((db) => [
      ...all(db, 'images', 'seq IN (SELECT value FROM json_each(?))', list),
      ...all(db, 'image_texts', 'seq IN (SELECT value FROM json_each(?))', list),
    ]);
  }
}

const placeOf = { generations: 'generation', slots: 'generation, variation' } as const;

async function* bySeq(
  store: Store,
  table: 'images' | 'logs',
  where: string,
  values: number[],
): AsyncGenerator<TrashedRow[]> {
  for (let after = 0; ;) {
    const rows = store.read((db) =>
      all(db, table, `${where} seq > ? ORDER BY seq LIMIT ${slice}`, ...values, after),
    );
    const last = rows.at(-1)?.row['seq'];
    if (typeof last !== 'number') return;
    yield rows;
    if (table === 'images') {
      const first = rows[0]?.row['seq'] ?? 0;
      yield store.read((db) =>
        all(
          db,
          'image_texts',
          'seq BETWEEN ? AND ? AND seq IN (SELECT value FROM json_each(?))',
          first,
          last,
          JSON.stringify(rows.map(({ row }) => row['seq'])),
        ),
      );
    }
    after = last;
    await nextTurn();
  }
}

/** More than a row of ours holds in a column; what takes more room is not written down, and does not come back. */
const mostBytes = 1024 * 1024;

function all(db: Reader, table: TrashedTable, where: string, ...values: TrashedValue[]): TrashedRow[] {
  const columns = columnsOf(db, table).map(
    (name) => `iif(octet_length(${name}) > ${mostBytes}, NULL, ${name}) AS ${name}`,
  );
  return db
    .sql<Record<string, unknown>>(`SELECT ${columns.join(', ')} FROM ${table} WHERE ${where}`)
    .all(...values)
    .map((row) => ({
      table,
      row: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, written(value)])),
    }));
}

function written(value: unknown): TrashedValue {
  if (Buffer.isBuffer(value)) return { bytes: value.toString('base64') };
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

/** As SQLite takes it. */
function stored(value: TrashedValue | undefined): string | number | Buffer | null {
  return typeof value === 'object' && value !== null ? Buffer.from(value.bytes, 'base64') : (value ?? null);
}

/** Columns of the table as it is now. */
function columnsOf(db: Reader, table: TrashedTable): string[] {
  return db
    .sql<{ name: string }>('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => name);
}

/** A sidecar comes after the file that it is named after. */
const pathColumns = ['original_path', 'cutout_path', 'path', 'sidecar_path', 'thumbnail_path'] as const;

/** Paths that an image's row names, each once. */
export function storedFiles({ table, row }: TrashedRow): string[] {
  if (table !== 'images') return [];
  const paths = pathColumns.map((column) => row[column]);
  return [...new Set(paths.filter((path): path is string => typeof path === 'string' && path !== ''))];
}

/** Deletes what is still there; can be repeated. */
export async function deleteRows(store: Store, deletion: Deletion): Promise<void> {
  for await (const seqs of inTurns(deletion.images, slice)) {
    store.edit((db) => {
      db.sql('DELETE FROM images WHERE seq IN (SELECT value FROM json_each(?))').run(JSON.stringify(seqs));
    });
  }
  for (const seq of deletion.jobs) {
    for (const statement of [
      `DELETE FROM images WHERE seq IN (SELECT seq FROM images INDEXED BY images_by_job WHERE job_seq = ? LIMIT ${slice})`,
      `DELETE FROM logs WHERE seq IN (SELECT seq FROM logs INDEXED BY logs_by_job WHERE job_seq = ? LIMIT ${slice * 5})`,
    ]) {
      while (store.edit((db) => db.sql(statement).run(seq).changes) > 0) await nextTurn();
    }
    store.edit((db) => {
      db.sql('DELETE FROM jobs WHERE seq = ?').run(seq);
    });
    await nextTurn();
  }
}

/** True when the list holds images of a job that is neither in the store nor in the list. */
export async function isJobMissing(store: Store, folder: TrashFolder): Promise<boolean> {
  const jobs = new Set<ReturnType<typeof stored>>();
  for await (const rows of readRows(folder)) {
    for (const { table, row } of rows) {
      if (table === 'jobs') jobs.add(stored(row['seq']));
      const job = stored(row['job_seq']);
      if (table !== 'images' || jobs.has(job)) continue;
      if (store.read((db) => db.sql('SELECT 1 FROM jobs WHERE seq = ?').get(job)) === undefined) return true;
      jobs.add(job);
    }
  }
  return false;
}

/** Inserts what is not there again; can be repeated. `places` are files that came back under another name. */
export async function insertRows(
  store: Store,
  folder: TrashFolder,
  places: ReadonlyMap<string, string>,
): Promise<void> {
  for await (const rows of readRows(folder)) {
    store.edit((db) => {
      const columns = new Map<TrashedTable, string[]>();
      for (const { table, row } of rows) {
        const known = columns.get(table) ?? columnsOf(db, table);
        columns.set(table, known);
        insertRow(db, table, known, table === 'images' ? replaced(row, places) : row);
        if (table === 'jobs') holdQueued(db, stored(row['id']));
      }
      releaseRetries(
        db,
        rows
          .flatMap(({ table, row }) => (table === 'images' ? [stored(row['seq'])] : []))
          .filter((seq) => typeof seq === 'number'),
      );
    });
    await nextTurn();
  }
}

function replaced(row: Row, places: ReadonlyMap<string, string>): Row {
  const copy = { ...row };
  for (const column of pathColumns) {
    const path = copy[column];
    if (typeof path === 'string') copy[column] = places.get(path) ?? path;
  }
  return copy;
}

/** Which row another belongs to: one that could not come back takes along what is its own. */
const owners = {
  job_inputs: ['jobs', 'job_seq'],
  generations: ['jobs', 'job_seq'],
  slots: ['jobs', 'job_seq'],
  images: ['jobs', 'job_seq'],
  logs: ['jobs', 'job_seq'],
  image_texts: ['images', 'seq'],
} as const satisfies Partial<Record<TrashedTable, readonly [string, string]>>;

/** Only columns that the schema knows: the list lies in the workspace's folder and may come from elsewhere. */
function insertRow(db: Writer, table: TrashedTable, known: readonly string[], row: Row): void {
  const [owner, key] = table === 'jobs' ? [null, ''] : owners[table];
  if (owner !== null && db.sql(`SELECT 1 FROM ${owner} WHERE seq = ?`).get(stored(row[key])) === undefined)
    return;
  const columns = known.filter((name) => Object.hasOwn(row, name));
  db.sql(
    `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  ).run(...columns.map((name) => stored(row[name])));
}

/** A job that waited in the queue stands in it again, held: its run was cancelled when it was deleted. */
function holdQueued(db: Writer, id: string | number | Buffer | null): void {
  db.sql(
    `UPDATE runs SET status = 'held', finished_at = NULL WHERE seq =
       (SELECT max(r.seq) FROM runs AS r JOIN jobs AS j ON j.id = r.job_id WHERE j.id = ? AND j.status = 'queued')
       AND status = 'cancelled'`,
  ).run(id);
}

/** Images that waited for a retry which has ended meanwhile are what they were before it. */
function releaseRetries(db: Writer, seqs: readonly number[]): void {
  if (seqs.length === 0) return;
  db.sql(
    `UPDATE images SET status = coalesce(status_before, 'retryFailed'), status_before = NULL
     WHERE seq IN (SELECT value FROM json_each(?)) AND status IN ('retryPending', 'processing')
       AND NOT EXISTS (
         SELECT 1 FROM run_images AS r JOIN runs ON runs.id = r.run_id
         WHERE r.image_seq = images.seq AND runs.status IN ('waiting', 'held', 'running'))`,
  ).run(JSON.stringify(seqs));
}
