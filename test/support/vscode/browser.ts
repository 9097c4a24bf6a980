/** The browser that shows the workbench. */
import { chromium } from 'playwright-core';
import type { Browser, LaunchOptions } from 'playwright-core';
import { installChromium } from './install.ts';

const ARGS = [
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--force-color-profile=srgb',
];

/**
 * Starts, in this order: the browser that CHROME_PATH names; on Linux x64 the Chromium that came with npm;
 * an installed Chrome or Edge.
 */
export async function launchBrowser(say: (line: string) => void): Promise<Browser> {
  const named = process.env['CHROME_PATH'];
  if (named !== undefined && named !== '') return await launch({ executablePath: named });
  if (process.platform === 'linux' && process.arch === 'x64') {
    const { executable, env } = await installChromium(say);
    return await launch({ executablePath: executable, env: { ...definedEnv(), ...env } });
  }
  for (const channel of ['chrome', 'msedge', 'chromium']) {
    try {
      return await launch({ channel });
    } catch (error) {
      say(`No ${channel}: ${String(error).split('\n')[0] ?? ''}`);
    }
  }
  throw new Error('No browser for the tests was found. Set CHROME_PATH to a Chrome, Edge or Chromium.');
}

function launch(options: LaunchOptions): Promise<Browser> {
  return chromium.launch({ ...options, args: ARGS });
}

function definedEnv(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
