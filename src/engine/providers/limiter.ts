/** How many calls to one provider fly at once: fewer after "too many", slowly more after success. */
import { isFactoryError } from '../model/errors.ts';
import { cancelled as cancelledError, longestWaitMs, waitFor } from './retry.ts';

export interface Limiter {
  /** Calls allowed at once at this moment. */
  readonly limit: number;
  readonly inFlight: number;
  /** Waits for a free place, then calls. A call that waits is let go with `cancelled` when the signal aborts. */
  run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

interface Waiter {
  start: () => void;
}

/** A success streak of this length wins one place back. */
const successesPerPlace = 20;

/**
 * `max` places; each "too many requests" halves them (never below one), every 20 successes give one back. When
 * the provider names a time to wait, it holds for every call: none starts earlier. `now` is in milliseconds.
 */
export function createLimiter(max: number, now: () => number = () => performance.now()): Limiter {
  const waiting = new Set<Waiter>();
  let limit = Math.max(1, max);
  let inFlight = 0;
  let successes = 0;
  /** Calls that started before the last halving say nothing about the new limit. */
  let generation = 0;
  let heldUntil = 0;

  const fill = (): void => {
    for (const waiter of waiting) {
      if (inFlight >= limit) return;
      waiting.delete(waiter);
      waiter.start();
    }
  };

  const place = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const cancelled = (): void => {
        waiting.delete(waiter);
        reject(cancelledError());
      };
      const waiter: Waiter = {
        start: () => {
          signal.removeEventListener('abort', cancelled);
          inFlight++;
          resolve();
        },
      };
      if (signal.aborted) {
        cancelled();
        return;
      }
      signal.addEventListener('abort', cancelled, { once: true });
      waiting.add(waiter);
      fill();
    });

  return {
    get limit() {
      return limit;
    },
    get inFlight() {
      return inFlight;
    },
    async run(call, signal) {
      for (;;) {
        await place(signal);
        const left = heldUntil - now();
        if (left <= 0) break;
        inFlight--;
        fill();
        await waitFor(Math.ceil(left), signal);
      }
      const started = generation;
      try {
        const value = await call();
        if (limit < max && ++successes >= successesPerPlace) {
          successes = 0;
          limit++;
        }
        return value;
      } catch (error) {
        if (isFactoryError(error, 'provider.rateLimited')) {
          // A longer wait than this is not waited for: it pauses the job.
          if ((error.retryAfterMs ?? 0) <= longestWaitMs) {
            heldUntil = Math.max(heldUntil, now() + (error.retryAfterMs ?? 0));
          }
          if (started === generation) {
            limit = Math.max(1, Math.floor(limit / 2));
            successes = 0;
            generation++;
          }
        }
        throw error;
      } finally {
        inFlight--;
        fill();
      }
    },
  };
}
