import assert from 'node:assert/strict';
import { createLimit, createSemaphore } from '../../../src/engine/model/semaphore.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('places for work', () => {
  it('P1: never more are taken than there are, and who waits gets them in the order of asking', async () => {
    const semaphore = createSemaphore(2);
    const got: number[] = [];
    const asked = [1, 2, 3, 4].map(async (n) => {
      if (await semaphore.acquire()) got.push(n);
    });
    await turn();
    assert.deepEqual([got, semaphore.taken], [[1, 2], 2]);
    semaphore.release();
    await turn();
    assert.deepEqual([got, semaphore.taken], [[1, 2, 3], 2]);
    semaphore.release();
    await Promise.all(asked);
    assert.deepEqual(got, [1, 2, 3, 4]);
    semaphore.release();
    semaphore.release();
    assert.equal(semaphore.taken, 0);
  });

  it('J1: who waits is let go by an abort, and takes nobody a place away', async () => {
    const semaphore = createSemaphore(1);
    const stop = new AbortController();
    assert.equal(await semaphore.acquire(stop.signal), true);
    const aborted = semaphore.acquire(stop.signal);
    const next = semaphore.acquire();
    stop.abort();
    assert.equal(await aborted, false);
    assert.equal(await semaphore.acquire(stop.signal), false);
    semaphore.release();
    assert.equal(await next, true);
    assert.equal(semaphore.taken, 1);
  });

  it('R6: fewer places take none away, more are given at once', async () => {
    const semaphore = createSemaphore(3);
    for (let n = 0; n < 3; n += 1) await semaphore.acquire();
    semaphore.resize(1);
    const fourth = semaphore.acquire();
    semaphore.release();
    semaphore.release();
    assert.equal(semaphore.taken, 1);
    semaphore.resize(2);
    assert.equal(await fourth, true);
    assert.equal(semaphore.taken, 2);
  });

  it('work that fails gives its place back', async () => {
    const limit = createLimit(1);
    await assert.rejects(limit(() => Promise.reject(new Error('no'))));
    assert.equal(await limit(() => Promise.resolve('yes')), 'yes');
  });
});
