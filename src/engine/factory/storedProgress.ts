/** Progress of a run as its rows tell it: for windows that watch the work of another process. */
import type { JobSummary, Progress } from '../model/job.ts';
import { findJob, jobBySeq, jobContents } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';

/** No time left is told before this many images (D2). */
const imagesBeforeEta = 3;

export function storedProgress(store: Store, jobId: string, now: number): Progress {
  return store.read((db) => {
    const job = jobBySeq(db, findJob(db, jobId), now);
    return { ...countsOf(job), percent: jobContents(db, jobId).percent };
  });
}

function countsOf(job: JobSummary): Omit<Progress, 'percent'> {
  const { id, planned, generated, checked, approved, failed, cost, durationMs } = job;
  const ended = Math.min(planned, generated + failed);
  const begun = generated > 0 || failed > 0;
  return {
    jobId: id,
    step: begun ? 'Step 2/2: Image Generation' : 'Step 1/2: Initialization',
    planned,
    generated,
    checked,
    approved,
    failed,
    cost,
    elapsedMs: durationMs,
    etaMs: generated < imagesBeforeEta ? null : Math.round((durationMs / ended) * (planned - ended)),
  };
}
