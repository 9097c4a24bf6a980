import assert from 'node:assert/strict';
import { keywordHints, templateHints } from '../../../src/engine/keywords/hints.ts';
import { parseKeywordText } from '../../../src/engine/keywords/keywordFile.ts';
import { parseTemplate } from '../../../src/engine/keywords/template.ts';
import { said } from '../../support/engine/said.ts';

const table = (await parseKeywordText('Subject,Art Style\nfox,flat\nowl,oil\n', 'rows.csv')).file;

/** [what is written, what to write] of each stretch, and the messages that are about the whole file. */
function hintsOf(source: string, keywords = table): { found: [string, string][]; general: string[] } {
  const hints = templateHints(parseTemplate(source, 'prompt.md', keywords), keywords);
  const found = hints.flatMap(({ range, replacement }): [string, string][] =>
    range === null ? [] : [[source.slice(range.start, range.end), replacement ?? '']],
  );
  return { found, general: hints.filter(({ range }) => range === null).map(said) };
}

describe('what is probably not meant', () => {
  const forms = ['{Subject}', '{{Subject}}', '{{ subject }}', '[Subject]', '${Subject}'];
  for (const form of forms) {
    it(`K14: ${form} beside a table is no placeholder, and what to write is told`, () => {
      const { found } = hintsOf(`A ${form} in \${{Art Style}}, and ${form} again`);
      assert.deepEqual(found, [
        [form, '${{Subject}}'],
        [form, '${{Subject}}'],
      ]);
    });
  }

  it('K14: ${keyword} and {keyword} belong to lists without columns: beside a table its first column is offered', () => {
    assert.deepEqual(hintsOf('A ${keyword} or {keyword} in ${{Art Style}}').found, [
      ['${keyword}', '${{Subject}}'],
      ['{keyword}', '${{Subject}}'],
    ]);
  });

  it('K14: other brackets, escaped marks and placeholders are left alone', () => {
    assert.deepEqual(hintsOf('JSON {"a": [1]} and $${{Subject}} and ${{Subject}} [brackets] {x}').found, []);
  });

  it('K14: a prompt that names no column says the same for every row', () => {
    assert.match(hintsOf('A picture').general[0] ?? '', /names no column, so that all 2 rows get the same/u);
    assert.deepEqual(hintsOf('A ${{Subject}}').general, []);
  });

  it('K14: a template of nothing but brackets is read once', () => {
    for (const unit of ['{', '{{', '[', '${', '{a', '[a', '{{a}']) hintsOf(unit.repeat(200_000));
  });

  it('K14: keywords that begin with # are counted, and stay keywords', async () => {
    const { file } = await parseKeywordText('# a list\n#shark\nfox\n', 'k.txt');
    assert.equal(file.rows.length, 3);
    assert.match(said(keywordHints(file, null)[0]), /^2 keywords begin with #/u);
    assert.deepEqual(keywordHints((await parseKeywordText('fox #1\n', 'k.txt')).file, null), []);
  });

  it('K14: empty cells of a column that the prompt uses are counted, with the first line', async () => {
    const { file } = await parseKeywordText('A,B\nfox,\nowl,\u200B\ncat,x\n', 'rows.csv');
    const template = parseTemplate('${{B}} ${{B}}', null, file);
    assert.deepEqual(keywordHints(file, template).map(said), [
      '2 rows have an empty cell in "B", which the prompt uses; the first is in line 2.',
    ]);
    assert.deepEqual(keywordHints(file, parseTemplate('${{A}}', null, file)), []);
  });
});
