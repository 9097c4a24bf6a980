import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'jsonc-parser';
import { root } from '../../../scripts/bundle.mts';

interface Launch {
  name: string;
  runtimeExecutable: string;
  windows: { runtimeExecutable: string };
  program: string;
  args: string[];
}

const { configurations } = parse(readFileSync(join(root, '.vscode/launch.json'), 'utf8')) as {
  configurations: Launch[];
};

describe('F5', () => {
  it('"Unit Test of This File" runs the tests of a file with the Node of the packages, whatever is on the PATH', async function () {
    this.timeout(30_000);
    const launch = configurations.find(({ name }) => name === 'Unit Test of This File');
    assert.ok(launch);
    const file = join(root, 'test/unit/model/money.test.ts');
    const filled = (text: string): string =>
      text.replaceAll('${workspaceFolder}', root).replaceAll('${file}', file);
    const node = process.platform === 'win32' ? launch.windows.runtimeExecutable : launch.runtimeExecutable;
    const env = { ...process.env, PATH: '' };
    const args = [launch.program, ...launch.args].map(filled);
    const { stdout } = await promisify(execFile)(filled(node), args, { cwd: root, env });
    assert.match(stdout, /[1-9]\d* passing/u);
  });
});
