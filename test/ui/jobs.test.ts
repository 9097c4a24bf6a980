/** Job Management: a long history, found again and looked through. Work on jobs is in jobsWork.test.ts. */
import assert from 'node:assert/strict';
import type { Frame, Locator } from 'playwright-core';
import { generateStore } from '../bench/generateStore.mts';
import { makeSampleWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { makeHistory } from './jobsHistory.ts';
import {
  chooseOption,
  jobRow,
  jobsLabels,
  openJobs,
  screenshotIfFailed,
  selectAllText,
  shownOption,
} from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const hostileLabel = '<img src=x onerror="document.title=1"> & "quotes"';
const generated = 60;
const all = generated + 2;

describe('Job Management of a long history', () => {
  let workbench: Workbench;
  let jobs: Frame;

  before(async () => {
    const workspace = makeSampleWorkspace();
    // The generated ones began long ago, so that the two real ones are the newest.
    const now = Date.UTC(2025, 5, 15, 12);
    await generateStore({
      root: workspace,
      images: generated,
      jobs: generated,
      imageFiles: 2,
      ownFiles: 0,
      now,
    });
    await makeHistory(workspace, [
      { 'job.label': hostileLabel, 'generation.count': 2 },
      { 'job.label': 'Zebra stickers', 'generation.count': 3 },
    ]);
    workbench = await openWorkbench({ workspace });
    jobs = await openJobs(workbench);
  });
  /** Every test begins at the first page, newest first, with nothing filtered and nothing chosen. */
  beforeEach(async () => {
    if (jobs.isDetached() || !(await jobs.locator('factory-jobs').isVisible()))
      jobs = await openJobs(workbench);
    for (const name of ['Clear Filters', 'Clear Selection']) {
      const button = jobs.getByRole('button', { name });
      if ((await button.count()) > 0) await button.first().click();
    }
    if ((await shownOption(jobs, 'Sort')) !== 'Newest First')
      await chooseOption(jobs, 'Sort', 'Newest First');
    const firstPage = jobs.getByRole('button', { name: 'Page 1', exact: true });
    if ((await firstPage.getAttribute('aria-current')) !== 'page') await firstPage.click();
    await jobs.getByText(`1–25 of ${all}`).waitFor();
    await jobs.getByText(selectAllText(0, all)).waitFor();
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  const rows = (): Locator => jobs.getByRole('row').filter({ has: jobs.getByRole('gridcell') });
  const search = (): Locator => jobs.getByRole('searchbox', { name: 'Search in label and id' });
  const clear = (): Promise<void> => jobs.getByRole('button', { name: 'Clear Filters' }).first().click();

  it('M1: shows checkbox, label, status, start time, duration, images and actions of each job, newest first', async () => {
    await jobRow(jobs, 'Zebra stickers').waitFor();
    for (const column of ['Label', 'Status', 'Start Time', 'Duration', 'Images', 'Actions']) {
      assert.equal(await jobs.getByRole('columnheader', { name: column, exact: true }).count(), 1, column);
    }
    const row = jobRow(jobs, 'Zebra stickers');
    await row.getByRole('checkbox', { name: 'Select Zebra stickers' }).waitFor();
    assert.match(await row.innerText(), /#[0-9a-f]{6}/);
    assert.match(await row.innerText(), /Completed/);
    assert.match(await row.innerText(), /\d+s/);
    assert.match(await row.innerText(), /3 \/ 3/);
    for (const action of ['Rerun', 'View', 'Export', 'Delete']) {
      assert.equal(await row.getByRole('button', { name: action, exact: true }).count(), 1, action);
    }
    assert.deepEqual((await jobsLabels(jobs)).slice(0, 2), ['Zebra stickers', hostileLabel]);
    await workbench.screenshot('jobs dark wide');
  });

  it('M1: markup in a label is text', async () => {
    await jobRow(jobs, hostileLabel).waitFor();
    assert.equal(await jobs.locator('img').count(), 0);
    assert.notEqual(await jobs.evaluate<string>('document.title'), '1');
  });

  it('D6: the statistics of all jobs stand above the table', async () => {
    const statistics = jobs.locator('factory-job-statistics dl');
    for (const name of [
      'Total Jobs',
      'Completed',
      'Failed',
      'Success Rate',
      'Average Duration',
      'Total Images',
    ]) {
      await statistics.getByText(name, { exact: true }).waitFor();
    }
    assert.match(await statistics.innerText(), new RegExp(`Total Jobs\\s*${all}\\b`));
  });

  it('M1: pages of 25, 50 and 100, the next, the previous and any page', async () => {
    const pages = jobs.getByRole('navigation', { name: 'Pages' });
    await pages.getByText(`1–25 of ${all}`).waitFor();
    assert.equal(await rows().count(), 25);
    await pages.getByRole('button', { name: 'Next Page' }).click();
    await pages.getByText(`26–50 of ${all}`).waitFor();
    await pages.getByRole('button', { name: 'Page 3' }).click();
    await pages.getByText(`51–${all} of ${all}`).waitFor();
    await expectSoon('the rest', async () => (await rows().count()) === all - 50);
    assert.equal(await pages.getByRole('button', { name: 'Next Page' }).isDisabled(), true);
    await pages.getByRole('button', { name: 'Previous Page' }).click();
    await pages.getByText(`26–50 of ${all}`).waitFor();
    await pages.getByRole('combobox', { name: 'Jobs per page' }).selectOption('100');
    await pages.getByText(`1–${all} of ${all}`).waitFor();
    await expectSoon('all on one page', async () => (await rows().count()) === all);
    await pages.getByRole('combobox', { name: 'Jobs per page' }).selectOption('25');
    await pages.getByText(`1–25 of ${all}`).waitFor();
  });

  it('M2: the status filter shows only jobs of that status', async () => {
    for (const status of ['Failed', 'Completed']) {
      await chooseOption(jobs, 'Status', status);
      await expectSoon(`only ${status}`, async () => {
        const texts = await rows().allInnerTexts();
        return texts.length > 0 && texts.every((text) => text.includes(status));
      });
    }
    await chooseOption(jobs, 'Status', 'Running');
    await jobs.getByText('No job fits these filters.').waitFor();
    await clear();
    await rows().first().waitFor();
  });

  it('M2: search finds a label or an id, ignoring case', async () => {
    await search().fill('ZEBRA');
    await expectSoon('one row', async () => (await rows().count()) === 1);
    const [text = ''] = await rows().allInnerTexts();
    const id = /#([0-9a-f]{6})/.exec(text)?.[1] ?? '';
    await search().fill(id);
    await expectSoon('the same row', async () => {
      const texts = await rows().allInnerTexts();
      return texts.length === 1 && texts[0]?.includes('Zebra') === true;
    });
    await clear();
    await expectSoon('all again', async () => (await search().inputValue()) === '');
  });

  it('M2: a range of start days, either end open', async () => {
    const [from, to] = [jobs.getByLabel('From Date'), jobs.getByLabel('To Date')];
    await to.fill('2025-12-31');
    await jobs.getByText(selectAllText(0, generated)).waitFor();
    await from.fill('2025-06-14');
    await expectSoon('fewer', async () => {
      const shown = /\/([\d,]+)\)/.exec(await jobs.getByText(/Select All/).innerText())?.[1];
      return Number(shown) > 0 && Number(shown) < generated;
    });
    await to.fill('');
    await jobRow(jobs, 'Zebra stickers').waitFor();
    await clear();
    await jobs.getByText(selectAllText(0, all)).waitFor();
    assert.equal(await from.inputValue(), '');
  });

  it('M2: sorts by newest, oldest and name', async () => {
    const newest = await jobsLabels(jobs);
    await chooseOption(jobs, 'Sort', 'Oldest First');
    await expectSoon('another first', async () => (await jobsLabels(jobs))[0] !== newest[0]);
    assert.ok(!(await jobsLabels(jobs)).includes('Zebra stickers'));
    await chooseOption(jobs, 'Sort', 'Name');
    await expectSoon('names in order', async () => {
      const labels = await jobsLabels(jobs);
      const sorted = [...labels].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
      return JSON.stringify(labels) === JSON.stringify(sorted);
    });
    await chooseOption(jobs, 'Sort', 'Newest First');
    await expectSoon('newest first', async () => (await jobsLabels(jobs))[0] === newest[0]);
  });

  it('M3: the selection outlives pages, filters and a hidden panel; "Select All (X/Y)" takes what the filter shows', async () => {
    await rows().nth(0).getByRole('checkbox').click();
    await jobs.getByText(selectAllText(1, all)).waitFor();
    await jobs.getByRole('button', { name: 'Next Page' }).click();
    await jobs.getByText(`26–50 of ${all}`).waitFor();
    await rows().nth(0).getByRole('checkbox').click();
    await rows()
      .nth(3)
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] });
    await jobs.getByText(selectAllText(5, all)).waitFor();
    await workbench.screenshot('jobs selected');
    await chooseOption(jobs, 'Status', 'Failed');
    await jobs.getByText(/\d+ more outside this filter/).waitFor();
    // The number of all that fit follows a moment later.
    await jobs.getByText(new RegExp(`Select All \\(\\d+/(?!${all}\\))`)).waitFor();
    const failed = Number(/\/(\d+)\)/.exec(await jobs.getByText(/Select All/).innerText())?.[1]);
    await jobs.getByRole('checkbox', { name: /Select All/ }).click();
    await jobs.getByText(selectAllText(failed, failed)).waitFor();
    await clear();
    const chosen = async (): Promise<number> =>
      Number(/\((\d+)\//.exec(await jobs.getByText(/Select All/).innerText())?.[1]);
    await jobs.getByText(new RegExp(`/${all}\\)`)).waitFor();
    const before = await chosen();
    assert.ok(before >= failed + 1 && before <= failed + 5, `${before} chosen`);
    await workbench.runCommand('Open Dashboard');
    await workbench.webview('Gen Image Factory');
    jobs = await openJobs(workbench);
    await jobs.getByText(selectAllText(before, all)).waitFor();
    await jobs.getByRole('button', { name: 'Clear Selection' }).click();
    await jobs.getByText(selectAllText(0, all)).waitFor();
    await jobs.getByRole('checkbox', { name: /Select All/ }).click();
    await jobs.getByText(selectAllText(all, all)).waitFor();
    await jobs.getByRole('checkbox', { name: /Select All/ }).click();
    await jobs.getByText(selectAllText(0, all)).waitFor();
  });

  it('U3: works by keyboard alone: arrows, Space, Enter, Ctrl+A, Ctrl+F, Tab into the row', async () => {
    const { keyboard } = workbench.page;
    await jobs.locator('tbody tr[tabindex="0"]').focus();
    await keyboard.press('Home');
    await keyboard.press('ArrowDown');
    await keyboard.press('Space');
    await jobs.getByText(selectAllText(1, all)).waitFor();
    assert.equal(await rows().nth(1).getAttribute('aria-selected'), 'true');
    await keyboard.press('Space');
    await jobs.getByText(selectAllText(0, all)).waitFor();
    await keyboard.press('Control+a');
    await jobs.getByText(selectAllText(all, all)).waitFor();
    await keyboard.press('Control+a');
    await jobs.getByText(selectAllText(0, all)).waitFor();
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    const focused = await jobs.evaluate<string>(`(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute('aria-label') ?? '';
    })()`);
    assert.equal(focused, 'Rerun');
    await keyboard.press('Control+f');
    await keyboard.type('zebra');
    await expectSoon('one row', async () => (await rows().count()) === 1);
    await jobs.locator('tbody tr[tabindex="0"]').focus();
    await keyboard.press('Enter');
    const job = await workbench.webview('Zebra stickers');
    await job.getByRole('heading', { name: 'Zebra stickers' }).waitFor();
    jobs = await openJobs(workbench);
    await expectSoon('the search is kept', async () => (await search().inputValue()) === 'zebra');
    await clear();
  });

  it('M1: a click on a row opens the job', async () => {
    await jobRow(jobs, hostileLabel).click();
    // A tab keeps to forty characters; the view shows all.
    const job = await workbench.webview(`${hostileLabel.slice(0, 39)}…`);
    await job.getByRole('heading', { name: hostileLabel }).waitFor();
    jobs = await openJobs(workbench);
  });

  for (const theme of ['dark', 'light', 'highContrast'] as const) {
    it(`U4: axe finds nothing in the table (${theme})`, async () => {
      await workbench.setTheme(theme);
      await rows().nth(1).getByRole('checkbox').click();
      await jobs.getByRole('button', { name: 'Delete Selected' }).waitFor();
      await assertAccessible(jobs, 'Job Management');
      await workbench.screenshot(`jobs ${theme}`);
      await jobs.getByRole('button', { name: 'Clear Selection' }).click();
    });
  }

  it('U6: fits a narrow panel', async () => {
    await workbench.setTheme('dark');
    const row = jobRow(jobs, 'Zebra stickers');
    // 700 and 300 pixels are left to the view.
    for (const width of [1060, 660]) {
      await workbench.setSize(width, 900);
      await expectSoon('nothing is cut off at the side', () =>
        jobs.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'),
      );
      for (const name of ['Rerun', 'Delete']) {
        const box = await row.getByRole('button', { name, exact: true }).boundingBox();
        assert.ok(box !== null && box.x + box.width <= width, `${name} is in sight`);
      }
      const label = await row.getByText('Zebra stickers').boundingBox();
      assert.ok(label !== null && label.width > 60, 'the label is in sight');
      await workbench.screenshot(`jobs narrow ${width}`);
    }
    await workbench.setSize(1600, 1000);
  });
});

describe('Job Management of an empty folder', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await openWorkbench({ workspace: makeSampleWorkspace() });
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  it('U1: says what will be here, and offers the next step', async () => {
    await workbench.runCommand('Open Job Management');
    const jobs = await workbench.webview('Job Management');
    await jobs.getByText('No jobs yet').waitFor();
    await workbench.screenshot('jobs empty');
    await jobs.getByRole('button', { name: 'Open Dashboard' }).click();
    await workbench.webview('Gen Image Factory');
  });
});
