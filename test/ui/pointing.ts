/** What lies where in a view, its menu, and the question that follows. */
import type { Frame, Locator } from 'playwright-core';
import { expectSoon } from './workbench.ts';
import type { Workbench } from './workbench.ts';

/** Middle of what is in sight, in CSS pixels of the window. */
export async function placeOf(locator: Locator): Promise<{ x: number; y: number }> {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  if (box === null) throw new Error('It is not in sight.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** What the images or jobs of tiles, cards, rows or tree items are called, all at one moment. */
export function namesOf(items: Locator): Promise<string[]> {
  return items.evaluateAll((elements) =>
    elements.map((element) => {
      const check = element.querySelector('[aria-label^="Select "]')?.getAttribute('aria-label');
      const label = check?.slice('Select '.length) ?? element.getAttribute('aria-label');
      const name = label ?? element.querySelector('[title]')?.getAttribute('title') ?? '';
      // A tile says its status too.
      return check === undefined ? name.replace(/, [^,]*$/, '') : name;
    }),
  );
}

/** What one is called, when it is there. */
export async function nameOf(item: Locator): Promise<string> {
  await item.waitFor({ state: 'attached' });
  const [name] = await namesOf(item);
  return name ?? '';
}

/** The right button pressed on it opens a menu, at the first time. */
export async function openMenu({ page }: Workbench, item: Locator, entry: string): Promise<void> {
  const { x, y } = await placeOf(item);
  await page.mouse.click(x, y, { button: 'right' });
  await page.getByRole('menuitem', { name: entry }).waitFor();
}

/** Begins of the lines in a question that is asked now; longer names are cut there. */
export async function isAsked(workbench: Workbench, ...lines: readonly string[]): Promise<void> {
  const words = lines.map((line) => line.slice(0, 80));
  await expectSoon(`the question ${words.join(' / ')}`, async () => {
    const dialog = workbench.dialog();
    const text = (await dialog.isVisible()) ? await dialog.innerText() : '';
    return words.every((line) => text.includes(line));
  });
}

export async function leaveQuestion(workbench: Workbench): Promise<void> {
  const dialog = workbench.dialog();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await workbench.page.locator('.monaco-dialog-modal-block').waitFor({ state: 'hidden' });
}

/** What has the focus, deep in the elements of a view. */
export function focusedName(view: Frame): Promise<string | null> {
  return view.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.querySelector('[aria-label^="Select "]')?.getAttribute('aria-label') ?? null;
  });
}
