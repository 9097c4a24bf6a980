import assert from 'node:assert/strict';
import fc from 'fast-check';
import { builtInMetadata, builtInTemplate } from '../../../src/engine/keywords/builtIn.ts';
import { decodePromptFile, templateFor } from '../../../src/engine/keywords/promptFile.ts';
import {
  fillPromptContext,
  fillTemplate,
  nearestColumn,
  parseTemplate,
  placeholdersOf,
  templateProblems,
} from '../../../src/engine/keywords/template.ts';
import { said } from '../../support/engine/said.ts';

function csv(source: string, columns: string[]) {
  return parseTemplate(source, 'prompt.txt', { kind: 'csv', columns });
}
function fill(source: string, values: Record<string, string>): string {
  return fillTemplate(csv(source, Object.keys(values)), values);
}
function fillTxt(source: string, keyword: string): string {
  const template = parseTemplate(source, 'prompt.txt', { kind: 'txt', columns: ['keyword'] });
  assert.deepEqual(templateProblems(template, ['keyword']), []);
  return fillTemplate(template, { keyword });
}

describe('placeholders', () => {
  it('K3: every occurrence of a column is replaced, exactly and case-sensitively', () => {
    assert.equal(fill('${{A}} and ${{A}}, ${{a}}', { A: 'fox', a: 'owl' }), 'fox and fox, owl');
  });

  it('K3: values are inserted literally and never read again', () => {
    const values = { A: '$& $1 $$ $` ${{B}} {keyword} $${{B}}', B: 'secret' };
    assert.equal(fill('<${{A}}>', values), `<${values.A}>`);
  });

  it('K3: all three forms work with a .txt file, without leaving a dollar sign', () => {
    assert.equal(fillTxt('${keyword}|{keyword}|${{keyword}}', 'red fox'), 'red fox|red fox|red fox');
    assert.equal(fillTxt('$${keyword} {{keyword}} {Keyword} ${other}', 'x'), '$x {x} {Keyword} ${other}');
  });

  it('K3: with a .csv file the short forms are plain text', () => {
    assert.equal(fill('${keyword} {keyword} ${{keyword}}', { keyword: 'x' }), '${keyword} {keyword} x');
  });

  it('K3: $${{ writes a literal ${{', () => {
    assert.equal(fill('$${{A}} ${{A}}', { A: '1' }), '${{A}} 1');
    assert.equal(fillTxt('$${{keyword}}', 'x'), '${{keyword}}');
  });

  it('K3: headers may hold any character, braces too', () => {
    for (const column of ['Price ($)', 'a(b', 'x}', '}}', '${{y}}', 'two\nlines', ' spaced ', '__proto__']) {
      assert.equal(fill(`<\${{${column}}}>`, Object.fromEntries([[column, 'v']])), '<v>', column);
    }
  });

  it('K3: whatever the values and the text between them, filling only ever inserts the values', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', '$', '{', '}', '\n', 'é') });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, fc.constantFrom('A', 'B'))),
        piece,
        piece,
        piece,
        (parts, a, b, end) => {
          // Text that cannot run into the placeholder after it.
          const plain = (text: string): string => text.replaceAll('$', 'S');
          const source = parts.map(([text, column]) => `${plain(text)}\${{${column}}}`).join('') + plain(end);
          const expected =
            parts.map(([text, column]) => plain(text) + (column === 'A' ? a : b)).join('') + plain(end);
          assert.equal(fill(source, { A: a, B: b }), expected);
        },
      ),
    );
  });

  it('K8: each placeholder knows its place in the source', () => {
    const source = 'A ${{Style}}\n\n  ${{ Colour}} x';
    const found = placeholdersOf(csv(source, ['Style']));
    assert.deepEqual(
      found.map(({ range }) => [source.slice(range.start, range.end), range.line, range.column]),
      [
        ['${{Style}}', 1, 3],
        ['${{ Colour}}', 3, 3],
      ],
    );
    assert.deepEqual(
      found.map(({ columnRange }) => [
        source.slice(columnRange.start, columnRange.end),
        columnRange.line,
        columnRange.column,
      ]),
      [
        ['Style', 1, 6],
        [' Colour', 3, 6],
      ],
    );
    const txt = parseTemplate('x ${keyword} {keyword}', null, { kind: 'txt', columns: ['keyword'] });
    assert.deepEqual(
      placeholdersOf(txt).map(({ range, columnRange }) => [
        range.start,
        range.end,
        columnRange.start,
        columnRange.end,
      ]),
      [
        [2, 12, 4, 11],
        [13, 22, 14, 21],
      ],
    );
  });
});

describe('mistakes in templates', () => {
  const problemsOf = (source: string, columns: string[]): string[] =>
    templateProblems(csv(source, columns), columns).map(
      (problem) => `${problem.line}:${problem.column} ${said(problem)}`,
    );

  it('K4: a column that does not exist is an error with file, line and column', () => {
    assert.deepEqual(problemsOf('ok ${{Style}}\n  ${{Mood}}', ['Style', 'Subject']), [
      '2:6 prompt.txt, line 2, column 6: the keyword file has no column "Mood". The columns are "Style", "Subject".',
    ]);
  });

  it('K4: a near miss names the column that was meant', () => {
    assert.match(problemsOf('${{style}}', ['Style'])[0] ?? '', /Did you mean \$\{\{Style\}\}\?/u);
    assert.equal(nearestColumn(' Style ', ['Subject', 'Style']), 'Style');
    assert.equal(nearestColumn('Sytle', ['Subject', 'Style']), 'Style');
    assert.equal(nearestColumn('Styl', ['Subject', 'Style']), 'Style');
    assert.equal(nearestColumn('Mood', ['Subject', 'Style']), null);
    assert.equal(nearestColumn('x', ['y']), null);
  });

  it('K4: a placeholder that is never closed is an error, not text for the model', () => {
    assert.deepEqual(problemsOf('${{Style\n}} ${{', ['Style']), [
      '1:1 prompt.txt, line 1, column 1: ${{ is not closed by }}. Close it, or write $${{ for the characters themselves.',
      '2:4 prompt.txt, line 2, column 4: ${{ is not closed by }}. Close it, or write $${{ for the characters themselves.',
    ]);
  });

  it('K4: names that every object inherits are no columns', () => {
    assert.equal(problemsOf('${{constructor}} ${{__proto__}}', ['A']).length, 2);
    assert.equal(fillTemplate(csv('<${{constructor}}>', []), { A: '1' }), '<>');
  });

  it('K4: an empty prompt file and one that is no UTF-8 are errors', () => {
    const empty = decodePromptFile(new TextEncoder().encode(' \n'), 'p.md');
    assert.ok('problem' in empty);
    assert.match(said(empty.problem), /^p\.md is empty\./u);
    const latin = decodePromptFile(Buffer.from('f\u00fcr', 'latin1'), 'p.md');
    assert.ok('problem' in latin);
    assert.match(said(latin.problem), /byte 0xFC at byte offset 1/u);
    assert.deepEqual(decodePromptFile(Buffer.from('\uFEFFa\r\nb'), 'p.md'), { text: 'a\nb' });
  });
});

describe('built-in prompts', () => {
  it('K7: without a prompt file every column of a .csv file is in the instructions', () => {
    const columns = ['Subject', 'Style', '${{odd}}', 'x}'];
    const { template, problems } = templateFor({ kind: 'csv', columns }, null);
    assert.deepEqual(problems, []);
    const values = { Subject: 'fox', Style: 'ink', '${{odd}}': 'one', 'x}': 'two' };
    const text = fillTemplate(template, values);
    for (const [column, value] of Object.entries(values))
      assert.ok(text.includes(`\n${column}: ${value}\n`), column);
  });

  it('K7: without a prompt file the keyword of a .txt file is in the instructions', () => {
    const { template, problems } = templateFor({ kind: 'txt', columns: ['keyword'] }, null);
    assert.deepEqual(problems, []);
    assert.ok(fillTemplate(template, { keyword: 'red fox' }).includes('\nKeyword: red fox\n'));
    assert.notEqual(builtInTemplate('txt', ['keyword']), '');
  });

  it('K6: the full prompt is in the metadata instructions, in custom ones too, and inserted literally', () => {
    assert.ok(fillPromptContext(builtInMetadata, 'a fox').includes('a fox'));
    assert.equal(
      fillPromptContext('A ${promptContext} B ${promptContext}', '$& ${promptContext}'),
      'A $& ${promptContext} B $& ${promptContext}',
    );
  });
});
