/** Rows as they are now, as events: to be emitted by the transaction that changed them. */
import type { FactoryEvent } from '../model/events.ts';
import { getImage } from './images.ts';
import { getJob } from './jobs.ts';
import { getRun, waitingRuns } from './runs.ts';
import type { Reader } from './store.ts';

export function jobEvent(db: Reader, id: string, now: number): FactoryEvent {
  return { kind: 'job', job: getJob(db, id, now) };
}

export function runEvent(db: Reader, id: string): FactoryEvent {
  return { kind: 'run', run: getRun(db, id) };
}

export function imageEvent(db: Reader, id: string): FactoryEvent {
  return { kind: 'image', image: getImage(db, id) };
}

/** What waits and is held. */
export function queueEvent(db: Reader): FactoryEvent {
  return { kind: 'queue', waiting: waitingRuns(db) };
}
