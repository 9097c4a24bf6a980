/** Long work in turns: between two of them the thread does what others have asked of it. */
import { setImmediate } from 'node:timers/promises';

/** Others get their turn. */
export function nextTurn(): Promise<void> {
  return setImmediate();
}

/** The items in slices of at most so many, each in a turn of its own. */
export async function* inTurns<T>(items: readonly T[], perTurn: number): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < items.length; at += perTurn) {
    if (at > 0) await nextTurn();
    yield items.slice(at, at + perTurn);
  }
}
