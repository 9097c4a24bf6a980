/**
 * The UI floor: what a person sees and does, in a real VS Code workbench, through Playwright.
 *
 * A test file `test/ui/<view>.test.ts` opens one workbench per suite and closes it again:
 *
 * ```ts
 * import { openWorkbench } from './workbench.ts';
 * import type { Workbench } from './workbench.ts';
 * import { makeWorkspace } from '../support/vscode/workspace.ts';
 *
 * describe('Gallery', () => {
 *   let workbench: Workbench;
 *   before(async () => {
 *     workbench = await openWorkbench({ workspace: makeWorkspace({ 'keywords.txt': 'fox\nowl\n' }) });
 *   });
 *   after(() => workbench.close());
 *   afterEach(async function () {
 *     if (this.currentTest?.isFailed()) await workbench.screenshot(`failed ${this.currentTest.fullTitle()}`);
 *   });
 *
 *   it('G1: shows images', async () => {
 *     await workbench.runCommand('Open Gallery');
 *     const gallery = await workbench.webview('Gallery');
 *     await gallery.getByRole('grid').waitFor();
 *     await workbench.screenshot('gallery');
 *   });
 * });
 * ```
 *
 * - `npm run test:ui` builds the extension first and runs all files; `npm run test:ui -- test/ui/gallery.test.ts`
 *   one, `-- --grep 'words'` some, `-- --no-build` on what lies in `dist/`.
 * - Find things by role and visible name; wait for what should be there (`locator.waitFor`, `expectSoon`), never
 *   for time. Both wait with the patience of `test/support/patience.ts`.
 * - `webview(title)` must be asked again after a view was hidden, closed or the window reloaded: VS Code makes a
 *   new frame each time.
 * - Screenshots lie in `out/screenshots/`, `NAME.png`.
 * - Secrets do not survive a reload of the page here: give keys by `env` (`OPENAI_API_KEY` …).
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errors } from 'playwright-core';
import type { Browser, BrowserContext, Frame, Locator, Page } from 'playwright-core';
import { expectSoon, patience } from '../support/patience.ts';
import { workbenchAddress } from '../support/vscode/address.ts';
import { launchBrowser } from '../support/vscode/browser.ts';
import { installRelease } from '../support/vscode/install.ts';
import { newest, root } from '../support/vscode/releases.ts';
import type { Release } from '../support/vscode/releases.ts';
import { installFolder, installVsix, startServer } from '../support/vscode/server.ts';
import type { RunningServer, ServerOptions } from '../support/vscode/server.ts';

export { expectSoon } from '../support/patience.ts';

export type Theme = 'dark' | 'light' | 'highContrast' | 'highContrastLight';

/** VS Code's default themes: what the settings call them, and what the theme picker does. */
function themeNames(theme: Theme, release: Release): { id: string; label: string } {
  if (theme === 'highContrast') return { id: 'Default High Contrast', label: 'Dark High Contrast' };
  if (theme === 'highContrastLight')
    return { id: 'Default High Contrast Light', label: 'Light High Contrast' };
  const name = theme === 'dark' ? 'Dark' : 'Light';
  if (release === newest) return { id: `${name} 2026`, label: `${name} 2026` };
  return { id: `Default ${name} Modern`, label: `${name} Modern` };
}

export interface WorkbenchOptions {
  /** Absolute path of the folder (or .code-workspace file) to open; absent: an empty window. */
  workspace?: string;
  /** This checkout (default), or a packaged VSIX (absolute path). */
  extension?: 'checkout' | { vsix: string };
  release?: Release;
  /** User settings. */
  settings?: Record<string, unknown>;
  /** Settings of machine scope, such as the addresses of the services. */
  machineSettings?: Record<string, unknown>;
  /** For the extension host. */
  env?: Record<string, string>;
  theme?: Theme;
  size?: { width: number; height: number };
  /** False: the folder opens in restricted mode. */
  trust?: boolean;
}

/** How long one try may take of those that are made again until one succeeds. */
const ONE_TRY = 3000;
const CATEGORY = 'Gen Image Factory';
const screenshots = join(root, 'out/screenshots');

let browser: Promise<Browser> | undefined;

/** Root hook of the suite (see scripts/test.mts): one browser serves all files. */
export const mochaHooks = {
  async afterAll(): Promise<void> {
    await (await browser)?.close();
  },
};

const say = (line: string): void => console.error(line);

/** The browser of all files; where one has died, it took only its own suite along. */
async function openBrowser(): Promise<Browser> {
  const open = await browser;
  if (open?.isConnected() === true) return open;
  browser = launchBrowser(say);
  return await browser;
}

/** Starts a server with a fresh profile and opens a window in it; ready when the workbench answers commands. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const release = options.release ?? newest;
  await installRelease(release, say);
  const shownIn = await openBrowser();
  const profile = mkdtempSync(join(tmpdir(), 'factory-ui-'));
  const serverOptions: ServerOptions = {
    release,
    profile,
    trust: options.trust ?? true,
    settings: {
      'workbench.colorTheme': themeNames(options.theme ?? 'dark', release).id,
      ...options.settings,
    },
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.machineSettings === undefined ? {} : { machineSettings: options.machineSettings }),
  };
  if (typeof options.extension === 'object') await installVsix(serverOptions, options.extension.vsix);
  else installFolder(serverOptions, root);
  const server = await startServer(serverOptions);
  const workbench = new Workbench(shownIn, server, profile, options);
  try {
    await workbench.open();
  } catch (error) {
    await workbench.close();
    throw error;
  }
  return workbench;
}

export class Workbench {
  readonly #browser: Browser;
  readonly #server: RunningServer;
  readonly #profile: string;
  readonly #options: WorkbenchOptions;
  #context: BrowserContext | undefined;
  #page: Page | undefined;
  #theme: Theme;

  constructor(browser: Browser, server: RunningServer, profile: string, options: WorkbenchOptions) {
    this.#browser = browser;
    this.#server = server;
    this.#profile = profile;
    this.#options = options;
    this.#theme = options.theme ?? 'dark';
  }

  /** The window, for everything that has no word here. */
  get page(): Page {
    assert.ok(this.#page, 'The window is closed.');
    return this.#page;
  }

  /** Opens the window, or opens it again after `closeWindow`, with the state that it had. */
  async open(): Promise<void> {
    this.#context ??= await this.#browser.newContext({
      viewport: this.#options.size ?? { width: 1600, height: 1000 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    this.#page = await this.#openPage(this.#context);
  }

  /** A second window on the same folder, with an extension host of its own; close it by its `close()`. */
  async openSecondWindow(): Promise<SecondWindow> {
    const context = await this.#browser.newContext({ viewport: this.page.viewportSize() });
    const page = await this.#openPage(context);
    return new SecondWindow(page, () => context.close());
  }

  async #openPage(context: BrowserContext): Promise<Page> {
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const { authority } = this.#server;
    await page.goto(workbenchAddress({ authority, workspace: this.#options.workspace }));
    await ready(page);
    await themed(page, this.#theme);
    return page;
  }

  /** Closes the window as a person does; its extension host ends, the server stays. */
  async closeWindow(): Promise<void> {
    await this.page.close();
    this.#page = undefined;
  }

  /** "Developer: Reload Window". */
  async reload(): Promise<void> {
    await this.page.reload();
    await ready(this.page);
    await themed(this.page, this.#theme);
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.runCommand('Color Theme', 'Preferences');
    const { label } = themeNames(theme, this.#options.release ?? newest);
    await this.page.locator('.quick-input-widget .quick-input-box input').fill(label);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: label }).waitFor();
    await this.page.keyboard.press('Enter');
    await themed(this.page, theme);
    this.#theme = theme;
  }

  /** Resolves once the window and the views in it are laid out anew. */
  async setSize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
    await expectSoon(`a window of ${width} × ${height}`, () => isLaidOut(this.page, width));
  }

  /** Runs a command of ours from the palette by its title; fails when the palette does not offer it. */
  runCommand(title: string, category: string | null = CATEGORY): Promise<void> {
    return runCommand(this.page, title, category);
  }

  /** Whether the palette offers the command of ours with this title now. */
  offers(title: string): Promise<boolean> {
    return offers(this.page, title);
  }

  /** The frame of the webview editor or view with this title, once our page is there and draws. */
  webview(title: string): Promise<Frame> {
    return webview(this.page, title);
  }

  /** Opens a file of the workspace by its name. */
  openFile(name: string): Promise<void> {
    return openFile(this.page, name);
  }

  /** The notification that says this. */
  notification(words: string | RegExp): Locator {
    return this.page.locator('.notification-list-item').filter({ hasText: words });
  }

  /** The modal dialog. */
  dialog(): Locator {
    return this.page.getByRole('dialog').locator('visible=true').last();
  }

  /** The status bar item with this name. */
  statusBarItem(name: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').filter({ has: this.page.getByRole('button', { name }) });
  }

  /** An image of the window (or of one element) in `out/screenshots/`. */
  async screenshot(name: string, element?: Locator): Promise<string> {
    mkdirSync(screenshots, { recursive: true });
    const path = join(screenshots, `${name.replace(/[^\p{L}\p{N}]+/gu, '-').toLowerCase()}.png`);
    await (element ?? this.page).screenshot({ path, animations: 'disabled' });
    return path;
  }

  async close(): Promise<void> {
    await this.#context?.close();
    await this.#server.stop();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

export class SecondWindow {
  readonly page: Page;
  readonly close: () => Promise<void>;

  constructor(page: Page, close: () => Promise<void>) {
    this.page = page;
    this.close = close;
  }

  runCommand(title: string, category: string | null = CATEGORY): Promise<void> {
    return runCommand(this.page, title, category);
  }

  offers(title: string): Promise<boolean> {
    return offers(this.page, title);
  }

  webview(title: string): Promise<Frame> {
    return webview(this.page, title);
  }
}

/** The theme's own colours are there, not only VS Code's first guess. */
async function themed(page: Page, theme: Theme): Promise<void> {
  const kind = { dark: 'vs-dark', light: 'vs', highContrast: 'hc-black', highContrastLight: 'hc-light' }[
    theme
  ];
  await page.locator(`.monaco-workbench.${kind}[class*="vscode-theme-"]`).waitFor();
}

async function ready(page: Page): Promise<void> {
  // Contributions, commands among them, are known from here on.
  await page.getByRole('tab', { name: CATEGORY }).first().waitFor();
}

function runCommand(page: Page, title: string, category: string | null): Promise<void> {
  const full = category === null ? title : `${category}: ${title}`;
  return pickInPalette(page, `>${full}`, full);
}

async function openFile(page: Page, name: string): Promise<void> {
  await pickInPalette(page, name, name);
  await page.getByRole('tab', { name }).first().waitFor();
}

async function offers(page: Page, title: string): Promise<boolean> {
  const full = `${CATEGORY}: ${title}`;
  const offered = await expectSoon('an answer of the palette', async () => {
    const rows = await typeInPalette(page, `>${full}`);
    if (!(await rows.first().isVisible())) return null;
    return { yes: await exactRow(page, rows, full).isVisible() };
  });
  await page.keyboard.press('Escape');
  return offered.yes;
}

/** What opened before may take the focus a moment later, which closes the palette: then it is opened again. */
async function pickInPalette(page: Page, words: string, label: string): Promise<void> {
  await expectSoon(`the palette offers "${label}"`, async () => {
    const row = exactRow(page, await typeInPalette(page, words), label);
    const clicked = await tried((options) => row.click(options));
    // A command that asks in a dialog may have it open before the click counts as done.
    if (clicked || (await page.locator('.monaco-dialog-modal-block').isVisible())) return true;
    // One that asks in a list too: what is typed then would go into that list, for ever.
    if ((await page.locator('.quick-input-widget').isVisible()) && !(await row.isVisible()))
      await page.keyboard.press('Escape');
    return false;
  });
}

async function typeInPalette(page: Page, words: string): Promise<Locator> {
  const widget = page.locator('.quick-input-widget');
  const input = widget.locator('.quick-input-box input');
  if (!(await input.isVisible())) await page.keyboard.press('F1');
  // Asked a moment too early, it knows no command of ours, and looks again only when its words change.
  else await tried((options) => input.fill('>', options));
  await tried((options) => input.fill(words, options));
  return widget.locator('.quick-input-list .monaco-list-row');
}

/** One try of several: whether it could be done. */
export async function tried(act: (options: { timeout: number }) => Promise<unknown>): Promise<boolean> {
  try {
    await act({ timeout: ONE_TRY });
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}

/** Chooses in the menu that is open. VS Code overlooks a click on one that has only just opened; then it is clicked again. */
export async function chooseInMenu(page: Page, name: string): Promise<void> {
  const entry = page.getByRole('menuitem', { name });
  await entry.waitFor();
  await expectSoon(`${name} is chosen`, async () => {
    if (await entry.isVisible()) await tried((options) => entry.click(options));
    return !(await entry.isVisible());
  });
}

function exactRow(page: Page, rows: Locator, words: string): Locator {
  const exact = new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
  return rows.filter({ has: page.locator('.label-name', { hasText: exact }) }).first();
}

/** A webview is a frame in a frame; the inner one bears the panel's title. */
function webview(page: Page, title: string): Promise<Frame> {
  return expectSoon(`a webview titled "${title}"`, async () => {
    for (const frame of page.frames()) {
      if (frame.parentFrame() !== null && (await isWebview(frame, title))) return frame;
    }
    return null;
  });
}

/** VS Code lays itself out a moment after its window has changed; the pages of its views follow later. */
async function isLaidOut(page: Page, width: number): Promise<boolean> {
  if ((await page.locator('.monaco-workbench').boundingBox())?.width !== width) return false;
  for (const view of await page.locator('iframe.webview').locator('visible=true').all()) {
    const inside = await view
      .contentFrame()
      .locator('html')
      .evaluate((html) => html.clientWidth);
    if (Math.abs(inside - ((await view.boundingBox())?.width ?? 0)) >= 1) return false;
  }
  return true;
}

async function isWebview(frame: Frame, title: string): Promise<boolean> {
  try {
    const element = await frame.frameElement();
    if ((await element.getAttribute('id')) !== 'active-frame') return false;
    if ((await element.getAttribute('title')) !== title || !(await element.isVisible())) return false;
    // VS Code makes a frame for what a page was before, too; only ours draws.
    return await frame.evaluate<boolean>(
      'document.body?.firstElementChild?.shadowRoot instanceof ShadowRoot',
    );
  } catch (error) {
    // Frames come and go while they are looked at.
    if (frame.page().isClosed()) throw error;
    if (frame.isDetached() || /detached|destroyed|closed|different document/i.test(String(error)))
      return false;
    throw error;
  }
}
