import assert from 'node:assert/strict';
import { atMostEvery } from '../../../src/engine/model/throttle.ts';

const timeout = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('work that is asked for very often', () => {
  it('D3: is done once for all who ask within the time, and the last ask is not lost', async () => {
    const done: number[] = [];
    const times = (): number => done.length;
    let asked = 0;
    const throttle = atMostEvery(40, () => done.push(asked));
    for (asked = 1; asked < 10; asked += 1) throttle.ask();
    assert.equal(times(), 0, 'who asks in the middle of a change sees its end');
    while (times() < 3) {
      asked += 1;
      throttle.ask();
      await timeout(1);
    }
    throttle.dispose();
    assert.ok((done[0] ?? 0) >= 10, 'with what was asked last');
    assert.ok(asked > 2 * times(), `${times()} times for ${asked} asks`);
  });

  it('is done within the asking where that is wanted, and at once by flush', () => {
    let done = 0;
    const throttle = atMostEvery(10_000, () => (done += 1), { inTurn: true });
    throttle.ask();
    assert.equal(done, 1);
    throttle.ask();
    assert.deepEqual([done, throttle.waiting], [1, true]);
    throttle.flush();
    assert.deepEqual([done, throttle.waiting], [2, false]);
    throttle.ask();
    throttle.cancel();
    assert.deepEqual([done, throttle.waiting], [2, false]);
    throttle.dispose();
    throttle.ask();
    throttle.flush();
    assert.deepEqual([done, throttle.waiting], [2, false]);
  });
});
