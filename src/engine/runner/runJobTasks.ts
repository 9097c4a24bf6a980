/** The pieces of work of one run that are under way, and room for a bounded number of them. */

export interface Tasks {
  readonly active: number;
  /** The work must not fail. */
  spawn(work: () => Promise<void>): void;
  /** Resolves when nothing is under way any more. */
  done(): Promise<void>;
}

/** `onEnd` is called whenever one of them has ended. */
export function createTasks(onEnd: () => void): Tasks {
  let active = 0;
  let idle: (() => void)[] = [];
  return {
    get active() {
      return active;
    },
    spawn(work) {
      active += 1;
      void work().finally(() => {
        active -= 1;
        onEnd();
        if (active > 0) return;
        const waiting = idle;
        idle = [];
        for (const resolve of waiting) resolve();
      });
    },
    done: () => (active === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  };
}

export interface Room {
  /** Waits for a free place; true when one was taken, false when the signal aborted first. */
  take(signal: AbortSignal): Promise<boolean>;
  give(): void;
}

export function createRoom(places: number): Room {
  let free = places;
  const waiting = new Set<() => void>();
  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(false);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const end = (taken: boolean): void => {
          waiting.delete(start);
          signal.removeEventListener('abort', cancel);
          resolve(taken);
        };
        const start = (): void => end(true);
        const cancel = (): void => end(false);
        waiting.add(start);
        signal.addEventListener('abort', cancel, { once: true });
      });
    },
    give() {
      const [next] = waiting;
      if (next === undefined) free += 1;
      else next();
    },
  };
}
