/** What dead owners left behind becomes interrupted, and can be resumed (J4). */
import type { JobError } from '../model/job.ts';
import { jobEvent, queueEvent } from '../store/asEvents.ts';
import { hasRunningJob, interruptJobs } from '../store/jobs.ts';
import { cancelRetryPending, resetProcessing } from '../store/images.ts';
import { insertLogs, jobRows } from '../store/logs.ts';
import { endRun, holdQueue, imagesToDo, runningRun, setRunStatus, stopRequested } from '../store/runs.ts';
import type { Reader, Store, Writer } from '../store/store.ts';
import { inWords } from '../model/message.ts';
import { messages } from './messages.ts';

export const interruption: JobError = {
  code: 'unexpected',
  stage: null,
  provider: null,
  message: inWords(messages.runInterrupted()),
};

/** True when rows say that something works although nobody holds the lease. */
export function hasOrphans(db: Reader): boolean {
  return runningRun(db) !== null || hasRunningJob(db);
}

/**
 * Marks what nobody works on any more. The run itself stays in the queue, held, so that the queue can be let
 * go on from where it stood; one that its user had asked to stop is over. Only for who holds the lease.
 */
export function interruptOrphans(store: Store, now: number): void {
  store.edit((db, emit) => {
    const ids = interruptJobs(db, interruption);
    insertLogs(
      db,
      ids.flatMap((jobId) => jobRows(jobId, 'warn', [interruption.message], now)),
    );
    resetProcessing(db, now);
    holdOrphan(db, now);
    holdQueue(db);
    for (const id of ids) emit(jobEvent(db, id, now));
    // Images too are what they were.
    emit({ kind: 'changed' });
    emit(queueEvent(db));
  });
}

/** A retry or approval that was being cancelled gives its images back as they were: no run is left to do it. */
function holdOrphan(db: Writer, now: number): void {
  for (let run = runningRun(db); run !== null; run = runningRun(db)) {
    if (stopRequested(db, run.id) === null) {
      setRunStatus(db, run.id, 'held');
      continue;
    }
    cancelRetryPending(db, imagesToDo(db, run.id), now);
    endRun(db, run.id, 'cancelled', now, null);
  }
}
