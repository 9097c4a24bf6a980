import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as XLSX from 'xlsx';
import { maxCellLength } from '../../../src/engine/exports/cells.ts';
import type { Destination } from '../../../src/engine/exports/destination.ts';
import { exportJobWorkbook } from '../../../src/engine/exports/workbook.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import { definitionOf, settingKeys } from '../../../src/engine/settings/settings.ts';
import { imageWith, into, jobWith, settingsWith } from './records.ts';
import { assertWorkbookSchema } from './schema.ts';

type Row = Record<string, unknown>;

describe('a job as a workbook', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'factory-workbook-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const destination = (): Destination => ({
    folder: into(folder),
    name: 'Autumn Foxes',
    extension: 'xlsx',
    now: Date.UTC(2026, 0, 2),
  });

  async function read(path: string): Promise<XLSX.WorkBook> {
    // Strict: what the reader does not know is an error.
    return XLSX.read(await readFile(path), { cellDates: false, cellNF: true, WTF: true });
  }
  async function exported(images: ImageRecord[], job = jobWith()): Promise<XLSX.WorkBook> {
    return read(await exportJobWorkbook({ job, images, imageCount: images.length }, destination()));
  }
  function sheetOf(book: XLSX.WorkBook, name: string): XLSX.WorkSheet {
    const sheet = book.Sheets[name];
    assert.ok(sheet, `no sheet ${name}`);
    return sheet;
  }
  function rowsOf(book: XLSX.WorkBook, name: string): Row[] {
    return XLSX.utils.sheet_to_json<Row>(sheetOf(book, name), { defval: null });
  }
  /** The cell of a column in the first row below the headers. */
  function cellOf(book: XLSX.WorkBook, name: string, header: string): XLSX.CellObject {
    const sheet = sheetOf(book, name);
    const headers = XLSX.utils.sheet_to_json<string[]>(sheet, { header: 1 })[0] ?? [];
    const cell = sheet[XLSX.utils.encode_cell({ r: 1, c: headers.indexOf(header) })] as
      XLSX.CellObject | undefined;
    assert.ok(cell, `no cell below ${header}`);
    return cell;
  }
  /** The wall time that a spreadsheet shows for a date cell. */
  function wallTime(serial: unknown): string {
    assert.equal(typeof serial, 'number');
    // Days since 1899-12-30, without a time zone.
    const d = new Date(Math.round(Number(serial) * 86_400) * 1000 + Date.UTC(1899, 11, 30));
    return [
      d.getUTCFullYear(),
      d.getUTCMonth() + 1,
      d.getUTCDate(),
      d.getUTCHours(),
      d.getUTCMinutes(),
      d.getUTCSeconds(),
    ].join(' ');
  }
  function localTime(at: number): string {
    const d = new Date(at);
    return [
      d.getFullYear(),
      d.getMonth() + 1,
      d.getDate(),
      d.getHours(),
      d.getMinutes(),
      d.getSeconds(),
    ].join(' ');
  }

  it('X1: has the sheets Job Summary, Images and Settings, with the columns that the guide names', async () => {
    const book = await exported([imageWith()]);
    assert.deepEqual(book.SheetNames, ['Job Summary', 'Images', 'Settings']);
    const [headers] = XLSX.utils.sheet_to_json<string[]>(sheetOf(book, 'Images'), { header: 1 });
    assert.deepEqual(headers, [
      'Image ID',
      'Job ID',
      'Generation',
      'Variation',
      'Keyword',
      'Prompt',
      'Seed',
      'Status',
      'Reason',
      'Title',
      'Description',
      'Tags',
      'File',
      'Width',
      'Height',
      'Cost',
      'Created At',
    ]);
  });

  it('X1: an image is one row of typed cells', async () => {
    const book = await exported([imageWith()]);
    const { 'Created At': _date, ...row } = rowsOf(book, 'Images')[0] ?? {};
    assert.deepEqual(row, {
      'Image ID': 'aaaaaaaa-0000-4000-8000-000000000001',
      'Job ID': '11111111-2222-4333-8444-555555abc123',
      Generation: 1,
      Variation: 1,
      Keyword: 'Subject: red fox; Style: watercolor',
      Prompt: 'A red fox, watercolor.',
      Seed: 42,
      Status: 'Approved',
      Reason: null,
      Title: 'Red Fox',
      Description: 'A fox in the woods.',
      Tags: 'fox, red',
      File: 'pictures/toupload/fox.webp',
      Width: 1024,
      Height: 768,
      Cost: 0.0038,
    });
    assert.equal(cellOf(book, 'Images', 'Cost').t, 'n');
    assert.equal(cellOf(book, 'Images', 'Prompt').t, 's');
  });

  it('X1: failures have their name and reason, an unknown cost is empty, never 0', async () => {
    const book = await exported([
      imageWith({
        status: 'failed',
        failure: { stage: 'trim', code: 'image.invalid', reason: 'Nothing left.' },
        costMicroUsd: null,
        keyword: { keyword: 'fox' },
      }),
      imageWith({ status: 'qcFailed', qcReason: 'Three legs.' }),
      imageWith({
        softFailures: [{ stage: 'removeBackground', code: 'provider.credit', reason: 'No credit.' }],
        qcReason: 'Fine.',
      }),
    ]);
    const shown = rowsOf(book, 'Images').map((row) => [
      row['Status'],
      row['Reason'],
      row['Cost'],
      row['Keyword'],
    ]);
    assert.deepEqual(shown, [
      ['Trim Failed', 'Nothing left.', null, 'fox'],
      ['QC Failed', 'Three legs.', 0.0038, 'Subject: red fox; Style: watercolor'],
      ['Approved', 'No credit.', 0.0038, 'Subject: red fox; Style: watercolor'],
    ]);
  });

  it('X1: dates are real date cells in the wall time of this computer, in winter and in summer', async () => {
    const book = await exported([imageWith()]);
    for (const [sheet, header, at] of [
      ['Images', 'Created At', imageWith().createdAt],
      ['Job Summary', 'Created At', jobWith().createdAt],
      ['Job Summary', 'Finished At', jobWith().finishedAt ?? 0],
    ] as const) {
      const cell = cellOf(book, sheet, header);
      assert.equal(cell.t, 'n');
      assert.match(String(cell.z), /yyyy-mm-dd/);
      assert.equal(wallTime(cell.v), localTime(at));
    }
  });

  it('X1: the summary has one column per setting, as it ran and not as it is now', async () => {
    const job = jobWith({
      settings: settingsWith({ 'generation.count': 99 }),
      snapshot: settingsWith({ 'generation.count': 7, 'processing.removeBackground': true }),
    });
    const [row = {}] = rowsOf(await exported([], job), 'Job Summary');
    const headers = Object.keys(row);
    assert.equal(new Set(headers).size, headers.length);
    for (const key of settingKeys)
      assert.ok(
        headers.some((header) => header.startsWith(definitionOf(key).label)),
        key,
      );
    assert.equal(row[definitionOf('generation.count').label], 7);
    assert.equal(row[definitionOf('processing.removeBackground').label], 'On');
    assert.deepEqual(
      [row['Label'], row['Status'], row['Approved'], row['Cost'], row['Duration']],
      ['Autumn Foxes', 'Completed', 3, 0.0152, '1m 1s'],
    );
  });

  it('X1: a sum with an unknown price says so', async () => {
    const [row = {}] = rowsOf(
      await exported([], jobWith({ cost: { microUsd: 60_000, unknown: true } })),
      'Job Summary',
    );
    assert.equal(row['Cost'], '≥ $0.06');
  });

  it('X1: the settings sheet lists what was in use, with labels and keys', async () => {
    const rows = rowsOf(
      await exported(
        [],
        jobWith({
          snapshot: settingsWith({ 'processing.convert': true, 'processing.convertFormat': 'webp' }),
        }),
      ),
      'Settings',
    );
    const format = rows.find((row) => row['Key'] === 'processing.convertFormat');
    assert.deepEqual(
      [format?.['Section'], format?.['Setting']],
      ['Processing', definitionOf('processing.convertFormat').label],
    );
    // Hidden, so not used.
    assert.ok(!rows.some((row) => row['Key'] === 'processing.jpgQuality'));
  });

  it('X5: text that begins like a formula stays text', async () => {
    for (const text of ['=1+1', '+49 30 1234', '-5', '@SUM(A1)', '=cmd|"/c calc"!A1', '\t=1']) {
      const book = await exported([imageWith({ prompt: text })]);
      const cell = cellOf(book, 'Images', 'Prompt');
      assert.deepEqual([cell.t, cell.f, cell.v], ['s', undefined, text]);
    }
  });

  it('X5: text survives as it was: escapes, markup, emoji, right-to-left, line breaks', async () => {
    for (const text of ['_x0041_ and _x005F_x', 'a & b < c > "d" \'e\'', '🦊 فنك\nзима', '  spaces  ']) {
      const book = await exported([imageWith({ prompt: text })]);
      assert.equal(cellOf(book, 'Images', 'Prompt').v, text);
    }
    // No workbook can hold these characters.
    const book = await exported([imageWith({ prompt: 'a\u0000b\u0007c\uFFFF' })]);
    assert.equal(cellOf(book, 'Images', 'Prompt').v, 'abc');
  });

  it('X5: 40,000 characters are cut with a mark at what a cell can hold', async () => {
    const book = await exported([imageWith({ prompt: '🦊'.repeat(20_000) })]);
    const text = String(cellOf(book, 'Images', 'Prompt').v);
    assert.ok(text.length <= maxCellLength);
    assert.ok(text.length > maxCellLength - 20);
    assert.match(text, /🦊 … \(cut\)$/u);
  });

  it('X1, X5: the file is what its format demands, whatever stands in the cells', async () => {
    const texts = [
      '=1+1',
      '_x0041_',
      'a & b < c > "d"',
      '🦊 فنك\nзима',
      '\u0000\u0007',
      'x'.repeat(40_000),
      '',
    ];
    const images = texts.map((text) => imageWith({ prompt: text, title: text, tags: [text], seed: null }));
    const path = await exportJobWorkbook(
      { job: jobWith({ label: '<b>&amp;' }), images, imageCount: images.length },
      destination(),
    );
    await assertWorkbookSchema(path);
  });

  it('X4: tells how far it is, and takes images as they come', async () => {
    const seen: [string, number, number][] = [];
    async function* images(): AsyncGenerator<ImageRecord> {
      for (let i = 0; i < 120; i += 1) yield await Promise.resolve(imageWith({ seq: i }));
    }
    const path = await exportJobWorkbook(
      { job: jobWith(), images: images(), imageCount: 120 },
      destination(),
      {
        onProgress: ({ phase, done, total }) => seen.push([phase, done, total]),
      },
    );
    assert.deepEqual(seen, [
      ['Creating Excel', 50, 120],
      ['Creating Excel', 100, 120],
      ['Creating Excel', 120, 120],
    ]);
    assert.equal(rowsOf(await read(path), 'Images').length, 120);
  });

  it('X4: a cancelled export leaves nothing behind', async () => {
    const abort = new AbortController();
    function* images(): Generator<ImageRecord> {
      for (let i = 0; i < 5000; i += 1) {
        if (i === 70) abort.abort();
        yield imageWith({ seq: i });
      }
    }
    await assert.rejects(
      exportJobWorkbook({ job: jobWith(), images: images(), imageCount: 5000 }, destination(), {
        signal: abort.signal,
      }),
      (error) => isFactoryError(error, 'cancelled'),
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it('X4: an export whose images cannot be read fails with the reason and leaves nothing behind', async () => {
    function* images(): Generator<ImageRecord> {
      yield imageWith();
      throw new Error('the store is gone');
    }
    await assert.rejects(
      exportJobWorkbook({ job: jobWith(), images: images(), imageCount: 2 }, destination()),
      (error) => isFactoryError(error, 'export.failed') && /the store is gone/.test(error.message),
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it('X1: a job whose images are deleted while it is exported is not exported in part without a word', async () => {
    await assert.rejects(
      exportJobWorkbook({ job: jobWith(), images: [imageWith()], imageCount: 2 }, destination()),
      (error) =>
        isFactoryError(error, 'export.failed') && /deleted while it was exported/.test(error.message),
    );
    assert.deepEqual(await readdir(folder), []);
  });
});
