#!/usr/bin/env node
/**
 * Stands where a desktop VS Code's executable would: `@vscode/test-electron` starts it with the same arguments, it
 * opens the window in a VS Code server and a browser, and ends with the suite's exit code.
 *
 * Reads, of VS Code's arguments: --extensionDevelopmentPath=, --extensionTestsPath=, --user-data-dir= and the folder
 * to open; of the environment: VSCODE_RELEASE (1.139 or 1.103), VSCODE_RESTRICTED=1 for a folder that is not trusted
 * (test-electron itself always asks for trust), TEST_OUTPUT, a file that the suite writes for people to read.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from './browser.ts';
import { workbenchAddress } from './address.ts';
import { installRelease } from './install.ts';
import { newest, oldest } from './releases.ts';
import { startServer } from './server.ts';

const say = (line: string): void => console.error(line);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    extensionDevelopmentPath: { type: 'string', multiple: true },
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
  },
});

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const extensions = (values.extensionDevelopmentPath ?? []).filter((path) => typeof path === 'string');
const tests = text(values.extensionTestsPath);
const profile = resolve(text(values['user-data-dir']) ?? 'out/vscode/profile');
if (tests === undefined) throw new Error('--extensionTestsPath= is missing.');

const wanted = process.env['VSCODE_RELEASE'] ?? newest.version;
const release = [newest, oldest].find(({ version }) => version === wanted);
if (release === undefined)
  throw new Error(`VSCODE_RELEASE is ${wanted}, but the tests know 1.139 and 1.103.`);

mkdirSync(profile, { recursive: true });
await installRelease(release, say);
const trust = process.env['VSCODE_RESTRICTED'] !== '1';
const server = await startServer({ release, profile, trust, driver: true });
const browser = await launchBrowser(say);
const output = followOutput(process.env['TEST_OUTPUT']);
try {
  process.exitCode = await runSuite();
} finally {
  output.end();
  await browser.close();
  await server.stop();
}

async function runSuite(): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  await page.exposeFunction('codeAutomationLog', () => undefined);
  const ended = new Promise<number>((resolve, reject) => {
    browser.once('disconnected', () => reject(new Error('The browser has gone.')));
    page.once('crash', () => reject(new Error('The page has crashed.')));
    page.exposeFunction('codeAutomationExit', resolve).catch(reject);
  });
  const { authority } = server;
  await page.goto(workbenchAddress({ authority, workspace: positionals[0], extensions, tests }));
  return await ended;
}

/** What the suite writes appears here as it comes; it cannot write to this terminal itself. */
function followOutput(file: string | undefined): { end: () => void } {
  if (file === undefined) return { end: () => undefined };
  let shown = 0;
  const show = (): void => {
    const bytes = readFileSync(file);
    process.stdout.write(bytes.subarray(shown));
    shown = bytes.length;
  };
  const timer = setInterval(show, 250);
  return {
    end: () => {
      clearInterval(timer);
      show();
    },
  };
}
