/** What host tests share: the extension as VS Code sees it, and waiting. */
import assert from 'node:assert/strict';
import { extensions } from 'vscode';
import type { Extension } from 'vscode';
import type { Api } from '../../src/extension/extension.ts';

export function ourExtension(): Extension<Api> {
  const extension = extensions.getExtension<Api>('gen-image-factory.gen-image-factory');
  assert.ok(extension, 'The extension is not installed.');
  return extension;
}

/** Activates the extension if nothing has yet. */
export function activeApi(): Thenable<Api> {
  return ourExtension().activate();
}

/** Asks again until the answer is there (neither undefined, null nor false); fails with `what` after 15 s. */
export async function expectSoon<T>(what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = performance.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > end) assert.fail(`Not within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
