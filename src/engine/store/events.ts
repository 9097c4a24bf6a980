/** Events inside one process: who listens, and how often the frequent kinds are told. */
import type { FactoryEvent } from '../model/events.ts';

export type EventListener = (event: FactoryEvent) => void;

/** A listener of every event, and a way to tell one. Nothing is told after `close`. */
export interface Events {
  on(listener: EventListener): () => void;
  emit(event: FactoryEvent): void;
  /** Tells what still waits, at once. */
  flush(): void;
  close(): void;
}

/** At most ten a second of the kinds that repeat (D3). */
const interval = 100;

/**
 * `progress` and the running `job` of one job, and `changed`, are told at most every 100 ms, the newest value last;
 * a job that changes its status, and every other kind, is told at once and in order.
 */
export function createEvents(): Events {
  const listeners = new Set<EventListener>();
  const waiting = new Map<string, FactoryEvent>();
  const statuses = new Map<string, string>();
  const toldAt = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const tell = (event: FactoryEvent): void => {
    for (const listener of [...listeners]) {
      try {
        listener(event);
      } catch (error) {
        // One view that fails must not stop the job or the other views.
        process.emitWarning(error instanceof Error ? error : new Error(String(error)));
      }
    }
  };

  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const events = [...waiting];
    waiting.clear();
    const now = performance.now();
    for (const [key, event] of events) {
      toldAt.set(key, now);
      tell(event);
    }
  };

  const emit = (event: FactoryEvent): void => {
    if (closed) return;
    const key = frequentKey(event);
    if (key === null || (event.kind === 'job' && statusChanged(statuses, event))) {
      // What waits is older and goes before a turn in the job's life; pictures and log rows come too often for that.
      if (waiting.size > 0 && event.kind !== 'image' && event.kind !== 'log') flush();
      tell(event);
      return;
    }
    const now = performance.now();
    if (!waiting.has(key) && now - (toldAt.get(key) ?? -interval) >= interval) {
      toldAt.set(key, now);
      tell(event);
      return;
    }
    waiting.delete(key);
    waiting.set(key, event);
    timer ??= setTimeout(flush, interval);
  };

  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit,
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
