/**
 * What an action is about: what lies under the pointer, or has the focus, at that moment. Between the look and the
 * click two images, or their job, arrive here each time, made by the engine in the test's own process as by another
 * window.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import type { Settings } from '../../src/engine/settings/settings.ts';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeWorkspace } from '../support/vscode/workspace.ts';
import { openGate } from './jobsGate.ts';
import type { Gate } from './jobsGate.ts';
import { paidBy, makeHistory, withFactory } from './jobsHistory.ts';
import { openJobs, screenshotIfFailed } from './jobsPage.ts';
import { focusedName, isAsked, leaveQuestion, nameOf, namesOf, openMenu, placeOf } from './pointing.ts';
import { chooseInMenu, expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const animals = Array.from({ length: 12 }, (_, index) => `animal ${index + 1}`);
const refused = {
  kind: 'image',
  do: 'status',
  status: 400,
  code: 'moderationFailed',
  message: 'No.',
} as const;

describe('What an action is about', () => {
  let fakes: FakeProviders;
  let workspace: string;
  let workbench: Workbench;
  let arrivals = 0;
  /** Images that the job Gaps has. */
  let made = 4;

  const byServices: Partial<Settings> = {
    'provider.image': 'runware',
    'runware.dimensions': '128x128',
    'generation.parallel': 1,
    'generation.retryAttempts': 0,
  };

  before(async () => {
    fakes = await startFakeProviders();
    workspace = makeWorkspace({
      'keywords.csv': `Subject\n${animals.join('\n')}\n`,
      'prompt.md': 'A sticker of ${{Subject}}.\n',
    });
    await makeHistory(workspace, [{ 'job.label': 'Zoo', 'generation.count': animals.length }]);
    // The last eight of its twelve images can be made again.
    await fakes.script({ ...refused, at: [4, 5, 6, 7, 8, 9, 10, 11] });
    await makeHistory(workspace, [{ ...byServices, 'job.label': 'Gaps', 'generation.count': 12 }], fakes);
    await fakes.clearFaults();
    for (let i = 0; i < 3; i += 1) await arriveFailed();
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy(fakes.endpoints),
    });
  });
  beforeEach(async () => {
    // A question that a failed test has left open.
    if (await workbench.dialog().isVisible()) await workbench.page.keyboard.press('Escape');
    await workbench.runCommand('View: Close All Editors', null);
  });
  afterEach(screenshotIfFailed(() => workbench));
  after(async () => {
    await workbench.close();
    await fakes.close();
  });

  /** A job of two images comes; answers what its newest image is called at its begin. */
  async function arrive(changes: Partial<Settings> = {}): Promise<string> {
    arrivals += 1;
    const file = `arrivals-${arrivals}.csv`;
    writeFileSync(join(workspace, file), `Subject\narrival ${arrivals} first\narrival ${arrivals} last\n`);
    const job = { 'files.keywordsFile': file, 'generation.count': 2, 'generation.parallel': 1, ...changes };
    await makeHistory(workspace, [{ 'job.label': `Arrival ${arrivals}`, ...job }], fakes);
    return `Arrival ${arrivals} last`;
  }

  /** Two images that the quality check rejects. */
  async function arriveFailed(): Promise<string> {
    await fakes.script({ kind: 'qualityCheck', times: 2, do: 'verdict', passed: false, reason: 'Blurred.' });
    const name = await arrive({ 'provider.text': 'openai', 'ai.qualityCheck': true });
    await fakes.clearFaults();
    return name;
  }

  /** Two images that a job still lacked. */
  async function fillGaps(): Promise<void> {
    made += 2;
    await withFactory(
      workspace,
      async (factory) => {
        const { items } = await factory.failedSlots({}, { limit: 2 });
        await factory.generateAgain(items);
        const run = factory.activeRun();
        if (run !== null) await factory.runEnded(run.id);
      },
      fakes,
    );
  }

  /**
   * Looks at an item, lets two images come so that it becomes another, opens its menu, lets two more come, and takes
   * Delete: the question names what lay there when the button was pressed. `seen` waits until the view shows what came.
   */
  async function menuIsAboutWhatIsThere(
    item: Locator,
    entry: string,
    come: () => Promise<unknown>,
    asks: (name: string) => string,
    seen: () => Promise<unknown>,
  ): Promise<void> {
    await item.waitFor();
    const looked = await nameOf(item);
    await come();
    await seen();
    const there = await nameOf(item);
    assert.notEqual(there, looked);
    await openMenu(workbench, item, entry);
    await come();
    await seen();
    await chooseInMenu(workbench.page, entry);
    await isAsked(workbench, asks(there));
    await leaveQuestion(workbench);
  }

  const image = (name: string): string => `Delete the image "${name}`;
  const job = (name: string): string => `Delete the job "${name}"?`;

  async function openView(command: string, title: string): Promise<Frame> {
    await workbench.runCommand(command);
    return workbench.webview(title);
  }
  /** Nothing holds the list while VS Code's menu has the focus: it moves under the menu. */
  const movedOn = (view: Frame) => (): Promise<unknown> =>
    expectSoon('the newest', async () =>
      (await nameOf(tile(view, 0))).startsWith(`Arrival ${arrivals} last`),
    );
  const tile = (view: Frame, index: number): Locator =>
    view.locator(`factory-image-grid [data-index="${index}"]`);
  const card = (view: Frame, index: number): Locator =>
    view.locator(`factory-failed-list [data-index="${index}"]`);
  const hasNewestFirst = (failed: Frame): Promise<unknown> =>
    expectSoon('the newest', async () => (await nameOf(card(failed, 0))).includes(`rrival ${arrivals} last`));

  it('gallery: a menu opens at the first right click, about what lies under the pointer by then', async () => {
    const gallery = await openView('Open Gallery', 'Gallery');
    await menuIsAboutWhatIsThere(tile(gallery, 3), 'Delete Images…', arrive, image, movedOn(gallery));
  });

  it('gallery as a list: the same', async () => {
    const gallery = await openView('Open Gallery', 'Gallery');
    await gallery.getByRole('button', { name: 'List View' }).click();
    await menuIsAboutWhatIsThere(tile(gallery, 3), 'Delete Images…', arrive, image, movedOn(gallery));
    await gallery.getByRole('button', { name: 'Grid View' }).click();
  });

  it('dashboard, generated images: the same', async () => {
    const dashboard = await openView('Open Dashboard', 'Gen Image Factory');
    await menuIsAboutWhatIsThere(tile(dashboard, 3), 'Delete Images…', arrive, image, movedOn(dashboard));
  });

  it('dashboard, newest images: the same', async () => {
    const dashboard = await openView('Open Dashboard', 'Gen Image Factory');
    const newest = dashboard.getByRole('group', { name: 'Newest images' }).getByRole('button').first();
    await newest.waitFor();
    const name = (): Promise<string | null> => newest.getAttribute('aria-label');
    await arrive();
    const last = `Arrival ${arrivals} last`;
    await expectSoon('the newest image', async () => (await name())?.startsWith(last));
    const there = (await name()) ?? '';
    await openMenu(workbench, newest, 'Delete Images…');
    await arrive();
    await expectSoon('another image', async () => (await name()) !== there);
    await chooseInMenu(workbench.page, 'Delete Images…');
    await isAsked(workbench, image(there));
    await leaveQuestion(workbench);
  });

  it('dashboard, job history: the same', async () => {
    const dashboard = await openView('Open Dashboard', 'Gen Image Factory');
    const row = dashboard.locator('factory-job-history tbody tr').nth(1);
    const name = (): Promise<string> => row.locator('button.plain').innerText();
    await row.waitFor();
    const seen = await name();
    await arrive();
    await expectSoon('another job there', async () => (await name()) !== seen);
    const there = await name();
    await openMenu(workbench, row, 'Delete Job…');
    await arrive();
    await expectSoon('yet another', async () => (await name()) !== there);
    await chooseInMenu(workbench.page, 'Delete Job…');
    await isAsked(workbench, job(there));
    await leaveQuestion(workbench);
  });

  it('job management: the same', async () => {
    const jobs = await openJobs(workbench);
    const row = jobs.locator('factory-job-table tbody tr').nth(1);
    const moved = (): Promise<unknown> =>
      jobs.locator('factory-job-table').getByText(`Arrival ${arrivals}`, { exact: true }).waitFor();
    await menuIsAboutWhatIsThere(row, 'Delete Job…', arrive, job, moved);
  });

  it('single job view: the same', async () => {
    await workbench.runCommand('View Job…');
    await workbench.page.locator('.quick-input-widget .quick-input-box input').fill('Gaps');
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Gaps' }).click();
    const view = await workbench.webview('Gaps');
    await view.getByRole('tab', { name: 'Images' }).click();
    const moved = (): Promise<unknown> =>
      expectSoon(`${made} images`, async () => {
        const all = view.locator('factory-image-grid [data-index]');
        return (await all.count()) === made && (await nameOf(all.last())) !== 'Loading';
      });
    await menuIsAboutWhatIsThere(tile(view, 1), 'Delete Images…', fillGaps, image, moved);
  });

  for (const layout of ['Grid', 'List']) {
    it(`failed images review (${layout}): the same`, async () => {
      const failed = await openView('Open Failed Images Review', 'Failed Images Review');
      await failed.getByRole('button', { name: `${layout} View` }).click();
      const moved = (): Promise<unknown> => hasNewestFirst(failed);
      await menuIsAboutWhatIsThere(card(failed, 2), 'Delete Images…', arriveFailed, image, moved);
      await failed.getByRole('button', { name: 'Grid View' }).click();
    });
  }

  describe('trees', () => {
    const items = (tree: RegExp): Locator =>
      workbench.page.getByRole('tree', { name: tree }).getByRole('treeitem');
    const label = async (item: Locator): Promise<string> =>
      (await item.locator('.label-name').innerText()).replaceAll('\u00a0', ' ');

    before(() => workbench.page.getByRole('tab', { name: 'Gen Image Factory' }).click());

    for (const [tree, entry, come, asks] of [
      [/Job History/, 'Delete Job…', arrive, job],
      [/Failed Images/, 'Delete Images…', arriveFailed, image],
    ] as const) {
      it(`${tree.source}: the same`, async () => {
        const item = items(tree).nth(2);
        const first = items(tree)
          .filter({ hasText: /arrival/i })
          .first();
        const seen = (): Promise<unknown> =>
          expectSoon('the newest', async () =>
            new RegExp(`^Arrival ${arrivals}$|arrival ${arrivals} last`).test(await label(first)),
          );
        await item.waitFor();
        const looked = await label(item);
        await come();
        await seen();
        const there = await label(item);
        assert.notEqual(there, looked);
        await openMenu(workbench, item, entry);
        await come();
        await seen();
        await chooseInMenu(workbench.page, entry);
        await isAsked(workbench, asks(there));
        await leaveQuestion(workbench);
      });
    }
  });

  it('a menu on what is chosen is about all of it, on another image about that alone; nothing stale is in it', async () => {
    const gallery = await openView('Open Gallery', 'Gallery');
    const [first, second, third] = [tile(gallery, 0), tile(gallery, 1), tile(gallery, 2)];
    await first.click({ modifiers: ['ControlOrMeta'] });
    await third.click({ modifiers: ['ControlOrMeta'] });
    await arrive();
    await gallery.getByRole('button', { name: '2 new images' }).waitFor();
    await openMenu(workbench, first, 'Delete Images…');
    await workbench.screenshot('pointer menu dark');
    await chooseInMenu(workbench.page, 'Delete Images…');
    await isAsked(workbench, 'Delete 2 images?', `"${await nameOf(first)}`, `"${await nameOf(third)}`);
    await workbench.screenshot('pointer question two dark');
    await leaveQuestion(workbench);
    await openMenu(workbench, second, 'Delete Images…');
    await chooseInMenu(workbench.page, 'Delete Images…');
    await isAsked(workbench, image(await nameOf(second)));
    await workbench.screenshot('pointer question one dark');
    await leaveQuestion(workbench);
    await gallery.getByRole('button', { name: 'Clear Selection' }).click();
    await expectSoon('nothing chosen', async () => !(await gallery.getByText('Delete Selected').isVisible()));
    await openMenu(workbench, first, 'Delete Images…');
    await chooseInMenu(workbench.page, 'Delete Images…');
    await isAsked(workbench, image(await nameOf(first)));
    await leaveQuestion(workbench);
  });

  it('the menu in the viewer is about the image on screen alone, whatever is chosen in the list', async () => {
    const gallery = await openView('Open Gallery', 'Gallery');
    await tile(gallery, 0).click({ modifiers: ['ControlOrMeta'] });
    await tile(gallery, 2).click({ modifiers: ['ControlOrMeta'] });
    const name = await nameOf(tile(gallery, 2));
    await workbench.page.keyboard.press('Enter');
    const stage = gallery.locator('factory-image-stage');
    await stage.locator('img').waitFor();
    await openMenu(workbench, stage, 'Delete Images…');
    await arrive();
    await gallery.getByRole('button', { name: '2 new images' }).waitFor({ state: 'attached' });
    await chooseInMenu(workbench.page, 'Delete Images…');
    await isAsked(workbench, image(name));
    await leaveQuestion(workbench);
  });

  it('a question about many names three and says how many more, in every theme', async () => {
    const gallery = await openView('Open Gallery', 'Gallery');
    for (const theme of ['light', 'dark'] as const) {
      await workbench.setTheme(theme);
      await gallery.getByRole('checkbox', { name: /Select All/ }).click();
      const remove = gallery.getByRole('button', { name: 'Delete Selected' });
      await remove.waitFor();
      const names = await Promise.all([0, 1, 2].map((index) => nameOf(tile(gallery, index))));
      const chosen = Number(/\((\d+)\//.exec(await gallery.getByText(/Select All/).innerText())?.[1]);
      await remove.click();
      const lines = names.map((name) => `"${name}`);
      await isAsked(workbench, `Delete ${chosen} images?`, ...lines, `and ${chosen - 3} more`);
      await workbench.screenshot(`pointer question many ${theme}`);
      await leaveQuestion(workbench);
      await gallery.getByRole('button', { name: 'Clear Selection' }).click();
      await openMenu(workbench, tile(gallery, 1), 'Delete Images…');
      await workbench.screenshot(`pointer menu ${theme}`);
      await workbench.page.keyboard.press('Escape');
    }
  });

  it('job management: a menu on a chosen row is about all chosen rows, on another about that alone; the Delete key too', async () => {
    const jobs = await openJobs(workbench);
    const rows = jobs.locator('factory-job-table tbody tr');
    const [first, second, third] = [rows.nth(0), rows.nth(1), rows.nth(2)];
    const names = await Promise.all([first, second, third].map((row) => nameOf(row)));
    await first.getByRole('checkbox').click();
    await third.getByRole('checkbox').click();
    await openMenu(workbench, third, 'Delete Job…');
    await chooseInMenu(workbench.page, 'Delete Job…');
    await isAsked(workbench, 'Delete 2 jobs?', `"${names[0]}"`, `"${names[2]}"`);
    await workbench.screenshot('pointer question jobs');
    await leaveQuestion(workbench);
    await openMenu(workbench, second, 'Delete Job…');
    await chooseInMenu(workbench.page, 'Delete Job…');
    await isAsked(workbench, job(names[1] ?? ''));
    await leaveQuestion(workbench);
    await second.focus();
    await workbench.page.keyboard.press('Delete');
    await isAsked(workbench, job(names[1] ?? ''));
    await leaveQuestion(workbench);
    await jobs.getByRole('button', { name: 'Clear Selection' }).click();
  });

  it('keys are about what has the focus, wherever it has moved', async () => {
    const { keyboard } = workbench.page;
    const jobs = await openJobs(workbench);
    const row = jobs.locator('factory-job-table tbody tr').nth(1);
    const name = await nameOf(row);
    await row.focus();
    await arrive();
    await expectSoon('the row has moved', async () => (await nameOf(row)) !== name);
    assert.equal(await focusedName(jobs), `Select ${name}`);
    await keyboard.press('Delete');
    await isAsked(workbench, job(name));
    await leaveQuestion(workbench);

    const failed = await openView('Open Failed Images Review', 'Failed Images Review');
    const focused = card(failed, 1);
    await focused.waitFor();
    const own = await nameOf(focused);
    await focused.focus();
    await arriveFailed();
    await expectSoon('the card has moved', async () => (await nameOf(focused)) !== own);
    await expectSoon('it keeps the focus', async () => (await focusedName(failed)) === `Select ${own}`);
    await keyboard.press('Delete');
    await isAsked(workbench, image(own));
    await leaveQuestion(workbench);
  });

  for (const [key, act] of [
    ['a', 'approves'],
    ['r', 'retries'],
  ] as const) {
    it(`the key ${key.toUpperCase()} ${act} what has the focus, wherever it has moved, and nothing else`, async () => {
      const failed = await openView('Open Failed Images Review', 'Failed Images Review');
      const names = (): Promise<string[]> => namesOf(failed.locator('factory-failed-list [data-index]'));
      const focused = card(failed, 2);
      await focused.waitFor();
      await expectSoon('its image', async () => !(await names()).includes('Loading'));
      const own = await nameOf(focused);
      await focused.focus();
      await arriveFailed();
      await hasNewestFirst(failed);
      const others = (await names()).filter((name) => name !== own);
      await workbench.page.keyboard.press(key);
      if (key === 'r') {
        const dialog = failed.getByRole('dialog', { name: /^Retry/ });
        await dialog.waitFor();
        await arriveFailed();
        await dialog.getByRole('button', { name: 'Retry' }).click();
      }
      await expectSoon('it has left the list', async () => !(await names()).includes(own));
      const left = await names();
      assert.deepEqual(
        others.filter((name) => !left.includes(name)),
        [],
      );
    });
  }

  it('a press that began on one thing does nothing to another', async () => {
    const { page } = workbench;
    const { mouse } = page;
    const failed = await openView('Open Failed Images Review', 'Failed Images Review');
    const bin = card(failed, 0).getByRole('button', { name: 'Delete' });
    const { x, y } = await placeOf(bin);
    await mouse.move(x, y);
    await mouse.down();
    await arriveFailed();
    await hasNewestFirst(failed);
    await mouse.up();
    // What is asked next is the answer to a whole press.
    const other = card(failed, 1);
    const name = await nameOf(other);
    await other.getByRole('button', { name: 'Delete' }).click();
    await isAsked(workbench, image(name));
    assert.equal(await page.locator('.monaco-dialog-modal-block').count(), 1);
    await leaveQuestion(workbench);
  });

  it('the second press of a double click on a tile does nothing in the viewer that the first has opened', async () => {
    const gallery = await openView('Open Gallery', 'Gallery');
    await tile(gallery, 2).dblclick();
    const viewer = gallery.getByRole('dialog', { name: 'Image' });
    const zoom = viewer.getByRole('button', { name: /Fit or Full Size/ });
    await viewer.locator('factory-image-stage img').waitFor();
    const shown = await zoom.innerText();
    await viewer.getByRole('button', { name: 'Fit', exact: true }).click();
    assert.equal(await zoom.innerText(), shown, 'The whole picture, as at first.');
    await viewer.locator('factory-image-stage').dblclick();
    await expectSoon('its own double click zooms', async () => (await zoom.innerText()) !== shown);
    await workbench.page.keyboard.press('Escape');
  });
});

describe('A press in the queue', () => {
  let fakes: FakeProviders;
  let gate: Gate;
  let workbench: Workbench;

  before(async () => {
    fakes = await startFakeProviders();
    gate = await openGate(fakes.endpoints.openai);
    const workspace = makeWorkspace({
      'keywords.csv': 'Subject\nfox\n',
      'prompt.md': 'A sticker of a ${{Subject}}.\n',
    });
    const jobs = ['One', 'Two', 'Three'].map((label) => ({
      'job.label': label,
      'provider.text': 'openai' as const,
      'generation.count': 1,
    }));
    await makeHistory(workspace, jobs, fakes);
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy({ ...fakes.endpoints, openai: gate.address }),
    });
  });
  afterEach(screenshotIfFailed(() => workbench));
  after(async () => {
    await workbench.close();
    await gate.end();
    await fakes.close();
  });

  it('that began on a run which goes to work meanwhile does not remove the next', async () => {
    const jobs = await openJobs(workbench);
    await jobs.getByRole('checkbox', { name: /Select All/ }).click();
    gate.close();
    await jobs.getByRole('button', { name: 'Rerun Selected' }).click();
    await gate.waiting(1);
    await jobs.getByRole('button', { name: 'Queue: 2 waiting' }).click();
    const entries = jobs.getByRole('group', { name: 'Queue' }).getByRole('listitem');
    const remove = entries.first().getByRole('button');
    const { x, y } = await placeOf(remove);
    const first = await remove.getAttribute('aria-label');
    const { mouse } = workbench.page;
    await mouse.move(x, y);
    await mouse.down();
    gate.open();
    gate.close();
    await gate.waiting(1);
    await expectSoon('the next in its place', async () => {
      return (await entries.count()) === 1 && (await remove.getAttribute('aria-label')) !== first;
    });
    await mouse.up();
    gate.open();
    const completed = jobs
      .getByRole('row')
      .filter({ hasText: /\(Rerun/ })
      .filter({ hasText: 'Completed' });
    await expectSoon('all three are made', async () => (await completed.count()) === 3);
  });
});
