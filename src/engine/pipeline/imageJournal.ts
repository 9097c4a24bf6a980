/** The part of the journal that is about one image: its steps, and how it ends. */
import type { JobCounters } from '../model/job.ts';
import { imageStatusLabel, stageAfter, statusGroups } from '../model/status.ts';
import type { Failure, ImageStatus } from '../model/status.ts';
import { updateImage } from '../store/images.ts';
import { countRun } from '../store/runs.ts';
import type { Writer } from '../store/store.ts';
import type { WriteOffCalls, Journal, PipelineImageChange } from './journal.ts';
import { count, rounded } from './journalCounts.ts';
import type { JournalOptions } from './journalCounts.ts';
import { imageByPlace } from './pipelineImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import type { Transactions } from './transactions.ts';
import { messages } from './messages.ts';

type ImagePart = 'change' | 'begin' | 'rest' | 'checked' | 'approved' | 'failed' | 'softFailed';

export function imageJournal(
  options: JournalOptions,
  tx: Transactions,
  giveUp: WriteOffCalls,
): Pick<Journal, ImagePart> {
  const { tally } = options;

  const change = (
    db: Writer,
    image: PipelineImage,
    changes: PipelineImageChange & { status?: ImageStatus },
  ): void => {
    const { timings } = changes;
    const all =
      timings === undefined ? changes : { ...changes, timings: { ...image.timings, ...rounded(timings) } };
    updateImage(db, image.id, all, options.now());
    if (changes.status !== undefined || changes.thumbnailPath !== undefined) tx.touch(image.seq);
    Object.assign(image, known(image, all));
  };

  /** The image's last status in this run, with the counters that follow from it. */
  const end = (db: Writer, image: PipelineImage, status: ImageStatus, changes: PipelineImageChange): void => {
    const before = image.statusBefore ?? image.status;
    change(db, image, { ...changes, status, statusBefore: null, nextStage: null });
    count(options, tx, db, difference(before, status));
    countImageRun(options, tx, db, image.id, status);
    tx.then(() => {
      tally.awaitsNoMore(image.id);
      tally.ended();
    });
  };

  const wordsOf = (
    image: PipelineImage,
    failure: Failure,
  ): { image: string; label: string; reason: string } => ({
    image: imageByPlace(image),
    label: imageStatusLabel('failed', failure),
    reason: failure.reason,
  });

  return {
    change,
    begin: (db, image, changes) => change(db, image, { ...changes, status: 'processing' }),
    rest: (db, image) => change(db, image, { status: 'retryPending' }),
    checked(db, image, verdict, timings) {
      const first = image.qcPassed === null;
      const changes = { qcPassed: verdict.passed, qcReason: verdict.reason, timings };
      if (verdict.passed) change(db, image, { ...changes, nextStage: stageAfter('qualityCheck') });
      else end(db, image, 'qcFailed', { ...changes, failure: null });
      if (first) count(options, tx, db, { checked: 1 });
      tx.then(() => tally.awaitsNoMore(image.id));
    },
    async approved(image, changes) {
      const { metadata, softFailures } = image.unfinished;
      await tx.run((db) =>
        end(db, image, 'approved', {
          ...changes,
          ...metadata,
          failure: null,
          softFailures,
          sourceUrl: null,
        }),
      );
      tx.log('info', messages.saved({ image: imageByPlace(image), path: image.path ?? '' }), image.id);
    },
    async failed(image, failure) {
      const inRetry = image.statusBefore !== null;
      const { metadata, softFailures } = image.unfinished;
      // What was paid for is kept for the next try; what people see of an earlier success stays as it was.
      const kept = inRetry ? {} : { ...metadata, softFailures };
      const unfinished = { ...image.unfinished, softFailures: [] };
      await tx.run((db) => {
        giveUp(db, (call) => call.imageId === image.id);
        end(db, image, inRetry ? 'retryFailed' : 'failed', { ...kept, failure, unfinished });
      });
      tx.log('error', messages.failed(wordsOf(image, failure)), image.id);
    },
    async softFailed(image, failures, changes = {}) {
      if (failures.length === 0) return;
      const softFailures = [...image.unfinished.softFailures, ...failures];
      await tx.run((db) => {
        giveUp(db, (call) => call.imageId === image.id);
        change(db, image, { ...changes, unfinished: { ...image.unfinished, softFailures } });
      });
      for (const failure of failures) {
        tx.log('warn', messages.failedSoftly(wordsOf(image, failure)), image.id);
      }
    },
  };
}

/** A retry or approve run has one image less to do. */
function countImageRun(
  { imageRunId }: JournalOptions,
  tx: Transactions,
  db: Writer,
  imageId: string,
  status: ImageStatus,
): void {
  if (imageRunId === null) return;
  countRun(db, imageRunId, status === 'approved' ? { done: 1 } : { failed: 1 }, imageId);
  tx.touchRun(imageRunId);
}

/** The part of a change that the walk itself looks at. */
function known(image: PipelineImage, change: Record<string, unknown>): Partial<PipelineImage> {
  return Object.fromEntries(Object.entries(change).filter(([key]) => Object.hasOwn(image, key)));
}

/** Counters follow the status: what was counted before a retry is taken back. */
function difference(before: ImageStatus, now: ImageStatus): Partial<JobCounters> {
  const is = (status: ImageStatus, group: 'pass' | 'fail'): number =>
    Number((statusGroups[group] as readonly ImageStatus[]).includes(status));
  return {
    approved: is(now, 'pass') - is(before, 'pass'),
    failed: is(now, 'fail') - is(before, 'fail'),
  };
}
