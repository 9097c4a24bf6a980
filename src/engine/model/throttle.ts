/** Work that is asked for very often is done once for all who ask within a time. */

export interface Throttle {
  /** Does the work now, or with the others that ask before the time since it was last done has passed. */
  ask(): void;
  /** Does it at once, asked for or not; what was asked for before is done with it. */
  flush(): void;
  /** True while something that was asked for is still to be done. */
  readonly waiting: boolean;
  /** What was asked for is not done. */
  cancel(): void;
  /** The same, for good. */
  dispose(): void;
}

/**
 * `act` runs when it has rested for `ms`, else once at the end of that time; the last ask is never lost. It has a
 * turn of its own even when nothing holds it up, so that who asks in the middle of a change sees its end; `inTurn`
 * does it within the asking.
 */
export function atMostEvery(ms: number, act: () => void, { inTurn = false } = {}): Throttle {
  let doneAt = -ms;
  let timer: NodeJS.Timeout | null = null;
  let disposed = false;
  const cancel = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const flush = (): void => {
    if (disposed) return;
    cancel();
    doneAt = performance.now();
    act();
  };
  return {
    ask() {
      if (disposed || timer !== null) return;
      const wait = Math.max(0, ms - (performance.now() - doneAt));
      if (inTurn && wait === 0) flush();
      else timer = setTimeout(flush, wait).unref();
    },
    flush,
    get waiting() {
      return timer !== null;
    },
    cancel,
    dispose() {
      disposed = true;
      cancel();
    },
  };
}
