import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { generateStore, hostileTexts } from '../bench/generateStore.mts';
import { makeSampleWorkspace, makeWorkspace } from '../support/vscode/workspace.ts';
import { assertAccessible } from './accessibility.ts';
import { chooseOption, screenshotIfFailed, shownOption } from './jobsPage.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const images = 5000;

/** A gallery as at first: an earlier one is closed, with what it kept. */
async function openGallery(workbench: Workbench): Promise<Frame> {
  await workbench.runCommand('View: Close All Editors', null);
  return showGallery(workbench);
}

async function showGallery(workbench: Workbench): Promise<Frame> {
  await workbench.runCommand('Open Gallery');
  const gallery = await workbench.webview('Gallery');
  await gallery.getByRole('grid', { name: 'Images' }).waitFor();
  return gallery;
}

const tiles = (gallery: Frame): Locator => gallery.getByRole('gridcell');
const scroller = (gallery: Frame): Locator => gallery.locator('factory-image-gallery .scroller');

function scrollTop(gallery: Frame): Promise<number> {
  return scroller(gallery).evaluate((element) => element.scrollTop);
}

async function counts(gallery: Frame): Promise<string> {
  const text = await gallery.getByRole('group', { name: 'Image counts' }).innerText();
  return text.replace(/\s+/g, ' ').trim();
}

describe('Gallery of a long history', () => {
  let workbench: Workbench;
  let workspace: string;

  before(async () => {
    workspace = makeWorkspace({});
    await generateStore({ root: workspace, images, jobs: 4, imageFiles: 8 });
    workbench = await openWorkbench({ workspace });
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  it('G1: shows approved images first, with counts over the whole filter', async () => {
    const gallery = await openGallery(workbench);
    await expectSoon('counts', async () =>
      /^Total 5,000 Pass [\d,]+ Fail [\d,]+ Pending \d+$/.test(await counts(gallery)),
    );
    assert.equal(await shownOption(gallery, 'Status'), 'Approved');
    await tiles(gallery).first().locator('img').waitFor();
    await workbench.screenshot('gallery dark wide');
  });

  it('G2: the last image is reached by the bar; never more than 300 tiles are in the page', async () => {
    const gallery = await openGallery(workbench);
    await chooseOption(gallery, 'Status', 'All');
    await chooseOption(gallery, 'Sort', 'Newest First');
    await expectSoon(
      'all images',
      async () => (await gallery.getByText('Select All (0/5,000)').count()) === 1,
    );
    const most = await scroller(gallery).evaluate(async (element) => {
      const grid = element.querySelector('factory-image-grid');
      let seen = 0;
      for (let part = 0; part <= 20; part += 1) {
        element.scrollTop = ((element.scrollHeight - element.clientHeight) * part) / 20;
        await new Promise(requestAnimationFrame);
        seen = Math.max(seen, grid?.shadowRoot?.querySelectorAll('[role=gridcell]').length ?? 0);
      }
      return seen;
    });
    assert.ok(most > 0 && most <= 300, `${most} tiles`);
    const last = gallery.locator(`[data-index="${images - 1}"]`);
    await expectSoon(
      'the last image',
      async () => !['Loading', null].includes(await last.getAttribute('aria-label')),
    );
    await chooseOption(gallery, 'Status', 'Approved');
  });

  it('G1: search finds in title and prompt, and each filter narrows the counts', async () => {
    const gallery = await openGallery(workbench);
    const before = await counts(gallery);
    await gallery
      .getByRole('searchbox', { name: 'Search in prompt, title, description and tags' })
      .fill('teapot');
    await expectSoon('other counts', async () => {
      const now = await counts(gallery);
      return now !== before && !now.includes('–');
    });
    await expectSoon('only teapots', async () => {
      const names = await tiles(gallery).evaluateAll((all) =>
        all.map((tile) => tile.getAttribute('aria-label')),
      );
      return names.length > 0 && names.every((name) => /teapot/i.test(name ?? ''));
    });
    await gallery.getByRole('searchbox').fill('no such thing anywhere');
    await gallery.getByText('No image fits these filters.').waitFor();
    await workbench.screenshot('gallery nothing found');
    await gallery.getByRole('button', { name: 'Clear Filters' }).first().click();
    await expectSoon('all counts again', async () => (await counts(gallery)) === before);
  });

  it('G5: click opens, ctrl and shift choose, Select All chooses all that the filter shows', async () => {
    const gallery = await openGallery(workbench);
    await tiles(gallery)
      .nth(1)
      .click({ modifiers: ['Control'] });
    await tiles(gallery)
      .nth(4)
      .click({ modifiers: ['Shift'] });
    await gallery.getByText(/Select All \(4\/[\d,]+\)/).waitFor();
    assert.equal(await gallery.locator('[role=gridcell][aria-selected=true]').count(), 4);
    await workbench.screenshot('gallery chosen');
    // What is said aloud is what is written there.
    await gallery.getByRole('checkbox', { name: /Select All \(4\/[\d,]+\)/ }).waitFor();
    const all = gallery.getByRole('checkbox', { name: /Select All/ });
    await all.click();
    await expectSoon('all chosen', async () => {
      const [, chosen, shown] = /\(([\d,]+)\/([\d,]+)\)/.exec(await all.innerText()) ?? [];
      return chosen !== undefined && chosen === shown;
    });
    await gallery.getByRole('button', { name: 'Clear Selection' }).click();
    await gallery.getByText(/Select All \(0\//).waitFor();
  });

  it('U3: the grid has one tab stop; arrows, Home, End, Space, Enter and Escape work it', async () => {
    const gallery = await openGallery(workbench);
    const page = workbench.page;
    const focused = (): Promise<string | null> =>
      gallery.evaluate<string | null>(`(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return element?.getAttribute('data-index') ?? null;
      })()`);
    assert.equal(await gallery.locator('[role=gridcell][tabindex="0"]').count(), 1);
    await gallery.locator('[role=gridcell][tabindex="0"]').focus();
    await page.keyboard.press('Control+Home');
    await expectSoon('the first', async () => (await focused()) === '0');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    const columns = Number(await gallery.getByRole('grid').getAttribute('aria-colcount'));
    await expectSoon('one right and one down', async () => (await focused()) === String(columns + 1));
    await page.keyboard.press('Space');
    await gallery.getByText(/Select All \(1\//).waitFor();
    await page.keyboard.press('Escape');
    await gallery.getByText(/Select All \(0\//).waitFor();
    await page.keyboard.press('Control+End');
    const length = Number(
      /\/([\d,]+)\)/.exec(await gallery.getByText(/Select All/).innerText())?.[1]?.replace(',', ''),
    );
    await expectSoon('the last', async () => (await focused()) === String(length - 1));
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Enter');
    await gallery.getByRole('dialog', { name: 'Image' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await gallery.getByText(/^2 of /).waitFor();
    await page.keyboard.press('Escape');
    await gallery.getByRole('dialog', { name: 'Image' }).waitFor({ state: 'hidden' });
    await expectSoon('focus back on the image that was shown', async () => (await focused()) === '1');
  });

  it('G4: the viewer zooms, shows Details, Metadata and Processing, and saves edited metadata', async () => {
    const gallery = await openGallery(workbench);
    await tiles(gallery).nth(2).click();
    const dialog = gallery.getByRole('dialog', { name: 'Image' });
    await dialog.getByText('Prompt', { exact: true }).waitFor();
    const zoom = dialog.getByRole('button', { name: /Fit or Full Size/ });
    const before = await zoom.innerText();
    await dialog.getByRole('button', { name: 'Zoom In' }).click();
    await expectSoon('a larger picture', async () => (await zoom.innerText()) !== before);
    await dialog.getByRole('button', { name: 'Fit', exact: true }).click();
    await workbench.screenshot('viewer details');
    await dialog.getByRole('tab', { name: 'Processing' }).click();
    await dialog.getByText('Model', { exact: true }).waitFor();
    await dialog.getByRole('tab', { name: 'Metadata' }).click();
    await dialog.getByRole('textbox', { name: 'Title' }).fill('A quokka at noon');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Not saved yet').waitFor({ state: 'hidden' });
    await workbench.screenshot('viewer metadata');
    await workbench.page.keyboard.press('Escape');
    await gallery.getByRole('searchbox').fill('quokka');
    await gallery.getByRole('gridcell', { name: 'A quokka at noon, Approved' }).waitFor();
    await gallery.getByRole('button', { name: 'Clear Filters' }).click();
  });

  it('U7: hostile texts are shown as text, in tiles, hover texts and the viewer', async () => {
    const gallery = await openGallery(workbench);
    const search = gallery.getByRole('searchbox');
    for (const text of hostileTexts) {
      const begin = text.slice(0, 150);
      // A line break cannot be typed into the field.
      await search.fill(begin.split('\n')[0] ?? '');
      await expectSoon(`an image with ${begin}`, async () => {
        const names = await tiles(gallery).evaluateAll((all) =>
          all.flatMap((tile) => [tile.getAttribute('aria-label') ?? '', tile.getAttribute('title') ?? '']),
        );
        return names.length > 0 && names.every((name) => name.startsWith(begin));
      });
      await tiles(gallery).first().click();
      const viewer = gallery.getByRole('dialog', { name: 'Image' });
      await expectSoon('the prompt in the viewer', async () =>
        (await viewer.locator('factory-long-text .text').allTextContents()).includes(text),
      );
      await workbench.page.keyboard.press('Escape');
    }
    assert.notEqual(await gallery.evaluate<string>('document.title'), '1');
    assert.equal(await gallery.locator('img[onerror]').count(), 0);
    await gallery.getByRole('button', { name: 'Clear Filters' }).click();
  });

  it('U7: a very long title leaves the image in sight; of a very long prompt some lines are shown, and all on request', async () => {
    const gallery = await openGallery(workbench);
    await gallery.getByRole('searchbox').fill('very long very long');
    await gallery
      .getByRole('gridcell', { name: /^very long/ })
      .first()
      .click();
    const viewer = gallery.getByRole('dialog', { name: 'Image' });
    const image = viewer.locator('factory-image-stage img');
    await image.waitFor();
    const room = await gallery.evaluate(() => ({ width: innerWidth, height: innerHeight }));
    await expectSoon('the whole picture in sight', async () => {
      const box = await image.boundingBox();
      const at = await viewer.boundingBox();
      if (box === null || at === null) return false;
      const [left, top] = [box.x - at.x, box.y - at.y];
      return left >= 0 && top >= 0 && left + box.width <= room.width && top + box.height <= room.height;
    });
    assert.ok(await viewer.getByRole('button', { name: 'Close' }).isVisible());
    await workbench.screenshot('viewer long title');
    const prompt = viewer.locator('factory-long-text').filter({ hasText: 'very long' }).first();
    const cut = (await prompt.boundingBox())?.height ?? 0;
    await prompt.getByRole('button', { name: 'Show All' }).click();
    await prompt.getByRole('button', { name: 'Show Less' }).waitFor();
    assert.ok(((await prompt.boundingBox())?.height ?? 0) > cut);
    await workbench.page.keyboard.press('Escape');
    await gallery.getByRole('button', { name: 'Clear Filters' }).click();
  });

  it('G3: the list shows the same with more words', async () => {
    const gallery = await openGallery(workbench);
    await gallery.getByRole('button', { name: 'List View' }).click();
    await gallery.locator('[role=row][aria-selected]').first().waitFor();
    await workbench.screenshot('gallery list');
    await assertAccessible(gallery, 'The list');
    await gallery.getByRole('button', { name: 'Grid View' }).click();
  });

  it('X3: chosen images are exported as ZIP into the exports folder, with progress and Reveal', async () => {
    const gallery = await openGallery(workbench);
    await tiles(gallery)
      .nth(0)
      .click({ modifiers: ['Control'] });
    await tiles(gallery)
      .nth(1)
      .click({ modifiers: ['Control'] });
    await gallery.getByRole('button', { name: 'Export ZIP' }).click();
    const dialog = gallery.getByRole('dialog', { name: 'Export 2 images as ZIP' });
    await dialog.waitFor();
    await workbench.screenshot('export dialog');
    await assertAccessible(gallery, 'The export dialog');
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    await gallery.getByText('Export of 2 images finished').first().waitFor();
    await gallery.getByRole('button', { name: 'Reveal' }).waitFor();
    const files = await readdir(join(workspace, '.gen-image-factory/exports'));
    assert.equal(files.filter((file) => file.endsWith('.zip')).length, 1);
    await gallery.getByRole('button', { name: 'Close' }).last().click();
    await gallery.getByRole('button', { name: 'Clear Selection' }).click();
  });

  it('G5: delete asks first, takes the files along, and Undo brings both back', async () => {
    const gallery = await openGallery(workbench);
    await chooseOption(gallery, 'Sort', 'Newest First');
    const total = await counts(gallery);
    await tiles(gallery).nth(0).click();
    const dialog = gallery.getByRole('dialog', { name: 'Image' });
    const file = (await dialog.getByText(/^pictures\/toupload\//).innerText()).trim();
    await workbench.page.keyboard.press('Escape');
    await tiles(gallery)
      .nth(0)
      .click({ modifiers: ['Control'] });
    await gallery.getByRole('button', { name: 'Delete Selected' }).click();
    await workbench.screenshot('delete question');
    await workbench
      .dialog()
      .getByRole('button', { name: /Delete|Trash/ })
      .first()
      .click();
    await expectSoon('one image less', async () => (await counts(gallery)) !== total);
    await expectSoon('its file gone', () => !existsSync(join(workspace, file)));
    await workbench
      .notification(/trash|deleted/i)
      .getByRole('button', { name: 'Undo' })
      .click();
    await expectSoon('the image back', async () => (await counts(gallery)) === total);
    await expectSoon('its file back', () => existsSync(join(workspace, file)));
  });

  it('U5: filters and scroll come back when the panel was hidden and when the window is reloaded', async () => {
    let gallery = await openGallery(workbench);
    await chooseOption(gallery, 'Sort', 'Oldest First');
    await expectSoon('a place further down', async () => {
      await scroller(gallery).evaluate((element) => (element.scrollTop = 1500));
      return (await scrollTop(gallery)) === 1500;
    });
    await workbench.runCommand('Open Dashboard');
    await workbench.webview('Gen Image Factory');
    gallery = await showGallery(workbench);
    await expectSoon('the same order', async () => (await shownOption(gallery, 'Sort')) === 'Oldest First');
    await expectSoon('the same place', async () => (await scrollTop(gallery)) === 1500);
    await chooseOption(gallery, 'Sort', 'Newest First');
  });

  for (const theme of ['dark', 'light', 'highContrast'] as const) {
    it(`U4: axe finds nothing in the gallery and its viewer (${theme})`, async () => {
      const gallery = await openGallery(workbench);
      await workbench.setTheme(theme);
      await assertAccessible(gallery, 'The gallery');
      await workbench.screenshot(`gallery ${theme}`);
      await tiles(gallery).nth(1).click();
      await gallery.getByRole('dialog', { name: 'Image' }).getByText('Prompt', { exact: true }).waitFor();
      await assertAccessible(gallery, 'The viewer');
      await gallery.getByRole('tab', { name: 'Metadata' }).click();
      await assertAccessible(gallery, 'The metadata form');
      await workbench.screenshot(`viewer ${theme}`);
      await workbench.page.keyboard.press('Escape');
    });
  }

  it('U6: fits a narrow panel', async () => {
    const gallery = await openGallery(workbench);
    await workbench.setSize(1060, 900);
    await tiles(gallery).first().locator('img').waitFor();
    const wide = await scroller(gallery).evaluate((element) => element.scrollWidth <= element.clientWidth);
    assert.ok(wide, 'nothing is cut off at the side');
    await workbench.screenshot('gallery narrow');
    // 300 pixels are left to the view.
    await workbench.setSize(660, 900);
    await tiles(gallery).first().click();
    const viewer = gallery.getByRole('dialog', { name: 'Image' });
    const close = viewer.getByRole('button', { name: 'Close' });
    await expectSoon('Close in the corner', async () => {
      const [box, around] = [await close.boundingBox(), await viewer.boundingBox()];
      if (box === null || around === null) return false;
      return box.y - around.y < 12 && around.x + around.width - (box.x + box.width) < 12;
    });
    await workbench.screenshot('viewer narrowest');
    await close.click();
    const bar = gallery.locator('factory-filter-bar');
    assert.ok(await bar.evaluate((element) => element.scrollWidth <= element.clientWidth));
    await workbench.screenshot('gallery narrowest');
    await workbench.setSize(1600, 1000);
  });
});

describe('Gallery while a job runs', () => {
  let workbench: Workbench;

  before(async () => {
    const workspace = makeSampleWorkspace({
      'genImageFactory.generation.count': 60,
      'genImageFactory.generation.parallel': 2,
    });
    await generateStore({ root: workspace, images: 400, jobs: 2, imageFiles: 4 });
    workbench = await openWorkbench({ workspace });
  });
  after(() => workbench.close());
  afterEach(screenshotIfFailed(() => workbench));

  it('G2: the reader’s place and choice stay while new images wait above, and come when asked', async () => {
    const gallery = await openGallery(workbench);
    await tiles(gallery)
      .nth(3)
      .click({ modifiers: ['Control'] });
    const chosen = await gallery.locator('[role=gridcell][aria-selected=true]').getAttribute('aria-label');
    await scroller(gallery).evaluate((element) => (element.scrollTop = 300));
    await expectSoon('the place', async () => (await scrollTop(gallery)) === 300);
    const seen = await gallery.locator('[data-index="20"]').getAttribute('aria-label');
    // Read at one moment, so that all is of the same drawing.
    const numbers = async (): Promise<{ all: number; waiting: number }> => {
      const text = await gallery
        .locator('factory-image-gallery')
        .evaluate((it) => it.shadowRoot?.textContent);
      const number = (words: RegExp): number => Number(words.exec(text ?? '')?.[1] ?? 0);
      return { all: number(/Select All \(1\/(\d+)\)/), waiting: number(/(\d+) new image/) };
    };
    const before = (await numbers()).all;
    await workbench.runCommand('Start Job');
    const fresh = gallery.getByRole('button', { name: /new images?$/ });
    await fresh.waitFor();
    assert.equal(await scrollTop(gallery), 300);
    assert.equal(await gallery.locator('[data-index="20"]').getAttribute('aria-label'), seen);
    assert.equal(
      await gallery.locator('[role=gridcell][aria-selected=true]').getAttribute('aria-label'),
      chosen,
    );
    await expectSoon('Select All counts those that wait, because it takes them too', async () => {
      const { all, waiting } = await numbers();
      return waiting > 0 && all === before + waiting;
    });
    await workbench.screenshot('gallery new images');
    await fresh.click();
    await expectSoon('the top', async () => (await scrollTop(gallery)) === 0);
  });
});
