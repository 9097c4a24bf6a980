/** Rows of retries and approvals that wait: in turns, so that ten thousand images do not hold the thread up. */
import { randomUUID } from 'node:crypto';
import { FactoryError } from '../model/errors.ts';
import type { RunKind } from '../model/events.ts';
import { inTurns } from '../model/turns.ts';
import { queueEvent } from '../store/asEvents.ts';
import { cancelRetryPending, markRetryPending } from '../store/images.ts';
import {
  addRunImages,
  cancelRuns,
  imagesToDo,
  insertRun,
  setRunStatus,
  removeFromHeldRuns,
} from '../store/runs.ts';
import type { Store, Writer } from '../store/store.ts';
import { messages } from './messages.ts';

export interface NewImageRun {
  kind: Extract<RunKind, 'retry' | 'approve'>;
  imageIds: readonly string[];
  /** Null for images of several jobs. */
  jobId: string | null;
  title: string;
  request: Record<string, unknown>;
}

/** Images that one transaction changes: a few milliseconds of work. */
const imagesPerTurn = 100;

/**
 * Marks the images and queues their run; resolves with its id. Nobody starts it before it is told to the queue. A
 * process that dies in the middle leaves a run of the images that were marked. Fails with `conflict`, all as it was,
 * when one of them has been taken by another run or deleted meanwhile.
 */
export async function queueImageRun(store: Store, run: NewImageRun, now: () => number): Promise<string> {
  const id = randomUUID();
  const marked: string[] = [];
  try {
    for await (const slice of inTurns(run.imageIds, imagesPerTurn)) {
      store.edit((db) => {
        if (marked.length === 0) {
          const { kind, jobId, title, request } = run;
          insertRun(db, {
            id,
            kind,
            status: 'waiting',
            jobId,
            title,
            request,
            imageIds: [],
            createdAt: now(),
          });
        }
        removeFromHeldRuns(db, slice, now());
        if (markRetryPending(db, slice, now()) < slice.length) {
          throw new FactoryError('conflict', messages.imagesTaken());
        }
        addRunImages(db, id, slice);
      });
      marked.push(...slice);
    }
  } catch (error) {
    if (marked.length > 0) {
      await restoreStatuses(marked, byEdits(store), now);
      store.edit((db) => cancelRuns(db, [id], now()));
    }
    throw error;
  }
  store.edit((db, emit) => {
    // Another window may have taken it for abandoned while it was written.
    setRunStatus(db, id, 'waiting');
    emit({ kind: 'changed' });
    emit(queueEvent(db));
  });
  return id;
}

/** The images of these runs are what they were. The runs are held first, so that none of them starts meanwhile. */
export async function restoreImages(
  store: Store,
  runIds: readonly string[],
  now: () => number,
): Promise<void> {
  store.edit((db) => {
    for (const id of runIds) setRunStatus(db, id, 'held');
  });
  for (const id of runIds) {
    const left = store.read((db) => imagesToDo(db, id));
    await restoreStatuses(left, byEdits(store), now);
  }
}

/** One transaction: an edit, or a write of the run that was stopped. */
type Transact = (fn: (db: Writer) => void) => void | Promise<void>;

function byEdits(store: Store): Transact {
  return (fn) => store.edit(fn);
}

/** What was asked for is not done: the images are what they were. */
export async function restoreStatuses(
  ids: readonly string[],
  transact: Transact,
  now: () => number,
): Promise<void> {
  for await (const slice of inTurns(ids, imagesPerTurn)) {
    await transact((db) => cancelRetryPending(db, slice, now()));
  }
}
