/** `docs/requirements.md` and what cites it. A rule that nothing proves, and an id that is no rule, both fail here. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/bundle.mts';

const RULES = 'docs/requirements.md';
const ID = String.raw`[A-Z][1-9]\d?`;
/** `P3`, `P3, P11` or `X1–X5`. */
const IDS = `${ID}(?:–${ID})?(?:, ${ID}(?:–${ID})?)*`;

/** The ids that a text of such a form names, ranges with all that lies between. */
function idsIn(text: string): string[] {
  return [...text.matchAll(new RegExp(`\\b(${ID})(?:–(${ID}))?\\b`, 'gu'))].flatMap(
    ([, first = '', last]) => {
      const [from, to] = [first, last ?? first].map((id) => Number(id.slice(1))) as [number, number];
      return Array.from({ length: to - from + 1 }, (_, i) => `${first[0] ?? ''}${String(from + i)}`);
    },
  );
}

/** Titles of tests and groups of tests, as they are written. */
function titlesIn(source: string): string[] {
  const title = /\b(?:it|describe)(?:\.\w+)?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gu;
  return [...source.matchAll(title)].map(([, , text = '']) => text);
}

/** The ids that a title begins with. A range proves nothing of each of its rules and is no citation. */
const provenBy = (title: string): string[] =>
  idsIn(new RegExp(`^(${ID}(?:, ${ID})*): `, 'u').exec(title)?.[1] ?? '');

const commentsIn = (source: string): string =>
  source
    .split('\n')
    .flatMap((line) => /^\s*(?:\*|\/[/*]).*|\s\/\/ .*/u.exec(line) ?? [])
    .join('\n');

/** Everything cited by code: by comments anywhere, by texts in front (`P3: …`) or in brackets. `Code` in comments is none. */
function citedByCode(source: string): string[] {
  const texts = new RegExp(`(?<=['"\`])${IDS}(?=: )|(?<= \\()${IDS}(?=\\))`, 'gu');
  const cited = [commentsIn(source).replace(/`[^`\n]*`/gu, ''), ...(source.match(texts) ?? [])];
  return [...new Set(cited.flatMap(idsIn))];
}

const citedByPage = (page: string): string[] => idsIn(page.replace(/^```[\s\S]*?^```|`[^`\n]*`/gmu, ''));

const rulesIn = (page: string): string[] =>
  [...page.matchAll(new RegExp(`^- \\*\\*(${ID})\\*\\* \\S`, 'gmu'))].map(([, id = '']) => id);

const own = join('test', 'unit', 'tooling', 'requirements.test.ts');
const files = ['src', 'test', 'scripts', 'docs']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => /\.(?:ts|mts|css|md)$/u.test(file) && file !== own)
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

describe('The requirements', () => {
  const rules = rulesIn(readFileSync(join(root, RULES), 'utf8'));
  const titles = files
    .filter(({ path }) => /^test\b.*\.ts$/u.test(path))
    .flatMap(({ path, text }) => titlesIn(text).map((title) => ({ path, title })));

  it('have an id each', () => {
    assert.ok(rules.length > 100);
    assert.deepEqual(
      rules.filter((id, i) => rules.indexOf(id) !== i),
      [],
    );
  });

  it('hold every id that code, tests, scripts and pages cite', () => {
    const known = new Set(rules);
    const unknown = files.flatMap(({ path, text }) =>
      (path.endsWith('.md') ? citedByPage(text) : citedByCode(text))
        .filter((id) => !known.has(id))
        .map((id) => `${path}: ${id}`),
    );
    assert.deepEqual(unknown, [], `Not in ${RULES}.`);
  });

  it('are each proven by the title of a test', () => {
    const proven = new Set(titles.flatMap(({ title }) => provenBy(title)));
    assert.deepEqual(
      rules.filter((id) => !proven.has(id)),
      [],
      'No title of a test begins with these.',
    );
  });

  it('are what titles and comments cite, not the sections of other pages', () => {
    const ofTitle = /^(?:issue|ux|section|decisions?)\b[^:]*: |^\d[\d.]*: /u;
    const inBrackets = /\((?:(?:issue|ux|section) [\d.]+|\d\.\d)\)/u;
    assert.deepEqual(
      titles.filter(({ title }) => ofTitle.test(title) || inBrackets.test(title)),
      [],
    );
    assert.deepEqual(
      files.filter(({ text }) => inBrackets.test(commentsIn(text))).map(({ path }) => path),
      [],
    );
  });

  it('are found in every form in which they are cited, and in nothing else', () => {
    assert.deepEqual(titlesIn("it(\n  'P3, P11: it\\'s kept', () => {});\nit(`F5: ${x}`)"), [
      "P3, P11: it\\'s kept",
      'F5: ${x}',
    ]);
    assert.deepEqual(provenBy('P3, P11: a file'), ['P3', 'P11']);
    assert.deepEqual(provenBy('P1–P14: all'), []);
    assert.deepEqual(provenBy('the sheet has a cell A1: it'), []);
    const comments = '/** Exports (X1–X3). */\nfoo(); // as in W4\n * D1: one';
    assert.deepEqual(citedByCode(comments), ['X1', 'X2', 'X3', 'W4', 'D1']);
    const texts = "shape('M0 -18'), 'It fell (D1).', 'D4: one row', 'SUM(A1)', 'F2') // `A1`";
    assert.deepEqual(citedByCode(texts), ['D1', 'D4']);
    assert.deepEqual(citedByPage('As K1 says, `Q7` and\n```\nZ3\n```'), ['K1']);
  });
});
