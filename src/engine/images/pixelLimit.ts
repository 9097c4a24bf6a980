/** One limit for all work on pixels in this process. */
import { createLimit } from '../model/semaphore.ts';

/**
 * More than two calls of sharp in flight take the four threads that every file and network operation of the
 * process shares; other extensions then wait a second for a `stat`.
 */
const limit = createLimit(2);

/**
 * Runs `work` when fewer than two others work on pixels. An abort is honoured while it waits; what has begun
 * ends by itself (sharp cannot be interrupted) and its result is dropped.
 */
export async function withPixels<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  const result = await limit(async () => {
    signal?.throwIfAborted();
    return work();
  });
  signal?.throwIfAborted();
  return result;
}
