/** Retries that wait behind a job, outlive the window, show how far they are, and are cancelled. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeSampleWorkspace } from '../support/vscode/workspace.ts';
import { openGate } from './jobsGate.ts';
import type { Gate } from './jobsGate.ts';
import { addressSettings, makeHistory } from './jobsHistory.ts';
import { screenshotIfFailed, selectAllText } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

/** Pictures of the sample provider that OpenAI's quality check rejects: they cost nothing to make, and wait at the gate. */
const rejected = {
  'provider.text': 'openai',
  'ai.qualityCheck': true,
  'ai.metadata': true,
} as const;
const first = 6;
/** More than are worked on at once. */
const second = 20;

describe('Retry queue', () => {
  let fakes: FakeProviders;
  let gate: Gate;
  let workspace: string;
  let workbench: Workbench;
  let failed: Frame;

  before(async () => {
    fakes = await startFakeProviders();
    gate = await openGate(fakes.endpoints.openai);
    workspace = makeSampleWorkspace({
      'genImageFactory.provider.text': 'openai',
      'genImageFactory.ai.qualityCheck': false,
      'genImageFactory.ai.metadata': false,
    });
    await fakes.script({ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Six legs.' });
    await makeHistory(
      workspace,
      [
        { ...rejected, 'job.label': 'First', 'generation.count': first },
        { ...rejected, 'job.label': 'Second', 'generation.count': second },
      ],
      fakes,
    );
    await fakes.clearFaults();
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      machineSettings: {
        ...addressSettings({ ...fakes.endpoints, openai: gate.address }),
        'genImageFactory.budget.confirmAbove': 1000,
      },
    });
    failed = await openFailed();
  });
  after(async () => {
    await workbench.close();
    await gate.end();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  async function openFailed(): Promise<Frame> {
    await workbench.runCommand('Open Failed Images Review');
    const view = await workbench.webview('Failed Images Review');
    await view.getByRole('tab', { name: /^Failed \d/ }).waitFor();
    return view;
  }

  const counted = (tab: string, count: number): Promise<void> =>
    failed.getByRole('tab', { name: `${tab} ${count}`, exact: true }).waitFor();
  const queue = (): Locator => failed.getByRole('button', { name: /^Queue/ });

  async function retryAllOf(label: string, count: number): Promise<void> {
    await failed.getByRole('tab', { name: /^Failed/ }).click();
    await failed.getByRole('combobox', { name: 'Job', exact: true }).click();
    await failed.getByRole('option', { name: label, exact: true }).click();
    await failed.getByText(selectAllText(0, count)).waitFor();
    await failed.getByRole('checkbox', { name: /Select All/ }).click();
    await failed.getByText(selectAllText(count, count)).waitFor();
    await failed.getByRole('button', { name: 'Retry Selected' }).click();
    const dialog = failed.getByRole('dialog', { name: /^Retry Processing Settings/ });
    await dialog.getByText(`The quality check rejected ${count} images of these.`).waitFor();
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await failed.getByRole('button', { name: 'Show All Jobs' }).click();
  }

  function delivered(label: string): string[] {
    const folder = join(workspace, 'pictures/toupload');
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(label)) : [];
  }

  it('F3: while a job runs, retries wait as Retry Pending, and the queue shows them', async () => {
    await counted('Failed', first + second);
    gate.close();
    await workbench.runCommand('Start Job');
    await gate.waiting(1);
    await retryAllOf('First', first);
    await counted('Retry Pending', first);
    await counted('Failed', second);
    await failed.getByRole('button', { name: 'Queue: 1 waiting' }).waitFor();
    await failed.getByRole('tab', { name: /^Retry Pending/ }).click();
    await expectSoon('their cards', async () => (await failed.getByRole('gridcell').count()) === first);
    assert.equal(
      await failed.getByRole('gridcell').first().getByRole('button', { name: 'Retry' }).isDisabled(),
      true,
    );
    await workbench.screenshot('failed retry pending');
    assert.deepEqual(delivered('First'), []);
  });

  it('F3: a waiting retry that is taken from the queue leaves its images as they were', async () => {
    await retryAllOf('Second', second);
    await counted('Retry Pending', first + second);
    await queue().click();
    await failed
      .getByRole('group', { name: 'Queue' })
      .getByRole('button', { name: /Remove/ })
      .last()
      .click();
    await counted('Retry Pending', first);
    await counted('Failed', second);
    await queue().click();
  });

  it('F3: the window is closed in the middle: none is lost, Continue lets them run, none is done twice', async () => {
    await workbench.closeWindow();
    await workbench.open();
    await workbench.notification(/1 interrupted, 1 waiting/).waitFor({ timeout: 60_000 });
    failed = await openFailed();
    await counted('Retry Pending', first);
    await queue().click();
    gate.open();
    await failed.getByRole('button', { name: 'Continue' }).click();
    await counted('Retry Pending', 0);
    await counted('Failed', second);
    await expectSoon('their files', () => delivered('First').length === first);
    assert.deepEqual(await fakes.paidTwice(), []);
    const described = await fakes.calls({ kind: 'metadata' });
    assert.equal(described.length, first, 'each is described once');
  });

  it('F3: a running retry shows its progress and can be cancelled; its images are as they were', async () => {
    gate.close();
    await retryAllOf('Second', second);
    await gate.waiting(1);
    const progress = failed.getByRole('progressbar', { name: 'Retry progress' });
    await progress.waitFor();
    await failed.getByText(`0 of ${second}`).waitFor();
    await counted('Failed', 0);
    await workbench.screenshot('failed retry progress');
    await failed.getByRole('button', { name: 'Cancel Retry' }).click();
    gate.open();
    await progress.waitFor({ state: 'hidden' });
    await expectSoon('an end', async () => {
      const tabs = await failed.getByRole('tab').allInnerTexts();
      const [pending, processing] = [/Retry Pending\s+0/, /Processing\s+0/];
      return tabs.some((text) => pending.test(text)) && tabs.some((text) => processing.test(text));
    });
    const left = Number(/\d+/.exec(await failed.getByRole('tab', { name: /^Failed/ }).innerText())?.[0]);
    assert.equal(left + delivered('Second').length, second, 'each is either rescued or as it was');
    assert.ok(left >= 1, 'what had not begun is as it was');
  });
});
