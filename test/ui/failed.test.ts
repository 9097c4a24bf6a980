/** Failed Images Review: failures of every kind, understood, approved, retried, deleted. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { CallKind, FakeProviders } from '../support/providers/script.ts';
import { makeWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { failingFiles, makeFailures, rejection } from './failedJobs.ts';
import { paidBy } from './jobsHistory.ts';
import { chooseOption, screenshotIfFailed, selectAllText } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

describe('Failed Images Review', () => {
  let fakes: FakeProviders;
  let workspace: string;
  let workbench: Workbench;
  let failed: Frame;

  before(async () => {
    fakes = await startFakeProviders();
    workspace = makeWorkspace(failingFiles);
    await makeFailures(workspace, fakes);
    workbench = await openWorkbench({
      workspace,
      env: fakes.environment,
      ...paidBy(fakes.endpoints),
    });
  });
  /** A page as at first: an earlier one is closed, with the filters that it kept. */
  beforeEach(async () => {
    await workbench.runCommand('View: Close All Editors', null);
    failed = await openFailed();
  });
  afterEach(screenshotIfFailed(() => workbench));
  afterEach(() => fakes.clearFaults());
  after(async () => {
    await workbench.close();
    await fakes.close();
  });

  async function openFailed(): Promise<Frame> {
    await workbench.runCommand('Open Failed Images Review');
    const view = await workbench.webview('Failed Images Review');
    await view.getByRole('grid', { name: 'Failed images' }).waitFor();
    return view;
  }

  const cards = (): Locator => failed.getByRole('gridcell');
  const card = (words: string | RegExp): Locator => cards().filter({ hasText: words });
  const tab = (name: string): Locator => failed.getByRole('tab', { name: new RegExp(`^${name} [\\d,]+$`) });
  const shown = (chosen: number, of: number): Promise<void> =>
    failed.getByText(selectAllText(chosen, of)).waitFor();
  const clear = (): Promise<void> => failed.getByRole('button', { name: 'Clear Filters' }).first().click();
  const search = (): Locator => failed.getByRole('searchbox', { name: 'Search in prompt and id' });
  const retryDialog = (): Locator => failed.getByRole('dialog', { name: /^Retry Processing Settings/ });

  async function countOf(name: string): Promise<number> {
    const text = await expectSoon(`a count of ${name}`, async () => {
      const found = /[\d,]+$/.exec((await tab(name).innerText()).trim());
      return found === null ? null : found[0];
    });
    return Number(text.replace(',', ''));
  }

  async function only(words: string): Promise<Locator> {
    await search().fill(words);
    await expectSoon(`one card of ${words}`, async () => {
      const texts = await cards().allInnerTexts();
      return texts.length === 1 && texts[0]?.includes(words) === true;
    });
    return cards().first();
  }

  /** The images have left the list, also while they are only being retried: what a retry did comes later. */
  const gone = (): Promise<void> => failed.getByText('No image fits these filters.').waitFor();

  async function callsMade(kind: CallKind, count: number): Promise<void> {
    const made = await expectSoon(`call ${count} of ${kind}`, async () => {
      const calls = await fakes.calls({ kind });
      return calls.length >= count && calls.length;
    });
    assert.equal(made, count);
  }

  function delivered(): string[] {
    const folder = join(workspace, 'pictures/toupload');
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  it('F6: tabs with counts; each failure under its own name, with its reason in words', async () => {
    const all = await countOf('Failed');
    await shown(0, all);
    for (const name of ['Retry Pending', 'Processing', 'Retry Failed']) assert.equal(await countOf(name), 0);
    assert.equal(await cards().count(), all);
    for (const name of [
      'QC Failed',
      'QC Analysis Failed',
      'Download Failed',
      'Background Removal Failed',
      'Metadata Failed',
      'Content Flagged',
    ]) {
      await failed.locator('.card .status').getByText(name, { exact: true }).first().waitFor();
    }
    await card(rejection).first().waitFor();
    assert.equal(
      await card('Download Failed').getByRole('button', { name: 'Approve' }).isDisabled(),
      true,
      'What has no picture cannot be approved.',
    );
    await workbench.screenshot('failed dark wide');
  });

  it('F7: filters by reason and by job, searches prompts, and says when nothing fits', async () => {
    const all = await countOf('Failed');
    await chooseOption(failed, 'Reason', 'Background Removal Failed');
    await expectSoon('only these', async () => {
      const names = await failed.locator('.card .status .ellipsis').allInnerTexts();
      return names.length === 2 && names.every((name) => name === 'Background Removal Failed');
    });
    assert.equal(await countOf('Failed'), 2);
    await chooseOption(failed, 'Job', 'Forest');
    await gone();
    await workbench.screenshot('failed nothing found');
    await clear();
    await shown(0, all);
    await chooseOption(failed, 'Job', 'Flagged');
    await shown(0, 1);
    await card('Content Flagged').waitFor();
    await failed.getByRole('button', { name: 'Show All Jobs' }).click();
    await shown(0, all);
    await search().fill('OWL');
    await expectSoon('owls', async () => {
      const texts = await cards().allInnerTexts();
      return texts.length > 0 && texts.length < all && texts.every((text) => text.includes('owl'));
    });
    await clear();
    await shown(0, all);
    assert.equal(await search().inputValue(), '');
  });

  it('F7: the list shows the same with the job of each image; order and layout can be chosen', async () => {
    const first = await cards().first().innerText();
    await chooseOption(failed, 'Sort', 'Oldest First');
    await expectSoon('another first', async () => (await cards().first().innerText()) !== first);
    await failed.getByRole('button', { name: 'List View' }).click();
    await card('Unchecked · 1-1').waitFor();
    await workbench.screenshot('failed list');
    await assertAccessible(failed, 'The list');
    await failed.getByRole('button', { name: 'Grid View' }).click();
    await expectSoon('cards', async () => (await card('Unchecked · 1-1').count()) === 0);
  });

  it('F7: Select All (X/Y) takes what the filter shows; ctrl and shift choose', async () => {
    const all = await countOf('Failed');
    await cards()
      .nth(0)
      .click({ modifiers: ['Control'] });
    await cards()
      .nth(3)
      .click({ modifiers: ['Shift'] });
    await shown(4, all);
    await workbench.screenshot('failed chosen');
    await chooseOption(failed, 'Reason', 'Background Removal Failed');
    await shown(0, 2);
    await failed.getByRole('checkbox', { name: /Select All/ }).click();
    await shown(2, 2);
    await failed.getByRole('button', { name: 'Retry Selected' }).waitFor();
    await failed.getByRole('checkbox', { name: /Select All/ }).click();
    await shown(0, 2);
  });

  it('U3: works by keyboard alone: arrows, Home, End, Space, Ctrl+A, Escape, Enter, Ctrl+F, and the tabs', async () => {
    const { keyboard } = workbench.page;
    const all = await countOf('Failed');
    const focused = (): Promise<string | null> =>
      failed.evaluate<string | null>(`(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return element?.getAttribute('data-index') ?? element?.innerText?.trim() ?? null;
      })()`);
    assert.equal(await failed.locator('[role=gridcell][tabindex="0"]').count(), 1);
    await failed.locator('[role=gridcell][tabindex="0"]').focus();
    await keyboard.press('End');
    await expectSoon('the last', async () => (await focused()) === String(all - 1));
    await keyboard.press('Home');
    await keyboard.press('ArrowRight');
    await expectSoon('the second', async () => (await focused()) === '1');
    await keyboard.press('Space');
    await shown(1, all);
    await keyboard.press('Control+a');
    await shown(all, all);
    await keyboard.press('Escape');
    await shown(0, all);
    await keyboard.press('Enter');
    await failed.getByRole('dialog', { name: 'Image' }).waitFor();
    await keyboard.press('Escape');
    await failed.getByRole('dialog', { name: 'Image' }).waitFor({ state: 'hidden' });
    await expectSoon('focus back on the card', async () => (await focused()) === '1');
    await keyboard.press('Control+f');
    await keyboard.type('no such prompt');
    await gone();
    await clear();
    await tab('Failed').focus();
    await keyboard.press('ArrowLeft');
    await expectSoon('the last tab', async () => /^Retry Failed/.test((await focused()) ?? ''));
    await failed.getByText('No image is here: Retry Failed').waitFor();
  });

  it('F8: causes are counted and say what helps; one click shows their images or takes the remedy', async () => {
    const causes = failed.getByRole('list', { name: 'Causes' });
    await causes.getByText('The quality check rejected these.').waitFor();
    await causes.getByRole('button', { name: /Background Removal Failed/ }).click();
    await shown(0, 2);
    await clear();
    await failed.getByRole('button', { name: /^Show \d More Causes$/ }).click();
    await causes
      .getByRole('listitem')
      .filter({ hasText: 'Content Flagged' })
      .getByRole('button', { name: 'Edit Prompt File' })
      .click();
    await workbench.page.getByRole('tab', { name: 'prompt.md' }).waitFor();
  });

  it('F1: Approve by the key A delivers the image without another check', async () => {
    const checks = (await fakes.calls({ kind: 'qualityCheck' })).length;
    const before = delivered().length;
    const one = await only('heron');
    await one.focus();
    await workbench.page.keyboard.press('a');
    await gone();
    await expectSoon('its file', () => delivered().length === before + 1);
    assert.equal((await fakes.calls({ kind: 'qualityCheck' })).length, checks);
    assert.equal(await failed.getByRole('alert').count(), 0);
  });

  it('F1: Approve Selected delivers all that are chosen, and they leave the list', async () => {
    const all = await countOf('Failed');
    const before = delivered().length;
    for (const words of ['newt', 'squirrel']) await card(words).getByRole('checkbox').click();
    await shown(2, all);
    await failed.getByRole('button', { name: 'Approve Selected' }).click();
    await shown(0, all - 2);
    await expectSoon('their files', () => delivered().length === before + 2);
  });

  it('F9: the viewer shows why it failed, and rescues by the same keys, with Caps Lock too', async () => {
    await chooseOption(failed, 'Job', 'Flagged');
    await shown(0, 1);
    await cards().first().click();
    const viewer = failed.getByRole('dialog', { name: 'Image' });
    await viewer.getByText('Content Flagged').first().waitFor();
    await failed.locator('factory-image-viewer').getByRole('button', { name: 'Approve' }).waitFor();
    await workbench.screenshot('failed viewer');
    await assertAccessible(failed, 'The viewer of a failed image');
    const before = delivered().length;
    await workbench.page.keyboard.press('A');
    await viewer.waitFor({ state: 'hidden' });
    await gone();
    await expectSoon('its file', () => delivered().length === before + 1);
  });

  it('F2: Retry by the key R says that a rejected image is approved without a check; Cancel changes nothing', async () => {
    const one = await only('red fox, watercolor, plain background. (take 7)');
    await one.focus();
    await workbench.page.keyboard.press('r');
    await retryDialog().getByText('The quality check rejected 1 image of these.').waitFor();
    assert.equal(
      await retryDialog()
        .getByRole('radio', { name: /Original settings/ })
        .isChecked(),
      true,
    );
    await workbench.screenshot('retry dialog original');
    await retryDialog().getByRole('button', { name: 'Cancel' }).click();
    await retryDialog().waitFor({ state: 'hidden' });
    assert.equal(await cards().count(), 1);
  });

  it('F2: original settings are offered only when all chosen images are of one job', async () => {
    await card('Download Failed').getByRole('checkbox').click();
    await card('QC Analysis Failed').getByRole('checkbox').click();
    await failed.getByRole('button', { name: 'Retry Selected' }).click();
    const original = retryDialog().getByRole('radio', { name: /Original settings/ });
    await retryDialog().getByText('only when all chosen images are of one job').waitFor();
    assert.equal(await original.isDisabled(), true);
    assert.equal(
      await retryDialog()
        .getByRole('radio', { name: /Modified settings/ })
        .isChecked(),
      true,
    );
    await workbench.page.keyboard.press('Escape');
    await retryDialog().waitFor({ state: 'hidden' });
  });

  it('F2: Retry of a lost download downloads again, and delivers', async () => {
    const before = delivered().length;
    await chooseOption(failed, 'Job', 'Lost downloads');
    await shown(0, 1);
    await card('Download Failed').getByRole('button', { name: 'Retry' }).click();
    await retryDialog().getByRole('button', { name: 'Retry' }).click();
    await gone();
    await expectSoon('its file', () => delivered().length === before + 1);
    assert.deepEqual(await fakes.paidTwice(), []);
  });

  it('F2: Retry after a failed quality check checks again', async () => {
    const checks = (await fakes.calls({ kind: 'qualityCheck' })).length;
    await chooseOption(failed, 'Job', 'Unchecked');
    await shown(0, 1);
    await cards().first().focus();
    await workbench.page.keyboard.press('r');
    await retryDialog().getByText('The quality is checked only where').waitFor();
    await retryDialog().getByRole('button', { name: 'Retry' }).click();
    await gone();
    await callsMade('qualityCheck', checks + 1);
  });

  it('F2: regenerated metadata is that of the image', async () => {
    const before = (await fakes.calls({ kind: 'metadata' })).length;
    await chooseOption(failed, 'Job', 'Described');
    await shown(0, 1);
    await card('Metadata Failed').getByRole('button', { name: 'Retry' }).click();
    await retryDialog().getByRole('checkbox', { name: 'Regenerate metadata' }).check();
    await retryDialog().getByRole('button', { name: 'Retry' }).click();
    await gone();
    await callsMade('metadata', before + 1);
  });

  it('F2: modified settings: sizes up to 50MP, steps that fail the image, a format; one that fails again is a Retry Failed with its reason', async () => {
    const before = delivered().length;
    await chooseOption(failed, 'Job', 'Cutouts');
    await shown(0, 2);
    await failed.getByRole('checkbox', { name: /Select All/ }).click();
    await failed.getByRole('button', { name: 'Retry Selected' }).click();
    const dialog = retryDialog();
    await dialog.getByRole('radio', { name: /Modified settings/ }).check();
    await dialog.getByLabel('Background Remover', { exact: true }).selectOption({ label: 'remove.bg' });
    const sizes = await dialog
      .getByLabel('Remove.bg Size', { exact: true })
      .locator('option')
      .allInnerTexts();
    assert.deepEqual(
      sizes.map((size) => size.trim()),
      ['Auto', 'Preview', 'Full', '50MP'],
    );
    await dialog.getByLabel('Remove.bg Size', { exact: true }).selectOption({ label: '50MP' });
    await dialog.getByRole('checkbox', { name: 'Image Convert' }).check();
    await dialog.getByLabel('Convert Format', { exact: true }).selectOption('jpg');
    await dialog.getByLabel('JPG Background Color', { exact: true }).selectOption('black');
    const steps = dialog.getByRole('group', { name: 'Steps that fail the image' });
    for (const step of ['Trim', 'Enhancement', 'Metadata']) {
      assert.equal(await steps.getByRole('checkbox', { name: step }).count(), 1, step);
    }
    await steps.getByRole('checkbox', { name: /Background/ }).check();
    await workbench.screenshot('retry dialog modified');
    await assertAccessible(failed, 'The retry dialog');
    const quality = dialog.getByLabel('JPG Quality', { exact: true });
    await quality.fill('101');
    await dialog
      .getByText(/JPG Quality.*100/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'Retry' }).click();
    assert.equal(await dialog.isVisible(), true, 'A bad value keeps the dialog open.');
    await quality.fill('80');
    await fakes.script({ service: 'removebg', kind: 'removeBackground', at: [0], do: 'status', status: 400 });
    await dialog.getByRole('button', { name: 'Retry' }).click();
    // The price of remove.bg is not known, so the cost is confirmed whatever the settings say.
    await workbench.dialog().getByRole('button', { name: 'Retry' }).click();
    await gone();
    await expectSoon('one that failed again', async () => (await countOf('Retry Failed')) === 1);
    const [call] = await fakes.calls({ service: 'removebg', kind: 'removeBackground' });
    assert.match(JSON.stringify(call?.body), /50MP/);
    await expectSoon('the file of the other', () => delivered().length === before + 1);
    assert.ok(delivered().some((name) => name.endsWith('.jpg')));
    await tab('Retry Failed').click();
    await card('Background Removal Failed').waitFor();
    await workbench.screenshot('failed retry failed');
    await card('Background Removal Failed').getByRole('button', { name: 'Retry' }).click();
    await retryDialog().getByRole('button', { name: 'Retry' }).click();
    await gone();
    await expectSoon('its file', () => delivered().length === before + 2);
  });

  it('F10: Delete asks first; Undo brings the image and its file back', async () => {
    const all = await countOf('Failed');
    await only('badger');
    await cards().first().focus();
    await workbench.page.keyboard.press('Delete');
    await workbench.dialog().getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await cards().count(), 1);
    await cards().first().getByRole('button', { name: 'Delete' }).click();
    await workbench.screenshot('failed delete question');
    await workbench
      .dialog()
      .getByRole('button', { name: /Delete|Trash/ })
      .first()
      .click();
    await gone();
    await workbench
      .notification(/trash|deleted/i)
      .getByRole('button', { name: 'Undo' })
      .click();
    await cards().first().waitFor();
    await clear();
    await shown(0, all);
  });

  it('F5: a generation without an image is listed with its reason and made again', async () => {
    const before = delivered().length;
    await failed.getByText('1 generation without an image').click();
    await failed.getByText('Forest · 3-1').waitFor();
    await failed.getByText('Generation Failed').first().waitFor();
    await workbench.screenshot('failed generation');
    await failed.getByRole('button', { name: 'Generate Again' }).click();
    await workbench.dialog().getByRole('button', { name: 'Generate Again' }).click();
    await expectSoon(
      'no generation without an image',
      async () => (await failed.getByText('generation without an image').count()) === 0,
    );
    await expectSoon('its file', () => delivered().length === before + 1);
  });

  it('U5: tab, filters and layout come back when the panel was hidden', async () => {
    await failed.getByRole('button', { name: 'List View' }).click();
    await only('badger');
    await workbench.runCommand('Open Dashboard');
    await workbench.webview('Gen Image Factory');
    failed = await openFailed();
    assert.equal(await search().inputValue(), 'badger');
    await card('Forest · ').waitFor();
    assert.equal(await cards().count(), 1);
  });

  it('U1: when nothing is left it says so, with the next step; Undo brings all back', async () => {
    const all = await countOf('Failed');
    await failed.getByRole('checkbox', { name: /Select All/ }).click();
    await failed.getByRole('button', { name: 'Delete Selected' }).click();
    await workbench
      .dialog()
      .getByRole('button', { name: /Delete|Trash/ })
      .first()
      .click();
    await failed.getByText('Nothing failed').waitFor();
    await workbench.screenshot('failed empty');
    await workbench
      .notification(/trash|deleted/i)
      .getByRole('button', { name: 'Undo' })
      .last()
      .click();
    await shown(0, all);
    await failed.getByRole('grid', { name: 'Failed images' }).waitFor();
  });

  for (const theme of ['dark', 'light', 'highContrast'] as const) {
    it(`U4: axe finds nothing in the review (${theme})`, async () => {
      await workbench.setTheme(theme);
      await cards().first().getByRole('checkbox').click();
      await failed.getByRole('button', { name: 'Delete Selected' }).waitFor();
      await assertAccessible(failed, 'Failed Images Review');
      await workbench.screenshot(`failed ${theme}`);
      await workbench.setTheme('dark');
    });
  }

  it('U6: fits a narrow panel', async () => {
    await workbench.setSize(1060, 900);
    await expectSoon('nothing is cut off at the side', () =>
      failed.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'),
    );
    await workbench.setSize(700, 900);
    const card = failed
      .getByRole('gridcell')
      .filter({ has: failed.locator('.status') })
      .first();
    const fits = (): Promise<boolean> =>
      expectSoon('its buttons lie in the card, and its reason is wide enough to read', async () => {
        const [outer, last, reason] = await Promise.all(
          [card, card.getByRole('button', { name: 'Delete' }), card.locator('.clamp').first()].map((each) =>
            each.boundingBox(),
          ),
        );
        if (!outer || !last || !reason) return false;
        return last.x + last.width <= outer.x + outer.width && reason.width > 80;
      });
    await fits();
    await workbench.screenshot('failed narrow');
    await failed.getByRole('button', { name: 'List View' }).click();
    await fits();
    await workbench.screenshot('failed narrow list');
    await failed.getByRole('button', { name: 'Grid View' }).click();
    // 300 pixels are left to the view.
    await workbench.setSize(660, 900);
    const remove = failed.getByRole('gridcell').first().getByRole('button', { name: 'Delete' });
    await expectSoon('the last button of a card in sight', async () => {
      const box = await remove.boundingBox();
      return box !== null && box.x + box.width <= 660 - 16;
    });
    await workbench.screenshot('failed narrowest');
    await workbench.setSize(1600, 1000);
  });
});
