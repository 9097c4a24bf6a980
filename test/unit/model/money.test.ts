import assert from 'node:assert/strict';
import { formatCost } from '../../../src/engine/model/money.ts';

describe('money in words', () => {
  it('B2: a cost is never shown as nothing, and what is not known as "≥"', () => {
    const shown = (microUsd: number, unknown = false): string => formatCost({ microUsd, unknown });
    assert.deepEqual(
      [shown(0), shown(40), shown(3_800), shown(60_000), shown(1_234_567)],
      ['$0.00', '< $0.0001', '$0.0038', '$0.06', '$1.23'],
    );
    assert.deepEqual([shown(0, true), shown(60_000, true)], ['≥ $0.00', '≥ $0.06']);
  });
});
