/**
 * `npm test`: builds, then runs the floors one after another and adds up what really ran.
 *
 *   npm test                                all floors
 *   npm run test:unit -- test/unit/store    one floor, some files or folders
 *   npm run test:ui -- --grep 'Gallery'     some tests
 *   --no-build                              on what lies in dist/
 *   --release 1.139, --window restricted    host floor: only there
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './bundle.mts';
import { runHostFloor } from './hostFloor.mts';

interface Count {
  name: string;
  passed: number;
  failed: number;
  /** Tests that passed or failed on their second try. */
  retried?: number;
  seconds: number;
}

/** What works on pixels must give the same with the build of sharp that Linux desktops use. */
const PIXEL_TESTS = ['test/unit/images', 'test/unit/pipeline', 'test/unit/providers/sample.test.ts'];

const FLOORS = ['unit', 'host', 'ui'] as const;
type Floor = (typeof FLOORS)[number];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: 'string' },
    'no-build': { type: 'boolean' },
    release: { type: 'string' },
    window: { type: 'string' },
  },
});
const floors = FLOORS.filter((floor) => positionals.includes(floor));
const files = positionals.filter((word) => !FLOORS.some((floor) => floor === word));
// The developer's own secret of stores stays untouched; every process that a test starts shares this one.
process.env['GEN_IMAGE_FACTORY_IDENTITY'] ??= join(root, 'out/test-identity');
const counts = join(root, 'out/test-counts.jsonl');

mkdirSync(join(root, 'out'), { recursive: true });
rmSync(counts, { force: true });
const wanted = floors.length > 0 ? floors : FLOORS;
const crashes: string[] = [];
if (wanted.some((floor) => floor !== 'unit') && values['no-build'] !== true) {
  if ((await node(['scripts/build.mts', '--production'])) !== 0) crashes.push('build');
}
for (const floor of wanted) {
  if (crashes.length === 0 || floor === 'unit') await runFloor(floor);
}
summarise();

async function runFloor(floor: Floor): Promise<void> {
  const before = readCounts().length;
  const status = floor === 'host' ? await hostFloor() : await mochaFloor(floor);
  const run = readCounts().slice(before);
  // A floor that broke before it could count has failed, whatever it counted.
  if (run.length === 0 || (status !== 0 && run.every(({ failed }) => failed === 0))) crashes.push(floor);
}

function hostFloor(): Promise<number> {
  return runHostFloor({ counts, grep: values.grep, release: values.release, window: values.window });
}

async function mochaFloor(floor: 'unit' | 'ui'): Promise<number> {
  if (files.length > 0) return mocha(floor, floor, files.flatMap(testFiles));
  const status = await mocha(floor, floor, testFiles(`test/${floor}`));
  if (floor === 'ui') return status;
  const wasm = { GEN_IMAGE_FACTORY_SHARP: 'wasm' };
  const again = await mocha(floor, 'unit wasm', PIXEL_TESTS.flatMap(testFiles), wasm);
  return status === 0 ? again : status;
}

function mocha(
  floor: 'unit' | 'ui',
  name: string,
  chosen: string[],
  env: Record<string, string> = {},
): Promise<number> {
  // Browser and VS Code have clocks of their own: one second try, which is told. What a browser that died left
  // open does not keep the floor from ending.
  const ui = floor === 'ui' ? ['--retries', '1', '--exit', '--require', 'test/ui/workbench.ts'] : [];
  const grep = values.grep === undefined ? [] : ['--grep', values.grep];
  const args = ['--reporter', 'test/support/reporter.ts', ...ui, ...grep, ...chosen];
  return node(['node_modules/mocha/bin/mocha.js', ...args], {
    ...env,
    TEST_COUNTS: counts,
    TEST_NAME: name,
  });
}

function testFiles(path: string): string[] {
  if (existsSync(join(root, path)) && statSync(join(root, path)).isFile()) return [path];
  return globSync(`${path}/**/*.test.ts`, { cwd: root }).sort();
}

async function node(args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

function readCounts(): Count[] {
  if (!existsSync(counts)) return [];
  const lines = readFileSync(counts, 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Count);
}

function summarise(): void {
  const all = readCounts();
  for (const { name, passed, failed, retried = 0, seconds } of all) {
    console.log(
      `${name.padEnd(28)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds} s${retried > 0 ? `, ${retried} on a second try` : ''}`,
    );
  }
  for (const name of crashes) console.log(`${name.padEnd(28)} broke before it could count`);
  const sum = (key: 'passed' | 'failed'): number => all.reduce((total, count) => total + count[key], 0);
  const failed = sum('failed') + crashes.length;
  console.log(`${sum('passed')} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
