/** The Single Job View: what a job was, what it will be when it runs again, and all that can be done with it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeSampleWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { readWorkbook } from './jobsArchive.ts';
import { openGate } from './jobsGate.ts';
import type { Gate } from './jobsGate.ts';
import { paidBy, makeHistory } from './jobsHistory.ts';
import { answerFileDialog, exactly, jobRow, openJobs, screenshotIfFailed } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const hostileLabel = '<img src=x onerror="document.title=1">';

describe('Single Job View', () => {
  let fakes: FakeProviders;
  let gate: Gate;
  let workspace: string;
  let workbench: Workbench;
  let job: Frame;
  /** Of the job that these tests look at, until one of them gives it another. */
  let label = 'Autumn';

  before(async () => {
    fakes = await startFakeProviders();
    gate = await openGate(fakes.endpoints.openai);
    workspace = makeSampleWorkspace();
    await makeHistory(
      workspace,
      [
        { 'job.label': hostileLabel, 'generation.count': 1 },
        {
          'job.label': 'Autumn',
          'provider.text': 'openai',
          'provider.image': 'runware',
          'runware.dimensions': '128x128',
          'generation.count': 3,
          'ai.qualityCheck': true,
          'ai.metadata': true,
        },
      ],
      fakes,
    );
    // What the job ran with stays what it was.
    writeFileSync(join(workspace, 'keywords.csv'), 'Subject,Style\nlynx,etching\n');
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy({ ...fakes.endpoints, openai: gate.address }),
    });
    job = await openJob(label);
  });
  after(async () => {
    await workbench.close();
    await gate.end();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  async function openJob(label: string): Promise<Frame> {
    const jobs = await openJobs(workbench);
    await jobRow(jobs, exactly(label)).click();
    const frame = await workbench.webview(label);
    // A page that VS Code brings back after a reload shows the tab that it had when VS Code last stored it.
    await frame.getByRole('tab', { name: 'Overview', exact: true }).click();
    await frame.getByRole('table', { name: 'Settings as run and current' }).waitFor();
    return frame;
  }

  const tab = (name: string): Promise<void> => job.getByRole('tab', { name, exact: true }).click();
  const fact = (name: string): Locator =>
    job
      .locator('dl > div')
      .filter({ has: job.getByText(name, { exact: true }) })
      .locator('dd');
  const settingsRow = (name: string): Locator =>
    job
      .getByRole('table', { name: 'Settings as run and current' })
      .getByRole('row')
      .filter({ has: job.getByRole('rowheader', { name, exact: true }) });
  const dialog = (): Locator => job.getByRole('dialog');
  /** The button that the section Settings has at its right (guide: Accessing Settings Edit); the dialog may be open. */
  const edit = async (): Promise<void> => {
    if (await dialog().isVisible()) return;
    await job.getByRole('button', { name: 'Edit', exact: true }).click();
    await dialog().getByRole('button', { name: 'Save Settings' }).waitFor();
  };
  const field = (name: string): Locator => dialog().getByLabel(name, { exact: true });
  /** The job ran three generations, and its next rerun makes two. */
  const twoNext = async (): Promise<void> => {
    const row = settingsRow('Generations');
    if (/3\s+2/.test(await row.innerText())) return;
    await edit();
    await field('Generations').fill('2');
    await dialog().getByRole('button', { name: 'Save Settings' }).click();
    await dialog().waitFor({ state: 'hidden' });
    await row.getByText('Differs from as run').waitFor();
  };
  const options = async (name: string): Promise<string[]> =>
    (await field(name).getByRole('option').allInnerTexts()).map((text) => text.trim());

  it('V1: the Overview shows details, statistics and files as run', async () => {
    assert.match(await fact('Job ID').innerText(), /^[0-9a-f-]{36}$/);
    assert.equal(await fact('Status').innerText(), 'Completed');
    assert.equal(await fact('Planned').innerText(), '3');
    assert.equal(await fact('Approved').innerText(), '3');
    assert.equal(await fact('Success Rate').innerText(), '100%');
    assert.match(await fact('Duration').innerText(), /^\d+s$/);
    assert.match(await fact('Cost').innerText(), /^\$/);
    assert.equal(await fact('Image Provider').innerText(), 'Runware');
    await workbench.screenshot('job overview');
  });

  it('V4: all settings as run, beside the current ones; no keys among them', async () => {
    await job.getByText('The current settings are those that the job ran with.').waitFor();
    for (const [name, value] of [
      ['Runware Model', 'runware:101@1'],
      ['Dimensions', '128x128'],
      ['Generations', '3'],
      ['AI Quality Check', 'On'],
    ] as const) {
      assert.deepEqual(
        (await settingsRow(name).getByRole('cell').allInnerTexts()).map((text) => text.trim()),
        [value, value],
      );
    }
    const page = await job.locator('factory-job').innerText();
    for (const key of Object.values(fakes.keys)) assert.ok(!page.includes(key));
  });

  it('V4: the keyword file opens as it was when the job ran, and cannot be edited', async () => {
    await job.getByRole('button', { name: 'keywords.csv' }).click();
    const editor = workbench.page.locator('.editor-instance').filter({ hasText: 'red fox' });
    await editor.waitFor();
    assert.ok(!(await editor.innerText()).includes('lynx'));
    await workbench.page.getByRole('tab', { name: /keywords \(as run\)\.csv/ }).waitFor();
    await workbench.page.keyboard.press('Control+a');
    await workbench.page.keyboard.type('x');
    await workbench.page.getByText('Cannot edit in read-only editor').first().waitFor();
    job = await openJob(label);
  });

  it('V1: all images of the job, and the viewer with the settings that made each', async () => {
    await tab('Images');
    const images = job.getByRole('grid', { name: 'Images' });
    await expectSoon('three images', async () => (await images.getByRole('gridcell').count()) === 3);
    assert.equal(await job.getByRole('combobox', { name: 'Job', exact: true }).count(), 0);
    await images.getByRole('gridcell').first().click();
    await dialog().getByRole('tab', { name: 'Processing' }).click();
    await dialog().getByText('runware:101@1').waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.screenshot('job images');
  });

  it('V1, D4: the complete log; Debug is offered in Debug Mode', async () => {
    await tab('Logs');
    const log = job.getByRole('log');
    await log.getByText('Step 1/2: Initialization').waitFor();
    await log.getByText('Step 2/2: Image Generation').waitFor();
    const standard = await job.getByText(/^\d+ rows$/).innerText();
    const debug = job.getByRole('button', { name: 'Debug', exact: true });
    assert.equal(await debug.isDisabled(), true);
    writeFileSync(
      join(workspace, '.vscode/settings.json'),
      JSON.stringify({ 'genImageFactory.advanced.debugMode': true }),
    );
    await expectSoon('Debug is offered', async () => !(await debug.isDisabled()));
    await debug.click();
    await expectSoon(
      'more rows',
      async () => Number.parseInt(await job.getByText(/^\d+ rows$/).innerText()) > Number.parseInt(standard),
    );
    await job.getByRole('searchbox', { name: 'Search Log' }).fill('QUALITY CHECK');
    await log.getByText('passed the quality check').first().waitFor();
    await workbench.screenshot('job log');
    await tab('Overview');
  });

  it('V3: Edit shows the key rows, and file paths for reference only', async () => {
    await edit();
    for (const name of ['OpenAI API Key', 'PI API Key', 'Remove.bg API Key']) {
      const row = dialog().getByRole('group', { name, exact: true });
      await row.getByText('From environment').waitFor();
      assert.equal(await row.getByRole('button', { name: `Set ${name}` }).count(), 1);
    }
    await dialog().getByText('For reference. To change what a file says, edit it on disk.').waitFor();
    for (const name of ['Output Directory', 'Keywords File', 'System Prompt File']) {
      assert.equal(await field(name).getAttribute('readonly'), '', `${name} is read-only`);
    }
    await workbench.screenshot('job edit settings');
    await assertAccessible(job, 'The settings of a job');
  });

  it('V3: Parameters: every field of the guide, shown where it applies', async () => {
    await edit();
    for (const name of [
      'Job Label',
      'OpenAI Model',
      'Generation Timeout',
      'Timeout',
      'Polling Interval',
      'Random Keywords',
      'LoRA Models',
      'Runware Advanced',
    ]) {
      assert.equal(await field(name).count(), 1, name);
    }
    assert.equal(await field('CFG Scale').count(), 0);
    await field('Runware Advanced').check();
    for (const name of ['CFG Scale', 'Steps', 'Scheduler', 'NSFW']) await field(name).waitFor();
    await field('LoRA Models').check();
    await field('LoRA List').fill('civitai:1@2:0.8\ncivitai:3@4');
    await dialog().getByRole('combobox', { name: 'Image Provider' }).selectOption('piapi');
    for (const name of ['Process Mode', 'Aspect Ratios', 'MJ Version']) await field(name).waitFor();
    assert.deepEqual(await options('Process Mode'), ['Relax', 'Fast', 'Turbo']);
    assert.equal(await field('CFG Scale').count(), 0);
    await dialog().getByRole('combobox', { name: 'Image Provider' }).selectOption('runware');
    assert.equal(
      await field('LoRA List').inputValue(),
      'civitai:1@2:0.8\ncivitai:3@4',
      'S4: a hidden field keeps its value',
    );
    assert.equal(await field('Variations per Generation').inputValue(), '1', 'and no other field gets it');
    await field('LoRA Models').uncheck();
    await field('Runware Advanced').uncheck();
  });

  it('V3: Image Processing: every field of the guide, shown where it applies', async () => {
    await edit();
    await field('Remove Background').check();
    await field('Background Remover').selectOption('removebg');
    assert.deepEqual(await options('Remove.bg Size'), ['Auto', 'Preview', 'Full', '50MP']);
    assert.deepEqual(await options('On remove.bg failure'), ['Mark Failed', 'Approve']);
    await field('Trim Transparent Background').waitFor();
    await field('Image Convert').check();
    await field('Convert Format').selectOption('jpg');
    for (const name of ['JPG Quality', 'JPG Background Color']) await field(name).waitFor();
    await field('Convert Format').selectOption('webp');
    await field('WebP Quality').waitFor();
    assert.equal(await field('JPG Quality').count(), 0);
    await field('Image Enhancement').check();
    for (const [name, value] of [
      ['Sharpening Level', '10.5'],
      ['Saturation Level', '2.1'],
    ] as const) {
      await dialog().getByRole('spinbutton', { name }).fill(value);
      await dialog().getByText('1 value to correct').waitFor();
      await dialog().getByRole('spinbutton', { name }).fill('2');
    }
    await workbench.screenshot('job edit processing');
    await field('Image Enhancement').uncheck();
    await field('Remove Background').uncheck();
  });

  it('V3: AI Features and Advanced: every field of the guide; a search finds one', async () => {
    await edit();
    for (const name of ['AI Quality Check', 'AI Metadata Generation', 'Debug Mode'])
      await field(name).waitFor();
    await dialog().getByRole('searchbox', { name: 'Search settings' }).fill('quality check');
    await expectSoon('only those', async () => (await field('Generations').count()) === 0);
    await field('AI Quality Check').uncheck();
    await dialog().getByRole('searchbox').fill('');
  });

  it('V3: Save Settings refuses a bad value at its field, saves good ones, and what differs from as run is marked', async () => {
    await edit();
    await field('AI Quality Check').uncheck();
    await field('Generations').fill('0');
    await dialog().getByRole('button', { name: 'Save Settings' }).click();
    await dialog()
      .getByText(/Generations.*1.*2,?500/)
      .waitFor();
    assert.equal(await field('Generations').evaluate((input) => input.matches(':focus')), true);
    await field('Generations').fill('2');
    await dialog().getByRole('button', { name: 'Save Settings' }).click();
    await dialog().waitFor({ state: 'hidden' });
    await job.getByText(/settings differ from as run/).waitFor();
    assert.match(await settingsRow('Generations').innerText(), /3\s+2/);
    assert.equal(await settingsRow('Generations').getByText('Differs from as run').count(), 1);
    assert.equal(await settingsRow('Runware Model').getByText('Differs from as run').count(), 0);
    assert.match(await settingsRow('AI Quality Check').innerText(), /On\s+Off/);
    await workbench.screenshot('job settings differ');
    await job.getByRole('checkbox', { name: 'Only differences' }).check();
    await expectSoon('fewer rows', async () => (await settingsRow('Runware Model').count()) === 0);
    await job.getByRole('checkbox', { name: 'Only differences' }).uncheck();
    assert.equal(await fact('Generated').innerText(), '3', 'what is made stays as it is');
  });

  it('V3: the dialog opens at its top, also when it was left at its end, and Ctrl+S saves', async () => {
    await edit();
    const top = (): Promise<number> =>
      dialog()
        .locator('.fields')
        .evaluate((fields) => fields.scrollTop);
    await field('Debug Mode').scrollIntoViewIfNeeded();
    assert.ok((await top()) > 0);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await dialog().waitFor({ state: 'hidden' });
    await edit();
    assert.equal(await top(), 0);
    await field('Generations').fill('2');
    await field('Debug Mode').check();
    await workbench.page.keyboard.press('Control+s');
    await dialog().waitFor({ state: 'hidden' });
    await expectSoon('saved', async () => /3\s+2/.test(await settingsRow('Generations').innerText()));
  });

  it('V2: Rerun uses the job’s current settings; its own label shows where it comes from', async () => {
    await twoNext();
    await job.getByRole('button', { name: 'Rerun', exact: true }).click();
    const jobs = await openJobs(workbench);
    const rerun = jobRow(jobs, /^Autumn \(Rerun [0-9a-f]{6}\)$/);
    await rerun.getByText('Completed', { exact: true }).waitFor();
    assert.match(await rerun.innerText(), /2 \/ 2/);
    job = await openJob(label);
  });

  it('V1: Rerun with changes asks for them, and leaves the job’s own settings alone', async () => {
    await twoNext();
    await job.getByRole('button', { name: 'More Actions' }).click();
    await job.getByRole('menuitem', { name: 'Rerun with Changes…' }).click();
    await field('Generations').fill('1');
    await field('Job Label').fill('Winter');
    await dialog().getByRole('button', { name: 'Start Rerun' }).click();
    const jobs = await openJobs(workbench);
    const rerun = jobRow(jobs, /^Winter/);
    await rerun.getByText('Completed', { exact: true }).waitFor();
    assert.match(await rerun.innerText(), /1 \/ 1/);
    job = await openJob(label);
    assert.match(await settingsRow('Generations').innerText(), /3\s+2/);
  });

  it('V2: a rerun is queued while a job runs; Stop ends it, Resume goes on', async () => {
    await twoNext();
    gate.close();
    await job.getByRole('button', { name: 'Rerun', exact: true }).click();
    await gate.waiting(1);
    await job.getByRole('button', { name: 'Rerun', exact: true }).click();
    await job.getByRole('button', { name: 'Queue: 1 waiting' }).waitFor();
    await job.getByRole('button', { name: /^Queue/ }).click();
    await job.getByRole('button', { name: 'Clear Queue' }).click();
    await job.getByRole('button', { name: /^Queue/ }).waitFor({ state: 'hidden' });
    const jobs = await openJobs(workbench);
    const running = jobs.getByRole('row').filter({ hasText: 'Running' });
    const title = await running.locator('.label > span').first().innerText();
    await running.click();
    const other = await workbench.webview(title);
    await other.getByRole('button', { name: 'Stop Job' }).click();
    gate.open();
    await other.getByRole('button', { name: 'Resume' }).click();
    await other.getByText('Completed', { exact: true }).first().waitFor();
    assert.equal(
      await other
        .locator('dl > div')
        .filter({ has: other.getByText('Approved', { exact: true }) })
        .locator('dd')
        .innerText(),
      '2',
    );
    job = await openJob(label);
  });

  it('D5: a new name shows at once in the view, its tab, the table, the history tree, the dashboard and the gallery’s filter', async () => {
    await job.getByRole('button', { name: 'Rename' }).click();
    const name = field('Job Label');
    await expectSoon('the field has the focus', () => name.evaluate((input) => input.matches(':focus')));
    await name.fill('Spring 🌱');
    await workbench.page.keyboard.press('Escape');
    await dialog().getByText('1 change not saved. Press Escape again to discard.').waitFor();
    await name.press('Enter');
    label = 'Spring 🌱';
    await job.getByRole('heading', { name: 'Spring 🌱' }).waitFor();
    await workbench.page.getByRole('tab', { name: 'Spring 🌱' }).waitFor();
    const jobs = await openJobs(workbench);
    await jobRow(jobs, /^Spring 🌱$/).waitFor();
    await workbench.page.getByRole('tab', { name: 'Gen Image Factory' }).first().click();
    await workbench.page.getByRole('treeitem', { name: /^Spring 🌱/ }).waitFor();
    await workbench.runCommand('Open Dashboard');
    const dashboard = await workbench.webview('Gen Image Factory');
    await dashboard.getByText('Spring 🌱', { exact: true }).first().waitFor();
    await workbench.runCommand('Open Gallery');
    const gallery = await workbench.webview('Gallery');
    await gallery.getByRole('combobox', { name: 'Job', exact: true }).click();
    await gallery.getByRole('option', { name: 'Spring 🌱', exact: true }).click();
    await expectSoon('its images', async () => (await gallery.getByRole('gridcell').count()) === 3);
    job = await openJob(label);
  });

  it('X1, X4: Export to Excel, to a place of one’s own, that is remembered; the job’s name is in it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'factory-exports-'));
    const target = join(folder, 'spring.xlsx');
    await job.getByRole('button', { name: 'Export', exact: true }).click();
    await dialog().getByRole('radio', { name: 'Custom Location' }).click();
    await answerFileDialog(workbench, target);
    await dialog().getByText(target).waitFor();
    await dialog().getByRole('button', { name: 'Export', exact: true }).click();
    await job.getByText('Export of 1 job finished').first().waitFor();
    await job.getByRole('button', { name: 'Close' }).last().click();
    await job.getByRole('button', { name: 'Export', exact: true }).click();
    await dialog().getByText(target).waitFor();
    await dialog()
      .getByRole('radio', { name: /^Append Number/ })
      .focus();
    await workbench.page.keyboard.press('Enter');
    await job.getByText('Export of 1 job finished').first().waitFor();
    await job.getByRole('button', { name: 'Close' }).last().click();
    assert.deepEqual(readdirSync(folder).sort(), ['spring-1.xlsx', 'spring.xlsx']);
    const sheets = readWorkbook(target);
    const [names = [], values = []] = sheets['Job Summary'] ?? [];
    assert.equal(values[names.indexOf('Label')], label);
    assert.equal(values[names.indexOf('Generations')], 3, 'as run, not as edited since');
    assert.equal((sheets['Images']?.length ?? 0) - 1, 3);
  });

  it('V1: markup in a label is text', async () => {
    const hostile = await openJob(hostileLabel);
    await hostile.getByRole('heading', { name: hostileLabel }).waitFor();
    assert.equal(await hostile.locator('img[onerror]').count(), 0);
    assert.notEqual(await hostile.evaluate<string>('document.title'), '1');
    job = await openJob(label);
  });

  for (const theme of ['dark', 'light', 'highContrast'] as const) {
    it(`U4: axe finds nothing in the three tabs (${theme})`, async () => {
      await workbench.setTheme(theme);
      for (const name of ['Images', 'Logs', 'Overview']) {
        await tab(name);
        await job.getByRole('tabpanel', { name }).waitFor();
        await assertAccessible(job, name);
      }
      await workbench.screenshot(`job ${theme}`);
    });
  }

  it('U3: the tabs are worked by arrows', async () => {
    await workbench.setTheme('dark');
    await job.getByRole('tab', { name: 'Overview' }).focus();
    await workbench.page.keyboard.press('ArrowRight');
    await job.getByRole('tabpanel', { name: 'Images' }).waitFor();
    await workbench.page.keyboard.press('End');
    await job.getByRole('tabpanel', { name: 'Logs' }).waitFor();
    await workbench.page.keyboard.press('Home');
    await job.getByRole('tabpanel', { name: 'Overview' }).waitFor();
  });

  it('U6: fits a narrow panel', async () => {
    await workbench.setSize(1060, 900);
    await expectSoon('nothing is cut off at the side', () =>
      job.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'),
    );
    await workbench.screenshot('job narrow');
    await workbench.setSize(1600, 1000);
  });

  it('U5: a job that is opened after a reload has one tab, though its old one was not shown yet', async () => {
    await openJobs(workbench);
    await workbench.reload();
    job = await openJob(label);
    const tabs = workbench.page.getByRole('tab', { name: label });
    await expectSoon('one tab', async () => (await tabs.count()) === 1);
  });

  it('V1, M5: Delete asks, takes images and files along, and says so; Undo brings all back into the view', async () => {
    const id = (await fact('Job ID').innerText()).slice(-6);
    const files = (): string[] =>
      readdirSync(join(workspace, 'pictures/toupload')).filter((name) => name.includes(`_${id}_`));
    assert.equal(files().length, 3);
    await job.getByRole('button', { name: 'Delete', exact: true }).click();
    await workbench.dialog().getByText(`Delete the job "${label}"?`).waitFor();
    await workbench.dialog().getByRole('button', { name: 'Delete', exact: true }).click();
    await job.getByText('This job was deleted').waitFor();
    await expectSoon('its files gone', () => files().length === 0);
    await workbench.screenshot('job deleted');
    await workbench
      .notification(/Deleted 1 job and 3 images/)
      .getByRole('button', { name: 'Undo' })
      .click();
    await job.getByRole('heading', { name: label }).waitFor();
    await expectSoon('its files back', () => files().length === 3);
  });
});

describe('A job that stands still', () => {
  let fakes: FakeProviders;
  let workbench: Workbench;

  before(async () => {
    fakes = await startFakeProviders({
      faults: [{ do: 'status', status: 401, service: 'runware', kind: 'image', times: 1 }],
    });
    const workspace = makeSampleWorkspace();
    await makeHistory(
      workspace,
      [
        {
          'job.label': 'Refused',
          'provider.text': 'openai',
          'provider.image': 'runware',
          'runware.dimensions': '128x128',
          'generation.count': 2,
        },
      ],
      fakes,
    );
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

  it('P13, J3: says why it paused and what helps, and goes on with Resume', async () => {
    const jobs = await openJobs(workbench);
    await jobRow(jobs, 'Refused').click();
    const job = await workbench.webview('Refused');
    const alert = job.getByRole('alert');
    await alert.getByText(/Runware/).waitFor();
    await alert.getByRole('button', { name: 'Set API Key…' }).waitFor();
    await workbench.screenshot('job paused');
    await assertAccessible(job, 'A paused job');
    await alert.getByRole('button', { name: 'Resume' }).click();
    await job.getByText('Completed', { exact: true }).first().waitFor();
    await alert.waitFor({ state: 'hidden' });
    assert.deepEqual(await fakes.paidTwice(), []);
  });
});
