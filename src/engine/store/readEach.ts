/** Many rows by their ids, which people have chosen: read in turns, so that the thread does other things between. */
import { nextTurn } from '../model/turns.ts';
import type { Reader, Store } from './store.ts';

/** A turn ends with the row at which so much time has passed. */
const turnMs = 5;

/** What `read` makes of each item, in their order. The turns see the store at different moments. */
export async function readEach<T, R>(
  store: Store,
  items: readonly T[],
  read: (db: Reader, item: T) => R,
): Promise<R[]> {
  const found: R[] = [];
  while (found.length < items.length) {
    if (found.length > 0) await nextTurn();
    store.read((db) => {
      const until = performance.now() + turnMs;
      do found.push(read(db, items[found.length] as T));
      while (found.length < items.length && performance.now() < until);
    });
  }
  return found;
}
