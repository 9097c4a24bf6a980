/** Slots: the planned images of a job, and what became of each. */
import type { FailedSlot } from '../model/image.ts';
import type { Page, PageRequest } from '../model/page.ts';
import type { JobSlot, SlotPlace } from '../model/slot.ts';
import type { Failure } from '../model/status.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { findJob } from './jobs.ts';
import { failedSlotColumns, selectSlots, soundPlaceOf, toFailedSlot, toSlot } from './rows/slot.ts';
import type { FailedSlotRow, Slot, SlotState } from './rows/slot.ts';
import type { Reader, Values, Writer } from './store.ts';

/** All slots of a job in their order, without damaged ones. */
export function listSlots(db: Reader, jobId: string): Slot[] {
  return db
    .sql<object>(`${selectSlots} WHERE s.job_seq = ? ORDER BY s.generation, s.variation`)
    .all(findJob(db, jobId))
    .flatMap((row) => toSlot(row) ?? []);
}

/** Where the slots in this state are, in their order: without their failures, which cost more than all the rest. */
export function slotPlaces(db: Reader, jobId: string, state: SlotState): SlotPlace[] {
  return db
    .sql<SlotPlace>(
      `SELECT generation, variation FROM slots WHERE job_seq = ? AND state = ? AND ${soundPlaceOf('slots')}
       ORDER BY generation, variation`,
    )
    .all(findJob(db, jobId), state);
}

/** The slot ends without an image. */
export function failSlot(db: Writer, slot: JobSlot, failure: Failure, now: number): void {
  set(db, slot, `state = 'failed', failure = @failure, ended_at = @now`, {
    failure: JSON.stringify(failure),
    now,
  });
}

/** The slot is to be made again ("Generate again"). */
export function reopenSlot(db: Writer, slot: JobSlot): void {
  set(db, slot, `state = 'planned', failure = NULL, ended_at = NULL`, {});
}

/** The image arrived as the image with this row number. `insertImage` does this itself. */
export function fillSlot(db: Writer, slot: JobSlot, imageSeq: number, now: number): void {
  set(db, slot, `state = 'received', image_seq = @imageSeq, failure = NULL, ended_at = @now`, {
    imageSeq,
    now,
  });
}

function set(db: Writer, slot: JobSlot, assignments: string, values: Values): void {
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

/** Slots without an image: newest job first, in a job by generation and variation. */
export function listFailedSlots(db: Reader, filter: { jobId?: string }, page: PageRequest): Page<FailedSlot> {
  const after = readCursor(page.after, 3);
  const rows = db
    .sql<FailedSlotRow>(
      `SELECT ${failedSlotColumns}
       FROM slots AS s INDEXED BY slots_failed
       JOIN jobs AS j ON j.seq = s.job_seq
       JOIN generations AS g ON g.job_seq = s.job_seq AND g.generation = s.generation
       WHERE s.state = 'failed' AND ${soundPlaceOf('s')}
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
        ? writeCursor([last.job_seq, Number(last.generation), Number(last.variation)])
        : null,
  };
}

export function countFailedSlots(db: Reader, filter: { jobId?: string }): number {
  const where = filter.jobId === undefined ? '' : 'AND job_seq = @jobSeq';
  const row = db
    .sql<{ n: number }>(
      `SELECT count(*) AS n FROM slots INDEXED BY slots_failed WHERE state = 'failed' AND ${soundPlaceOf('slots')} ${where}`,
    )
    .get(filter.jobId === undefined ? {} : { jobSeq: findJob(db, filter.jobId) });
  return row?.n ?? 0;
}
