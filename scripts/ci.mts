/**
 * What `.ci/run` does after `npm ci`: lint, types, every test, the demo. The last line is the sum of all that ran,
 * `N passed, N failed`; each check counts as one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './bundle.mts';

interface Outcome {
  name: string;
  passed: number;
  failed: number;
  seconds: number;
}

const CHECKS = ['lint', 'typecheck', 'manifest -- --check', 'test', 'demo'];
const SUM = /^(\d+) passed, (\d+) failed$/;

const outcomes: Outcome[] = [];
for (const check of CHECKS) outcomes.push(await run(check));

console.log('');
for (const { name, passed, failed, seconds } of outcomes) {
  console.log(
    `${name.padEnd(24)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds} s`,
  );
}
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** One npm script; the tests say themselves how many they were. */
async function run(check: string): Promise<Outcome> {
  console.log(`\n> npm run ${check}`);
  const start = performance.now();
  const child = spawn('npm', ['run', '--silent', ...check.split(' ')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
  let last = '';
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    last = (last + chunk.toString()).slice(-4000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const sum = check === 'test' ? SUM.exec(last.trimEnd().split('\n').at(-1) ?? '') : null;
  if (sum !== null) return { name: check, passed: Number(sum[1]), failed: Number(sum[2]), seconds };
  return { name: check, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, seconds };
}
