import assert from 'node:assert/strict';
import { timeLeft } from '../../../src/engine/model/timeLeft.ts';
import { percentOf } from '../../../src/engine/runner/progress.ts';

const counters = (planned: number, generated: number): Parameters<typeof percentOf>[0] => ({
  planned,
  generated,
  checked: 0,
  approved: 0,
  failed: 0,
});

describe('Progress', () => {
  it('D1: percent is what has arrived or failed of what is planned', () => {
    assert.equal(percentOf(counters(10, 3), 0, 0, false), 30);
    assert.equal(percentOf(counters(10, 3), 2, 0, false), 50);
    assert.equal(percentOf(counters(3, 1), 0, 0, false), 33);
  });

  it('D1: one planned image is 0 until the job has ended', () => {
    assert.equal(percentOf(counters(1, 1), 0, 0, false), 0);
  });

  it('D1: with a quality check at most 95 until every verdict is in', () => {
    assert.equal(percentOf(counters(100, 99), 0, 0, true), 95);
    assert.equal(percentOf(counters(100, 100), 0, 1, true), 95);
    assert.equal(percentOf(counters(100, 100), 0, 0, true), 99);
  });

  it('D1: at most 99 until the job has ended', () => {
    assert.equal(percentOf(counters(100, 100), 0, 0, false), 99);
    assert.equal(percentOf(counters(2, 1), 1, 0, true), 99);
  });

  it('D2: no estimate before three images have arrived and one is done; then by the pace of this run', () => {
    assert.equal(timeLeft({ arrived: 2, ended: 1, open: 8, ranMs: 3000 }), null);
    assert.equal(timeLeft({ arrived: 3, ended: 0, open: 8, ranMs: 3000 }), null);
    assert.equal(timeLeft({ arrived: 4, ended: 3, open: 6, ranMs: 3000 }), 6000);
    assert.equal(timeLeft({ arrived: 4, ended: 4, open: 0, ranMs: 3000 }), 0);
  });
});
