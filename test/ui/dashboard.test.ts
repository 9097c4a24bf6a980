import assert from 'node:assert/strict';
import type { Frame } from 'playwright-core';
import { generateStore } from '../bench/generateStore.mts';
import { makeSampleWorkspace, makeWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const title = 'Gen Image Factory';

/** A dashboard as at first: an earlier one is closed, with what it kept. */
async function openDashboard(workbench: Workbench): Promise<Frame> {
  await workbench.runCommand('View: Close All Editors', null);
  await workbench.runCommand('Open Dashboard');
  const dashboard = await workbench.webview(title);
  await dashboard.getByRole('heading', { name: title }).waitFor();
  return dashboard;
}

function statistic(dashboard: Frame, label: string): Promise<string> {
  return dashboard
    .locator('factory-job-statistics div')
    .filter({ has: dashboard.getByText(label, { exact: true }) })
    .locator('dd')
    .innerText();
}

function screenshotsOfFailures(workbench: () => Workbench): void {
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) {
      await workbench().screenshot(`failed ${this.currentTest.fullTitle()}`);
    }
  });
}

describe('Dashboard of a new folder', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await openWorkbench({ workspace: makeWorkspace({ 'notes.txt': 'nothing yet' }) });
  });
  after(() => workbench.close());
  screenshotsOfFailures(() => workbench);

  it('U1: says what will be here and offers the one next step, without a key', async () => {
    const dashboard = await openDashboard(workbench);
    await dashboard.getByRole('heading', { name: 'Make your first images' }).waitFor();
    await assertAccessible(dashboard, 'The empty dashboard');
    await workbench.screenshot('dashboard empty');
    await dashboard.getByRole('button', { name: 'Start Sample Job' }).click();
    await dashboard.getByText('Job Completed', { exact: true }).waitFor();
    await dashboard.getByRole('gridcell').nth(5).waitFor();
    await expectSoon('D6: the numbers', async () => (await statistic(dashboard, 'Total Images')) === '6');
    await expectSoon('the rate', async () => (await statistic(dashboard, 'Success Rate')) === '100%');
    await workbench.screenshot('dashboard first job');
  });

  it('S2: Start with a missing setting says which one, and opens the settings editor there', async () => {
    const dashboard = await openDashboard(workbench);
    await dashboard.getByText(/Start Job needs one thing first: .*Keywords File/).waitFor();
    await dashboard.getByRole('button', { name: 'Open Settings' }).click();
    await workbench.webview('Settings');
  });
});

describe('Dashboard while a job runs', () => {
  let workbench: Workbench;
  before(async () => {
    const workspace = makeSampleWorkspace({
      'genImageFactory.generation.count': 2000,
      'genImageFactory.generation.parallel': 2,
    });
    workbench = await openWorkbench({ workspace });
  });
  after(() => workbench.close());
  screenshotsOfFailures(() => workbench);

  it('D9: the button says Start Job, then Stop Job; progress, thumbnails and log come by themselves', async () => {
    const dashboard = await openDashboard(workbench);
    await dashboard.getByRole('button', { name: 'Start Job', exact: true }).click();
    await dashboard.getByRole('button', { name: 'Stop Job' }).waitFor();
    await dashboard.getByText('Job Running', { exact: true }).waitFor();
    await dashboard.getByText('Step 2/2: Image Generation').waitFor();
    const bar = dashboard.getByRole('progressbar', { name: 'Job progress' });
    await expectSoon('D1: percent', async () => Number(await bar.getAttribute('aria-valuenow')) > 0);
    await dashboard.getByRole('group', { name: 'Newest images' }).locator('img').first().waitFor();
    await dashboard.getByRole('button', { name: 'Log', exact: true }).click();
    const log = dashboard.getByRole('log', { name: 'Log' });
    await log
      .getByText(/was generated/)
      .first()
      .waitFor();
    await dashboard.getByRole('searchbox', { name: 'Search Log' }).fill('GENERATION 1 FROM');
    await log.getByText('Wrote the prompt of generation 1 from row 1.').waitFor();
    await expectSoon('D4: one row', () => dashboard.getByText('1 row', { exact: true }).isVisible());
    assert.equal(await dashboard.getByRole('button', { name: 'Debug', exact: true }).isDisabled(), true);
    await dashboard.getByRole('searchbox', { name: 'Search Log' }).fill('');
    await dashboard.getByRole('gridcell').first().locator('img').waitFor();
    await expectSoon('counts that follow', async () => {
      const text = await dashboard.getByRole('group', { name: 'Image counts' }).innerText();
      return Number(/Pass\s+([\d,]+)/.exec(text)?.[1]?.replace(',', '')) > 20;
    });
    await workbench.screenshot('dashboard running');
    await assertAccessible(dashboard, 'The running dashboard');
  });

  it('U2: what the reader looks at and has chosen does not move while images come', async () => {
    const dashboard = await workbench.webview(title);
    const total = async (): Promise<number> => {
      const text = await dashboard.getByRole('group', { name: 'Image counts' }).innerText();
      return Number(/Total\s+([\d,]+)/.exec(text)?.[1]?.replace(',', ''));
    };
    await dashboard
      .locator('factory-dashboard .page')
      .evaluate((element) => (element.scrollTop = element.scrollHeight));
    await dashboard
      .getByRole('gridcell')
      .nth(8)
      .click({ modifiers: ['Control'] });
    const chosen = dashboard.locator('[role=gridcell][aria-selected=true]');
    const place = async (): Promise<string> => {
      const box = await chosen.boundingBox();
      return `${await chosen.getAttribute('aria-label')}, number ${await chosen.getAttribute('data-index')}, at ${Math.round(box?.y ?? -1)}`;
    };
    const [before, begun] = [await place(), await total()];
    await expectSoon('more images', async () => (await total()) >= begun + 5);
    await dashboard.getByRole('button', { name: /new images?$/ }).waitFor();
    assert.equal(await place(), before);
    await workbench.page.keyboard.press('Escape');
  });

  it('J1: Stop Job lets calls in flight finish; the job is Stopped and offers Resume', async () => {
    const dashboard = await workbench.webview(title);
    await dashboard.getByRole('button', { name: 'Stop Job' }).click();
    await dashboard.getByText('Job Stopped', { exact: true }).waitFor();
    await dashboard.getByRole('button', { name: 'Resume' }).waitFor();
    await dashboard.getByRole('button', { name: 'Start Job', exact: true }).waitFor();
    const row = dashboard.getByRole('table', { name: 'Job History' }).getByRole('row').nth(1);
    assert.match(await row.innerText(), /Stopped/);
    await workbench.screenshot('dashboard stopped');
  });

  it('J3: Resume goes on where it was; Force Stop in the menu asks and ends it at once', async () => {
    const dashboard = await workbench.webview(title);
    await dashboard.getByRole('button', { name: 'Resume' }).click();
    await dashboard.getByText('Job Running', { exact: true }).waitFor();
    await dashboard.getByRole('button', { name: 'Menu' }).click();
    await dashboard.getByRole('menuitem', { name: 'Force Stop' }).click();
    await workbench
      .dialog()
      .getByRole('button', { name: /Force Stop/ })
      .click();
    await dashboard.getByText('Job Stopped', { exact: true }).waitFor();
  });
});

describe('Dashboard of a long history', () => {
  let workbench: Workbench;
  before(async () => {
    const workspace = makeSampleWorkspace({ 'genImageFactory.generation.count': 2 });
    await generateStore({ root: workspace, images: 600, jobs: 30, imageFiles: 4 });
    workbench = await openWorkbench({ workspace });
  });
  after(() => workbench.close());
  screenshotsOfFailures(() => workbench);

  it('D10: the 20 newest jobs, newest first, each with View Details, Rerun, Export and Delete', async () => {
    const dashboard = await openDashboard(workbench);
    const rows = dashboard.getByRole('table', { name: 'Job History' }).getByRole('row');
    await expectSoon('20 jobs and a head', async () => (await rows.count()) === 21);
    for (const name of ['View Details', 'Rerun', 'Export', 'Delete']) {
      await rows.nth(1).getByRole('button', { name, exact: true }).waitFor();
    }
    assert.equal(await statistic(dashboard, 'Total Jobs'), '30');
    await rows.nth(1).hover();
    await workbench.screenshot('dashboard dark wide');
  });

  it('D8: the menu opens the other views', async () => {
    for (const view of ['Job Management', 'Failed Images Review', 'Gallery', 'Settings']) {
      const dashboard = await openDashboard(workbench);
      await dashboard.getByRole('button', { name: 'Menu' }).click();
      await dashboard.getByRole('menuitem', { name: view }).click();
      await workbench.webview(view);
    }
  });

  it('X1: a job is exported to Excel from its row', async () => {
    const dashboard = await openDashboard(workbench);
    const rows = dashboard.getByRole('table', { name: 'Job History' }).getByRole('row');
    await rows.nth(1).hover();
    await rows.nth(1).getByRole('button', { name: 'Export' }).click();
    const dialog = dashboard.getByRole('dialog', { name: 'Export Job to Excel' });
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    await dashboard.getByText('Export of 1 job finished').first().waitFor();
    await dashboard.getByText(/\.xlsx$/).waitFor();
    await dashboard.getByRole('button', { name: 'Close' }).last().click();
  });

  it('M5: deleting a job from its row asks first, then it is gone from history and numbers', async () => {
    const dashboard = await openDashboard(workbench);
    await expectSoon('numbers', async () => (await statistic(dashboard, 'Total Jobs')) === '30');
    const rows = dashboard.getByRole('table', { name: 'Job History' }).getByRole('row');
    await rows.nth(2).hover();
    await rows.nth(2).getByRole('button', { name: 'Delete' }).click();
    await workbench
      .dialog()
      .getByRole('button', { name: /Delete/ })
      .first()
      .click();
    await expectSoon('one job less', async () => (await statistic(dashboard, 'Total Jobs')) === '29');
    await workbench
      .notification(/trash|deleted/i)
      .getByRole('button', { name: 'Undo' })
      .click();
    await expectSoon('the job back', async () => (await statistic(dashboard, 'Total Jobs')) === '30');
  });

  it('U3: the whole way by keyboard: start a job, open an image, edit its title, export it, delete it', async () => {
    const dashboard = await openDashboard(workbench);
    const keyboard = workbench.page.keyboard;
    const focused = (): Promise<string> =>
      dashboard.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        // The toolkit's buttons focus one inside, whose words belong to the element around it.
        const root = element?.getRootNode();
        const around = root instanceof ShadowRoot && root.host.matches('vscode-button') ? root.host : element;
        return [around?.getAttribute('aria-label'), around?.textContent, around?.getAttribute('role')].join(
          ' ',
        );
      });
    const tabTo = async (words: RegExp): Promise<void> => {
      for (let presses = 0; presses < 200; presses += 1) {
        if (words.test(await focused())) return;
        await keyboard.press('Tab');
      }
      assert.fail(`Tab never comes to ${words.source}`);
    };
    await dashboard.locator('body').press('Tab');
    await tabTo(/Start Job/);
    await keyboard.press('Enter');
    await dashboard.getByText('Job Completed', { exact: true }).waitFor();
    await tabTo(/gridcell/);
    await keyboard.press('Control+Home');
    await keyboard.press('Enter');
    const viewer = dashboard.getByRole('dialog', { name: 'Image' });
    await viewer.waitFor();
    await tabTo(/Details/);
    await keyboard.press('ArrowRight');
    await viewer.getByRole('textbox', { name: 'Title' }).waitFor();
    await keyboard.press('Tab');
    // Not Ctrl+A: VS Code answers it later, in the middle of the typing.
    await keyboard.press('Home');
    await keyboard.press('Shift+End');
    await keyboard.type('Named by keyboard');
    await keyboard.press('Control+S');
    await viewer.getByText('Not saved yet').waitFor({ state: 'hidden' });
    await keyboard.press('Escape');
    const tile = dashboard.getByRole('gridcell', { name: 'Named by keyboard, Approved' });
    await tile.waitFor();
    await expectSoon('focus on the image', async () => (await focused()).includes('Named by keyboard'));
    await keyboard.press('Space');
    await expectSoon('one chosen', () => dashboard.getByText(/Select All \(1\//).isVisible());
    await keyboard.press('Shift+Tab');
    for (let presses = 0; presses < 10 && !/Export ZIP/.test(await focused()); presses += 1) {
      await keyboard.press('Shift+Tab');
    }
    await keyboard.press('Enter');
    await dashboard.getByRole('dialog', { name: 'Export 1 image as ZIP' }).waitFor();
    await tabTo(/^ *Export *$/);
    await keyboard.press('Enter');
    await dashboard.getByText('Export of 1 image finished').first().waitFor();
    await keyboard.press('Escape');
    await tabTo(/gridcell/);
    await keyboard.press('Delete');
    await workbench
      .dialog()
      .getByRole('button', { name: /Delete/ })
      .first()
      .waitFor();
    await keyboard.press('Enter');
    await tile.waitFor({ state: 'detached' });
  });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    it(`U4: axe finds nothing in the dashboard (${theme})`, async () => {
      const dashboard = await openDashboard(workbench);
      await dashboard.getByRole('gridcell').first().locator('img').waitFor();
      await workbench.setTheme(theme);
      await assertAccessible(dashboard, 'The dashboard');
      await workbench.screenshot(`dashboard ${theme}`);
      await workbench.setTheme('dark');
    });
  }

  it('U6: fits a narrow panel', async () => {
    await workbench.setSize(1060, 900);
    const dashboard = await openDashboard(workbench);
    await dashboard.getByRole('gridcell').first().locator('img').waitFor();
    const page = dashboard.locator('factory-dashboard .page');
    assert.ok(await page.evaluate((element) => element.scrollWidth <= element.clientWidth));
    await workbench.screenshot('dashboard narrow');
    await workbench.setSize(1600, 1000);
  });
});
