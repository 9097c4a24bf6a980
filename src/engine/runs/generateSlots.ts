/** "Generate again": slots of a job that ended without a picture (F5). */
import { countJob } from '../store/jobs.ts';
import { listSlots, reopenSlot } from '../store/slots.ts';
import type { RunContext, RunOutcome, SlotRun } from './runContext.ts';
import { workOn } from './runJob.ts';
import { prepareRun } from './runJobWork.ts';

/** Opens the slots and makes them; other unfinished slots of the job stay as they are. */
export async function runSlots(context: RunContext, { runId, jobId, slots }: SlotRun): Promise<RunOutcome> {
  const keys = new Set(slots.map(keyOf));
  const wanted = (slot: { generation: number; variation: number }): boolean => keys.has(keyOf(slot));
  await context.store.write(context.lease, (db) => {
    // After a crash some are open already: only what is failed counts as failed.
    const failed = listSlots(db, jobId).filter((slot) => slot.state === 'failed' && wanted(slot));
    for (const { generation, variation } of failed) reopenSlot(db, { jobId, generation, variation });
    countJob(db, jobId, { failed: -failed.length });
  });
  const run = prepareRun(context, { jobId, runId, ofImages: false, budgeted: false });
  return workOn(context, run, wanted);
}

function keyOf({ generation, variation }: { generation: number; variation: number }): string {
  return `${generation}-${variation}`;
}
