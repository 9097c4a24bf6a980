/** The pieces of work of one run that are under way. */

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
