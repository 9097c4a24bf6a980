/** A folder with a history from elsewhere: it is looked at, nothing of it goes on, and one question takes it over. */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import type { Frame } from 'playwright-core';
import { defaultSettings } from '../../src/engine/settings/settings.ts';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeSampleWorkspace, makeWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { openGate } from './jobsGate.ts';
import { makeHistory, paidBy, quickSettings, withFactory } from './jobsHistory.ts';
import { jobRow, jobsLabels, openJobs, screenshotIfFailed } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const elsewhere = /comes from elsewhere/;
const paid = {
  'provider.image': 'runware',
  'provider.text': 'openai',
  'runware.dimensions': '128x128',
  'generation.count': 2,
} as const;

describe('A folder whose history is from elsewhere', () => {
  let fakes: FakeProviders;
  let workbench: Workbench;
  /** What its maker has paid for. */
  let charged: number;

  /** One job is done, and one was cut off, as a copy of the folder brings them. */
  async function makeForeign(): Promise<string> {
    const original = makeSampleWorkspace();
    await makeHistory(original, [{ ...paid, 'job.label': 'Autumn' }], fakes);
    const gate = await openGate(fakes.endpoints.openai);
    const services = { keys: fakes.keys, endpoints: { ...fakes.endpoints, openai: gate.address } };
    gate.close();
    await withFactory(
      original,
      async (factory) => {
        const changes = { ...quickSettings, ...paid, 'job.label': 'Cut off' };
        await factory.start({ settings: { ...defaultSettings(), ...changes } });
        await gate.waiting(1);
      },
      services,
    );
    await gate.end();
    const copy = makeWorkspace({});
    cpSync(original, copy, { recursive: true });
    return copy;
  }

  before(async () => {
    fakes = await startFakeProviders();
    const workspace = await makeForeign();
    charged = (await fakes.charges()).length;
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy(fakes.endpoints),
      settings: { 'genImageFactory.budget.confirmAbove': 0 },
    });
  });
  after(async () => {
    await workbench.close();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  const told = (view: Frame, role: 'note' | 'alert'): ReturnType<Frame['locator']> =>
    view.getByRole(role).filter({ hasText: elsewhere });

  async function openJob(label: string): Promise<Frame> {
    const jobs = await openJobs(workbench);
    await jobRow(jobs, label).click();
    return workbench.webview(label);
  }

  it('W11: its history is shown with Adopt History beside it, and nobody asks whether it should go on', async () => {
    const jobs = await openJobs(workbench);
    assert.deepEqual(await jobsLabels(jobs), ['Cut off', 'Autumn']);
    await told(jobs, 'note').getByRole('button', { name: 'Adopt History…' }).waitFor();
    await workbench.notification(elsewhere).getByRole('button', { name: 'Adopt History…' }).waitFor();
    assert.equal(await workbench.notification(/interrupted/).count(), 0);
    assert.equal(await workbench.offers('Continue Queue'), false);
    assert.equal(await workbench.offers('Adopt History…'), true);
  });

  it('W11: Resume does nothing but tell why, once, with Adopt History beside it', async () => {
    const job = await openJob('Cut off');
    await job.getByRole('button', { name: 'Resume', exact: true }).first().click();
    await told(job, 'alert').getByRole('button', { name: 'Adopt History…' }).waitFor();
    assert.equal(await job.getByText(elsewhere).count(), 1);
    await workbench.screenshot('adopt resume refused');
    assert.equal((await fakes.charges()).length, charged);
  });

  for (const theme of ['dark', 'light', 'highContrast'] as const) {
    it(`W11, U4: views of it are accessible in the theme ${theme}, the settings among them without an error`, async () => {
      if (theme !== 'dark') await workbench.setTheme(theme);
      await workbench.runCommand('Open Settings Editor');
      const settings = await workbench.webview('Settings');
      await told(settings, 'note').waitFor();
      await settings.getByLabel('Keywords File', { exact: true }).waitFor();
      assert.equal(await settings.getByRole('alert').count(), 0);
      await assertAccessible(settings, 'The settings');
      for (const [command, title] of [
        ['Open Dashboard', 'Gen Image Factory'],
        ['Open Job Management', 'Job Management'],
      ] as const) {
        await workbench.runCommand(command);
        const view = await workbench.webview(title);
        await told(view, 'note').waitFor();
        await workbench.screenshot(`adopt ${title} ${theme}`);
        await assertAccessible(view, title);
      }
    });
  }

  it('W11: the question says what is in it; adopted, all is there, and what was cut off waits', async () => {
    const job = await openJob('Cut off');
    await job.getByRole('button', { name: 'Adopt History…' }).first().click();
    const question = workbench.dialog();
    await question.getByText('Adopt the history in this folder?').waitFor();
    const words = await question.innerText();
    assert.match(words, /Jobs: 2 · Images: 2 · Unfinished work: 1/);
    assert.match(words, /Nothing starts and nothing is paid/);
    await workbench.screenshot('adopt question');
    await question.getByRole('button', { name: 'Adopt History', exact: true }).click();

    await expectSoon('the notices are gone', async () => (await job.getByText(elsewhere).count()) === 0);
    const jobs = await openJobs(workbench);
    await told(jobs, 'note').waitFor({ state: 'detached' });
    await expectSoon('both jobs', async () => (await jobsLabels(jobs)).join() === 'Cut off,Autumn');
    await workbench.notification(/"Cut off" was interrupted/).waitFor();
    assert.equal(await workbench.offers('Adopt History…'), false);
    assert.equal((await fakes.charges()).length, charged);
    await workbench.screenshot('adopt adopted');
  });

  it('W11: once adopted it goes on as any other, after the question for its sum', async () => {
    const job = await openJob('Cut off');
    await job.getByRole('button', { name: 'Resume', exact: true }).first().click();
    const question = workbench.page
      .getByRole('dialog')
      .filter({ hasText: 'Resume "Cut off" and make 2 images?' });
    await question.getByText(/Estimate: at most \$/).waitFor();
    await question.getByRole('button', { name: 'Resume', exact: true }).click();
    await job.getByText('Completed').first().waitFor();
  });
});
