/**
 * Runs inside VS Code's extension host: mocha over the bundled test files beside this one.
 *
 * `test/host/*.test.ts` run with the sample workspace open; those in `restricted/` in one that is not trusted, in
 * `empty/` without a folder, in `multiRoot/` with two folders. They import `vscode` and may reach the session by
 * `activeApi()` of `./host.ts`. `npm run test:host` runs all on the newest and the oldest VS Code;
 * `-- --grep words`, `-- --release 1.139` and `-- --window restricted` choose.
 */
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import mochaOptions from '../../.mocharc.json' with { type: 'json' };

export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const { default: CountingReporter } = await import('../support/reporter.ts');
  const output = variable('TEST_OUTPUT');
  Mocha.reporters.Base.consoleLog = (...words: unknown[]) => appendFileSync(output, `${format(...words)}\n`);
  Mocha.reporters.Base.useColors = process.env['TEST_COLOR'] === '1';
  const mocha = new Mocha({
    ...mochaOptions,
    reporter: CountingReporter,
    ...(process.env['TEST_GREP'] === undefined ? {} : { grep: process.env['TEST_GREP'] }),
  });
  const folder = variable('TEST_FILES');
  for (const file of readdirSync(folder).sort()) {
    if (file.endsWith('.test.cjs')) mocha.addFile(join(folder, file));
  }
  await mocha.loadFilesAsync();
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set.`);
  return value;
}
