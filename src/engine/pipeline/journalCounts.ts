/** What the journal is made for, and the counters that go with its changes. */
import type { JobCounters } from '../model/job.ts';
import { countJob } from '../store/jobs.ts';
import type { LeaseEpoch, Store, Writer } from '../store/store.ts';
import type { Tally } from './journal.ts';
import type { Timings } from './records.ts';
import type { Transactions } from './transactions.ts';

export interface JournalOptions {
  store: Store;
  lease: LeaseEpoch;
  jobId: string;
  /** The retry or approve run whose counts go with its images; null for jobs. */
  imageRunId: string | null;
  runId: string | null;
  /** True where every image gets a verdict before it is done. */
  qualityCheck: boolean;
  imageProvider: { name: string; model: string };
  tally: Tally;
  /** A row that nobody waits for could not be written. */
  onError: (error: unknown) => void;
  now: () => number;
}

/** Adds to the job's counters, and to what is shown once that is done. */
export function count(
  options: JournalOptions,
  tx: Transactions,
  db: Writer,
  add: Partial<JobCounters>,
): void {
  if (Object.values(add).every((n) => n === 0)) return;
  countJob(db, options.jobId, add);
  tx.then(() => options.tally.counted(add));
}

/** Whole milliseconds. */
export function rounded(timings: Timings): Timings {
  return Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms)]));
}
