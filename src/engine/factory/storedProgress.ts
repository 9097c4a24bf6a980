/** Progress of a run as its rows tell it: for windows that watch the work of another process. */
import type { RunKind } from '../model/events.ts';
import { stepLabels } from '../model/job.ts';
import type { JobSummary, Progress } from '../model/job.ts';
import { timeLeft } from '../model/timeLeft.ts';
import { findJob, jobBySeq, jobContents } from '../store/jobs.ts';
import type { Reader } from '../store/store.ts';

/** `kind` is that of the run which works on the job. */
export function storedProgress(
  db: Reader,
  { jobId, kind }: { jobId: string; kind: RunKind },
  now: number,
): Progress {
  const job = jobBySeq(db, findJob(db, jobId), now);
  return { ...countsOf(job, kind), percent: jobContents(db, jobId).percent };
}

function countsOf(job: JobSummary, kind: RunKind): Omit<Progress, 'percent'> {
  const { id, planned, generated, checked, approved, failed, cost, durationMs } = job;
  const ended = Math.min(planned, generated + failed);
  const begun = generated > 0 || failed > 0;
  return {
    jobId: id,
    step: stepLabels[
      kind === 'retry' || kind === 'approve' ? 'images' : begun ? 'generation' : 'initialization'
    ],
    planned,
    generated,
    checked,
    approved,
    failed,
    cost,
    elapsedMs: durationMs,
    etaMs: timeLeft({ arrived: generated, ended, open: planned - ended, ranMs: durationMs }),
  };
}
