/** The host floor: mocha inside the extension host of the newest and the oldest VS Code, in each kind of window. */
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { newest, oldest } from '../test/support/vscode/releases.ts';
import { makeSampleWorkspace } from '../test/support/vscode/workspace.ts';
import { root } from './bundle.mts';

export interface HostFloorOptions {
  /** File that the reporter appends its counts to. */
  counts: string;
  grep: string | undefined;
  /** `1.139` or `1.103`; undefined: both. */
  release: string | undefined;
  /** One kind of window; undefined: all. */
  window: string | undefined;
}

const WINDOWS = ['folder', 'restricted', 'empty', 'multiRoot'] as const;
type Window = (typeof WINDOWS)[number];

/** Resolves with 0 when every suite has passed. A desktop VS Code named by VSCODE_EXECUTABLE takes its place. */
export async function runHostFloor(options: HostFloorOptions): Promise<number> {
  const out = join(root, 'out/host');
  rmSync(out, { recursive: true, force: true });
  const desktop = process.env['VSCODE_EXECUTABLE'];
  const releases = desktop === undefined ? [newest.version, oldest.version] : ['desktop'];
  let failed = 0;
  for (const window of WINDOWS) {
    if (options.window !== undefined && options.window !== window) continue;
    const files = await bundleTests(window, join(out, window));
    if (files === 0) continue;
    for (const release of releases) {
      if (options.release !== undefined && options.release !== release) continue;
      failed += await runWindow({ window, release, desktop, options, files: join(out, window) });
    }
  }
  return failed > 0 ? 1 : 0;
}

interface WindowRun {
  window: Window;
  release: string;
  desktop: string | undefined;
  options: HostFloorOptions;
  files: string;
}

async function runWindow({ window, release, desktop, options, files }: WindowRun): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'factory-host-'));
  const name = `host ${release} ${window}`;
  const output = join(scratch, 'output.txt');
  writeFileSync(output, `\n${name}\n`);
  try {
    return await runTests({
      vscodeExecutablePath: desktop ?? join(root, 'test/support/vscode/launch.mts'),
      extensionDevelopmentPath: root,
      extensionTestsPath: join(files, 'suite.cjs'),
      launchArgs: [...workspaceOf(window), `--user-data-dir=${join(scratch, 'profile')}`],
      extensionTestsEnv: {
        VSCODE_RELEASE: release,
        VSCODE_RESTRICTED: window === 'restricted' ? '1' : undefined,
        TEST_FILES: files,
        TEST_OUTPUT: output,
        TEST_COUNTS: options.counts,
        TEST_NAME: name,
        TEST_COLOR: process.stdout.isTTY ? '1' : '0',
        TEST_GREP: options.grep,
      },
    });
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function workspaceOf(window: Window): string[] {
  if (window === 'empty') return [];
  const folder = makeSampleWorkspace();
  if (window !== 'multiRoot') return [folder];
  const folders = [folder, makeSampleWorkspace()].map((path) => ({ path, name: basename(path) }));
  const file = join(folder, 'two.code-workspace');
  writeFileSync(file, JSON.stringify({ folders }));
  return [file];
}

/** One CommonJS file per test file; how many there are. */
async function bundleTests(window: Window, outdir: string): Promise<number> {
  const pattern = window === 'folder' ? 'test/host/*.test.ts' : `test/host/${window}/*.test.ts`;
  const files = globSync(pattern, { cwd: root }).sort();
  if (files.length === 0) return 0;
  if (!existsSync(outdir)) mkdirSync(outdir, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [...files, 'test/host/suite.ts'].map((file) => ({
      in: join(root, file),
      out: basename(file, '.ts'),
    })),
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    sourcemap: 'inline',
    packages: 'external',
    logLevel: 'warning',
  });
  return files.length;
}
