/** A service that has ended stops a job and a retry: another one is offered where that is told, and takes over. */
import assert from 'node:assert/strict';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { paidBy, makeHistory } from './jobsHistory.ts';
import { jobRow, openJobs, screenshotIfFailed } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const gone = { service: 'removebg', kind: 'removeBackground', do: 'status', status: 410 } as const;

describe('A service that has ended', () => {
  let fakes: FakeProviders;
  let workbench: Workbench;

  before(async () => {
    fakes = await startFakeProviders();
    const workspace = makeWorkspace({ 'keywords.csv': 'Animal\nfox\n', 'prompt.md': 'A ${{Animal}}' });
    const cutting = {
      'provider.image': 'runware',
      'provider.text': 'openai',
      'runware.dimensions': '128x128',
      'generation.count': 1,
      'generation.retryAttempts': 0,
      'processing.removeBackground': true,
      'processing.removeBgFailureMode': 'markFailed',
      'provider.backgroundRemoval': 'removebg',
    } as const;
    await fakes.script({ ...gone, at: [0] }, { ...gone, at: [1], status: 500 });
    await makeHistory(
      workspace,
      [
        { ...cutting, 'job.label': 'Stands still' },
        { ...cutting, 'job.label': 'Has failed' },
      ],
      fakes,
    );
    await fakes.clearFaults();
    await fakes.script(gone);
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy(fakes.endpoints),
    });
  });
  after(async () => {
    await workbench.close();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  it('L3: a paused job is resumed with another remover by one click', async () => {
    const jobs = await openJobs(workbench);
    await jobRow(jobs, /^Stands still$/).click();
    const job = await workbench.webview('Stands still');
    const offer = job.getByRole('button', { name: 'Resume with Runware' });
    await offer.waitFor();
    await workbench.screenshot('retirement paused job');
    await assertAccessible(job, 'A job that a service stopped');
    await offer.click();
    await job.getByText('Completed').first().waitFor();
    await offer.waitFor({ state: 'detached' });
    const [charge, ...more] = (await fakes.charges()).filter(({ kind }) => kind === 'removeBackground');
    assert.deepEqual([charge?.service, more.length], ['runware', 0]);
  });

  it('L3: a retry that is stopped goes on with another remover, from the notification as from the review', async () => {
    await workbench.runCommand('Open Failed Images Review');
    const failed = await workbench.webview('Failed Images Review');
    await failed.getByRole('gridcell').getByRole('button', { name: 'Retry' }).click();
    await failed
      .getByRole('dialog', { name: /^Retry/ })
      .getByRole('button', { name: 'Retry' })
      .click();
    // Nobody knows what remove.bg costs.
    await workbench.dialog().getByRole('button', { name: 'Retry', exact: true }).click();
    const notice = workbench.notification(/Retry of 1 image: .*no longer removes backgrounds/);
    await notice.getByRole('button', { name: 'Continue with Runware' }).waitFor();
    const offer = failed.getByRole('note').getByRole('button', { name: 'Continue with Runware' });
    await offer.waitFor();
    await workbench.screenshot('retirement stopped retry');
    await assertAccessible(failed, 'The review with a retry that a service stopped');
    await offer.click();
    await offer.waitFor({ state: 'detached' });
    // An image that is being retried is no longer among the failed: what was paid for tells when it is done.
    const removals = await expectSoon('the second background to be removed', async () => {
      const paid = (await fakes.charges()).filter(({ kind }) => kind === 'removeBackground');
      return paid.length > 1 && paid;
    });
    assert.deepEqual(
      removals.map(({ service }) => service),
      ['runware', 'runware'],
    );
  });
});
