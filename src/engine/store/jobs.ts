/** Jobs: one row each, and beside it the long texts that only a single job's view reads. */
import { FactoryError } from '../model/errors.ts';
import type { JobCounters, JobError, JobInputs, JobSummary } from '../model/job.ts';
import { shownLabel } from '../model/label.ts';
import type { JobStatus } from '../model/status.ts';
import { findSeq } from './ids.ts';
import { latest } from './rows/checkedRow.ts';
import { refuseDamaged } from './rows/damage.ts';
import { idOf } from './rows/ids.ts';
import { selectContents, selectJobs, toContents, toJob } from './rows/job.ts';
import type { JobContents, JobRow } from './rows/job.ts';
import type { Reader, Values, Writer } from './store.ts';
import { foldText, nameKey } from './words.ts';
import { messages } from './messages.ts';

/** Settings as stored: parsed by their owner when they are used. */
export type StoredSettings = Readonly<Record<string, unknown>>;

export interface NewJob {
  /** UUID, lower case. */
  id: string;
  /** Without "(Rerun …)". */
  label: string;
  rerun: boolean;
  parentId: string | null;
  status: JobStatus;
  /** UTC ms. */
  createdAt: number;
  planned: number;
  imageProvider: string;
  settings: StoredSettings;
  inputs: JobInputs;
  /** What the plan of a job must remember: seed of the row order, chosen rows. */
  plan: Readonly<Record<string, unknown>>;
}

/** Returns the row number. */
export function insertJob(db: Writer, job: NewJob): number {
  const shown = shownLabel(job);
  const { lastInsertRowid } = db
    .sql(
      `INSERT INTO jobs (id, label, rerun, parent_id, status, created_at, planned, image_provider, label_text, name_key)
       VALUES (@id, @label, @rerun, @parentId, @status, @createdAt, @planned, @imageProvider, @text, @key)`,
    )
    .run({
      id: job.id,
      label: job.label,
      rerun: Number(job.rerun),
      parentId: job.parentId,
      status: job.status,
      createdAt: job.createdAt,
      planned: job.planned,
      imageProvider: job.imageProvider,
      text: foldText(shown),
      key: nameKey(shown),
    });
  const seq = Number(lastInsertRowid);
  db.sql('INSERT INTO job_inputs (job_seq, settings, inputs, plan) VALUES (?, ?, ?, ?)').run(
    seq,
    JSON.stringify(job.settings),
    JSON.stringify(job.inputs),
    JSON.stringify(job.plan),
  );
  return seq;
}

/** The row number of a job by its id or a unique end of it. Fails with `notFound` or `ambiguous`. */
export function findJob(db: Reader, id: string): number {
  return findSeq(db, 'jobs', id);
}

/** False for what a row may name although it is not there. */
export function isJob(db: Reader, id: string): boolean {
  return db.sql('SELECT 1 FROM jobs WHERE id = ?').get(id) !== undefined;
}

export function hasRunningJob(db: Reader): boolean {
  return db.sql(`SELECT 1 FROM jobs WHERE status = 'running' LIMIT 1`).get() !== undefined;
}

/** With all that is its own. For jobs of which nothing was made: others go by the trash. */
export function deleteJob(db: Writer, id: string): void {
  db.sql('DELETE FROM jobs WHERE id = ?').run(id);
}

/** One line of the history; `now` is the time up to which a running job's duration counts. */
export function getJob(db: Reader, id: string, now: number): JobSummary {
  return jobBySeq(db, findJob(db, id), now);
}

export function jobBySeq(db: Reader, seq: number, now: number): JobSummary {
  const row = db.sql<JobRow>(`${selectJobs} WHERE j.seq = ?`).get(seq);
  if (row === undefined) throw new FactoryError('notFound', messages.jobGone());
  return toJob(row, now);
}

export function jobContents(db: Reader, id: string): JobContents {
  const row = db.sql<object>(`${selectContents} WHERE j.seq = ?`).get(findJob(db, id));
  if (row === undefined) throw new FactoryError('notFound', messages.noSettings({ id }));
  return toContents(row);
}

/** What a job is made of, to work with. Fails as `jobContents`, and with `store.damaged`. */
export function workingContents(db: Reader, id: string): JobContents {
  refuseDamaged(jobBySeq(db, findJob(db, id), 0));
  const contents = jobContents(db, id);
  refuseDamaged(contents);
  return contents;
}

/** The job works from now on: the first start is remembered, a new running span opens. */
export function startJob(db: Writer, id: string, now: number): void {
  change(
    db,
    id,
    `status = 'running', stopping = 0, error = NULL, finished_at = NULL,
     started_at = coalesce(started_at, @now), running_since = coalesce(running_since, @now)`,
    { now },
  );
}

/** What the job is made of, as planned at its start; a snapshot that is there stays as it is. */
export function freezeJob(
  db: Writer,
  id: string,
  as: {
    snapshot: StoredSettings;
    inputs: JobInputs;
    plan: Readonly<Record<string, unknown>>;
    planned: number;
  },
): void {
  change(db, id, 'planned = @planned', { planned: as.planned });
  db.sql(
    `UPDATE job_inputs SET snapshot = coalesce(snapshot, @snapshot), inputs = @inputs, plan = @plan WHERE job_seq = @seq`,
  ).run({
    seq: findJob(db, id),
    snapshot: JSON.stringify(as.snapshot),
    inputs: JSON.stringify(as.inputs),
    plan: JSON.stringify(as.plan),
  });
}

/** The job no longer works: the running span is closed. Every status but running and queued. */
export function endJob(db: Writer, id: string, status: JobStatus, now: number, error: JobError | null): void {
  change(
    db,
    id,
    `status = @status, stopping = 0, error = @error, finished_at = @now,
     running_ms = running_ms + CASE WHEN running_since IS NULL THEN 0 ELSE max(0, @now - running_since) END,
     running_since = NULL`,
    { status, now, error: error === null ? null : JSON.stringify(error) },
  );
}

/**
 * Work of an owner that died: the jobs become interrupted with the time until which they are known to have
 * worked. Returns their ids. Only for who holds the lease, or found it free.
 */
export function interruptJobs(db: Writer, error: JobError): string[] {
  const rows = db
    .sql<{ id: unknown; seq: number }>(`SELECT id, seq FROM jobs WHERE status = 'running'`)
    .all();
  return rows.map(({ id: stored, seq }) => {
    const id = idOf(stored, seq);
    const last = db
      .sql<{ at: unknown }>(
        `SELECT max(
           coalesce((SELECT max(updated_at) FROM images INDEXED BY images_by_slot WHERE job_seq = @seq), 0),
           coalesce((SELECT at FROM logs WHERE job_seq = @seq AND debug = 0 ORDER BY seq DESC LIMIT 1), 0),
           coalesce((SELECT running_since FROM jobs WHERE seq = @seq), 0)
         ) AS at`,
      )
      .get({ seq });
    endJob(db, id, 'interrupted', momentOf(last?.at), error);
    return id;
  });
}

function momentOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= latest ? value : 0;
}

export function setStopping(db: Writer, id: string, stopping: boolean): void {
  change(db, id, 'stopping = @stopping', { stopping: Number(stopping) });
}

/** Adds to the counters, which are history: deleting images changes none of them. */
export function countJob(db: Writer, id: string, add: Partial<JobCounters>): void {
  change(
    db,
    id,
    `planned = planned + @planned, generated = generated + @generated, checked = checked + @checked,
     approved = approved + @approved, failed = failed + @failed`,
    {
      planned: add.planned ?? 0,
      generated: add.generated ?? 0,
      checked: add.checked ?? 0,
      approved: add.approved ?? 0,
      failed: add.failed ?? 0,
    },
  );
}

/** Remembers the highest percent shown; never falls. */
export function raisePercent(db: Writer, id: string, percent: number): void {
  change(db, id, 'percent = max(percent, @percent)', { percent });
}

/** A new label for the job, its settings and its future reruns. */
export function renameJob(db: Writer, id: string, label: string): void {
  const seq = findJob(db, id);
  const shown = shownLabel({ ...jobBySeq(db, seq, 0), label });
  db.sql('UPDATE jobs SET label = @label, label_text = @text, name_key = @key WHERE seq = @seq').run({
    seq,
    label,
    text: foldText(shown),
    key: nameKey(shown),
  });
  db.sql(
    `UPDATE job_inputs SET settings = json_set(settings, '$."job.label"', ?) WHERE job_seq = ? AND json_valid(settings)`,
  ).run(label, seq);
}

/** The settings of the job's next rerun; its snapshot stays. */
export function editJobSettings(db: Writer, id: string, settings: StoredSettings): void {
  db.sql('UPDATE job_inputs SET settings = ? WHERE job_seq = ?').run(
    JSON.stringify(settings),
    findJob(db, id),
  );
}

/** Values that the job goes on with: in what it works by, and in what its reruns will. */
export function changeJobSettings(db: Writer, id: string, changes: StoredSettings): void {
  db.sql(
    `UPDATE job_inputs SET settings = json_patch(settings, @changes), snapshot = json_patch(snapshot, @changes)
     WHERE job_seq = @seq`,
  ).run({ seq: findJob(db, id), changes: JSON.stringify(changes) });
}

function change(db: Writer, id: string, assignments: string, values: Values): void {
  const seq = findJob(db, id);
  db.sql(`UPDATE jobs SET ${assignments} WHERE seq = @seq`).run({ ...values, seq });
}
