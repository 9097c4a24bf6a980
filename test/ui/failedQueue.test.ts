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
import { paidBy, makeHistory } from './jobsHistory.ts';
import { chooseOption, screenshotIfFailed, selectAllText } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

/** Images of the sample provider that OpenAI's quality check rejects: they cost nothing to make, and wait at the gate. */
const rejected = {
  'provider.text': 'openai',
  'ai.qualityCheck': true,
  'ai.metadata': true,
} as const;
/** One job for each test, with so many images; as many as are cancelled are more than are worked on at once. */
const jobs = { Waiting: 6, Removed: 6, Closed: 6, Cancelled: 20 };
type Label = keyof typeof jobs;

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
      Object.entries(jobs).map(([label, count]) => ({
        ...rejected,
        'job.label': label,
        'generation.count': count,
      })),
      fakes,
    );
    await fakes.clearFaults();
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy({ ...fakes.endpoints, openai: gate.address }),
    });
    failed = await openFailed();
  });
  after(async () => {
    await workbench.close();
    await gate.end();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));
  // What a test left behind comes to its end, so that the next begins with nothing under way.
  afterEach(async () => {
    gate.open();
    const held = failed.getByRole('button', { name: /^Queue: .* held/ });
    await expectSoon('an empty queue', async () => {
      if (!(await held.isVisible())) return !(await queue().isVisible());
      if ((await held.getAttribute('aria-expanded')) !== 'true') await held.click();
      await failed.getByRole('button', { name: 'Clear Queue' }).click();
      return false;
    });
    await expectSoon('the end of what works', () => workbench.offers('Start Job'));
  });

  async function openFailed(): Promise<Frame> {
    await workbench.runCommand('Open Failed Images Review');
    const view = await workbench.webview('Failed Images Review');
    await view.getByRole('tab', { name: /^Failed \d/ }).waitFor();
    return view;
  }

  const counted = (tab: string, count: number): Promise<void> =>
    failed.getByRole('tab', { name: `${tab} ${count}`, exact: true }).waitFor();
  const queue = (): Locator => failed.getByRole('button', { name: /^Queue/ });

  /** A window that was closed may come back with the tab and filters of some time before, as VS Code happened to keep them. */
  async function show(label: Label): Promise<void> {
    await failed.getByRole('tab', { name: /^Failed/ }).click();
    const all = failed.getByRole('button', { name: 'Show All Jobs' });
    if (await all.isVisible()) await all.click();
    await chooseOption(failed, 'Job', label);
  }

  async function retryAllOf(label: Label): Promise<void> {
    const count = jobs[label];
    await show(label);
    await counted('Failed', count);
    await failed.getByText(selectAllText(0, count)).waitFor();
    await failed.getByRole('checkbox', { name: /Select All/ }).click();
    await failed.getByText(selectAllText(count, count)).waitFor();
    await failed.getByRole('button', { name: 'Retry Selected' }).click();
    const dialog = failed.getByRole('dialog', { name: /^Retry Processing Settings/ });
    await dialog.getByText(`The quality check rejected ${count} images of these.`).waitFor();
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** A job that stands still at its first prompt, so that what is asked for now waits behind it. */
  async function holdJob(): Promise<void> {
    gate.close();
    await workbench.runCommand('Start Job');
    await gate.waiting(1);
  }

  function delivered(label: Label): string[] {
    const folder = join(workspace, 'pictures/toupload');
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(label)) : [];
  }

  it('F3: while a job runs, retries wait as Retry Pending, the queue shows them, and they run after it', async () => {
    await holdJob();
    await retryAllOf('Waiting');
    await counted('Retry Pending', jobs.Waiting);
    await counted('Failed', 0);
    await failed.getByRole('button', { name: 'Queue: 1 waiting' }).waitFor();
    await failed.getByRole('tab', { name: /^Retry Pending/ }).click();
    const cards = failed.getByRole('gridcell').filter({ hasText: 'Retry Pending' });
    await expectSoon('their cards', async () => (await cards.count()) === jobs.Waiting);
    await cards.first().getByRole('button', { name: 'Retry', disabled: true }).waitFor();
    await workbench.screenshot('failed retry pending');
    assert.deepEqual(delivered('Waiting'), []);
    gate.open();
    await counted('Retry Pending', 0);
    await expectSoon('their files', () => delivered('Waiting').length === jobs.Waiting);
    await failed.getByRole('tab', { name: /^Failed/ }).click();
  });

  it('F3: a waiting retry that is taken from the queue leaves its images as they were', async () => {
    await holdJob();
    await retryAllOf('Removed');
    await counted('Retry Pending', jobs.Removed);
    await queue().click();
    await failed
      .getByRole('group', { name: 'Queue' })
      .getByRole('button', { name: /Remove/ })
      .click();
    await counted('Retry Pending', 0);
    await counted('Failed', jobs.Removed);
    await queue().waitFor({ state: 'hidden' });
    assert.deepEqual(delivered('Removed'), []);
  });

  it('F3: the window is closed in the middle: none is lost, Continue lets them run, none is done twice', async () => {
    const before = (await fakes.calls({ kind: 'metadata' })).length;
    await holdJob();
    await retryAllOf('Closed');
    await counted('Retry Pending', jobs.Closed);
    await workbench.closeWindow();
    await workbench.open();
    await workbench.notification(/1 interrupted, 1 waiting/).waitFor();
    failed = await openFailed();
    await show('Closed');
    await counted('Retry Pending', jobs.Closed);
    await queue().click();
    const proceed = failed.getByRole('button', { name: 'Continue' });
    const clear = failed.getByRole('button', { name: 'Clear Queue' });
    const pressed = await proceed.boundingBox();
    assert.ok(pressed !== null);
    await proceed.click();
    await proceed.waitFor({ state: 'hidden' });
    await failed.getByRole('button', { name: 'Queue: 1 waiting' }).waitFor();
    const { x } = (await clear.boundingBox()) ?? { x: 0 };
    assert.ok(x > pressed.x + pressed.width, 'Clear Queue never comes to lie under the pointer');
    gate.open();
    await expectSoon('their files', () => delivered('Closed').length === jobs.Closed);
    await counted('Retry Pending', 0);
    await counted('Failed', 0);
    await counted('Retry Failed', 0);
    assert.deepEqual(await fakes.paidTwice(), []);
    const described = await fakes.calls({ kind: 'metadata' });
    assert.equal(described.length - before, jobs.Closed, 'each is described once');
  });

  it('F3: a running retry shows its progress and can be cancelled; its images are as they were', async () => {
    gate.close();
    await retryAllOf('Cancelled');
    await gate.waiting(1);
    const progress = failed.getByRole('progressbar', { name: 'Retry progress' });
    await progress.waitFor();
    await failed.getByText(`0 of ${jobs.Cancelled}`).waitFor();
    await counted('Failed', 0);
    await workbench.screenshot('failed retry progress');
    await failed.getByRole('button', { name: 'Cancel Retry' }).click();
    gate.open();
    await progress.waitFor({ state: 'hidden' });
    await counted('Retry Pending', 0);
    await counted('Processing', 0);
    const tab = await failed.getByRole('tab', { name: /^Failed/ }).innerText();
    const left = Number(/\d+/.exec(tab)?.[0]);
    assert.equal(left + delivered('Cancelled').length, jobs.Cancelled, 'each is either rescued or as it was');
    assert.ok(left >= 1, 'what had not begun is as it was');
  });
});
