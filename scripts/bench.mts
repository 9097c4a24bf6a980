/**
 * `npm run bench`: every measurement in `test/bench/` against its bounds, one after another; `npm run bench -- job`
 * only that one. Exit status 1 when a bound is missed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildAll } from './build.mts';
import { hostTarget, root } from './bundle.mts';

const folder = join(root, 'test/bench');
/** Makes what others measure. */
const GENERATOR = 'generateStore.mts';

const wanted = process.argv.slice(2);
const all = readdirSync(folder).filter((file) => file.endsWith('.mts') && file !== GENERATOR);
const chosen = all.filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.mts'))).sort();
if (chosen.length === 0) {
  console.error(`There are: ${all.map((file) => basename(file, '.mts')).join(', ')}.`);
  process.exitCode = 2;
}
// Measured is what is shipped.
const outdir = join(root, 'dist');
if (chosen.length > 0) await buildAll({ target: hostTarget(), outdir, production: true, sourcemap: true });
for (const file of chosen) {
  console.log(`\n> test/bench/${file}`);
  const child = spawn(process.execPath, ['--expose-gc', join(folder, file)], { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) process.exitCode = 1;
}
