/** What axe-core finds in a webview: nothing, in any theme. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { root } from '../support/vscode/releases.ts';

const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  help: string;
  nodes: { target: unknown; failureSummary?: string }[];
}

/** Fails with every rule that the page breaks, and where. */
export async function assertAccessible(frame: Frame, what: string): Promise<void> {
  await frame.evaluate(axe);
  const violations = await frame.evaluate<Violation[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  const lines = violations.map(
    ({ id, help, nodes }) =>
      `${id} (${help}): ${nodes.map(({ target, failureSummary }) => `${JSON.stringify(target)} ${failureSummary ?? ''}`).join('; ')}`,
  );
  assert.deepEqual(lines, [], `${what} has no accessibility violation`);
}
