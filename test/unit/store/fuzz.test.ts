import assert from 'node:assert/strict';
import { fuzzStores } from '../../fuzz/storeFuzz.ts';

/** The short form of `npm run fuzz`. */
describe('histories that somebody has spoilt', () => {
  it('W9, W11, W12, W14: reach nothing outside, hold nothing up and pay nothing', async () => {
    const { rows, folders, paid, findings } = await fuzzStores({
      ...{ seed: 20_261_128, rows: 180, folders: 20 },
      log: () => undefined,
    });
    assert.deepEqual(findings, []);
    assert.deepEqual([rows, folders, paid], [180, 20, 0]);
  }).timeout(120_000);
});
