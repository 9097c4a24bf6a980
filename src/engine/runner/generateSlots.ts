/** "Generate again": slots of a job that ended without an image (F5). */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { countJob } from '../store/jobs.ts';
import { reopenSlot, slotPlaces } from '../store/slots.ts';
import type { RunContext, RunOutcome, SlotRun } from './runContext.ts';
import { workOn } from './runJob.ts';
import { prepareRun } from './prepareRun.ts';

/** Slots that one transaction opens: a few milliseconds of work. */
const slotsPerTurn = 200;

/** Opens the slots and makes them; other unfinished slots of the job stay as they are. */
export async function runSlots(context: RunContext, { runId, jobId, slots }: SlotRun): Promise<RunOutcome> {
  const keys = new Set(slots.map(keyOf));
  const wanted = (slot: { generation: number; variation: number }): boolean => keys.has(keyOf(slot));
  // After a crash some are open already: only what is failed counts as failed.
  const failed = context.store.read((db) => slotPlaces(db, jobId, 'failed')).filter(wanted);
  for (let at = 0; at < failed.length; at += slotsPerTurn) {
    if (at > 0) await nextTurn();
    const slice = failed.slice(at, at + slotsPerTurn);
    await context.store.write(context.lease, (db) => {
      for (const { generation, variation } of slice) reopenSlot(db, { jobId, generation, variation });
      countJob(db, jobId, { failed: -slice.length });
    });
  }
  const run = prepareRun(context, { jobId, runId, ofImages: false, budgeted: false });
  return workOn(context, run, wanted);
}

function keyOf({ generation, variation }: { generation: number; variation: number }): string {
  return `${generation}-${variation}`;
}
