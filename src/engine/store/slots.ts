/** Slots: the planned images of a job, and what became of each. */
import type { FailedSlot } from '../model/image.ts';
import { shownLabel } from '../model/label.ts';
import type { Page, PageRequest } from '../model/page.ts';
import type { Failure } from '../model/status.ts';
import { readCells, readFailure } from './columns.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { findJob } from './jobs.ts';
import type { Reader, Values, Writer } from './store.ts';

export type SlotState = 'planned' | 'received' | 'failed';

export interface Slot {
  generation: number;
  variation: number;
  state: SlotState;
  failure: Failure | null;
}

export interface SlotKey {
  jobId: string;
  generation: number;
  variation: number;
}

/** All slots of a job in their order. */
export function listSlots(db: Reader, jobId: string): Slot[] {
  return db
    .sql<{ generation: number; variation: number; state: string; failure: string | null }>(
      'SELECT generation, variation, state, failure FROM slots WHERE job_seq = ? ORDER BY generation, variation',
    )
    .all(findJob(db, jobId))
    .map((row) => ({
      generation: row.generation,
      variation: row.variation,
      state: row.state === 'received' || row.state === 'failed' ? row.state : 'planned',
      failure: readFailure(row.failure),
    }));
}

/** Where the slots in this state are, in their order: without their failures, which cost more than all the rest. */
export function slotPlaces(
  db: Reader,
  jobId: string,
  state: SlotState,
): { generation: number; variation: number }[] {
  return db
    .sql<{ generation: number; variation: number }>(
      'SELECT generation, variation FROM slots WHERE job_seq = ? AND state = ? ORDER BY generation, variation',
    )
    .all(findJob(db, jobId), state);
}

/** The slot ends without an image. */
export function failSlot(db: Writer, slot: SlotKey, failure: Failure, now: number): void {
  set(db, slot, `state = 'failed', failure = @failure, ended_at = @now`, {
    failure: JSON.stringify(failure),
    now,
  });
}

/** The slot is to be made again ("Generate again"). */
export function reopenSlot(db: Writer, slot: SlotKey): void {
  set(db, slot, `state = 'planned', failure = NULL, ended_at = NULL`, {});
}

/** The image arrived as the image with this row number. `insertImage` does this itself. */
export function fillSlot(db: Writer, slot: SlotKey, imageSeq: number, now: number): void {
  set(db, slot, `state = 'received', image_seq = @imageSeq, failure = NULL, ended_at = @now`, {
    imageSeq,
    now,
  });
}

function set(db: Writer, slot: SlotKey, assignments: string, values: Values): void {
  db.sql(
    `UPDATE slots SET ${assignments}
     WHERE job_seq = @jobSeq AND generation = @generation AND variation = @variation`,
  ).run({
    ...values,
    jobSeq: findJob(db, slot.jobId),
    generation: slot.generation,
    variation: slot.variation,
  });
}

interface FailedRow {
  job_seq: number;
  generation: number;
  variation: number;
  failure: string | null;
  ended_at: number | null;
  keyword_row: number;
  keyword: string;
  prompt: string | null;
  id: string;
  label: string;
  rerun: number;
  created_at: number;
}

/** Slots without an image: newest job first, in a job by generation and variation. */
export function listFailedSlots(db: Reader, filter: { jobId?: string }, page: PageRequest): Page<FailedSlot> {
  const after = readCursor(page.after, 3);
  const rows = db
    .sql<FailedRow>(
      `SELECT s.job_seq, s.generation, s.variation, s.failure, s.ended_at, g.keyword_row, g.keyword, g.prompt,
              j.id, j.label, j.rerun, j.created_at
       FROM slots AS s INDEXED BY slots_failed
       JOIN jobs AS j ON j.seq = s.job_seq
       JOIN generations AS g ON g.job_seq = s.job_seq AND g.generation = s.generation
       WHERE s.state = 'failed'
         ${filter.jobId === undefined ? '' : 'AND s.job_seq = @jobSeq'}
         ${after === null ? '' : 'AND (-s.job_seq, s.generation, s.variation) > (-@afterJob, @afterGeneration, @afterVariation)'}
         ${after === null || filter.jobId !== undefined ? '' : 'AND s.job_seq <= @afterJob'}
       ORDER BY s.job_seq DESC, s.generation, s.variation
       LIMIT @limit OFFSET @offset`,
    )
    .all({
      ...(filter.jobId === undefined ? {} : { jobSeq: findJob(db, filter.jobId) }),
      ...(after === null
        ? {}
        : { afterJob: after[0] ?? 0, afterGeneration: after[1] ?? 0, afterVariation: after[2] ?? 0 }),
      limit: page.limit + 1,
      offset: after === null ? (page.offset ?? 0) : 0,
    });
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toFailedSlot),
    next:
      rows.length > page.limit && last !== undefined
        ? writeCursor([last.job_seq, last.generation, last.variation])
        : null,
  };
}

export function countFailedSlots(db: Reader, filter: { jobId?: string }): number {
  const where = filter.jobId === undefined ? '' : 'AND job_seq = @jobSeq';
  const row = db
    .sql<{ n: number }>(
      `SELECT count(*) AS n FROM slots INDEXED BY slots_failed WHERE state = 'failed' ${where}`,
    )
    .get(filter.jobId === undefined ? {} : { jobSeq: findJob(db, filter.jobId) });
  return row?.n ?? 0;
}

function toFailedSlot(row: FailedRow): FailedSlot {
  return {
    jobId: row.id,
    jobLabel: shownLabel({ id: row.id, label: row.label, rerun: row.rerun === 1 }),
    generation: row.generation,
    variation: row.variation,
    keywordRow: row.keyword_row,
    keyword: readCells(row.keyword),
    prompt: row.prompt,
    failure: readFailure(row.failure) ?? {
      stage: 'generate',
      code: 'unexpected',
      reason: 'The reason was lost.',
    },
    failedAt: row.ended_at ?? row.created_at,
  };
}
