/** `docs/threats.md` promises tests by file and title: each of them exists. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/bundle.mts';

/** `file`: “title”, “title” */
function citedTests(page: string): { file: string; title: string }[] {
  return [...page.matchAll(/`(test\/[^`]+)`: ((?:“[^”]+”(?:, )?)+)/gu)].flatMap(
    ([, file = '', titles = '']) =>
      [...titles.matchAll(/“([^”]+)”/gu)].map(([, title = '']) => ({ file, title })),
  );
}

/** True where a test, not a comment, is called so. */
function hasTest(source: string, title: string): boolean {
  return [`'`, '"', '`'].some((quote) =>
    source.replace(/\bit\(\s+/gu, 'it(').includes(`it(${quote}${title}${quote}`),
  );
}

describe('The threats', () => {
  const page = readFileSync(join(root, 'docs/threats.md'), 'utf8');

  it('name tests that exist', () => {
    const missing = citedTests(page).filter(({ file, title }) => {
      const path = join(root, file);
      return !existsSync(path) || !hasTest(readFileSync(path, 'utf8'), title);
    });
    assert.deepEqual(missing, []);
  });

  it('have a test in each row', () => {
    const rows = page
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (?:What they|---)/u.test(line));
    assert.ok(rows.length > 20);
    for (const row of rows) assert.notEqual(citedTests(row).length, 0, row);
  });
});
