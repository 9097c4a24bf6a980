/** The reads that may take longer than the thread of the extension host can spare: for here and for the worker. */
import { findImageAt } from './imageAt.ts';
import { countImages, groupFailures, listImageIds, listImages } from './imageList.ts';
import { countJobs, listJobIds, listJobs } from './jobList.ts';
import { listFailedSlots } from './slots.ts';
import { jobStatistics } from './statistics.ts';
import type { Reader } from './store.ts';

const slowReads = {
  images: listImages,
  imageIds: listImageIds,
  imageCounts: countImages,
  imageAt: findImageAt,
  failureGroups: groupFailures,
  failedSlots: listFailedSlots,
  jobs: listJobs,
  jobIds: listJobIds,
  jobCount: countJobs,
  statistics: jobStatistics,
};

export type SlowRead = keyof typeof slowReads;
/** What a read is asked with: plain data, which a thread can be sent. */
export type ArgumentsOf<K extends SlowRead> = (typeof slowReads)[K] extends (
  db: Reader,
  ...given: infer A
) => unknown
  ? A
  : never;
export type AnswerOf<K extends SlowRead> = ReturnType<(typeof slowReads)[K]>;

const table: { [K in SlowRead]: (db: Reader, ...given: ArgumentsOf<K>) => AnswerOf<K> } = slowReads;

export function answer<K extends SlowRead>(db: Reader, name: K, given: ArgumentsOf<K>): AnswerOf<K> {
  return table[name](db, ...given);
}
