/** The settings editor: one form over VS Code's own values. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Frame, Locator } from 'playwright-core';
import { makeSampleWorkspace, sampleSettings } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { screenshotIfFailed } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

describe('Settings editor', () => {
  let file: string;
  let workbench: Workbench;
  let settings: Frame;

  before(async () => {
    const workspace = makeSampleWorkspace();
    file = join(workspace, '.vscode/settings.json');
    workbench = await openWorkbench({
      workspace,
      env: { OPENAI_API_KEY: 'sk-of-the-environment' },
      settings: { 'genImageFactory.generation.parallel': 2 },
    });
    settings = await openSettings();
  });
  /** Every test begins with the saved settings of the sample, and without a search. */
  beforeEach(async () => {
    // The values of the file may arrive meanwhile, and then there is nothing left to discard.
    await expectSoon('nothing unsaved', async () => {
      const discard = button('Discard Changes');
      if (await discard.isEnabled()) await discard.evaluate((element: HTMLElement) => element.click());
      return discard.isDisabled();
    });
    await search().fill('');
    // A file that is as it should be is left alone, so that VS Code does not find a newer one when it saves.
    if (!isDeepStrictEqual(saved(), sampleSettings))
      writeFileSync(file, JSON.stringify(sampleSettings, null, 2));
    await expectSoon('the sample settings', async () => {
      const values = await Promise.all([
        field('Image Provider').inputValue(),
        field('Text and Vision Provider').inputValue(),
        field('Keywords File').inputValue(),
        field('Parallel Generations').inputValue(),
        field('Image Convert').isChecked(),
      ]);
      return JSON.stringify(values) === JSON.stringify(['sample', 'sample', 'keywords.csv', '2', false]);
    });
    await settings.getByText('All changes saved').waitFor();
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  async function openSettings(): Promise<Frame> {
    await workbench.runCommand('Open Settings Editor');
    const view = await workbench.webview('Settings');
    await view.getByLabel('Image Provider', { exact: true }).waitFor();
    return view;
  }

  const field = (label: string): Locator => settings.getByLabel(label, { exact: true }).first();
  /** The values of the file may come between the choice of the old digits and the new ones. */
  const type = async (label: string, text: string): Promise<void> => {
    await expectSoon(`${text} in ${label}`, async () => {
      await field(label).fill(text);
      return (await field(label).inputValue()) === text;
    });
  };
  const button = (name: string): Locator => settings.getByRole('button', { name, exact: true });
  const search = (): Locator => settings.getByRole('searchbox', { name: 'Search settings' });
  const key = (provider: string): Locator => settings.getByRole('group', { name: `${provider} API Key` });

  /** What the file says; null for the moment in which VS Code writes it. */
  function saved(): Record<string, unknown> | null {
    const text = readFileSync(file, 'utf8');
    return text === '' ? null : (JSON.parse(text) as Record<string, unknown>);
  }

  function focusedLabel(): Promise<string> {
    return settings.evaluate<string>(`(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute('aria-label') ?? element?.labels?.[0]?.innerText ?? '';
    })()`);
  }

  it('S3: shows every section and goes to the chosen one', async () => {
    const sections = settings.getByRole('navigation', { name: 'Sections' });
    for (const name of ['API Keys', 'File Paths', 'Parameters', 'Processing', 'AI Features', 'Advanced']) {
      await settings.getByRole('heading', { name, exact: true }).waitFor();
      assert.equal(await sections.getByRole('button', { name, exact: true }).count(), 1, name);
    }
    await sections.getByRole('button', { name: 'Processing', exact: true }).click();
    await expectSoon('its heading in sight', () =>
      settings
        .getByRole('heading', { name: 'Processing', exact: true })
        .evaluate((heading) => heading.getBoundingClientRect().top < innerHeight / 2),
    );
    await workbench.screenshot('settings processing');
    const moved = await workbench.page
      .locator('iframe.webview')
      .evaluateAll((all) => all.map((iframe) => iframe.parentElement?.scrollTop));
    assert.deepEqual([...new Set(moved)], [0], 'only the fields scroll, not the view itself');
  });

  it('S3: search finds fields by their words, and says when it finds none', async () => {
    await search().fill('sharpening');
    await settings.getByText('No setting found').waitFor();
    await search().fill('parallel');
    await field('Parallel Generations').waitFor();
    assert.equal(await field('Keywords File').count(), 0);
    await search().fill('no such setting');
    await settings.getByText('No setting found').waitFor();
    await workbench.screenshot('settings nothing found');
    await button('Clear Search').click();
    await field('Keywords File').waitFor();
  });

  it('S4: a field appears only where its rule holds, and keeps its value meanwhile', async () => {
    assert.equal(await field('Runware Model').count(), 0);
    await field('Image Provider').selectOption('runware');
    await field('Runware Model').fill('civitai:101055@128078');
    await field('Image Provider').selectOption('sample');
    await field('Runware Model').waitFor({ state: 'detached' });
    await field('Image Provider').selectOption('runware');
    assert.equal(await field('Runware Model').inputValue(), 'civitai:101055@128078');
    assert.equal(await field('Background Remover').count(), 0);
    await field('Remove Background').check();
    await field('Background Remover').selectOption('removebg');
    await field('Remove.bg Size').waitFor();
    assert.equal(await field('JPG Background Color').count(), 0);
    await field('Image Convert').check();
    await field('Convert Format').selectOption('jpg');
    await field('JPG Background Color').waitFor();
  });

  it('L3: the field of a service that ends says so with the date, and afterwards offers another', async () => {
    /** The clock of the view; null gives it the computer's again. */
    const at = (now: number | null): Promise<void> =>
      settings.evaluate((time) => {
        Date.now = time === null ? () => new Date().getTime() : () => time;
      }, now);
    const end = Date.UTC(2026, 11, 1, 8);
    const choose = async (): Promise<void> => {
      await field('Background Remover').selectOption('runware');
      await field('Background Remover').selectOption('removebg');
    };
    await field('Remove Background').check();
    await at(end - 1);
    await choose();
    await settings.getByText('remove.bg ends its self-service API on 2026-12-01').waitFor();
    assert.equal(await button('Use Runware').count(), 0);
    await workbench.screenshot('settings remover before its end');
    await at(end);
    await choose();
    await settings.getByText('remove.bg ended its self-service API on 2026-12-01').waitFor();
    await workbench.screenshot('settings remover after its end');
    await assertAccessible(settings, 'The settings with a warning');
    await button('Use Runware').click();
    await settings.getByText(/self-service API/).waitFor({ state: 'detached' });
    assert.equal(await field('Background Remover').inputValue(), 'runware');
    assert.ok(await button('Save').isEnabled());
    await at(null);
  });

  it('S2: a bad number is refused at its field and by Save, which leads there', async () => {
    await field('Parallel Generations').fill('99');
    const problem = settings.locator('.problem', { hasText: /Parallel Generations.*32/ });
    await problem.waitFor();
    assert.equal(await field('Parallel Generations').getAttribute('aria-invalid'), 'true');
    await settings.getByText('1 value to correct').waitFor();
    await search().focus();
    await button('Save').click();
    await expectSoon('focus at the field', async () => (await focusedLabel()) === 'Parallel Generations');
    await workbench.screenshot('settings bad number');
    assert.deepEqual(saved(), sampleSettings);
    await field('Parallel Generations').fill('3');
    await problem.waitFor({ state: 'detached' });
  });

  it('S2: the product of generations and variations is shown, and more than 10,000 refused', async () => {
    await field('Generations').fill('2');
    await field('Variations per Generation').fill('3');
    await settings.getByText(/2 × 3 = 6 images · 2 of 3 rows/).waitFor();
    await field('Generations').fill('2500');
    await field('Variations per Generation').fill('5');
    await settings
      .getByText(/10,000/)
      .first()
      .waitFor();
    await settings.getByText(/to correct/).waitFor();
  });

  it('S9: a file that is not there is said at its field', async () => {
    await field('Keywords File').fill('no-such-file.csv');
    await settings
      .getByText(/no-such-file\.csv/)
      .first()
      .waitFor();
    assert.equal(await field('Keywords File').getAttribute('aria-invalid'), 'true');
    await workbench.screenshot('settings missing file');
    await field('Keywords File').fill('keywords.csv');
    await expectSoon(
      'no problem',
      async () => (await field('Keywords File').getAttribute('aria-invalid')) === 'false',
    );
  });

  it('S1: Save writes what was changed into the settings of the folder, and nothing else', async () => {
    await field('Image Convert').check();
    await field('Parallel Generations').fill('7');
    await settings.getByText('2 unsaved changes').waitFor();
    await settings.getByText('Not saved yet').first().waitFor();
    await workbench.screenshot('settings unsaved');
    await button('Save').click();
    await settings.getByText('All changes saved').waitFor();
    assert.deepEqual(saved(), {
      ...sampleSettings,
      'genImageFactory.processing.convert': true,
      'genImageFactory.generation.parallel': 7,
    });
  });

  it('S1: a value equal to that of the user settings is not written, and says where it comes from', async () => {
    await settings.getByText('From user settings').waitFor();
    await type('Parallel Generations', '7');
    await button('Save').click();
    await expectSoon('7 in the file', () => saved()?.['genImageFactory.generation.parallel'] === 7);
    await settings.getByText('All changes saved').waitFor();
    await type('Parallel Generations', '2');
    await button('Save').click();
    await expectSoon('no value of its own', () => isDeepStrictEqual(saved(), sampleSettings));
  });

  it('S1: follows a change made outside, and keeps what is not saved yet', async () => {
    await field('Image Convert').check();
    writeFileSync(file, JSON.stringify({ ...sampleSettings, 'genImageFactory.generation.parallel': 9 }));
    await expectSoon('the new value', async () => (await field('Parallel Generations').inputValue()) === '9');
    await settings.getByText('1 unsaved change').waitFor();
    assert.equal(await field('Image Convert').isChecked(), true);
  });

  it('S3: unsaved changes are a draft that outlives the closed panel; Discard takes them back', async () => {
    await field('Parallel Generations').fill('11');
    await settings.getByText('1 unsaved change').waitFor();
    await workbench.runCommand('View: Close All Editors', null);
    settings = await openSettings();
    await settings.getByText('1 unsaved change').waitFor();
    assert.equal(await field('Parallel Generations').inputValue(), '11');
    await button('Discard Changes').click();
    await settings.getByText('All changes saved').waitFor();
    assert.equal(await field('Parallel Generations').inputValue(), '2');
    assert.deepEqual(saved(), sampleSettings);
  });

  it('S8: key rows say where a key comes from; Set asks in the password box of VS Code; Clear asks first', async () => {
    await key('OpenAI').getByText('From environment').waitFor();
    await key('Runware').getByText('Missing').waitFor();
    assert.equal(await button('Clear OpenAI API Key').isDisabled(), true);
    await button('Set Runware API Key').click();
    const input = workbench.page.locator('.quick-input-widget input[type=password]');
    await input.fill('a-key-that-no-view-sees-000000000000');
    await workbench.page.keyboard.press('Enter');
    await key('Runware').getByText('Stored').waitFor();
    assert.equal((await settings.content()).includes('a-key-that-no-view-sees'), false);
    await button('Clear Runware API Key').click();
    await workbench.dialog().getByRole('button', { name: 'Clear Key' }).click();
    await key('Runware').getByText('Missing').waitFor();
  });

  it('S3: Reset keeps the API keys or removes them too, as chosen', async () => {
    await button('Set PI API Key').click();
    await workbench.page
      .locator('.quick-input-widget input[type=password]')
      .fill('another-key-of-this-test-0000000000');
    await workbench.page.keyboard.press('Enter');
    await key('PI').getByText('Stored').waitFor();
    await button('Reset…').click();
    await workbench.screenshot('settings reset question');
    await workbench.dialog().getByRole('button', { name: 'Keep API Keys' }).click();
    await expectSoon('an empty file', () => isDeepStrictEqual(saved(), {}));
    await expectSoon('the default', async () => (await field('Image Provider').inputValue()) === 'runware');
    await key('PI').getByText('Stored').waitFor();
    await button('Reset…').click();
    await workbench.dialog().getByRole('button', { name: 'Also Remove API Keys' }).click();
    await key('PI').getByText('Missing').waitFor();
    await key('OpenAI').getByText('From environment').waitFor();
  });

  it('S2: Start Job with a bad setting leads to its field', async () => {
    writeFileSync(
      file,
      JSON.stringify({ ...sampleSettings, 'genImageFactory.files.keywordsFile': 'gone.csv' }),
    );
    await expectSoon('the bad value', async () => (await field('Keywords File').inputValue()) === 'gone.csv');
    await workbench.runCommand('View: Close All Editors', null);
    await workbench.runCommand('Start Job');
    settings = await workbench.webview('Settings');
    await field('Keywords File').waitFor();
    await expectSoon('focus at the field', async () => (await focusedLabel()) === 'Keywords File');
    await expectSoon(
      'its section in the list',
      async () =>
        (await settings.getByRole('navigation').locator('[aria-current=true]').innerText()).trim() ===
        'File Paths',
    );
    await workbench.screenshot('settings opened at a field');
    await workbench.notification(/gone\.csv does not exist/).waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications', null);
  });

  it('U3: a change is made and saved by keyboard alone', async () => {
    const { keyboard } = workbench.page;
    await search().focus();
    await keyboard.type('parallel');
    await expectSoon('only these', async () => (await field('Keywords File').count()) === 0);
    await expectSoon('the field by Tab', async () => {
      await keyboard.press('Tab');
      return (await focusedLabel()) === 'Parallel Generations';
    });
    await keyboard.press('Control+a');
    await keyboard.type('5');
    await keyboard.press('Control+s');
    await expectSoon('5 in the file', () => saved()?.['genImageFactory.generation.parallel'] === 5);
    await settings.getByText('All changes saved').waitFor();
  });

  for (const theme of ['dark', 'light', 'highContrast'] as const) {
    it(`U4: axe finds nothing in the editor (${theme})`, async () => {
      await workbench.setTheme(theme);
      await field('Image Provider').selectOption('runware');
      await field('Remove Background').check();
      await field('Image Enhancement').check();
      await field('Image Convert').check();
      await field('Parallel Generations').fill('99');
      await settings.getByText('1 value to correct').waitFor();
      await assertAccessible(settings, 'The settings editor');
      await workbench.screenshot(`settings ${theme}`);
      await field('Parallel Generations').scrollIntoViewIfNeeded();
      await workbench.screenshot(`settings ${theme} parameters`);
    });
  }

  it('U6: fits a narrow panel', async () => {
    await workbench.setTheme('dark');
    await workbench.setSize(1060, 900);
    await expectSoon('nothing is cut off at the side', () =>
      settings.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'),
    );
    await workbench.screenshot('settings narrow');
    await workbench.setSize(760, 900);
    await workbench.screenshot('settings very narrow');
    await workbench.setSize(1600, 1000);
  });
});
