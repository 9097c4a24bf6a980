/** What the settings editor asks of VS Code and of the services: files, VS Code's own settings, tests of keys. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeSampleWorkspace, sampleSettings } from '../support/vscode/workspace.ts';
import { paidBy } from './jobsHistory.ts';
import { answerFileDialog, screenshotIfFailed } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

describe('Settings editor and what is around it', () => {
  let fakes: FakeProviders;
  let workspace: string;
  let workbench: Workbench;
  let settings: Frame;

  before(async () => {
    fakes = await startFakeProviders();
    workspace = makeSampleWorkspace();
    mkdirSync(join(workspace, 'lists'));
    writeFileSync(join(workspace, 'lists/birds.csv'), 'Subject,Style\nheron,ink\nwren,oil\n');
    workbench = await openWorkbench({
      workspace,
      env: { ...fakes.environment, RUNWARE_API_KEY: 'not-the-key-of-this-service-0000' },
      ...paidBy(fakes.endpoints),
    });
    settings = await openSettings();
  });
  after(async () => {
    await workbench.close();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  async function openSettings(): Promise<Frame> {
    await workbench.runCommand('Open Settings Editor');
    const view = await workbench.webview('Settings');
    await view.getByLabel('Keywords File', { exact: true }).waitFor();
    return view;
  }

  const field = (label: string): Locator => settings.getByLabel(label, { exact: true }).first();
  const key = (name: string): Locator => settings.getByRole('group', { name, exact: true });
  const file = (): string => join(workspace, '.vscode/settings.json');

  it('S9: the browse button opens VS Code’s own dialog; the path becomes relative, and its rows are counted', async () => {
    await settings.getByRole('button', { name: 'Browse for Keywords File' }).click();
    await answerFileDialog(workbench, join(workspace, 'lists/birds.csv'));
    await expectSoon(
      'the relative path',
      async () => (await field('Keywords File').inputValue()) === 'lists/birds.csv',
    );
    await settings.getByText('1 of 2 rows').waitFor();
    await settings.getByText('1 unsaved change', { exact: true }).waitFor();
    await settings.getByRole('button', { name: 'Save', exact: true }).click();
    await settings.getByText('All changes saved').waitFor();
    await settings.getByRole('button', { name: 'Open Keywords File' }).click();
    await workbench.page.getByRole('tab', { name: 'birds.csv' }).waitFor();
    settings = await openSettings();
  });

  it('S8: Test asks the service with the key, and shows its answer', async () => {
    const openai = key('OpenAI API Key');
    await openai.getByRole('button', { name: 'Test OpenAI API Key' }).click();
    await openai.locator('.answer.pass').waitFor();
    const runware = key('Runware API Key');
    await runware.getByRole('button', { name: 'Test Runware API Key' }).click();
    await runware.locator('.answer.fail').waitFor();
    await workbench.screenshot('settings key tests');
    assert.ok((await fakes.calls({ kind: 'account' })).length >= 2);
    const page = await settings.content();
    for (const secret of Object.values(fakes.keys)) assert.ok(!page.includes(secret));
  });

  it('S2: a configured value that cannot be used is said at its field, until another is chosen', async () => {
    writeFileSync(file(), JSON.stringify({ ...sampleSettings, 'genImageFactory.generation.count': 99_999 }));
    const problem = settings.locator('.problem', { hasText: /Generations.*99,?999.*2,?500/ });
    await problem.waitFor();
    assert.equal(await field('Generations').getAttribute('aria-invalid'), 'true');
    await workbench.screenshot('settings bad configured value');
    await field('Generations').fill('2');
    await problem.waitFor({ state: 'detached' });
    await settings.getByRole('button', { name: 'Save', exact: true }).click();
    await settings.getByText('All changes saved').waitFor();
    const saved = JSON.parse(readFileSync(file(), 'utf8')) as Record<string, unknown>;
    assert.equal(saved['genImageFactory.generation.count'], 2);
  });

  it('S1: VS Code’s own settings show the same keys; those of this computer are found there', async () => {
    await settings.getByRole('button', { name: 'Open in VS Code Settings' }).first().click();
    const native = workbench.page.locator('.settings-editor');
    await native.getByText('Gen Image Factory', { exact: false }).first().waitFor();
    await native.locator('.setting-item-contents').first().waitFor();
    // Where our values are kept.
    await native.locator('.settings-tabs-widget .action-label.checked', { hasText: 'Workspace' }).waitFor();
    await workbench.screenshot('settings of VS Code');
    await workbench.page.keyboard.press('Escape');
    settings = await openSettings();
    await settings.getByRole('searchbox', { name: 'Search settings' }).fill('endpoint');
    await settings.getByRole('button', { name: 'Open in VS Code Settings' }).last().click();
    await native
      .getByText(/Openai/i)
      .first()
      .waitFor();
    await workbench.screenshot('addresses in the settings of VS Code');
    await workbench.page.keyboard.press('Escape');
    assert.equal(await settings.getByRole('alert').count(), 0);
  });
});
