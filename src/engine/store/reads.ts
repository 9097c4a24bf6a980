/**
 * Lists, counts and Select All for people who wait at a view. What an index answers at once is read here; what may
 * take longer than the thread can spare goes to a worker. Pages and totals have a thread each, since a total of a
 * search takes longer than anybody waits for a page.
 */
import type { FailedSlot, ImageCounts, ImageFilter, ImageRecord, ImageSort } from '../model/image.ts';
import { FactoryError } from '../model/errors.ts';
import type { JobFilter, JobSort, JobStatistics, JobSummary } from '../model/job.ts';
import type { Page, PageRequest } from '../model/page.ts';
import { answer } from './slowReads.ts';
import type { AnswerOf, ArgumentsOf, SlowRead } from './slowReads.ts';
import type { Reader, Store } from './store.ts';
import { openWorkerClient } from './workerClient.ts';
import type { WorkerClient } from './workerClient.ts';
import { searchTerms } from './words.ts';
import { messages } from './messages.ts';

/** Each fails with `cancelled` when its signal says that nobody waits any more. */
export interface Reads {
  images(
    filter: ImageFilter,
    sort: ImageSort,
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<Page<ImageRecord>>;
  /** Newest first. */
  imageIds(filter: ImageFilter, signal?: AbortSignal): Promise<string[]>;
  imageCounts(filter: ImageFilter, signal?: AbortSignal): Promise<ImageCounts>;
  /** Of the image whose file is stored under this path; null where there is none. */
  imageAt(storedPath: string): Promise<string | null>;
  failureGroups(
    filter: ImageFilter,
    signal?: AbortSignal,
  ): Promise<{ reason: string; code: string; count: number }[]>;
  failedSlots(filter: { jobId?: string }, page: PageRequest, signal?: AbortSignal): Promise<Page<FailedSlot>>;
  /** `now` is the time up to which running jobs' durations count, UTC ms. */
  jobs(
    filter: JobFilter,
    sort: JobSort,
    page: PageRequest,
    now: number,
    signal?: AbortSignal,
  ): Promise<Page<JobSummary>>;
  /** Newest first. */
  jobIds(filter: JobFilter, signal?: AbortSignal): Promise<string[]>;
  jobCount(filter: JobFilter, signal?: AbortSignal): Promise<number>;
  statistics(signal?: AbortSignal): Promise<JobStatistics>;
  /** Starts the thread for pages where the store is so large that one will be needed. */
  warm(): void;
  /** Writes the log back into the file, so that it stays short: on the thread of who writes that takes 50 ms and more. */
  writeBack(): Promise<void>;
  close(): Promise<void>;
}

export interface ReadsOptions {
  /** Path of the bundled worker; by default it is looked for beside this code. */
  worker?: string | undefined;
  /** Up to so many images, or jobs, every read is short enough to be done here. */
  smallStore?: number;
}

/** The slowest read of so many rows takes 5 to 10 ms. */
const smallStore = 4000;

/** Few rows that take more bytes than this hold long texts. */
const smallSize = 64 * 1024 * 1024;

/** Further rows than this are not skipped here. */
const farJump = 1000;

export function openReads(store: Store, options: ReadsOptions = {}): Reads {
  const pages = openWorkerClient(store.readPath, options.worker);
  const totals = openWorkerClient(store.readPath, options.worker);
  let closed = false;

  const isLarge = (table: 'images' | 'jobs'): boolean =>
    // A store that only one connection may use is read where it is open.
    store.shared &&
    store.read((db) => lastSeq(db, table) > (options.smallStore ?? smallStore) || sizeOf(db) > smallSize);

  const read = async <K extends SlowRead>(
    client: WorkerClient | null,
    name: K,
    given: ArgumentsOf<K>,
    signal?: AbortSignal,
  ): Promise<AnswerOf<K>> => {
    if (closed || signal?.aborted === true) throw new FactoryError('cancelled', messages.notAskedAnyMore());
    if (client === null) return store.read((db) => answer(db, name, given));
    return (await client.ask<SlowRead>(name, given as never, signal)) as AnswerOf<K>;
  };
  const onImages = (client: WorkerClient, quick: boolean): WorkerClient | null =>
    quick || !isLarge('images') ? null : client;
  const onJobs = (client: WorkerClient, quick: boolean): WorkerClient | null =>
    quick || !isLarge('jobs') ? null : client;

  return {
    images: async (filter, sort, page, signal) =>
      read(onImages(pages, quickImages(filter, sort, page)), 'images', [filter, sort, page], signal),
    imageIds: async (filter, signal) => read(onImages(totals, false), 'imageIds', [filter], signal),
    imageCounts: async (filter, signal) =>
      read(onImages(totals, quickCounts(filter)), 'imageCounts', [filter], signal),
    imageAt: async (path) => read(onImages(pages, false), 'imageAt', [path]),
    failureGroups: async (filter, signal) => read(onImages(totals, false), 'failureGroups', [filter], signal),
    failedSlots: async (filter, page, signal) =>
      read(store.shared && isFar(page) ? pages : null, 'failedSlots', [filter, page], signal),
    jobs: async (filter, sort, page, now, signal) =>
      read(onJobs(pages, quickJobs(filter, sort, page)), 'jobs', [filter, sort, page, now], signal),
    jobIds: async (filter, signal) => read(onJobs(totals, false), 'jobIds', [filter], signal),
    jobCount: async (filter, signal) =>
      read(onJobs(totals, Object.keys(filter).length === 0), 'jobCount', [filter], signal),
    statistics: async (signal) => read(onJobs(totals, false), 'statistics', [], signal),
    warm() {
      if (closed || !(isLarge('images') || isLarge('jobs'))) return;
      // What is wrong will be said by the first read.
      pages.ask('warm', []).catch(() => undefined);
    },
    async writeBack() {
      if (!closed && store.shared) await totals.ask('writeBack', []);
    },
    async close() {
      closed = true;
      await Promise.all([pages.close(), totals.close()]);
    },
  };
}

function lastSeq(db: Reader, table: 'images' | 'jobs'): number {
  return db.sql<{ last: number | null }>(`SELECT max(seq) AS last FROM ${table}`).get()?.last ?? 0;
}

function sizeOf(db: Reader): number {
  const row = db
    .sql<{ bytes: number }>('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get();
  return row?.bytes ?? 0;
}

function isFar(page: PageRequest): boolean {
  return page.after === undefined && (page.offset ?? 0) >= farJump;
}

function searches(filter: { search?: string }): boolean {
  return searchTerms(filter.search).length > 0;
}

/** Looks along an index that begins with all that the filter names, in the order of the page. */
function quickImages(filter: ImageFilter, sort: ImageSort, page: PageRequest): boolean {
  const { jobIds = [], reasons = [], softFailed, from, to } = filter;
  if (searches(filter) || isFar(page) || reasons.length > 0 || softFailed !== undefined) return false;
  if (from !== undefined || to !== undefined) return false;
  return jobIds.length === 0 || (jobIds.length === 1 && sort !== 'name');
}

/** Counting along an index takes 3 to 5 ms for 100,000 images. */
function quickCounts(filter: ImageFilter): boolean {
  return !searches(filter) && (filter.jobIds?.length ?? 0) <= 1;
}

function quickJobs(filter: JobFilter, sort: JobSort, page: PageRequest): boolean {
  if (searches(filter) || isFar(page)) return false;
  return sort !== 'name' || (filter.from === undefined && filter.to === undefined);
}
