/**
 * What the transaction that is open emits: kept until it is committed, then told, in order; dropped with it when it
 * is rolled back. The one place that events leave by.
 */
import type { FactoryEvent } from '../model/events.ts';
import type { Emit } from './store.ts';

export interface Outbox {
  /** Fails outside of `thenTell`: an event after its transaction would tell what nobody can look up. */
  emit: Emit;
  /** Does what may emit, and tells it once that has succeeded; `done` comes before. Inside another, the outer one tells. */
  thenTell: <T>(work: () => T, done?: () => void) => T;
}

export function createOutbox(emit: (events: readonly FactoryEvent[]) => void): Outbox {
  let emitted: FactoryEvent[] | null = null;
  return {
    emit(event) {
      if (emitted === null) throw new TypeError('An event belongs to a transaction that is open.');
      emitted.push(event);
    },
    thenTell(work, done) {
      if (emitted !== null) return work();
      const events: FactoryEvent[] = [];
      emitted = events;
      let result;
      try {
        result = work();
      } finally {
        emitted = null;
      }
      done?.();
      if (events.length > 0) emit(events);
      return result;
    },
  };
}
