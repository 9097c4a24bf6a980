/** How far a job is (D1, D2): counts kept in memory, told at most ten times a second. */
import { stepLabels } from '../model/job.ts';
import type { JobCounters, JobSummary, Progress } from '../model/job.ts';
import { atMostEvery } from '../model/throttle.ts';
import { timeLeft } from '../model/timeLeft.ts';
import type { Tally } from '../pipeline/journal.ts';
import { getJob } from '../store/jobs.ts';
import type { Reader, Store } from '../store/store.ts';

export interface ProgressState {
  counters: JobCounters;
  slotsFailed: number;
  /** Images whose verdict is still to come. */
  awaited: Iterable<string>;
  /** Highest percent shown so far. */
  percent: number;
  qualityCheck: boolean;
  /** True for a retry or an approval. */
  ofImages: boolean;
}

export interface ProgressOptions {
  state: ProgressState;
  /** Cost and running time are read from the job's row. */
  store: Store;
  jobId: string;
  /** UTC ms. */
  now: () => number;
  /** A new highest percent is to be remembered. */
  remember: (percent: number) => void;
}

export interface ProgressKeeper extends Tally {
  /** The second step of a job from now on. */
  generating(): void;
  /** Tells the last value; with `reachedEnd`, 100 percent. */
  end(reachedEnd: boolean): void;
  /** Tells nothing more. */
  cancel(): void;
}

const intervalMs = 100;

export function createProgress(options: ProgressOptions): ProgressKeeper {
  const { state, store, jobId } = options;
  const counters = { ...state.counters };
  const awaited = new Set(state.awaited);
  let slotsFailed = state.slotsFailed;
  let percent = state.percent;
  let step: string = state.ofImages ? stepLabels.images : stepLabels.initialization;
  let arrived = 0;
  let ended = 0;
  const summary = (db: Reader): JobSummary => getJob(db, jobId, options.now());
  const startedMs = store.read(summary).durationMs;

  const pace = atMostEvery(intervalMs, () => {
    const now = Math.max(percent, percentOf(counters, slotsFailed, awaited.size, state.qualityCheck));
    if (now > percent) options.remember(now);
    percent = now;
    const open = counters.planned - counters.approved - counters.failed;
    store.report((db, emit) => {
      const job = summary(db);
      const progress: Progress = {
        jobId,
        step,
        percent,
        ...counters,
        cost: job.cost,
        elapsedMs: job.durationMs,
        etaMs: timeLeft({ arrived, ended, open, ranMs: job.durationMs - startedMs }),
      };
      emit({ kind: 'progress', progress });
      emit({ kind: 'job', job });
    });
  });

  return {
    counted(add) {
      for (const key of Object.keys(add) as (keyof JobCounters)[]) counters[key] += add[key] ?? 0;
      arrived += add.generated ?? 0;
      pace.ask();
    },
    slotsFailed(count) {
      slotsFailed += count;
      pace.ask();
    },
    awaits: (imageId) => awaited.add(imageId),
    awaitsNoMore(imageId) {
      awaited.delete(imageId);
      pace.ask();
    },
    ended() {
      ended += 1;
      pace.ask();
    },
    generating() {
      step = stepLabels.generation;
      pace.flush();
    },
    cancel: () => pace.cancel(),
    end(reachedEnd) {
      if (reachedEnd && percent < 100) {
        percent = 100;
        options.remember(100);
      }
      pace.flush();
    },
  };
}

/**
 * D1: one planned image is 0 until the end; with a quality check at most 95 until every verdict is in; at most
 * 99 until the job has ended.
 */
export function percentOf(
  counters: JobCounters,
  slotsFailed: number,
  awaitedVerdicts: number,
  qualityCheck: boolean,
): number {
  const { planned, generated } = counters;
  if (planned <= 1) return 0;
  const done = Math.min(planned, generated + slotsFailed);
  const verdictsIn = done === planned && awaitedVerdicts === 0;
  const most = qualityCheck && !verdictsIn ? 95 : 99;
  return Math.min(most, Math.floor((done / planned) * 100));
}
