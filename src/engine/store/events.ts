/** Events inside one process: who listens, and how often the frequent kinds are told. */
import type { FactoryEvent } from '../model/events.ts';
import type { Logger } from '../model/logger.ts';
import { messages } from './messages.ts';

export type EventListener = (event: FactoryEvent) => void;

/** The store is the one that emits (`Store.edit` and its like); everybody else listens. Nothing is told after `close`. */
export interface Events {
  on(listener: EventListener): () => void;
  emit(events: readonly FactoryEvent[]): void;
  /** Tells what still waits, at once. */
  flush(): void;
  close(): void;
}

/** At most ten a second of the kinds that repeat (D3). */
const interval = 100;

/**
 * `progress` and the running `job` of one job, and `changed`, are told at most every 100 ms, the newest value last;
 * a job that changes its status, and every other kind, is told at once and in order. A `queue` as it was told last
 * is not told again. What a listener's own changes emit is told after what is being told.
 */
export function createEvents(logger: Logger): Events {
  const listeners = new Set<EventListener>();
  const arrived: FactoryEvent[] = [];
  const waiting = new Map<string, FactoryEvent>();
  const statuses = new Map<string, string>();
  const toldAt = new Map<string, number>();
  let queueTold = '';
  let timer: NodeJS.Timeout | null = null;
  let delivering = false;
  let closed = false;

  const notify = (event: FactoryEvent): void => {
    for (const listener of [...listeners]) {
      try {
        listener(event);
      } catch (error) {
        // One view that fails must not stop the job or the other views.
        const trace = error instanceof Error ? error.stack : undefined;
        logger.error(messages.listenerFailed({ kind: event.kind, reason: trace ?? String(error) }));
      }
    }
  };

  const tellWaiting = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const events = [...waiting];
    waiting.clear();
    const now = performance.now();
    for (const [key, event] of events) {
      toldAt.set(key, now);
      notify(event);
    }
  };

  const take = (event: FactoryEvent): void => {
    if (event.kind === 'queue') {
      const queue = JSON.stringify(event.waiting);
      if (queue === queueTold) return;
      queueTold = queue;
    }
    const key = frequentKey(event);
    if (key === null || (event.kind === 'job' && statusChanged(statuses, event))) {
      // What waits is older and goes before a turn in the job's life; images and log rows come too often for that.
      if (waiting.size > 0 && event.kind !== 'image' && event.kind !== 'log') tellWaiting();
      notify(event);
      return;
    }
    const now = performance.now();
    if (!waiting.has(key) && now - (toldAt.get(key) ?? -interval) >= interval) {
      toldAt.set(key, now);
      notify(event);
      return;
    }
    waiting.delete(key);
    waiting.set(key, event);
    timer ??= setTimeout(flush, interval);
  };

  const deliver = (what: () => void): void => {
    if (delivering) return;
    delivering = true;
    try {
      what();
      for (let event = arrived.shift(); event !== undefined; event = arrived.shift()) take(event);
    } finally {
      delivering = false;
    }
  };

  const flush = (): void => deliver(tellWaiting);

  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(events) {
      if (closed) return;
      arrived.push(...events);
      deliver(() => undefined);
    },
    flush,
    close() {
      if (!closed) flush();
      closed = true;
      listeners.clear();
    },
  };
}

function frequentKey(event: FactoryEvent): string | null {
  if (event.kind === 'progress') return `progress ${event.progress.jobId}`;
  if (event.kind === 'job') return `job ${event.job.id}`;
  return event.kind === 'changed' ? `changed ${event.onlyJob ?? ''}` : null;
}

/** True when this job is new to us or its status, label or stopping mark differs from what was told last. */
function statusChanged(
  statuses: Map<string, string>,
  event: Extract<FactoryEvent, { kind: 'job' }>,
): boolean {
  const { id, status, stopping, label } = event.job;
  const now = `${status} ${stopping} ${label}`;
  const before = statuses.get(id);
  statuses.set(id, now);
  return before !== now;
}
