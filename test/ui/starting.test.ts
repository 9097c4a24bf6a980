/** Starting jobs from the palette: what is asked, what is refused, what the window shows meanwhile and at the end. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeWorkspace } from '../support/vscode/workspace.ts';
import { screenshotIfFailed } from './jobsPage.ts';
import { expectSoon, openWorkbench, tried } from './workbench.ts';
import type { Workbench } from './workbench.ts';

function addresses(fakes: FakeProviders): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fakes.endpoints).map(([provider, address]) => [
      `genImageFactory.endpoints.${provider}`,
      address,
    ]),
  );
}

const keywords = 'Subject,Style\nred fox,watercolor\nbarn owl,linocut\nhedgehog,pixel art\nlynx,collage\n';
const settings = {
  'genImageFactory.runware.dimensions': '128x128',
  'genImageFactory.files.keywordsFile': 'keywords.csv',
  'genImageFactory.generation.count': 4,
  'genImageFactory.generation.retryBackoffMs': 5,
};

describe('A folder without anything', () => {
  const workspace = makeWorkspace({ 'notes.txt': 'nothing yet' });
  let workbench: Workbench;

  before(async () => {
    workbench = await openWorkbench({ workspace });
    await workbench.page.getByRole('tab', { name: 'Gen Image Factory' }).click();
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  it('H4: empty trees offer Open Dashboard, Start Sample Job and Set API Key', async () => {
    for (const name of ['Open Dashboard', 'Start Sample Job', 'Set API Key…']) {
      await workbench.page
        .getByRole('button', { name })
        .or(workbench.page.getByRole('link', { name }))
        .first()
        .waitFor();
    }
    await workbench.screenshot('window welcome');
  });

  it('H1: the palette offers what can be done now, and nothing else', async () => {
    for (const title of ['Start Job', 'Start Sample Job', 'Open Dashboard', 'Set API Key…', 'Show Log']) {
      assert.equal(await workbench.offers(title), true, title);
    }
    for (const title of [
      'Stop Job',
      'Force Stop Job',
      'Resume Job…',
      'Export Job…',
      'Load More…',
      'Continue Queue',
    ]) {
      assert.equal(await workbench.offers(title), false, title);
    }
  });

  it('U7: a name from the workspace that looks like a link to a command is text in a notification', async () => {
    const name = '[Open](command:workbench.action.showCommands).csv';
    mkdirSync(join(workspace, '.vscode'), { recursive: true });
    const settingsFile = join(workspace, '.vscode/settings.json');
    writeFileSync(settingsFile, JSON.stringify({ 'genImageFactory.files.keywordsFile': name }));
    const notice = workbench.notification(/showCommands/);
    await expectSoon('the name in a notification', async () => {
      await workbench.runCommand('Start Job');
      return tried((options) => notice.first().waitFor(options));
    });
    assert.equal(await notice.first().getByRole('link').count(), 0);
    rmSync(settingsFile);
    await workbench.runCommand('View: Close All Editors', null);
    await workbench.runCommand('Notifications: Clear All Notifications', null);
  });

  it('S2: Start Job says what is missing and opens the settings editor at the field', async () => {
    await workbench.runCommand('Start Job');
    await workbench.notification(/Keywords File/).waitFor();
    const editor = await workbench.webview('Settings');
    await editor.getByRole('textbox', { name: 'Keywords File' }).waitFor();
    await expectSoon('the focus on the field', () =>
      editor
        .getByRole('textbox', { name: 'Keywords File' })
        .evaluate((field) => field.matches(':focus-within, :focus')),
    );
    await workbench.screenshot('window start refused');
    assert.equal(existsSync(join(workspace, 'pictures')), false);
    await workbench.runCommand('View: Close All Editors', null);
    await workbench.runCommand('Notifications: Clear All Notifications', null);
  });

  it('D3: a sample job counts in the status bar, which is empty again at the end', async () => {
    const item = workbench.statusBarItem(/Job running, \d+%/);
    const shown = item.first().waitFor();
    await workbench.runCommand('Start Sample Job');
    await shown;
    await workbench.page.getByRole('treeitem', { name: /Sample job, Completed/ }).waitFor();
    await expectSoon('an empty status bar', async () => (await item.count()) === 0);
    assert.equal(readdirSync(join(workspace, 'pictures/toupload')).length, 6);
    await workbench.screenshot('window sample job');
  });

  it('H8: the first job offers to leave images out of search, and does so only when told', async () => {
    const offer = workbench.notification(/Leave generated images out of search\?/);
    await offer.waitFor();
    assert.equal(existsSync(join(workspace, '.vscode/settings.json')), false);
    await offer.getByRole('button', { name: 'Leave Them Out' }).click();
    const file = join(workspace, '.vscode/settings.json');
    await expectSoon(
      'the setting',
      () => existsSync(file) && readFileSync(file, 'utf8').includes('search.exclude'),
    );
    const written = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    assert.deepEqual(written, {
      'search.exclude': { 'pictures/toupload': true, 'pictures/generated': true },
    });
    assert.equal(existsSync(join(workspace, '.gitignore')), false, 'The folder is under no source control.');
  });

  it('the history is there after a reload, without anything being opened before it is looked at', async () => {
    await workbench.reload();
    await workbench.page.getByRole('treeitem', { name: /Sample job, Completed/ }).waitFor();
    assert.equal(await workbench.offers('Rerun Job…'), true);
  });

  it('H5: Create Sample Workspace fills an empty folder only, and a job runs in it as it is', async () => {
    const { page } = workbench;
    const choose = async (folder: string, listed: RegExp): Promise<void> => {
      await workbench.runCommand('Create Sample Workspace');
      const dialog = page.locator('.quick-input-widget');
      const path = dialog.locator('.quick-input-box input');
      await expectSoon('the dialog with a path', async () => (await path.inputValue()).startsWith('/'));
      // VS Code's dialog writes its own path once more while it is being set up.
      await expectSoon('the dialog with what is in the folder', async () => {
        if ((await path.inputValue()) !== `${folder}/`) await path.fill(`${folder}/`);
        return listed.test((await dialog.getByRole('option').allInnerTexts()).join(' '));
      });
      await page.getByRole('button', { name: 'Create Here' }).click();
    };
    await choose(workspace, /pictures/);
    await workbench.notification(/is not empty\. Choose an empty folder\./).waitFor();
    const empty = makeWorkspace({});
    await choose(empty, /^\s*\.\.\s*$/);
    await page.waitForURL((url) => decodeURIComponent(url.search).includes(empty));
    await page.getByRole('tab', { name: 'Gen Image Factory' }).click();
    await page.getByText('Jobs appear here: one line each').waitFor();
    await workbench.runCommand('Start Job');
    await page.getByRole('treeitem', { name: /Completed · .* · 6\/6 images/ }).waitFor();
    assert.equal(readdirSync(join(empty, 'pictures/toupload')).length, 6);
  });
});

describe('A start that costs', () => {
  let fakes: FakeProviders;
  let workspace: string;
  let workbench: Workbench;

  before(async () => {
    fakes = await startFakeProviders({ latency: { image: 300 } });
    workspace = makeWorkspace({
      'keywords.csv': keywords,
      '.vscode/settings.json': JSON.stringify(settings),
      '.gitignore': '/pictures/toupload/\n/pictures/generated/\n',
    });
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      machineSettings: addresses(fakes),
      settings: {
        'genImageFactory.budget.confirmAbove': 0,
        'search.exclude': { 'pictures/toupload': true, 'pictures/generated': true },
      },
    });
    await workbench.page.getByRole('tab', { name: 'Gen Image Factory' }).click();
  });
  after(async () => {
    await workbench.close();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  const item = (name: RegExp): ReturnType<Workbench['page']['getByRole']> =>
    workbench.page.getByRole('treeitem', { name });

  it('B4: asks once with images, rows and estimate, and Cancel costs nothing', async () => {
    await workbench.runCommand('Start Job');
    const dialog = workbench.dialog();
    await dialog.getByText('Make 4 images with Runware?').waitFor();
    await dialog.getByText(/Rows in the keyword file: 4\. Generations: 4\./).waitFor();
    await dialog.getByText(/Estimate: at most \$0\.\d+, by prices of \d{4}-\d\d-\d\d\./).waitFor();
    await workbench.screenshot('window start confirmation');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.deepEqual(await fakes.charges(), []);
  });

  it('B6: Test with 3 Rows from the question makes three', async () => {
    await workbench.runCommand('Start Job');
    await workbench.dialog().getByRole('button', { name: 'Test with 3 Rows' }).click();
    // Three rows cost too: the question comes for what they are.
    await workbench.dialog().getByText('Make 3 images with Runware?').waitFor();
    await workbench.dialog().getByRole('button', { name: 'Start Job' }).click();
    await item(/Completed · .* · 3\/3 images/).waitFor();
  });

  it('D3: progress until the first image; while a job runs, no other can be started', async () => {
    await fakes.change({ hold: ['image'] });
    await workbench.runCommand('Start Job');
    await workbench.dialog().getByRole('button', { name: 'Start Job' }).click();
    await workbench.notification(/Step \d\/2/).waitFor();
    await workbench.screenshot('window progress notification');
    assert.equal(await workbench.offers('Start Job'), false);
    assert.equal(await workbench.offers('Start Sample Job'), false);
    assert.equal(await workbench.offers('Stop Job'), true);
    await fakes.change({ hold: [] });
    await item(/Completed · .* · 4\/4 images/).waitFor();
    await expectSoon('Start Job', () => workbench.offers('Start Job'));
    assert.equal(
      await workbench.notification(/is completed/).count(),
      0,
      'D3: nothing failed, and somebody looks.',
    );
  });

  it('D3: a job with failures says so at its end, with the way to them; their number is on the view', async () => {
    await fakes.change({ latency: {} });
    await fakes.script({ kind: 'qualityCheck', times: 2, do: 'verdict', passed: false, reason: 'Six legs.' });
    await workbench.page.getByRole('tab', { name: 'Explorer' }).click();
    await workbench.runCommand('Start Job');
    await workbench.dialog().getByRole('button', { name: 'Start Job' }).click();
    const end = workbench.notification(/is completed\. 2 of 4 images approved, 2 failed\./);
    await end.waitFor();
    await workbench.page
      .getByRole('tab', { name: /Gen Image Factory.*2 failed images not yet reviewed/ })
      .waitFor();
    await workbench.screenshot('window completed with failures');
    await end.getByRole('button', { name: 'Review Failed Images' }).click();
    await workbench.webview('Failed Images Review');
    await expectSoon(
      'no number any more',
      async () => (await workbench.page.getByRole('tab', { name: /not yet reviewed/ }).count()) === 0,
    );
    await workbench.runCommand('View: Close All Editors', null);
  });

  it('P13, B7: a key that is refused pauses the job: the status bar turns red, the message names the remedy; Resume asks for the sum', async () => {
    await workbench.page.getByRole('tab', { name: 'Gen Image Factory' }).click();
    await fakes.script({
      service: 'runware',
      kind: 'image',
      do: 'status',
      status: 401,
      code: 'invalidApiKey',
      message: 'No.',
    });
    await workbench.runCommand('Start Job');
    await workbench.dialog().getByRole('button', { name: 'Start Job' }).click();
    const paused = workbench.notification(/is paused\. .*Runware/);
    await paused.waitFor();
    await paused.getByRole('button', { name: 'Set API Key…' }).waitFor();
    const sign = workbench.statusBarItem(/Job paused: .*Runware/).first();
    await sign.waitFor();
    assert.match((await sign.getAttribute('class')) ?? '', /error-kind/);
    await item(/, Paused/).waitFor();
    await workbench.screenshot('window paused');
    const refused = (await fakes.calls({ service: 'runware', kind: 'image' })).length;
    await fakes.clearFaults();
    await paused.getByRole('button', { name: 'Resume' }).click();
    const dialog = workbench.dialog();
    await dialog.getByText(/^Resume ".*" and make 4 images\?$/).waitFor();
    await dialog.getByText(/Estimate: at most \$0\.\d+, by prices of/).waitFor();
    const sent = (await fakes.calls({ service: 'runware', kind: 'image' })).length;
    assert.equal(sent, refused, 'Nothing is sent before the answer.');
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await item(/Completed · .* · 4\/4 images/)
      .nth(2)
      .waitFor();
    assert.ok(refused > 0);
    assert.deepEqual(await fakes.paidTwice(), []);
    await expectSoon('an empty status bar', async () => (await workbench.statusBarItem(/Job/).count()) === 0);
  });

  /** The question before a start, once the settings that were just written to the disk are read. */
  async function questionFor(images: number): Promise<Locator> {
    const dialog = workbench.dialog();
    await expectSoon(`a question for ${images} images`, async () => {
      await workbench.runCommand('Start Job');
      await dialog.getByText(/Make \d+ images with Runware\?/).waitFor();
      if (await dialog.getByText(`Make ${images} images with Runware?`).isVisible()) return true;
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      return false;
    });
    return dialog;
  }

  it('H7: a long job can run in a terminal, which outlives the window, and is stopped from here', async () => {
    const file = join(workspace, '.vscode/settings.json');
    await fakes.change({ hold: ['image'] });
    writeFileSync(file, JSON.stringify({ ...settings, 'genImageFactory.generation.count': 500 }));
    const dialog = await questionFor(500);
    await dialog.getByText(/VS Code asks before it closes a window with a job in a terminal/).waitFor();
    await dialog.getByRole('button', { name: 'Run in Terminal' }).click();
    await item(/, Running · .*\/500 images/).waitFor();
    await workbench.screenshot('window job in a terminal');
    await expectSoon('Stop Job', () => workbench.offers('Stop Job'));
    assert.equal(await workbench.offers('Start Job'), false);
    await workbench.runCommand('Stop Job');
    await fakes.change({ hold: [] });
    await item(/, Stopped · .*\/500 images/).waitFor();
    assert.ok((await fakes.charges()).length > 0, 'The terminal had the keys and the addresses.');
    writeFileSync(file, JSON.stringify(settings));
  });

  it('J1, J2: a job that stops waits for images on their way, and says so; Force Stop asks, naming what may be lost', async () => {
    await fakes.change({ hold: ['image'] });
    const question = await questionFor(4);
    await question.getByRole('button', { name: 'Start Job' }).click();
    await fakes.waitForCalls('image', (await fakes.calls({ kind: 'image' })).length + 1);
    await workbench.runCommand('Open Dashboard');
    const dashboard = await workbench.webview('Gen Image Factory');
    await dashboard.getByText('estimating time left').waitFor();
    await dashboard.getByRole('button', { name: 'Stop Job' }).click();
    await dashboard.getByRole('button', { name: 'Stopping...', disabled: true }).waitFor();
    await dashboard.getByText('images on their way still arrive').waitFor();
    assert.equal(
      await dashboard.getByText(/ left$/).count(),
      0,
      'No time is told for what will not be done.',
    );
    await expectSoon('Force Stop Job', () => workbench.offers('Force Stop Job'));
    await workbench.runCommand('Force Stop Job');
    const dialog = workbench.dialog();
    await dialog.getByText(/^Force stop "/).waitFor();
    await dialog.getByText(/may be billed and not arrive/).waitFor();
    await dialog.getByRole('button', { name: 'Force Stop' }).click();
    await item(/, Stopped · .*\/4 images/).waitFor();
    await workbench.screenshot('window force stopped');
  });
});
