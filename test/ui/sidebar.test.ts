/** The two trees, by mouse and by keyboard; keys; cleaning up: what people do beside the views. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../support/providers/script.ts';
import { makeWorkspace } from '../support/vscode/workspace.ts';
import { paidBy } from './jobsHistory.ts';
import { screenshotIfFailed } from './jobsPage.ts';
import { chooseInMenu, expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

describe('The sidebar', () => {
  let fakes: FakeProviders;
  let workspace: string;
  let workbench: Workbench;

  before(async () => {
    fakes = await startFakeProviders();
    workspace = makeWorkspace({
      'keywords.csv': 'Subject\nred fox\nbarn owl\nhedgehog\nlynx\n',
      '.vscode/settings.json': JSON.stringify({
        'genImageFactory.runware.dimensions': '256x256',
        'genImageFactory.files.keywordsFile': 'keywords.csv',
        'genImageFactory.generation.count': 4,
        'search.exclude': { 'pictures/toupload': true, 'pictures/generated': true },
      }),
    });
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy(fakes.endpoints),
    });
    await workbench.page.getByRole('tab', { name: 'Gen Image Factory' }).click();
    // Three jobs, the first with three rejected images.
    await fakes.script({ kind: 'qualityCheck', times: 3, do: 'verdict', passed: false, reason: 'Six legs.' });
    for (let count = 1; count <= 3; count += 1) {
      await workbench.runCommand('Start Job');
      await expectSoon(`${count} completed jobs`, async () => (await jobs(/, Completed/).count()) === count);
    }
    await workbench.runCommand('Notifications: Clear All Notifications', null);
  });
  after(async () => {
    await workbench.close();
    await fakes.close();
  });
  afterEach(screenshotIfFailed(() => workbench));

  const jobs = (name: RegExp): Locator =>
    workbench.page.getByRole('tree', { name: /Job History/ }).getByRole('treeitem', { name });
  const failed = (name: RegExp): Locator =>
    workbench.page.getByRole('tree', { name: /Failed Images/ }).getByRole('treeitem', { name });
  const input = (): Locator => workbench.page.locator('.quick-input-widget .quick-input-box input');
  const pick = (label: string): Locator =>
    workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first();

  it('H2: F2 renames the selected job, and every view has the new name at once', async () => {
    await workbench.runCommand('Open Dashboard');
    const dashboard = await workbench.webview('Gen Image Factory');
    await jobs(/, Completed/)
      .first()
      .click();
    await workbench.page.keyboard.press('F2');
    await expectSoon('the name', async () => (await input().inputValue()).startsWith('job_'));
    await input().fill('Autumn');
    await workbench.page.keyboard.press('Enter');
    await jobs(/^Autumn, Completed/).waitFor();
    await dashboard.getByText('Autumn').first().waitFor();
  });

  it('H3: a hover shows the thumbnail and the reason', async () => {
    await failed(/QC Failed/)
      .nth(1)
      .hover();
    const hover = workbench.page.locator('.workbench-hover, .monaco-hover').filter({ hasText: 'Six legs.' });
    await hover.waitFor();
    const image = hover.locator('img').first();
    await expectSoon('the thumbnail', () =>
      image.evaluate((element) => (element as HTMLImageElement).naturalWidth > 0),
    );
    await workbench.screenshot('sidebar hover');
    await workbench.page.keyboard.press('Escape');
  });

  it('H2: the filter shows a part of the jobs, says so, and goes again', async () => {
    await workbench.runCommand('Filter Jobs…');
    await pick('Completed').click();
    await input().fill('autumn');
    await workbench.page.keyboard.press('Enter');
    await workbench.page.getByText('Showing: Completed, "autumn"').waitFor();
    await expectSoon('one job', async () => (await jobs(/, Completed/).count()) === 1);
    await workbench.screenshot('sidebar filter');
    await workbench.runCommand('Clear Job Filter');
    await expectSoon('all jobs', async () => (await jobs(/, Completed/).count()) === 3);
  });

  it('X4: Export Job writes into the exports folder, and offers to show the file', async () => {
    await jobs(/^Autumn/).click({ button: 'right' });
    await chooseInMenu(workbench.page, 'Export Job…');
    await pick('Default Exports Folder').click();
    const done = workbench.notification(/Exported .*\.xlsx/);
    await done.waitFor();
    await done.getByRole('button', { name: 'Reveal' }).waitFor();
    const files = readdirSync(join(workspace, '.gen-image-factory/exports'));
    assert.equal(files.length, 1);
    assert.match(files[0] ?? '', /\.xlsx$/);
    await workbench.runCommand('Notifications: Clear All Notifications', null);
  });

  it('F1: the palette lists what can be approved, and delivers what is chosen', async () => {
    const before = readdirSync(join(workspace, 'pictures/toupload')).length;
    await workbench.runCommand('Approve Failed Images…');
    const rows = workbench.page.locator('.quick-input-list .monaco-list-row');
    await expectSoon('the three', async () => (await rows.count()) === 3);
    await rows.first().click();
    await workbench.page.keyboard.press('Enter');
    await expectSoon(
      'its file',
      () => readdirSync(join(workspace, 'pictures/toupload')).length === before + 1,
    );
    await failed(/QC Failed/)
      .nth(3)
      .waitFor({ state: 'hidden' });
  });

  it('F2: Retry of several images of the tree asks how, then does it', async () => {
    const before = readdirSync(join(workspace, 'pictures/toupload')).length;
    await failed(/QC Failed/)
      .nth(1)
      .click();
    // A click opens the image, which takes the focus when it is there.
    const viewer = (await workbench.webview('Gallery')).getByRole('dialog', { name: 'Image' });
    await viewer.getByText('Six legs.').first().waitFor();
    assert.equal(await viewer.getByText(/^\d+ of \d+$/).count(), 0, 'a place in a list of approved images');
    assert.equal(await viewer.getByRole('button', { name: 'Next Image', disabled: true }).count(), 1);
    await failed(/QC Failed/)
      .nth(2)
      .click({ modifiers: ['Shift'] });
    await failed(/QC Failed/)
      .nth(2)
      .click({ button: 'right' });
    await chooseInMenu(workbench.page, 'Retry Failed Images…');
    await workbench.page.locator('.quick-input-title', { hasText: 'Retry 2 images' }).waitFor();
    await pick('Modified Settings…').waitFor();
    await pick('Original Settings').click();
    await workbench.page
      .getByRole('tree', { name: /Failed Images/ })
      .getByRole('treeitem')
      .first()
      .waitFor({ state: 'hidden' });
    await workbench.page.getByText(/Images that fail a check or a step appear here/).waitFor();
    // What waits for its retry has left the tree, and has no file yet.
    await expectSoon(
      'their files',
      () => readdirSync(join(workspace, 'pictures/toupload')).length === before + 2,
    );
  });

  it('M5: Delete on several jobs asks once with the counts; Undo brings everything back', async () => {
    const before = readdirSync(join(workspace, 'pictures/toupload')).length;
    await jobs(/, Completed/)
      .nth(1)
      .click();
    await jobs(/, Completed/)
      .nth(2)
      .click({ modifiers: ['Shift'] });
    await workbench.page.keyboard.press('Delete');
    const dialog = workbench.dialog();
    await dialog.getByText('Delete 2 jobs?').waitFor();
    await dialog.getByText(/Images that go too, with their files: 8\./).waitFor();
    await dialog.getByRole('button', { name: 'Export First…' }).waitFor();
    await workbench.screenshot('sidebar delete');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await expectSoon('one job', async () => (await jobs(/, Completed/).count()) === 1);
    const files = (): number => readdirSync(join(workspace, 'pictures/toupload')).length;
    // The list tells what is stored; files move after that.
    await expectSoon('the files of the job that is left', () => files() === 4);
    const notice = workbench.notification('Deleted 2 jobs and 8 images.');
    await notice.getByRole('button', { name: 'Undo' }).click();
    await expectSoon('three jobs', async () => (await jobs(/, Completed/).count()) === 3);
    await expectSoon('their files', () => files() === before);
  });

  it('H2: Delete on images of a job means these images', async () => {
    const { keyboard } = workbench.page;
    const job = jobs(/, Completed/).first();
    const images = jobs(/, Approved$/);
    await job.click();
    // Opens the job where the click has closed it.
    await keyboard.press('ArrowRight');
    await images.nth(1).waitFor();
    // A plain click would open the image, which takes the focus.
    for (const row of [images.nth(0), job, images.nth(1)]) {
      await row.click({ modifiers: ['ControlOrMeta'] });
    }
    await keyboard.press('Delete');
    const dialog = workbench.dialog();
    await dialog.getByText('Delete 2 images?').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  it('H6: Show in Gallery opens an image file of the factory there', async () => {
    const [file] = readdirSync(join(workspace, 'pictures/toupload'));
    assert.ok(file);
    await workbench.page.getByRole('tab', { name: 'Explorer' }).click();
    const inExplorer = (name: string): Locator =>
      workbench.page.getByRole('tree', { name: 'Files Explorer' }).getByRole('treeitem', { name });
    await inExplorer('pictures').click();
    await inExplorer('toupload').click();
    await inExplorer(file).click({ button: 'right' });
    await chooseInMenu(workbench.page, 'Show in Gallery');
    const gallery = await workbench.webview('Gallery');
    await gallery
      .getByRole('dialog')
      .getByText(/\d+ of \d+/)
      .waitFor();
    await gallery.getByRole('dialog').getByText(file).first().waitFor();
    await workbench.screenshot('sidebar show in gallery');
    await workbench.runCommand('View: Close All Editors', null);
    await workbench.page.getByRole('tab', { name: /Gen Image Factory/ }).click();
  });

  it('G6: a right click in a view offers what the trees offer', async () => {
    await workbench.runCommand('Open Job Management');
    const view = await workbench.webview('Job Management');
    await view.getByText('Autumn').first().click({ button: 'right' });
    for (const name of ['View Job…', 'Rerun Job…', 'Rename Job…', 'Export Job…', 'Delete Job…']) {
      await workbench.page.getByRole('menuitem', { name }).waitFor();
    }
    assert.equal(await workbench.page.getByRole('menuitem', { name: 'Stop Job' }).count(), 0);
    await workbench.screenshot('sidebar context menu in a view');
    await chooseInMenu(workbench.page, 'View Job…');
    await workbench.webview('Autumn');
    await workbench.runCommand('View: Close All Editors', null);
  });

  it('W5: Set API Key asks in a password box; the key is in no view and no file', async () => {
    const key = 'rw-typed-by-a-person-0123456789';
    await workbench.runCommand('Set API Key…');
    await pick('Runware').click();
    await expectSoon('a password box', async () => (await input().getAttribute('type')) === 'password');
    await input().fill('two words');
    await workbench.page.getByText(/A key has no spaces/).waitFor();
    await input().fill(key);
    await workbench.page.keyboard.press('Enter');
    await workbench.runCommand('Open Settings Editor');
    const settings = await workbench.webview('Settings');
    await settings
      .getByText(/stored/i)
      .first()
      .waitFor();
    assert.ok(!(await settings.content()).includes(key));
    assert.ok(!(await workbench.page.content()).includes(key));
    assert.ok(!readFileSync(join(workspace, '.vscode/settings.json'), 'utf8').includes(key));
    await workbench.runCommand('Clear API Key…');
    await pick('Runware').click();
    await workbench.dialog().getByText('Clear the Runware API key?').waitFor();
    await workbench.dialog().getByRole('button', { name: 'Clear Key' }).click();
    await settings
      .getByText(/environment/i)
      .first()
      .waitFor();
    await workbench.runCommand('View: Close All Editors', null);
  });

  it('S8: Test API Key says what the provider answered', async () => {
    await workbench.runCommand('Test API Key…');
    await pick('OpenAI').click();
    await workbench.notification(/^OpenAI: /).waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications', null);
  });

  it('W7: Clean Up shows sizes and removes what is chosen', async () => {
    await workbench.runCommand('Clean Up…');
    await pick('Originals').waitFor();
    await pick('Thumbnails')
      .getByText(/(KB|MB|B) in \d+ files/)
      .waitFor();
    await pick('Thumbnails').click();
    await workbench.page.getByText('1 Selected').waitFor();
    await workbench.screenshot('sidebar clean up');
    await workbench.page.keyboard.press('Enter');
    await workbench
      .dialog()
      .getByText(/^Remove .*\?$/)
      .waitFor();
    const folder = join(workspace, '.gen-image-factory/thumbnails');
    const asked = Date.now();
    await workbench.dialog().getByRole('button', { name: 'Remove' }).click();
    await workbench.notification(/^Removed /).waitFor();
    // A view that shows images may have made theirs again by now.
    await expectSoon('none of the thumbnails from before', () =>
      (existsSync(folder) ? readdirSync(folder) : []).every(
        (name) => (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? asked) >= asked,
      ),
    );
    assert.ok(readdirSync(join(workspace, 'pictures/generated')).length > 0, 'Originals were not chosen.');
  });
});
