/** Queries of the factory: answered at once from the store. */
import type { JobSummary, Progress } from '../model/job.ts';
import { toStored } from '../images/files.ts';
import { storedSettings } from '../settings/settings.ts';
import { getDocument } from '../store/documents.ts';
import { findImageAt } from '../store/imageAt.ts';
import { getImage } from '../store/images.ts';
import { groupFailures, listImageIds, listImages } from '../store/imageList.ts';
import { getJob, jobContents } from '../store/jobs.ts';
import { countJobs, listJobIds, listJobs } from '../store/jobList.ts';
import { listLogs } from '../store/logs.ts';
import { waitingRuns } from '../store/runs.ts';
import { countFailedSlots, listFailedSlots } from '../store/slots.ts';
import { jobStatistics } from '../store/statistics.ts';
import { activeRun } from './active.ts';
import type { Factory, JobDetails } from './contract.ts';
import type { Session } from './session.ts';
import { storedProgress } from './storedProgress.ts';

export type Reading = Pick<
  Factory,
  | 'jobs'
  | 'jobCount'
  | 'jobIds'
  | 'job'
  | 'statistics'
  | 'images'
  | 'image'
  | 'imageIds'
  | 'imageAt'
  | 'imageCounts'
  | 'failureGroups'
  | 'failedSlots'
  | 'failedSlotCount'
  | 'logs'
  | 'document'
  | 'progress'
  | 'activeRun'
  | 'queue'
  | 'ownsActiveRun'
>;

export function createReading(session: Session): Reading {
  const { store, reads, queue, now } = session;

  return {
    jobs: (filter, sort, page) => store.read((db) => listJobs(db, filter, sort, page, now())),
    jobCount: (filter) => store.read((db) => countJobs(db, filter)),
    jobIds: (filter) => store.read((db) => listJobIds(db, filter)),
    job: (id) => jobDetails(session, id),
    statistics: () => store.read(jobStatistics),
    images: (filter, sort, page) => store.read((db) => listImages(db, filter, sort, page)),
    image: (id) => store.read((db) => getImage(db, id)),
    imageIds: (filter) => store.read((db) => listImageIds(db, filter)),
    imageAt: (path) => store.read((db) => findImageAt(db, toStored(session.root, path))),
    imageCounts: (filter, signal) => reads.imageCounts(filter, signal),
    failureGroups: (filter) => store.read((db) => groupFailures(db, filter)),
    failedSlots: (filter, page) => store.read((db) => listFailedSlots(db, filter, page)),
    failedSlotCount: (jobId) =>
      store.read((db) => countFailedSlots(db, jobId === undefined ? {} : { jobId })),
    logs: (jobId, options) => store.read((db) => listLogs(db, jobId, options)),
    document: (sha256) => store.read((db) => getDocument(db, sha256)),
    progress(): Progress | null {
      if (queue.own() !== null) return session.progress();
      const run = activeRun(session);
      const jobId = run?.jobId ?? null;
      return jobId === null ? null : storedProgress(store, jobId, now());
    },
    activeRun: () => activeRun(session),
    queue: () => store.read(waitingRuns),
    ownsActiveRun: () => queue.own() !== null,
  };
}

export function jobDetails(session: Session, id: string): JobDetails {
  return session.store.read((db) => {
    const summary: JobSummary = getJob(db, id, session.now());
    const contents = jobContents(db, summary.id);
    return {
      ...summary,
      settings: storedSettings(contents.settings),
      snapshot: contents.snapshot === null ? null : storedSettings(contents.snapshot),
      inputs: contents.inputs,
    };
  });
}
