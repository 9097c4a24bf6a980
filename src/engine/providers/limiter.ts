/** How many calls to one provider fly at once: fewer after "too many", slowly more after success. */
import { FactoryError, isFactoryError } from '../model/errors.ts';

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

/** `max` places; each "too many requests" halves them (never below one), every 20 successes give one back. */
export function createLimiter(max: number): Limiter {
  const waiting = new Set<Waiter>();
  let limit = Math.max(1, max);
  let inFlight = 0;
  let successes = 0;
  /** Calls that started before the last halving say nothing about the new limit. */
  let generation = 0;

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
        reject(new FactoryError('cancelled', 'The work was cancelled.'));
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
      await place(signal);
      const started = generation;
      try {
        const value = await call();
        if (limit < max && ++successes >= successesPerPlace) {
          successes = 0;
          limit++;
        }
        return value;
      } catch (error) {
        if (isFactoryError(error, 'provider.rateLimited') && started === generation) {
          limit = Math.max(1, Math.floor(limit / 2));
          successes = 0;
          generation++;
        }
        throw error;
      } finally {
        inFlight--;
        fill();
      }
    },
  };
}
