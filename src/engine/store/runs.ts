/** The queue: everything that works for more than a moment is a run, and one runs at a time. */
import { FactoryError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { RunKind, RunStatus, RunSummary } from '../model/events.ts';
import { imageStatuses } from '../model/status.ts';
import type { ImageStatus } from '../model/status.ts';
import { cancelRetryPending } from './images.ts';
import { idInSql, isId, mayBeIdInSql, numberOf } from './rows/ids.ts';
import { selectRequest, selectRuns, toRequest, toRun } from './rows/run.ts';
import type { RunRow } from './rows/run.ts';
import type { Reader, Values, Writer } from './store.ts';
import { messages } from './messages.ts';

export type StopRequest = 'stop' | 'force';

export interface NewRun {
  id: string;
  kind: RunKind;
  status: RunStatus;
  jobId: string | null;
  title: string;
  /** What the run was asked to do beside its images: settings of a retry, slots to generate again. */
  request: Readonly<Record<string, unknown>>;
  /** What a retry or approve run works on; its number is the run's total. */
  imageIds?: readonly string[];
  /** For runs without images: slots or planned images. */
  total?: number;
  createdAt: number;
}

export function insertRun(db: Writer, run: NewRun): void {
  db.sql(
    `INSERT INTO runs (id, kind, status, job_id, title, request, total, created_at)
     VALUES (@id, @kind, @status, @jobId, @title, @request, @total, @createdAt)`,
  ).run({
    id: run.id,
    kind: run.kind,
    status: run.status,
    jobId: run.jobId,
    title: run.title,
    request: JSON.stringify(run.request),
    total: run.imageIds === undefined ? (run.total ?? 0) : 0,
    createdAt: run.createdAt,
  });
  if (run.imageIds !== undefined) addRunImages(db, run.id, run.imageIds);
}

/** Images that a retry or approve run has to do beside those that it has already; its total grows with them. */
export function addRunImages(db: Writer, id: string, imageIds: readonly string[]): void {
  const { changes } = db
    .sql(
      `INSERT OR IGNORE INTO run_images (run_id, image_seq)
       SELECT @id, i.seq FROM json_each(@imageIds) AS wanted CROSS JOIN images AS i ON i.id = wanted.value`,
    )
    .run({ id, imageIds: JSON.stringify(imageIds) });
  change(db, id, 'total = total + @added', { added: changes });
}

/** Fails with `notFound`. */
export function getRun(db: Reader, id: string): RunSummary {
  return toRun(rowOf(db, id));
}

export function runRequest(db: Reader, id: string): Record<string, unknown> {
  const row = db.sql<object>(`${selectRequest} WHERE r.seq = ?`).get(rowOf(db, id).seq);
  const request = row === undefined ? null : toRequest(row);
  if (request === null) throw new FactoryError('store.damaged', messages.damagedRow({ columns: 'request' }));
  return request;
}

/** The one that works now, in whichever process; null when idle. */
export function runningRun(db: Reader): RunSummary | null {
  const row = db.sql<RunRow>(`${selectRuns} WHERE r.status = 'running' ORDER BY r.seq LIMIT 1`).get();
  return row === undefined ? null : toRun(row);
}

/** More wait in no queue that anybody looks at. */
const mostWaiting = 1000;

/** What waits or is held, in the order in which it was queued. */
export function waitingRuns(db: Reader): RunSummary[] {
  return db
    .sql<RunRow>(`${selectRuns} WHERE r.status IN ('waiting', 'held') ORDER BY r.seq LIMIT ${mostWaiting}`)
    .all()
    .map(toRun);
}

/** The first that waits; null when none does. Damaged ones wait until they are taken from the queue. */
export function nextWaitingRun(db: Reader): RunSummary | null {
  return waitingRuns(db).find(({ status, damaged }) => status === 'waiting' && damaged === undefined) ?? null;
}

/** Runs that are running, waiting or held. */
export function countUnfinishedRuns(db: Reader): number {
  const row = db
    .sql<{ n: number }>(`SELECT count(*) AS n FROM runs WHERE status IN ('running', 'waiting', 'held')`)
    .get();
  return row?.n ?? 0;
}

/** The newest run of a job that is not over, or null. */
export function unfinishedRunOf(db: Reader, jobId: string): RunSummary | null {
  const row = db
    .sql<RunRow>(
      `${selectRuns} WHERE r.job_id = ? AND r.status IN ('running', 'waiting', 'held') ORDER BY r.seq DESC LIMIT 1`,
    )
    .get(jobId);
  return row === undefined ? null : toRun(row);
}

export function setRunStatus(db: Writer, id: string, status: RunStatus): void {
  change(db, id, 'status = @status', { status });
}

/** What a run that has not ended is asked to do. */
export function setRunRequest(db: Writer, id: string, request: Record<string, unknown>): void {
  change(db, id, 'request = @request', { request: JSON.stringify(request) });
}

/** The run is over. */
export function endRun(
  db: Writer,
  id: string,
  status: 'done' | 'failed' | 'cancelled',
  now: number,
  error: { code: ErrorCode; message: string } | null,
): void {
  change(db, id, 'status = @status, finished_at = @now, error = @error, stop_requested = NULL', {
    status,
    now,
    error: error === null ? null : JSON.stringify(error),
  });
}

/** The run stands still with what it has still to do, and says why; it goes on with the queue. */
export function holdRun(db: Writer, id: string, error: { code: ErrorCode; message: string } | null): void {
  change(db, id, `status = 'held', stop_requested = NULL, error = @error`, {
    error: error === null ? null : JSON.stringify(error),
  });
}

/** Counts images of a retry or approve run, and takes the finished ones from what it has still to do. */
export function countRun(
  db: Writer,
  id: string,
  add: { done?: number; failed?: number },
  finishedImageId?: string,
): void {
  change(db, id, 'done = done + @done, failed = failed + @failed', {
    done: add.done ?? 0,
    failed: add.failed ?? 0,
  });
  if (finishedImageId === undefined) return;
  db.sql('DELETE FROM run_images WHERE run_id = ? AND image_seq = (SELECT seq FROM images WHERE id = ?)').run(
    id,
    finishedImageId,
  );
}

/**
 * What an image was before it was queued for a retry or approval that nobody works on any more: its run is held,
 * because who had asked for it has gone. Null for every other image.
 */
export function statusBeforeHeld(db: Reader, imageId: string): ImageStatus | null {
  const row = db
    .sql<{ status_before: unknown }>(
      `SELECT i.status_before FROM images AS i JOIN run_images AS r ON r.image_seq = i.seq
       JOIN runs ON runs.id = r.run_id WHERE i.id = ? AND i.status = 'retryPending' AND runs.status = 'held'`,
    )
    .get(imageId);
  return imageStatuses.find((status) => status === row?.status_before) ?? null;
}

/** Takes images out of held runs, as they were before, so that they can be asked for anew; a run without images is over. */
export function removeFromHeldRuns(db: Writer, imageIds: readonly string[], now: number): void {
  const rows = db
    .sql<{ id: string; seq: number; run_id: string }>(
      `SELECT i.id, i.seq, r.run_id FROM images AS i JOIN run_images AS r ON r.image_seq = i.seq
       JOIN runs ON runs.id = r.run_id
       WHERE i.id IN (SELECT value FROM json_each(?)) AND i.status = 'retryPending' AND runs.status = 'held'`,
    )
    .all(JSON.stringify(imageIds));
  for (const { seq, run_id: runId } of rows) {
    db.sql('DELETE FROM run_images WHERE run_id = ? AND image_seq = ?').run(runId, seq);
  }
  cancelRetryPending(
    db,
    rows.map(({ id }) => id),
    now,
  );
  for (const runId of new Set(rows.map((row) => row.run_id))) {
    if (imagesToDo(db, runId).length === 0) endRun(db, runId, 'cancelled', now, null);
  }
}

/** The job of these runs has a new label: what is not over is called by it. */
export function renameRuns(db: Writer, jobId: string, title: string): void {
  db.sql(
    `UPDATE runs SET title = ? WHERE job_id = ? AND kind IN ('job', 'resume', 'generateAgain')
       AND status IN ('running', 'waiting', 'held')`,
  ).run(title, jobId);
}

/** Ids of the images that a retry or approve run has still to do, in creation order; deleted ones are left out. */
export function imagesToDo(db: Reader, runId: string): string[] {
  return db
    .sql<{ id: string }>(
      `SELECT i.id FROM run_images AS r JOIN images AS i ON i.seq = r.image_seq
       WHERE r.run_id = ? AND ${mayBeIdInSql('i')} ORDER BY i.seq`,
    )
    .all(runId)
    .map(({ id }) => id)
    .filter(isId);
}

/** As `imagesToDo`, by the id of their job, in the order in which the jobs appear. */
export function imagesToDoByJob(db: Reader, runId: string): Map<string, string[]> {
  const rows = db
    .sql<{ id: string; job_id: string }>(
      `SELECT i.id, j.id AS job_id FROM run_images AS r JOIN images AS i ON i.seq = r.image_seq
       JOIN jobs AS j ON j.seq = i.job_seq
       WHERE r.run_id = ? AND ${mayBeIdInSql('i')} AND ${mayBeIdInSql('j')} ORDER BY i.seq`,
    )
    .all(runId)
    .filter((row) => isId(row.id) && isId(row.job_id));
  const byJob = new Map<string, string[]>();
  for (const { id, job_id: jobId } of rows) {
    const ids = byJob.get(jobId);
    if (ids === undefined) byJob.set(jobId, [id]);
    else ids.push(id);
  }
  return byJob;
}

/** Asks the owner of the running run to stop; `force` is not taken back by `stop`. False when it does not run. */
export function requestStop(db: Writer, id: string, how: StopRequest): boolean {
  const { changes } = db
    .sql(
      `UPDATE runs SET stop_requested = CASE WHEN stop_requested = 'force' THEN 'force' ELSE @how END
       WHERE seq = @seq AND status = 'running'`,
    )
    .run({ seq: rowOf(db, id).seq, how });
  return changes === 1;
}

export function stopRequested(db: Reader, id: string): StopRequest | null {
  const row = db
    .sql<{ stop_requested: unknown }>('SELECT stop_requested FROM runs WHERE seq = ?')
    .get(rowOf(db, id).seq);
  return row?.stop_requested === 'stop' || row?.stop_requested === 'force' ? row.stop_requested : null;
}

/** Those of them that wait stand still; the others are what they are. */
export function holdRuns(db: Writer, ids: readonly string[]): void {
  db.sql(
    `UPDATE runs SET status = 'held' WHERE seq IN (SELECT value FROM json_each(?)) AND status = 'waiting'`,
  ).run(numbersOf(db, ids));
}

/** Those of them that are held wait again. */
export function releaseRuns(db: Writer, ids: readonly string[]): void {
  db.sql(
    `UPDATE runs SET status = 'waiting' WHERE seq IN (SELECT value FROM json_each(?)) AND status = 'held'`,
  ).run(numbersOf(db, ids));
}

/** What waits stands still until the user lets it go on; returns how many. */
export function holdQueue(db: Writer): number {
  return db.sql(`UPDATE runs SET status = 'held' WHERE status = 'waiting'`).run().changes;
}

/** Takes those that have not started from the queue; returns their ids. */
export function cancelRuns(db: Writer, ids: readonly string[], now: number): string[] {
  return db
    .sql<{ id: string }>(
      `UPDATE runs SET status = 'cancelled', finished_at = @now
       WHERE seq IN (SELECT value FROM json_each(@seqs)) AND status IN ('waiting', 'held')
       RETURNING ${idInSql('runs')} AS id`,
    )
    .all({ seqs: numbersOf(db, ids), now })
    .map(({ id }) => id);
}

/** Of a start that came to nothing. */
export function deleteRunsOf(db: Writer, jobId: string): void {
  db.sql('DELETE FROM runs WHERE job_id = ?').run(jobId);
}

function rowOf(db: Reader, id: string): RunRow {
  const number = numberOf(id);
  const row = db
    .sql<RunRow>(`${selectRuns} WHERE ${number === null ? 'r.id' : 'r.seq'} = ?`)
    .get(number ?? id);
  if (row === undefined) throw new FactoryError('notFound', messages.noRun({ id }));
  return row;
}

/** Their row numbers, as JSON. */
function numbersOf(db: Reader, ids: readonly string[]): string {
  const find = db.sql<{ seq: number }>('SELECT seq FROM runs WHERE id = ?');
  return JSON.stringify(ids.flatMap((id) => numberOf(id) ?? find.get(id)?.seq ?? []));
}

function change(db: Writer, id: string, assignments: string, values: Values): void {
  const { seq } = rowOf(db, id);
  db.sql(`UPDATE runs SET ${assignments} WHERE seq = @seq`).run({ ...values, seq });
}
