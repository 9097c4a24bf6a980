/** The part of the journal that is about one picture: its steps, and how it ends. */
import type { JobCounters } from '../model/job.ts';
import { imageStatusLabel, stageAfter, statusGroups } from '../model/status.ts';
import type { Failure, ImageStatus } from '../model/status.ts';
import { updateImage } from '../store/images.ts';
import { countRun } from '../store/runs.ts';
import type { Writer } from '../store/store.ts';
import type { GiveUp, Journal, PictureChange } from './journal.ts';
import { count, rounded } from './journalCounts.ts';
import type { JournalOptions } from './journalCounts.ts';
import { nameOf } from './picture.ts';
import type { Picture } from './picture.ts';
import type { Transactions } from './transactions.ts';
import { messages } from './messages.ts';

type PicturePart = 'change' | 'begin' | 'rest' | 'checked' | 'approved' | 'failed' | 'softFailed';

export function pictureJournal(
  options: JournalOptions,
  tx: Transactions,
  giveUp: GiveUp,
): Pick<Journal, PicturePart> {
  const { tally } = options;

  const change = (db: Writer, picture: Picture, changes: PictureChange & { status?: ImageStatus }): void => {
    const { timings } = changes;
    const all =
      timings === undefined ? changes : { ...changes, timings: { ...picture.timings, ...rounded(timings) } };
    updateImage(db, picture.id, all, options.now());
    if (changes.status !== undefined || changes.thumbnailPath !== undefined) tx.touch(picture.seq);
    Object.assign(picture, known(picture, all));
  };

  /** The picture's last status in this run, with the counters that follow from it. */
  const end = (db: Writer, picture: Picture, status: ImageStatus, changes: PictureChange): void => {
    const before = picture.statusBefore ?? picture.status;
    change(db, picture, { ...changes, status, statusBefore: null, nextStage: null });
    count(options, tx, db, difference(before, status));
    countImageRun(options, tx, db, picture.id, status);
    tx.then(() => {
      tally.awaitsNoMore(picture.id);
      tally.ended();
    });
  };

  const wordsOf = (picture: Picture, failure: Failure): { image: string; label: string; reason: string } => ({
    image: nameOf(picture),
    label: imageStatusLabel('failed', failure),
    reason: failure.reason,
  });

  return {
    change,
    begin: (db, picture, changes) => change(db, picture, { ...changes, status: 'processing' }),
    rest: (db, picture) => change(db, picture, { status: 'retryPending' }),
    checked(db, picture, verdict, timings) {
      const first = picture.qcPassed === null;
      const changes = { qcPassed: verdict.passed, qcReason: verdict.reason, timings };
      if (verdict.passed) change(db, picture, { ...changes, nextStage: stageAfter('qualityCheck') });
      else end(db, picture, 'qcFailed', { ...changes, failure: null });
      if (first) count(options, tx, db, { checked: 1 });
      tx.then(() => tally.awaitsNoMore(picture.id));
    },
    async approved(picture, changes) {
      const { metadata, softFailures } = picture.unfinished;
      await tx.run((db) =>
        end(db, picture, 'approved', {
          ...changes,
          ...metadata,
          failure: null,
          softFailures,
          sourceUrl: null,
        }),
      );
      tx.log('info', messages.saved({ image: nameOf(picture), path: picture.path ?? '' }), picture.id);
    },
    async failed(picture, failure) {
      const inRetry = picture.statusBefore !== null;
      const { metadata, softFailures } = picture.unfinished;
      // What was paid for is kept for the next try; what people see of an earlier success stays as it was.
      const kept = inRetry ? {} : { ...metadata, softFailures };
      const unfinished = { ...picture.unfinished, softFailures: [] };
      await tx.run((db) => {
        giveUp(db, (call) => call.imageId === picture.id);
        end(db, picture, inRetry ? 'retryFailed' : 'failed', { ...kept, failure, unfinished });
      });
      tx.log('error', messages.failed(wordsOf(picture, failure)), picture.id);
    },
    async softFailed(picture, failures, changes = {}) {
      if (failures.length === 0) return;
      const softFailures = [...picture.unfinished.softFailures, ...failures];
      await tx.run((db) => {
        giveUp(db, (call) => call.imageId === picture.id);
        change(db, picture, { ...changes, unfinished: { ...picture.unfinished, softFailures } });
      });
      for (const failure of failures) {
        tx.log('warn', messages.failedSoftly(wordsOf(picture, failure)), picture.id);
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
function known(picture: Picture, change: Record<string, unknown>): Partial<Picture> {
  return Object.fromEntries(Object.entries(change).filter(([key]) => Object.hasOwn(picture, key)));
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
