import assert from 'node:assert/strict';
import { formatCost, fromUsd, plausibleCost } from '../../../src/engine/model/money.ts';
import { costOf } from '../../../src/engine/providers/runware/tasks.ts';

describe('What services say that a call costs', () => {
  it('B2: is unknown where no call can cost that', () => {
    for (const usd of [1e308, Infinity, -Infinity, NaN, -0.01, -1e308, 2 ** 53, 10_001]) {
      assert.equal(plausibleCost(fromUsd(usd)), null, String(usd));
      assert.equal(costOf({ cost: usd }), null, String(usd));
      const told = plausibleCost(fromUsd(usd));
      assert.equal(formatCost({ microUsd: told ?? 0, unknown: told === null }), '≥ $0.00');
    }
  });

  it('B2: is taken as it is otherwise, down to nothing', () => {
    for (const usd of [0, 0.000001, 0.0038, 250, 10_000]) assert.equal(costOf({ cost: usd }), fromUsd(usd));
  });
});
