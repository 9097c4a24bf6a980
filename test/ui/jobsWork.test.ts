/** Job Management at work: bulk rerun and its queue, bulk delete with Undo, bulk export. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeSampleWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { readWorkbook, unzip } from './jobsArchive.ts';
import { openGate } from './jobsGate.ts';
import type { Gate } from './jobsGate.ts';
import { paidBy, makeHistory, withFactory } from './jobsHistory.ts';
import {
  answerFileDialog,
  exactly,
  jobRow,
  jobsLabels,
  openJobs,
  screenshotIfFailed,
  selectAllText,
} from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

/** Five jobs, each with settings of its own; their prompts come through the gate. */
const five = ['One', 'Two', 'Three', 'Four', 'Five'].map((label, index) => ({
  'job.label': label,
  'provider.text': 'openai' as const,
  'generation.count': index + 1,
}));

describe('Bulk rerun', () => {
  let fakes: FakeProviders;
  let gate: Gate;
  let workspace: string;
  let workbench: Workbench;
  let jobs: Frame;

  before(async () => {
    fakes = await startFakeProviders();
    gate = await openGate(fakes.endpoints.openai);
    workspace = makeSampleWorkspace();
    writeFileSync(join(workspace, 'special.csv'), 'Animal\nfox\n');
    writeFileSync(join(workspace, 'special.md'), 'A ${{Animal}} in a forest.\n');
    const special = {
      'job.label': 'Special',
      'files.keywordsFile': 'special.csv',
      'files.systemPromptFile': 'special.md',
    };
    await makeHistory(workspace, [special, ...five], fakes);
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy({ ...fakes.endpoints, openai: gate.address }),
    });
    jobs = await openJobs(workbench);
  });
  after(async () => {
    await workbench.close();
    await gate.end();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  /** Of all reruns, none began before another that had begun earlier was finished (P1). */
  async function assertOneAtATime(): Promise<void> {
    await workbench.closeWindow();
    const spans = await withFactory(workspace, async (factory) => {
      const { items } = await factory.jobs({}, 'newest', { limit: 100 });
      return items
        .filter(({ rerun, startedAt }) => rerun && startedAt !== null)
        .map(({ startedAt, finishedAt }) => ({ from: startedAt ?? 0, to: finishedAt ?? 0 }))
        .sort((a, b) => a.to - b.to);
    });
    assert.equal(spans.length, 4);
    for (const [index, { from }] of spans.entries()) {
      assert.ok(index === 0 || from >= (spans[index - 1]?.to ?? 0), JSON.stringify(spans));
    }
    await workbench.open();
    jobs = await openJobs(workbench);
  }

  const rerunsThat = async (status: string): Promise<string[]> => {
    const rows = jobs
      .getByRole('row')
      .filter({ hasText: /\(Rerun/ })
      .filter({ hasText: status });
    const texts = await rows.allInnerTexts();
    return texts.map((text) => /(\w+) \(Rerun/.exec(text)?.[1] ?? '');
  };

  it('M4: needs two jobs; they are queued and run one at a time; the queue is shown, can be edited, outlives the window, and goes on by one click with nothing done twice', async () => {
    await jobRow(jobs, 'One').getByRole('checkbox').click();
    assert.equal(await jobs.getByRole('button', { name: 'Rerun Selected' }).isDisabled(), true);
    for (const label of ['Two', 'Three', 'Four', 'Five']) {
      await jobRow(jobs, exactly(label)).getByRole('checkbox').click();
    }
    gate.close();
    await jobs.getByRole('button', { name: 'Rerun Selected' }).click();
    await gate.waiting(1);
    await jobs.getByRole('button', { name: 'Queue: 4 waiting' }).waitFor();
    await expectSoon('one runs, four wait', async () => {
      const [running, queued] = [await rerunsThat('Running'), await rerunsThat('Queued')];
      return running.length === 1 && queued.length === 4;
    });
    for (const label of await jobsLabels(jobs)) {
      if (label.includes('Rerun')) assert.match(label, /^(One|Two|Three|Four|Five) \(Rerun [0-9a-f]{6}\)$/);
    }
    await jobs.getByRole('button', { name: /^Queue/ }).click();
    const waiting = jobs.getByRole('group', { name: 'Queue' }).getByRole('listitem');
    assert.equal(await waiting.count(), 4);
    await workbench.screenshot('jobs queue');
    await assertAccessible(jobs, 'The queue');

    const title = (await waiting.last().innerText()).trim();
    await waiting
      .last()
      .getByRole('button', { name: /Remove/ })
      .click();
    await jobs.getByRole('button', { name: 'Queue: 3 waiting' }).waitFor();
    await expectSoon('its row is gone', async () => !(await jobsLabels(jobs)).includes(title));

    await workbench.closeWindow();
    await workbench.open();
    const question = workbench.notification(/1 interrupted, 3 waiting/);
    await question.waitFor();
    jobs = await openJobs(workbench);
    await jobs.getByRole('button', { name: /^Queue: \d held/ }).waitFor();
    await expectSoon('nothing runs', async () => (await rerunsThat('Running')).length === 0);
    await jobs.getByRole('button', { name: /^Queue/ }).click();
    await workbench.screenshot('jobs queue held');
    gate.open();
    await jobs.getByRole('button', { name: 'Continue' }).click();
    // The question is answered: it goes from sight.
    await question.waitFor({ state: 'hidden' });
    await expectSoon('all four are completed', async () => (await rerunsThat('Completed')).length === 4);
    await jobs.getByRole('button', { name: /^Queue/ }).waitFor({ state: 'hidden' });
    const reruns = (await jobsLabels(jobs)).filter((label) => label.includes('Rerun'));
    assert.equal(reruns.length, 4);
    for (const { 'job.label': label, 'generation.count': count } of five) {
      const row = jobRow(jobs, new RegExp(`^${label} \\(Rerun`));
      // Each ran with the settings of its own original.
      if ((await row.count()) === 1) assert.match(await row.innerText(), new RegExp(`${count} / ${count}`));
    }
    assert.deepEqual(await fakes.paidTwice(), []);
    await assertOneAtATime();
  });

  it('M4: one that cannot start fails with its reason, and the next one runs', async () => {
    writeFileSync(join(workspace, 'special.csv'), 'Plant\nfern\n');
    await jobRow(jobs, /^Special/)
      .getByRole('checkbox')
      .click();
    await jobRow(jobs, /^One$/).getByRole('checkbox').click();
    await jobs.getByRole('button', { name: 'Rerun Selected' }).click();
    const special = jobRow(jobs, /^Special \(Rerun/);
    await special.getByText('Failed', { exact: true }).waitFor();
    const next = jobRow(jobs, /^One \(Rerun/);
    await next.getByText('Completed', { exact: true }).waitFor();
    const title = await special.locator('.label > span').first().innerText();
    await special.click();
    const job = await workbench.webview(title);
    await job
      .getByRole('alert')
      .getByText(/Animal/)
      .waitFor();
    await job.getByRole('button', { name: 'Rerun with Changes…' }).waitFor();
    await workbench.screenshot('job failed at start');
    jobs = await openJobs(workbench);
  });
});

describe('Rerun and View of one job', () => {
  let workbench: Workbench;

  before(async () => {
    const workspace = makeSampleWorkspace();
    await makeHistory(workspace, [{ 'job.label': 'Two', 'generation.count': 2 }]);
    workbench = await openWorkbench({ workspace });
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  it('M1, D10: the buttons of a row run a job again and open it, in the table and in the dashboard’s history', async () => {
    let jobs = await openJobs(workbench);
    const completed = (): Promise<number> =>
      jobs
        .getByRole('row')
        .filter({ hasText: /Two \(Rerun [0-9a-f]{6}\).*Completed.*2 \/ 2/s })
        .count();
    await jobRow(jobs, exactly('Two')).getByRole('button', { name: 'Rerun', exact: true }).click();
    await expectSoon('a rerun', async () => (await completed()) === 1);
    await jobRow(jobs, exactly('Two')).getByRole('button', { name: 'View', exact: true }).click();
    await (await workbench.webview('Two')).getByRole('heading', { name: 'Two' }).waitFor();

    await workbench.runCommand('Open Dashboard');
    const dashboard = await workbench.webview('Gen Image Factory');
    const row = dashboard
      .getByRole('table', { name: 'Job History' })
      .getByRole('row')
      .filter({ has: dashboard.getByText('Two', { exact: true }) });
    // Label, status, start, duration, images.
    await row.waitFor();
    const cells = (await row.getByRole('cell').allInnerTexts()).map((text) => text.trim());
    assert.deepEqual([cells[0], cells[4]], ['Two', '2']);
    assert.match(cells[1] ?? '', /Completed$/);
    assert.match(`${cells[2]}, ${cells[3]}`, /\d:\d\d.*, \d+s$/);
    await row.getByRole('button', { name: 'Rerun', exact: true }).click();
    await row.getByRole('button', { name: 'View Details', exact: true }).click();
    await (await workbench.webview('Two')).getByRole('heading', { name: 'Two' }).waitFor();
    jobs = await openJobs(workbench);
    await expectSoon('another rerun', async () => (await completed()) === 2);
  });
});

describe('Bulk delete and export', () => {
  let workspace: string;
  let workbench: Workbench;
  let jobs: Frame;

  before(async () => {
    workspace = makeSampleWorkspace();
    await makeHistory(workspace, [
      { 'job.label': 'Keep', 'generation.count': 1 },
      { 'job.label': '=1+1', 'generation.count': 2 },
      { 'job.label': 'Gone', 'generation.count': 3 },
    ]);
    workbench = await openWorkbench({ workspace });
    jobs = await openJobs(workbench);
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  const images = (): string[] => readdirSync(join(workspace, 'pictures/toupload')).sort();
  const exported = (): string[] => readdirSync(join(workspace, '.gen-image-factory/exports'));
  /** These jobs and no others. */
  const select = async (...labels: string[]): Promise<void> => {
    const clear = jobs.getByRole('button', { name: 'Clear Selection' });
    if ((await clear.count()) > 0) await clear.click();
    for (const label of labels) await jobRow(jobs, label).getByRole('checkbox').click();
    await jobs.getByText(selectAllText(labels.length, 3)).waitFor();
  };
  const finish = async (words: string): Promise<void> => {
    await jobs.getByText(words).first().waitFor();
    await jobs.getByRole('button', { name: 'Close' }).last().click();
    await jobs.getByRole('dialog').waitFor({ state: 'hidden' });
  };
  it('M6, X2: one ZIP in the exports folder with a workbook per job and a summary', async () => {
    await select('=1+1', 'Gone');
    await jobs.getByRole('button', { name: 'Export Selected' }).click();
    const dialog = jobs.getByRole('dialog', { name: 'Export 2 jobs' });
    assert.equal(await dialog.getByRole('radio', { name: /^Default Exports Folder/ }).isChecked(), true);
    await workbench.screenshot('jobs export');
    await assertAccessible(jobs, 'The export dialog');
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    await jobs.getByRole('button', { name: 'Reveal' }).waitFor();
    await workbench.screenshot('jobs exported');
    await finish('Export of 2 jobs finished');
    const file = exported().find((name) => name.endsWith('.zip')) ?? '';
    assert.match(file, /^bulk_export.*\d{8}.*\.zip$/);
    const files = await unzip(join(workspace, '.gen-image-factory/exports', file));
    const workbooks = [...files.keys()].filter((name) => name.endsWith('.xlsx'));
    assert.equal(workbooks.length, 2);
    const summary = files.get('export_summary.txt')?.toString() ?? '';
    assert.match(summary, /=1\+1/);
    assert.match(summary, /Gone/);
    for (const name of workbooks) {
      const sheets = readWorkbook(files.get(name) ?? Buffer.alloc(0));
      assert.deepEqual(Object.keys(sheets), ['Job Summary', 'Images', 'Settings']);
      assert.equal((sheets['Images']?.length ?? 0) - 1, name.includes('Gone') ? 3 : 2);
    }
  });

  it('X4: a custom location is chosen in VS Code’s own dialog and remembered; the number or the old file gives way', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'factory-exports-'));
    const target = join(folder, 'mine.zip');
    await select('=1+1', 'Gone');
    await jobs.getByRole('button', { name: 'Export Selected' }).click();
    const dialog = jobs.getByRole('dialog', { name: 'Export 2 jobs' });
    await dialog.getByRole('radio', { name: 'Custom Location' }).click();
    await answerFileDialog(workbench, target);
    await dialog.getByText(target).waitFor();
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    await finish('Export of 2 jobs finished');
    assert.deepEqual(readdirSync(folder), ['mine.zip']);

    await jobs.getByRole('button', { name: 'Export Selected' }).click();
    await dialog.getByText(target).waitFor();
    assert.equal(await dialog.getByRole('radio', { name: /^Append Number/ }).isChecked(), true);
    await workbench.screenshot('jobs export custom');
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    await finish('Export of 2 jobs finished');
    assert.deepEqual(readdirSync(folder).sort(), ['mine-1.zip', 'mine.zip']);

    const before = statSync(target).mtimeMs;
    await jobs.getByRole('button', { name: 'Export Selected' }).click();
    await dialog.getByRole('radio', { name: 'Overwrite' }).click();
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    await finish('Export of 2 jobs finished');
    assert.deepEqual(readdirSync(folder).sort(), ['mine-1.zip', 'mine.zip']);
    assert.ok(statSync(target).mtimeMs > before, 'the file is new');
  });

  it('M6, X1: one selected job becomes one workbook', async () => {
    await jobRow(jobs, '=1+1').getByRole('button', { name: 'Export' }).click();
    const dialog = jobs.getByRole('dialog');
    await dialog.getByRole('radio', { name: /^Default Exports Folder/ }).click();
    // A second click, before the first is answered, starts no second export.
    await dialog.getByRole('button', { name: 'Export', exact: true }).evaluate((button) => {
      (button as HTMLElement).click();
      (button as HTMLElement).click();
    });
    await finish('Export of 1 job finished');
    const workbooks = exported().filter((name) => name.endsWith('.xlsx'));
    assert.equal(workbooks.length, 1);
    const [file = ''] = workbooks;
    const sheets = readWorkbook(join(workspace, '.gen-image-factory/exports', file));
    const [names = [], values = []] = sheets['Job Summary'] ?? [];
    assert.equal(values[names.indexOf('Label')], '=1+1');
  });

  it('M3, M5: a job that another window deletes is chosen no more and shows no error; what is undone there is back', async () => {
    const elsewhere = <T>(work: Parameters<typeof withFactory<T>>[1]): Promise<T> =>
      withFactory(workspace, work);
    const remove = (): Promise<string> =>
      elsewhere(async (factory) => {
        const { items } = await factory.jobs({ search: 'Gone' }, 'newest', { limit: 1 });
        return (await factory.deleteJobs(items.map(({ id }) => id))).trashId;
      });
    await select('Keep', 'Gone');
    const first = await remove();
    await jobs.getByText(selectAllText(1, 2)).waitFor();
    await elsewhere((factory) => factory.undoDelete(first));
    await jobs.getByText(selectAllText(1, 3)).waitFor();

    await jobRow(jobs, 'Gone').click();
    const job = await workbench.webview('Gone');
    await job.getByRole('heading', { name: 'Gone' }).waitFor();
    const second = await remove();
    await job.getByText('This job was deleted').waitFor();
    assert.equal(await job.getByRole('alert').count(), 0);
    await elsewhere((factory) => factory.undoDelete(second));
    await job.getByRole('heading', { name: 'Gone' }).waitFor();
    jobs = await openJobs(workbench);
    await jobs.getByText(selectAllText(1, 3)).waitFor();
    assert.equal(await jobs.getByRole('alert').count(), 0);
  });

  it('M5: one question names the counts; Cancel leaves all as it is', async () => {
    const before = images();
    await select('=1+1', 'Gone');
    await jobs.getByRole('button', { name: 'Delete Selected' }).click();
    const question = workbench.dialog();
    await question.getByText('Delete 2 jobs?').waitFor();
    assert.match(await question.innerText(), /files: 5\./);
    await workbench.screenshot('jobs delete question');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await jobs.getByText(selectAllText(2, 3)).waitFor();
    assert.deepEqual(images(), before);
  });

  it('M5: jobs, images and files go to the trash; Undo brings all of them back', async () => {
    const before = images();
    await select('=1+1', 'Gone');
    await jobs.getByRole('button', { name: 'Delete Selected' }).click();
    await workbench.dialog().getByRole('button', { name: 'Delete', exact: true }).click();
    await jobs.getByText(selectAllText(0, 1)).waitFor();
    assert.deepEqual(await jobsLabels(jobs), ['Keep']);
    await expectSoon('one file', () => images().length === 1);
    assert.ok(existsSync(join(workspace, '.gen-image-factory/trash')));
    await workbench
      .notification(/Deleted 2 jobs and 5 images/)
      .getByRole('button', { name: 'Undo' })
      .click();
    await jobs.getByText(selectAllText(0, 3)).waitFor();
    assert.deepEqual((await jobsLabels(jobs)).sort(), ['=1+1', 'Gone', 'Keep']);
    await expectSoon('their files', () => images().length === before.length);
    assert.deepEqual(images(), before);
  });

  it('M5: the Delete key asks, too, and Ctrl+Z brings back', async () => {
    const { keyboard } = workbench.page;
    await select();
    await jobRow(jobs, 'Gone').focus();
    await keyboard.press('Delete');
    await workbench.dialog().getByText('Delete the job "Gone"?').waitFor();
    await workbench.dialog().getByRole('button', { name: 'Delete', exact: true }).click();
    await jobs.getByText(selectAllText(0, 2)).waitFor();
    await jobs.locator('tbody tr[tabindex="0"]').focus();
    await keyboard.press('Control+z');
    await jobs.getByText(selectAllText(0, 3)).waitFor();
  });
});
