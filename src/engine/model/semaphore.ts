/** How much may be under way at once: who finds no place free waits its turn. */

export interface Semaphore {
  /** Places that are taken at this moment. */
  readonly taken: number;
  /** Waits for a place: true when one was taken, false when the signal aborted first. */
  acquire(signal?: AbortSignal): Promise<boolean>;
  release(): void;
  /** More or fewer places from now on; those that are taken stay so. */
  resize(places: number): void;
}

export function createSemaphore(places: number): Semaphore {
  const waiting = new Set<() => void>();
  let most = places;
  let taken = 0;

  const fill = (): void => {
    for (const start of waiting) {
      if (taken >= most) return;
      start();
    }
  };

  return {
    get taken() {
      return taken;
    },
    acquire(signal) {
      if (signal?.aborted === true) return Promise.resolve(false);
      return new Promise((resolve) => {
        const end = (acquired: boolean): void => {
          waiting.delete(start);
          signal?.removeEventListener('abort', cancel);
          if (acquired) taken += 1;
          resolve(acquired);
        };
        const start = (): void => end(true);
        const cancel = (): void => end(false);
        waiting.add(start);
        signal?.addEventListener('abort', cancel, { once: true });
        fill();
      });
    },
    release() {
      taken -= 1;
      fill();
    },
    resize(next) {
      most = next;
      fill();
    },
  };
}

/** Runs work when a place is free. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/** Never more than so much at once, in the order of asking. */
export function createLimit(places: number): Limit {
  const semaphore = createSemaphore(places);
  return async (work) => {
    await semaphore.acquire();
    try {
      return await work();
    } finally {
      semaphore.release();
    }
  };
}
