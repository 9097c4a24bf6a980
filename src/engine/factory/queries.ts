/** Queries of the factory: at once from the store, or as `Reads` where they may take long. */
import type { ImageRecord } from '../model/image.ts';
import type { JobSummary, Progress } from '../model/job.ts';
import { toStored } from '../files/inside.ts';
import { storedSettings } from '../settings/settings.ts';
import { getDocument } from '../store/documents.ts';
import { getImage } from '../store/images.ts';
import { getJob, jobContents } from '../store/jobs.ts';
import { listJobs } from '../store/jobList.ts';
import { listLogs } from '../store/logs.ts';
import { waitingRuns } from '../store/runs.ts';
import { countFailedSlots } from '../store/slots.ts';
import { activeRun } from './active.ts';
import type { Factory, JobDetails } from './contract.ts';
import type { FactorySession } from './factorySession.ts';
import { storedProgress } from './storedProgress.ts';
import type { Thumbnails } from './thumbnails.ts';

export type Queries = Pick<
  Factory,
  | 'jobs'
  | 'newestJob'
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
  | 'prepareReading'
  | 'progress'
  | 'activeRun'
  | 'queue'
  | 'ownsActiveRun'
>;

export function createQueries(session: FactorySession, thumbnails: Thumbnails): Queries {
  const { store, reads, queue, now } = session;
  /** Thumbnails are only made for who looks at them. */
  let viewed = false;
  const seen = (images: readonly ImageRecord[]): void => {
    if (viewed) thumbnails.want(images);
  };

  return {
    jobs: (filter, sort, page, signal) => reads.jobs(filter, sort, page, now(), signal),
    newestJob: () => store.read((db) => listJobs(db, {}, 'newest', { limit: 1 }, now()).items[0] ?? null),
    jobCount: (filter, signal) => reads.jobCount(filter, signal),
    jobIds: (filter, signal) => reads.jobIds(filter, signal),
    job: (id) => jobDetails(session, id),
    statistics: (signal) => reads.statistics(signal),
    async images(filter, sort, page, signal) {
      const found = await reads.images(filter, sort, page, signal);
      seen(found.items);
      return found;
    },
    image(id) {
      const image = store.read((db) => getImage(db, id));
      seen([image]);
      return image;
    },
    imageIds: (filter, signal) => reads.imageIds(filter, signal),
    imageAt: async (path) => reads.imageAt(toStored(session.root, path)),
    imageCounts: (filter, signal) => reads.imageCounts(filter, signal),
    failureGroups: (filter, signal) => reads.failureGroups(filter, signal),
    failedSlots: (filter, page, signal) => reads.failedSlots(filter, page, signal),
    failedSlotCount: (jobId) =>
      store.read((db) => countFailedSlots(db, jobId === undefined ? {} : { jobId })),
    logs: (jobId, options) => store.read((db) => listLogs(db, jobId, options)),
    prepareReading() {
      viewed = true;
      reads.warm();
    },
    document: (sha256) => store.read((db) => getDocument(db, sha256)),
    progress(): Progress | null {
      if (queue.own() !== null) return session.progress();
      const run = activeRun(session);
      if (run === null || run.jobId === null) return null;
      const { jobId, kind } = run;
      return store.read((db) => storedProgress(db, { jobId, kind }, now()));
    },
    activeRun: () => activeRun(session),
    queue: () => store.read(waitingRuns),
    ownsActiveRun: () => queue.own() !== null,
  };
}

export function jobDetails(session: FactorySession, id: string): JobDetails {
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
