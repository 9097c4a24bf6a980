/**
 * What a run does once it owns the lease: the slots and images of a job, whatever state it finds them in.
 * The caller takes the lease, builds the providers, and writes the job's status.
 */
export type { ImageRun, JobRun, RunContext, RunOutcome, SlotRun } from './runContext.ts';
export { runSlots } from './generateSlots.ts';
export { runImages } from './runImages.ts';
export { runJob } from './runJob.ts';
