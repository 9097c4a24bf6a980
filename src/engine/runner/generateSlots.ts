/** "Generate again": slots of a job that ended without an image (F5). */
import { placeKey } from '../model/slot.ts';
import type { SlotPlace } from '../model/slot.ts';
import { inTurns } from '../model/turns.ts';
import { countJob } from '../store/jobs.ts';
import { reopenSlot, slotPlaces } from '../store/slots.ts';
import type { RunContext, RunOutcome, SlotRun } from './runContext.ts';
import { workOn } from './runJob.ts';
import { prepareRun } from './prepareRun.ts';

/** Slots that one transaction opens: a few milliseconds of work. */
const slotsPerTurn = 200;

/** Opens the slots and makes them; other unfinished slots of the job stay as they are. */
export async function runSlots(context: RunContext, { runId, jobId, slots }: SlotRun): Promise<RunOutcome> {
  const keys = new Set(slots.map(placeKey));
  const wanted = (slot: SlotPlace): boolean => keys.has(placeKey(slot));
  // After a crash some are open already: only what is failed counts as failed.
  const failed = context.store.read((db) => slotPlaces(db, jobId, 'failed')).filter(wanted);
  for await (const slice of inTurns(failed, slotsPerTurn)) {
    await context.store.write(context.lease, (db) => {
      for (const { generation, variation } of slice) reopenSlot(db, { jobId, generation, variation });
      countJob(db, jobId, { failed: -slice.length });
    });
  }
  const run = prepareRun(context, { jobId, runId, ofImages: false, budgeted: false });
  return workOn(context, run, wanted);
}
