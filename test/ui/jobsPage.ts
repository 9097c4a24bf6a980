/** What tests do again and again in Job Management. */
import type { Frame, Locator } from 'playwright-core';
import { expectSoon, tried } from './workbench.ts';
import type { Workbench } from './workbench.ts';

/** Opens the view, or shows it again, and waits for its table. */
export async function openJobs(workbench: Workbench): Promise<Frame> {
  await workbench.runCommand('Open Job Management');
  const jobs = await workbench.webview('Job Management');
  await jobs.getByRole('grid', { name: 'Jobs' }).waitFor();
  return jobs;
}

/** The row of the job whose label begins so. */
export function jobRow(jobs: Frame, label: string | RegExp): Locator {
  const name = jobs.locator('.label > span:first-child').filter({ hasText: label });
  return jobs.getByRole('row').filter({ has: name }).first();
}

/** Fits this label and no longer one. */
export function exactly(label: string): RegExp {
  return new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

/** Labels of the jobs on this page, from top to bottom, without ids. */
export async function jobsLabels(jobs: Frame): Promise<string[]> {
  return jobs.locator('tbody .label > span:first-child').allInnerTexts();
}

export function selectAllText(chosen: number, shown: number): string {
  return `Select All (${chosen.toLocaleString('en')}/${shown.toLocaleString('en')})`;
}

export async function chooseOption(frame: Frame, name: string, option: string): Promise<void> {
  await frame.getByRole('combobox', { name, exact: true }).click();
  await frame.getByRole('option', { name: option, exact: true }).click();
}

/** The option that a dropdown shows. */
export function shownOption(frame: Frame, name: string): Promise<string> {
  return frame
    .getByRole('combobox', { name, exact: true })
    .evaluate((dropdown) => (dropdown as HTMLElement & { displayValue: string }).displayValue);
}

/** Types a path into VS Code's own dialog for files, once that has put its own proposal there, and takes it. */
export async function answerFileDialog({ page }: Workbench, path: string): Promise<void> {
  const widget = page.locator('.quick-input-widget');
  const input = widget.locator('input').first();
  await widget.locator('.quick-input-list .monaco-list-row').first().waitFor();
  await expectSoon('the path', async () => {
    await input.fill(path);
    return (await input.inputValue()) === path;
  });
  // VS Code overlooks OK while it still looks at the folder; then it is clicked again.
  await expectSoon('the dialog is answered', async () => {
    if (await input.isVisible())
      await tried((options) => widget.getByRole('button', { name: 'OK' }).click(options));
    return !(await input.isVisible());
  });
}

/** For `afterEach`. */
export function screenshotIfFailed(workbench: () => Workbench | undefined) {
  return async function (this: Mocha.Context): Promise<void> {
    if (this.currentTest?.isFailed() !== true) return;
    await workbench()?.screenshot(`failed ${this.currentTest.fullTitle()}`);
  };
}
