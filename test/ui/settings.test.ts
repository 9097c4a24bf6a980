/** The settings editor: one form over VS Code's own values. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { makeSampleWorkspace, sampleSettings } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { screenshotIfFailed } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

describe('Settings editor', () => {
  let workspace: string;
  let workbench: Workbench;
  let settings: Frame;

  before(async () => {
    workspace = makeSampleWorkspace();
    workbench = await openWorkbench({
      workspace,
      env: { OPENAI_API_KEY: 'sk-of-the-environment' },
      settings: { 'genImageFactory.generation.parallel': 2 },
    });
    settings = await openSettings();
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  async function openSettings(): Promise<Frame> {
    await workbench.runCommand('Open Settings Editor');
    const view = await workbench.webview('Settings');
    await view.getByLabel('Image Provider', { exact: true }).waitFor();
    return view;
  }

  it('S3: shows every section and goes to the chosen one', async () => {
    const sections = settings.getByRole('navigation', { name: 'Sections' });
    for (const name of ['API Keys', 'File Paths', 'Parameters', 'Processing', 'AI Features', 'Advanced']) {
      await settings.getByRole('heading', { name, exact: true }).waitFor();
      assert.equal(await sections.getByRole('button', { name, exact: true }).count(), 1, name);
    }
    await workbench.screenshot('settings dark wide');
    await sections.getByRole('button', { name: 'Processing', exact: true }).click();
    await expectSoon('its heading in sight', () =>
      settings
        .getByRole('heading', { name: 'Processing', exact: true })
        .evaluate((heading) => heading.getBoundingClientRect().top < innerHeight / 2),
    );
  });
});
