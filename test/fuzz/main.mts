/**
 * `npm run fuzz`: 100,000 odd rows and 10,000 hostile folders. What it finds it tells with its seed, which finds it
 * again: `npm run fuzz -- --seed 1000007 --rows 0 --folders 1`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/bundle.mts';
import { identityVariable } from '../../src/engine/files/userFolder.ts';
import { fuzzStores } from './storeFuzz.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rows: { type: 'string', default: '100000' },
    folders: { type: 'string', default: '10000' },
    /** Ends after so many minutes. */
    minutes: { type: 'string' },
  },
});
// The developer's own secret stays untouched.
process.env[identityVariable] = join(root, 'out/fuzz-identity');
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const result = await fuzzStores({
  seed,
  rows: Number(values.rows),
  folders: Number(values.folders),
  log: (line) => console.log(line),
  ...(values.minutes === undefined ? {} : { until: Date.now() + Number(values.minutes) * 60_000 }),
});
const { rows, folders, longest, findings } = result;
console.log(
  `${rows} rows, ${folders} folders, ${findings.length} findings, longest ${longest.ms} ms (${longest.what})`,
);
process.exitCode = findings.length > 0 ? 1 : 0;
