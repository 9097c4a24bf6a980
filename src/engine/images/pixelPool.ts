/**
 * The door to all work on pixels: two processes of their own, started by the first work and ended when idle. What
 * comes from outside decides how long it takes and how much memory, so that only what can be ended looks at it.
 */
import { createSemaphore } from '../model/semaphore.ts';
import { boundsFor } from './pixelBounds.ts';
import { startPixelProcess } from './pixelProcess.ts';
import type { PixelProcess } from './pixelProcess.ts';
import type { Operations } from './pixels/operations.ts';

export type Operation = keyof Operations;
type Input<Name extends Operation> = Parameters<Operations[Name]>[0];
type Output<Name extends Operation> = Awaited<ReturnType<Operations[Name]>>;

const places = createSemaphore(2);
const free: PixelProcess[] = [];

/**
 * Has one piece of work done; it waits while two others are under way. Fails as the operation does, with
 * `image.invalid` where it takes too long or too much memory, and with the signal's reason once that aborts.
 */
export async function workOnPixels<Name extends Operation>(
  name: Name,
  input: Input<Name>,
  signal?: AbortSignal,
): Promise<Output<Name>> {
  signal?.throwIfAborted();
  if (!(await places.acquire(signal))) throw signal?.reason;
  try {
    const one = takeFree() ?? (await startPixelProcess());
    try {
      return (await one.run(name, input, boundsFor(input), signal)) as Output<Name>;
    } finally {
      if (one.usable) free.push(one);
      else one.end();
    }
  } finally {
    places.release();
  }
}

/** The one that worked last: the other may end of idleness. */
function takeFree(): PixelProcess | undefined {
  for (let one = free.pop(); one !== undefined; one = free.pop()) if (one.usable) return one;
  return undefined;
}
