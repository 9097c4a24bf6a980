/** How many calls to one provider fly at once: fewer after "too many", slowly more after success. */
import { isFactoryError } from '../model/errors.ts';
import { createSemaphore } from '../model/semaphore.ts';
import { cancelled, longestWaitMs, waitFor } from './retry.ts';

export interface Limiter {
  /** Calls allowed at once at this moment. */
  readonly limit: number;
  readonly inFlight: number;
  /** Waits for a free place, then calls. A call that waits is let go with `cancelled` when the signal aborts. */
  run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** A success streak of this length wins one place back. */
const successesPerPlace = 20;

/**
 * `max` places; each "too many requests" halves them (never below one), every 20 successes give one back. When
 * the provider names a time to wait, it holds for every call: none starts earlier. `now` is in milliseconds.
 */
export function createLimiter(max: number, now: () => number = () => performance.now()): Limiter {
  let limit = Math.max(1, max);
  const places = createSemaphore(limit);
  let successes = 0;
  /** Calls that started before the last halving say nothing about the new limit. */
  let generation = 0;
  let heldUntil = 0;

  const resize = (next: number): void => {
    limit = next;
    places.resize(limit);
  };

  return {
    get limit() {
      return limit;
    },
    get inFlight() {
      return places.taken;
    },
    async run(call, signal) {
      for (;;) {
        if (!(await places.acquire(signal))) throw cancelled();
        const left = heldUntil - now();
        if (left <= 0) break;
        places.release();
        await waitFor(Math.ceil(left), signal);
      }
      const started = generation;
      try {
        const value = await call();
        if (limit < max && ++successes >= successesPerPlace) {
          successes = 0;
          resize(limit + 1);
        }
        return value;
      } catch (error) {
        if (isFactoryError(error, 'provider.rateLimited')) {
          // A longer wait than this is not waited for: it pauses the job.
          if ((error.retryAfterMs ?? 0) <= longestWaitMs) {
            heldUntil = Math.max(heldUntil, now() + (error.retryAfterMs ?? 0));
          }
          if (started === generation) {
            resize(Math.max(1, Math.floor(limit / 2)));
            successes = 0;
            generation++;
          }
        }
        throw error;
      } finally {
        places.release();
      }
    },
  };
}
