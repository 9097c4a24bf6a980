/** Counts of a filter: at once from indexes, or off the thread where texts are searched. */
import type { ImageCounts, ImageFilter } from '../model/image.ts';
import { countImages, searchesText } from './imageList.ts';
import type { Store } from './store.ts';
import { openWorkerDoor } from './workerDoor.ts';

export interface Counts {
  /** Fails with `cancelled` when the signal says that nobody waits any more. */
  count(filter: ImageFilter, signal?: AbortSignal): Promise<ImageCounts>;
  close(): void;
}

/** `worker` is the path of the bundled worker; by default the file beside this one. */
export function openCounts(store: Store, worker?: string): Counts {
  const door = openWorkerDoor(store.path, worker);
  return {
    async count(filter, signal) {
      // A store that only one connection may use is counted where it is open.
      if (store.shared && searchesText(filter)) return door.ask({ kind: 'counts', filter }, signal);
      return store.read((db) => countImages(db, filter));
    },
    close: () => door.close(),
  };
}
