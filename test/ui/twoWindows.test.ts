/** Two windows on one folder, and windows that die: one works, the other follows, and what was cut off is offered again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeWorkspace } from '../support/vscode/workspace.ts';
import { paidBy } from './jobsHistory.ts';
import { screenshotIfFailed } from './jobsPage.ts';
import { chooseInMenu, expectSoon, openWorkbench } from './workbench.ts';
import type { SecondWindow, Workbench } from './workbench.ts';

const rows = 24;

/** Process id of the extension host that works, as it says in the workspace itself. */
function ownerOf(workspace: string): number {
  const text = readFileSync(join(workspace, '.gen-image-factory/lease.json'), 'utf8');
  const { owner } = JSON.parse(text) as { owner: { pid: number } | null };
  assert.ok(owner, 'Nobody works in the workspace.');
  return owner.pid;
}

const job = (page: Page, words: RegExp): Locator => page.getByRole('treeitem', { name: words });
const notification = (page: Page, words: RegExp): Locator =>
  page.locator('.notification-list-item').filter({ hasText: words });

describe('Two windows on one folder', () => {
  let fakes: FakeProviders;
  let workspace: string;
  let workbench: Workbench;
  let second: SecondWindow;

  before(async () => {
    fakes = await startFakeProviders({ latency: { image: 2500 } });
    const subjects = Array.from({ length: rows }, (_, row) => `animal ${row + 1}`);
    workspace = makeWorkspace({
      'keywords.txt': subjects.join('\n'),
      '.vscode/settings.json': JSON.stringify({
        'genImageFactory.runware.dimensions': '128x128',
        'genImageFactory.files.keywordsFile': 'keywords.txt',
        'genImageFactory.generation.count': rows,
        'genImageFactory.generation.parallel': 1,
        'search.exclude': { 'pictures/toupload': true, 'pictures/generated': true },
      }),
    });
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy(fakes.endpoints),
    });
    await workbench.page.getByRole('tab', { name: 'Gen Image Factory' }).click();
  });
  after(async () => {
    await workbench.close();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  it("P1, J5: the second shows the first one's job live and cannot start another", async () => {
    await workbench.runCommand('Start Job');
    await job(workbench.page, /, Running/).waitFor();
    second = await workbench.openSecondWindow();
    await second.page.getByRole('tab', { name: 'Gen Image Factory' }).click();
    await job(second.page, /, Running · .* · \d+\/24 images/).waitFor();
    const percent = async (): Promise<number> => {
      const bar = await second.page.locator('.part.statusbar').innerText();
      return Number(/(\d+)\s*%/.exec(bar)?.[1] ?? '-1');
    };
    const seen = await expectSoon('its percentage', async () =>
      (await percent()) >= 0 ? { at: await percent() } : null,
    );
    await expectSoon('that it counts', async () => (await percent()) > seen.at);
    await second.page.screenshot({ path: 'out/screenshots/two-windows-second.png' });
    await expectSoon('Stop Job', () => second.offers('Stop Job'));
    assert.equal(await second.offers('Start Job'), false);
    assert.equal(await second.offers('Start Sample Job'), false);
    assert.equal(
      await notification(second.page, /Step \d\/2/).count(),
      0,
      'The progress notification belongs to the first.',
    );
  });

  it('J4: when the first dies, the second offers Resume, and goes on without paying twice', async () => {
    process.kill(ownerOf(workspace), 'SIGKILL');
    const offer = notification(second.page, /was interrupted/);
    await offer.waitFor();
    await job(second.page, /, Interrupted/).waitFor();
    await second.page.screenshot({ path: 'out/screenshots/two-windows-resume.png' });
    await fakes.change({ latency: { image: 20 } });
    await offer.getByRole('button', { name: 'Resume' }).click();
    await job(second.page, /, Completed · .* · 24\/24 images/).waitFor();
    assert.deepEqual(await fakes.paidTwice(), []);
  });

  it("J5: Stop in one window stops the other one's job", async () => {
    await fakes.change({ latency: { image: 2500 } });
    await second.runCommand('Start Job');
    await job(second.page, /, Running/).waitFor();
    await workbench.reload();
    await job(workbench.page, /, Running/).waitFor();
    await expectSoon('Stop Job', () => workbench.offers('Stop Job'));
    await workbench.runCommand('Stop Job');
    await job(second.page, /, Stopped/).waitFor();
    await job(workbench.page, /, Stopped/).waitFor();
  });

  it('J4, M4: a window that comes back after a crash asks once for all that was cut off or waits', async () => {
    await second.close();
    // Three reruns: one works, two wait behind it.
    const rerun = async (): Promise<void> => {
      await job(workbench.page, /, Completed/)
        .last()
        .click({ button: 'right' });
      await chooseInMenu(workbench.page, 'Rerun Job…');
    };
    await rerun();
    await job(workbench.page, /, Running/).waitFor();
    for (const waiting of [1, 2]) {
      await rerun();
      await expectSoon(
        `${waiting} in the queue`,
        async () => (await job(workbench.page, /, Queued/).count()) === waiting,
      );
    }
    process.kill(ownerOf(workspace), 'SIGKILL');
    await workbench.reload();
    const question = notification(workbench.page, /1 interrupted, 2 waiting\./);
    await question.waitFor();
    assert.equal(await question.count(), 1);
    await workbench.screenshot('window interrupted question');
    await fakes.change({ latency: { image: 5 } });
    await question.getByRole('button', { name: 'Continue' }).click();
    await expectSoon('all of them', async () => {
      const completed = await job(workbench.page, /, Completed · .* · 24\/24 images/).count();
      return completed === 4;
    });
    assert.deepEqual(await fakes.paidTwice(), []);
  });
});
