/** Work that many events ask for is done once for all of them. */
import type { Disposable } from 'vscode';

export interface Throttle extends Disposable {
  /** Does the work now, or with the others that ask before `ms` have passed since it was last done. */
  ask(): void;
}

/** `act` runs at once when it has rested for `ms`, else once at the end of that time; the last ask is never lost. */
export function atMostEvery(ms: number, act: () => void): Throttle {
  let doneAt = -ms;
  let timer: NodeJS.Timeout | null = null;
  let disposed = false;
  const run = (): void => {
    timer = null;
    doneAt = performance.now();
    act();
  };
  return {
    ask() {
      if (disposed || timer !== null) return;
      const wait = ms - (performance.now() - doneAt);
      // A turn of its own even when nothing holds it up: who asks in the middle of a change sees its end.
      timer = setTimeout(run, Math.max(0, wait));
    },
    dispose() {
      disposed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
