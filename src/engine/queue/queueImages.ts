/** Rows of retries and approvals that wait: in turns, so that ten thousand images do not hold the thread up. */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FactoryError } from '../model/errors.ts';
import type { RunKind } from '../model/events.ts';
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
    await inTurns(run.imageIds, (slice) => {
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
    });
  } catch (error) {
    if (marked.length > 0) {
      await restore(store, marked, now);
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
    await restore(
      store,
      store.read((db) => imagesToDo(db, id)),
      now,
    );
  }
}

async function restore(store: Store, ids: readonly string[], now: () => number): Promise<void> {
  await inTurns(ids, (slice) => store.edit((db) => cancelRetryPending(db, slice, now())));
}

/** A run was stopped: what it has not done is what it was. `write` is a transaction of the run. */
export async function restoreStatuses(
  ids: readonly string[],
  write: (fn: (db: Writer) => void) => Promise<void>,
  now: () => number,
): Promise<void> {
  await inTurns(ids, (slice) => write((db) => cancelRetryPending(db, slice, now())));
}

async function inTurns(
  ids: readonly string[],
  work: (slice: readonly string[]) => void | Promise<void>,
): Promise<void> {
  for (let at = 0; at < ids.length; at += imagesPerTurn) {
    if (at > 0) await nextTurn();
    await work(ids.slice(at, at + imagesPerTurn));
  }
}
