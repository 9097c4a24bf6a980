import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maxKeywordRows, parseKeywords } from '../../../src/engine/keywords/keywordFile.ts';
import { plainName } from '../../../src/engine/keywords/plainName.ts';
import type { ParsedKeywords } from '../../../src/engine/keywords/keywordFile.ts';
import { said } from '../../support/engine/said.ts';

const read = (text: string | Uint8Array, path = 'rows.csv'): Promise<ParsedKeywords> =>
  parseKeywords(typeof text === 'string' ? new TextEncoder().encode(text) : text, path);

/** Values and lines of the rows; the file must have no problem. */
async function rowsOf(text: string | Uint8Array, path?: string): Promise<[Record<string, string>, number][]> {
  const { file, problems } = await read(text, path);
  assert.deepEqual(problems, []);
  return file.rows.map((row) => [{ ...row.values }, row.line]);
}

/** "line:column message" of every problem. */
async function problemsOf(text: string | Uint8Array, path?: string): Promise<string[]> {
  const { problems } = await read(text, path);
  for (const problem of problems) assert.equal(problem.file, path ?? 'rows.csv');
  return problems.map((problem) => `${problem.line ?? '-'}:${problem.column ?? '-'} ${said(problem)}`);
}

describe('keyword files with one keyword per line', () => {
  it('K1: blank lines and lines of spaces are dropped, keywords trimmed, lines remembered', async () => {
    assert.deepEqual(await rowsOf('\n  red fox \n \t \nowl', 'k.txt'), [
      [{ keyword: 'red fox' }, 2],
      [{ keyword: 'owl' }, 4],
    ]);
  });

  it('K1: a byte order mark and CRLF leave no trace in the keywords', async () => {
    assert.deepEqual(await rowsOf('\uFEFFfox\r\nowl\r\n', 'k.txt'), [
      [{ keyword: 'fox' }, 1],
      [{ keyword: 'owl' }, 2],
    ]);
  });

  it('K1: commas, quotes and umlauts are part of the keyword', async () => {
    assert.deepEqual(await rowsOf('"a", b; Füchse 🦊', 'k.txt'), [[{ keyword: '"a", b; Füchse 🦊' }, 1]]);
  });

  it('K4: a file without any keyword is an error', async () => {
    for (const text of ['', '\n \n', '\uFEFF']) {
      assert.deepEqual(await problemsOf(text, 'k.txt'), [
        '1:1 k.txt is empty. Write one keyword on each line.',
      ]);
    }
  });
});

describe('keyword files with columns', () => {
  it('K1: comma, semicolon and tab are found from the header', async () => {
    for (const separator of [',', ';', '\t']) {
      const text = `Subject${separator}"Style, mood; tone"\nfox${separator}ink\n`;
      assert.deepEqual(await rowsOf(text), [[{ Subject: 'fox', 'Style, mood; tone': 'ink' }, 2]]);
    }
  });

  it('K1: quoted cells hold separators, quotes and line breaks', async () => {
    assert.deepEqual(await rowsOf('A,B\r\n"x, ""y""","one\r\ntwo"\r\nlast,row'), [
      [{ A: 'x, "y"', B: 'one\ntwo' }, 2],
      [{ A: 'last', B: 'row' }, 4],
    ]);
  });

  it('K1: the byte order mark that spreadsheets write is not part of the first column', async () => {
    const { file } = await read('\uFEFFSubject,Style\r\nfox,ink\r\n');
    assert.deepEqual(file.columns, ['Subject', 'Style']);
  });

  it('K3: values and headers keep their spaces; headers may hold any character', async () => {
    const header = 'Price ($),a(b,}},${{x}},__proto__,constructor';
    const { file, problems } = await read(`${header}\n 1 ,2,3,4,5,6`);
    assert.deepEqual(problems, []);
    assert.deepEqual(file.columns, header.split(','));
    const values = file.rows[0]?.values ?? {};
    assert.deepEqual(
      file.columns.map((column) => Object.getOwnPropertyDescriptor(values, column)?.value as unknown),
      [' 1 ', '2', '3', '4', '5', '6'],
    );
    assert.equal(Object.getPrototypeOf(values), Object.prototype);
  });

  it('K1: blank rows, also those that a spreadsheet writes as separators, get no turn', async () => {
    assert.deepEqual(await rowsOf('A;B\n\n;\n  ;\n1;2\n\n'), [[{ A: '1', B: '2' }, 5]]);
  });

  it('K1: one column needs no separator', async () => {
    assert.deepEqual(await rowsOf('Subject\nfox\nowl'), [
      [{ Subject: 'fox' }, 2],
      [{ Subject: 'owl' }, 3],
    ]);
  });

  it('K4: an empty file and a header without rows are errors', async () => {
    assert.match((await problemsOf(''))[0] ?? '', /^1:1 rows\.csv is empty\. Write a header row/u);
    assert.match((await problemsOf('A,B\n'))[0] ?? '', /^2:1 rows\.csv has a header but no rows\./u);
    assert.match((await problemsOf('A,B\n,\n'))[0] ?? '', /has a header but no rows\./u);
  });

  it('K4: duplicate and empty headers are errors at their place', async () => {
    assert.deepEqual(await problemsOf('A,B,"A",\n1,2,3,4'), [
      '1:5 rows.csv, line 1: the header names "A" twice, in columns 1 and 3. Rename one.',
      '1:9 rows.csv, line 1: column 4 of the header has no name. Name it or remove the column.',
    ]);
  });

  it('K4: rows of the wrong width are errors with their line', async () => {
    assert.deepEqual(
      (await problemsOf('A,B\n1\n"x\ny",2\n1,2,3')).map((text) => text.split('. ')[0]),
      [
        '2:1 rows.csv, line 2: the row has 1 cell, the header has 2',
        '5:1 rows.csv, line 5: the row has 3 cells, the header has 2',
      ],
    );
  });

  it('K4: broken quotes are errors with the line of the row', async () => {
    assert.match((await problemsOf('A,B\n1,2\n\n3,"4\n5,6'))[0] ?? '', /^4:1 .*never closed/u);
    assert.match((await problemsOf('A,B\n1,2\n3,4"5'))[0] ?? '', /^3:1 .*a quote stands where none may/u);
    assert.match((await problemsOf('A,B\n"3"x,4'))[0] ?? '', /^2:1 .*a quote stands where none may/u);
  });

  it('K4: a long list of mistakes is cut, and says how many more there are', async () => {
    const problems = await problemsOf(`A,B\n${'1\n'.repeat(300)}`);
    assert.equal(problems.length, 51);
    assert.equal(problems[50], '-:- rows.csv has 250 more problems.');
  });

  it('K4: a quote that is never closed in a huge file does not swallow all of it', async () => {
    const problems = await problemsOf(`A,B\n"${'x,y\n'.repeat(600_000)}`);
    assert.match(problems[0] ?? '', /^2:1 .*longer than a million characters/u);
  });

  it('K1: a file with more rows than can be used is refused', async () => {
    const problems = await problemsOf('x\n'.repeat(maxKeywordRows + 1), 'k.txt');
    assert.match(problems[0] ?? '', /more than 200,000 rows/u);
  });

  it('K1: any table survives being written as RFC 4180 and read again', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', ' ', ',', ';', '\t', '"', '\n', 'é', '🦊', '$', '{', '}'),
    });
    const named = cell.filter((text) => text.trim() !== '');
    const tables = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.tuple(
          fc.uniqueArray(named, { minLength: width, maxLength: width, selector: plainName }),
          fc.array(fc.array(named, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(tables, fc.constantFrom('\n', '\r\n'), async ([columns, rows], eol) => {
        const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const text = [columns, ...rows].map((row) => row.map(quote).join(',')).join(eol);
        const { file, problems } = await read(text);
        assert.deepEqual(problems, []);
        const names = columns.map(plainName);
        assert.deepEqual(file.columns, names);
        assert.deepEqual(
          file.rows.map((row) => names.map((column) => row.values[column])),
          rows,
        );
        let line = 1 + columns.join('').split('\n').length;
        for (const [i, row] of rows.entries()) {
          assert.equal(file.rows[i]?.line, line);
          line += row.join('').split('\n').length;
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('keyword files as other programs write them', () => {
  it('K1: lines that cannot be seen are no keywords, and what cannot be seen is cut from their ends', async () => {
    const lines = [
      'fox',
      '\u200B',
      'owl\u200B',
      '\u2060 ',
      '\u00AD',
      '\u00A0',
      '\uFEFF',
      '\u2800',
      '\u3164',
      'cat',
    ];
    assert.deepEqual(
      (await rowsOf(lines.join('\n'), 'k.txt')).map(([values]) => values['keyword']),
      ['fox', 'owl', 'cat'],
    );
    // A joiner inside an emoji is part of it.
    assert.deepEqual((await rowsOf('👩\u200D🚀', 'k.txt'))[0]?.[0], { keyword: '👩\u200D🚀' });
  });

  it('K1: a row of cells that cannot be seen is no row', async () => {
    assert.deepEqual(await rowsOf('A,B\n\u200B,\u00A0\nfox,ink'), [[{ A: 'fox', B: 'ink' }, 3]]);
  });

  for (const first of ['sep=;', '"sep=;"', 'SEP=;', 'sep=; ']) {
    it(`K1: the separator may be named by a first line ${first}`, async () => {
      assert.deepEqual(await rowsOf(`${first}\r\nSubject;Style, mood\r\nfox;flat\r\n`), [
        [{ Subject: 'fox', 'Style, mood': 'flat' }, 3],
      ]);
    });
  }

  it('K1: a file that names its separator may have one column', async () => {
    assert.deepEqual(await rowsOf('sep=;\r\nSubject\r\nfox, red\r\n'), [[{ Subject: 'fox, red' }, 3]]);
  });

  it('K1: the separator fits the header and the rows, whatever else the header holds', async () => {
    const text =
      'SKU (empty, old, new);Name (100 letters, required);Notes (free, short)\n1;tie;plain\n2;shirt;striped, blue\n';
    assert.deepEqual((await read(text)).file.columns, [
      'SKU (empty, old, new)',
      'Name (100 letters, required)',
      'Notes (free, short)',
    ]);
    assert.deepEqual((await read('A\tB; or C; or D\nx\ty\n')).file.columns, ['A', 'B; or C; or D']);
  });

  it('K1: column names that look the same are the same', async () => {
    const { file, problems } = await read('\u200BSubject,Art\u00A0Style,Me\u0301dium \nfox,flat,ink\n');
    assert.deepEqual(problems, []);
    assert.deepEqual(file.columns, ['Subject', 'Art Style', 'Médium']);
    assert.match((await problemsOf('Art Style,Art\u00A0Style\na,b'))[0] ?? '', /names "Art Style" twice/u);
  });

  it('K4: a row of the wrong width is told with the separator that was found', async () => {
    assert.match((await problemsOf('A;B\n1;2\n1;2;3'))[0] ?? '', /separated by semicolons/u);
  });
});

describe('encodings', () => {
  it('K1: UTF-16 is refused with the byte offset, with and without its mark', async () => {
    const text = 'A,B\nfox,ink\n';
    const utf16 = Buffer.from(text, 'utf16le');
    assert.match(
      (await problemsOf(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])))[0] ?? '',
      /^1:1 rows\.csv is UTF-16, by its mark at byte offset 0\. Save the file as UTF-8\.$/u,
    );
    assert.match((await problemsOf(utf16))[0] ?? '', /holds a zero byte at byte offset 1\./u);
    assert.match((await problemsOf(Buffer.from(utf16).swap16()))[0] ?? '', /zero byte at byte offset 0\./u);
  });

  it('K1: Latin-1 is refused with the byte offset and line', async () => {
    const bytes = Buffer.concat([Buffer.from('Köln,B\nfü', 'utf8'), Buffer.from('ßé,1', 'latin1')]);
    assert.deepEqual(await problemsOf(bytes), [
      '2:3 rows.csv is not UTF-8: byte 0xDF at byte offset 11. Save the file as UTF-8.',
    ]);
  });

  it('K1: a cut-off character at the end is refused, a real replacement character is not', async () => {
    assert.match(
      (await problemsOf(Buffer.from('A\nö').subarray(0, 3)))[0] ?? '',
      /byte 0xC3 at byte offset 2/u,
    );
    assert.deepEqual(await rowsOf('A\n\uFFFD x'), [[{ A: '\uFFFD x' }, 2]]);
    const bytes = Buffer.concat([Buffer.from('A\n\uFFFD'), Buffer.from([0xff])]);
    assert.match((await problemsOf(bytes))[0] ?? '', /byte 0xFF at byte offset 5/u);
  });

  it('K1: a file over 32 MB is refused unread', async () => {
    assert.match((await problemsOf(new Uint8Array(32 * 1024 * 1024 + 1)))[0] ?? '', /at most 32 MB/u);
  });
});
