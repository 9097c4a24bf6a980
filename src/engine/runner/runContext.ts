/** What a run is given once it owns the lease, and how it can end. */
import type { Files } from '../files/files.ts';
import type { JobError } from '../model/job.ts';
import type { SlotPlace } from '../model/slot.ts';
import type { RunFolders } from '../pipeline/runFolders.ts';
import type { Retry } from '../pipeline/step.ts';
import type { Providers } from '../providers/provider.ts';
import type { Settings } from '../settings/settings.ts';
import type { Store } from '../store/store.ts';
import type { HeldLease } from '../store/lease.ts';

export interface RunContext {
  store: Store;
  /** Every write carries its epoch; once it is lost nothing more is written. */
  lease: HeldLease;
  /** Those of the workspace. */
  files: Files;
  /** The job's snapshot (with today's budget), or what a retry was asked to use. */
  settings: Settings;
  providers: Providers;
  folders: RunFolders;
  /** Stop (J1): no new paid call; what is in flight ends and is kept. */
  stop: AbortSignal;
  /** Force Stop (J2): what is in flight is aborted within a second. */
  force: AbortSignal;
  /** UTC ms. */
  now: () => number;
}

export interface RunOutcome {
  status: 'completed' | 'failed' | 'stopped' | 'paused' | 'interrupted';
  error: JobError | null;
}

export interface JobRun {
  runId: string | null;
  jobId: string;
}

/** Images of one job to retry or approve; a batch over several jobs is one call per job. */
export interface ImageRun extends Retry {
  jobId: string;
  imageIds: readonly string[];
}

/** Slots of one job that ended without an image. */
export interface SlotRun {
  runId: string;
  jobId: string;
  slots: readonly SlotPlace[];
}
