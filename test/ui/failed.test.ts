/** Failed Images Review: failures of every kind, understood, approved, retried, deleted. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { failingFiles, makeFailures, rejection } from './failedJobs.ts';
import { addressSettings } from './jobsHistory.ts';
import { chooseOption, screenshotIfFailed, selectAllText } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

/** Six rejected ones and one of each of the other failures, of which two lost their background. */
const all = 12;

describe('Failed Images Review', () => {
  let fakes: FakeProviders;
  let workspace: string;
  let workbench: Workbench;
  let failed: Frame;

  before(async () => {
    fakes = await startFakeProviders();
    workspace = makeWorkspace(failingFiles);
    await makeFailures(workspace, fakes);
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      machineSettings: {
        ...addressSettings(fakes.endpoints),
        'genImageFactory.budget.confirmAbove': 1000,
      },
    });
    failed = await openFailed();
  });
  after(async () => {
    await workbench.close();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  async function openFailed(): Promise<Frame> {
    await workbench.runCommand('Open Failed Images Review');
    const view = await workbench.webview('Failed Images Review');
    await view.getByRole('grid', { name: 'Failed images' }).waitFor();
    return view;
  }

  const cards = (): Locator => failed.getByRole('gridcell');
  const card = (words: string | RegExp): Locator => cards().filter({ hasText: words });
  const tab = (name: string): Locator => failed.getByRole('tab', { name: new RegExp(`^${name} \\d`) });
  const shown = (chosen: number, of: number): Promise<void> =>
    failed.getByText(selectAllText(chosen, of)).waitFor();
  const clear = (): Promise<void> => failed.getByRole('button', { name: 'Clear Filters' }).first().click();
  const delivered = (): string[] =>
    existsSync(join(workspace, 'pictures/toupload')) ? readdirSync(join(workspace, 'pictures/toupload')) : [];

  it('section 9: tabs with counts; each failure under its own name, with its reason in words', async () => {
    await shown(0, all);
    await tab('Failed').getByText(String(all)).waitFor();
    for (const name of ['Retry Pending', 'Processing', 'Retry Failed'])
      await tab(name).getByText('0').waitFor();
    for (const [name, count] of [
      ['QC Failed', 6],
      ['QC Analysis Failed', 1],
      ['Download Failed', 1],
      ['Background Removal Failed', 2],
      ['Metadata Failed', 1],
      ['Content Flagged', 1],
    ] as const) {
      assert.equal(
        await failed.locator('.card .status').getByText(name, { exact: true }).count(),
        count,
        name,
      );
    }
    await card(rejection).first().waitFor();
    await workbench.screenshot('failed dark wide');
  });
});

describe('Failed Images Review of an empty folder', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await openWorkbench({ workspace: makeWorkspace(failingFiles) });
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  it('ux 3: says that nothing failed, and offers the next step', async () => {
    await workbench.runCommand('Open Failed Images Review');
    const view = await workbench.webview('Failed Images Review');
    await view.getByText('Nothing failed').waitFor();
    await workbench.screenshot('failed empty');
    await view.getByRole('button', { name: 'Open Gallery' }).click();
    await workbench.webview('Gallery');
  });
});
