/** Keyword files: one keyword per line (.txt), or rows below a header (.csv). */
import { pipeline } from 'node:stream/promises';
import { parse, CsvError } from 'csv-parse';
import type { Problem } from '../model/errors.ts';
import { nextTurn } from '../model/turns.ts';
import { plainName, trimInvisible } from './plainName.ts';
import { findSeparator, separatorNames } from './separator.ts';
import { decodeText, fileProblem, maxKeywordBytes, normalized, positionIn } from './text.ts';
import { messages } from './messages.ts';

/** The only column of a .txt file. */
const txtColumn = 'keyword';

/** Rows that a keyword file may have. */
export const maxKeywordRows = 200_000;

export interface KeywordRow {
  /** Cells by column; read them with `Object.hasOwn`, a header may have any name. */
  values: Readonly<Record<string, string>>;
  /** 1-based line on which the row begins. */
  line: number;
}

export interface KeywordFile {
  kind: 'txt' | 'csv';
  /** As shown to people. */
  path: string;
  columns: readonly string[];
  rows: readonly KeywordRow[];
}

/** The rows, and everything that is wrong with the file; with a problem the job must not start. */
export interface ParsedKeywords {
  file: KeywordFile;
  /** The text that was read, without byte order mark and with LF: what is stored with the job. */
  text: string;
  problems: Problem[];
}

/** A long list of the same mistake helps nobody. */
const maxProblems = 50;

/** By the ending of its name. */
export function keywordKind(path: string): 'txt' | 'csv' {
  return path.toLowerCase().endsWith('.csv') ? 'csv' : 'txt';
}

/** Reads a keyword file from its bytes. Long files are read in turns, so that others get theirs. */
export async function parseKeywords(bytes: Uint8Array, path: string): Promise<ParsedKeywords> {
  const decoded = decodeText(bytes, path, maxKeywordBytes);
  if ('text' in decoded) return parseKeywordText(decoded.text, path);
  const file: KeywordFile = { kind: keywordKind(path), path, columns: [], rows: [] };
  return { file, text: '', problems: [decoded.problem] };
}

/** Reads a keyword file from its text: an open document, or the copy stored with a job. */
export async function parseKeywordText(source: string, path: string): Promise<ParsedKeywords> {
  const text = normalized(source);
  const reading = keywordKind(path) === 'csv' ? await readCsv(text, path) : readTxt(text, path);
  const { problems } = reading;
  if (problems.length > maxProblems) {
    const more = problems.length - maxProblems;
    problems.splice(maxProblems, more, fileProblem(path, null, messages.moreProblems({ path, more })));
  }
  return { ...reading, text };
}

type Parsed = Omit<ParsedKeywords, 'text'>;

function readTxt(text: string, path: string): Parsed {
  const rows: KeywordRow[] = [];
  text.split('\n').forEach((raw, index) => {
    const keyword = trimInvisible(raw);
    if (keyword !== '') rows.push({ values: { [txtColumn]: keyword }, line: index + 1 });
  });
  const problems: Problem[] = [];
  if (rows.length === 0) {
    problems.push(fileProblem(path, { line: 1, column: 1 }, messages.txtEmpty({ path })));
  }
  refuseTooMany(rows.length, path, problems);
  return { file: { kind: 'txt', path, columns: [txtColumn], rows }, problems };
}

function refuseTooMany(rows: number, path: string, problems: Problem[]): void {
  if (rows <= maxKeywordRows) return;
  const limit = maxKeywordRows.toLocaleString('en-US');
  problems.push(
    fileProblem(path, null, messages.tooManyRows({ path, limit }), messages.atMostRows({ limit })),
  );
}

interface Line {
  cells: string[];
  /** 1-based, first and last line of the record. */
  first: number;
  last: number;
}

async function readCsv(source: string, path: string): Promise<Parsed> {
  const { separator, text } = findSeparator(source);
  const { lines, error } = await readRecords(text, separator);
  const [header, ...records] = lines;
  const problems: Problem[] = [];
  const file = { kind: 'csv', path, columns: [], rows: [] } as KeywordFile;
  if (error !== null) problems.push(quoteProblem(error, text, lines.at(-1)?.last ?? 0, path));
  if (header === undefined) {
    if (error === null) {
      problems.push(fileProblem(path, { line: 1, column: 1 }, messages.csvEmpty({ path })));
    }
    return { file, problems };
  }
  const columns = header.cells.map(plainName);
  problems.push(...headerProblems(text, { ...header, cells: columns }, separator, path));
  const rows: KeywordRow[] = [];
  for (const record of records) {
    if (record.cells.every((cell) => trimInvisible(cell) === '')) continue;
    if (record.cells.length === columns.length) {
      const entries = columns.map((column, i) => [column, record.cells[i] ?? ''] as const);
      rows.push({ values: Object.fromEntries(entries), line: record.first });
    } else {
      const count = record.cells.length;
      const told = messages.wrongCells({
        path,
        line: record.first,
        cells: count === 1 ? messages.oneCell() : messages.cellCount({ count }),
        columns: columns.length,
        separator: separatorNames[separator],
      });
      const allowed = messages.cellCount({ count: columns.length });
      problems.push(fileProblem(path, { line: record.first, column: 1 }, told, allowed));
    }
  }
  if (rows.length === 0 && problems.length === 0) {
    problems.push(fileProblem(path, { line: header.last + 1, column: 1 }, messages.headerOnly({ path })));
  }
  refuseTooMany(rows.length, path, problems);
  return { file: { ...file, columns, rows }, problems };
}

/** Characters given to the parser in one turn: a few milliseconds of work. */
const sliceLength = 32 * 1024;

async function* slices(text: string, enough: () => boolean): AsyncGenerator<string> {
  for (let at = 0; at < text.length && !enough(); at += sliceLength) {
    if (at > 0) await nextTurn();
    yield text.slice(at, at + sliceLength);
  }
}

async function readRecords(
  text: string,
  delimiter: string,
): Promise<{ lines: Line[]; error: CsvError | null }> {
  const lines: Line[] = [];
  const parser = parse({
    delimiter,
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 1_000_000,
    // Taken here and not from the stream, so that the rows before a broken one are kept.
    on_record: (cells: string[], info) => {
      const inner = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
      lines.push({ cells, first: info.lines - inner, last: info.lines });
      return null;
    },
  });
  parser.resume();
  try {
    // One row more than allowed, below the header, is enough to say that there are too many.
    await pipeline(
      slices(text, () => lines.length > maxKeywordRows + 1),
      parser,
    );
    return { lines, error: null };
  } catch (error) {
    if (error instanceof CsvError) return { lines, error };
    throw error;
  }
}

function quoteProblem(error: CsvError, text: string, lastLine: number, path: string): Problem {
  let line = lastLine + 1;
  const all = text.split('\n');
  while (line < all.length && all[line - 1] === '') line++;
  const at = { line, column: 1 };
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return fileProblem(path, at, messages.quoteOpen({ path, line }));
    case 'CSV_MAX_RECORD_SIZE':
      return fileProblem(path, at, messages.rowTooLong({ path, line }));
    default:
      return fileProblem(path, at, messages.quoteMisplaced({ path, line }));
  }
}

function headerProblems(text: string, header: Line, delimiter: string, path: string): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  header.cells.forEach((name, index) => {
    const first = seen.get(name);
    seen.set(name, first ?? index);
    if (name !== '' && first === undefined) return;
    const at = cellPosition(text, header.first, index, delimiter);
    const { line } = at;
    const told =
      name === ''
        ? messages.noName({ path, line, column: index + 1 })
        : messages.namedTwice({ path, line, name, first: (first ?? 0) + 1, second: index + 1 });
    problems.push(fileProblem(path, at, told));
  });
  return problems;
}

/** Where a cell of the record that begins on a line stands. */
function cellPosition(
  text: string,
  line: number,
  index: number,
  delimiter: string,
): { line: number; column: number } {
  let offset = 0;
  for (let i = 1; i < line; i++) offset = text.indexOf('\n', offset) + 1;
  let quoted = false;
  for (let cell = 0; cell < index && offset < text.length; offset++) {
    if (text[offset] === '"') quoted = !quoted;
    else if (text[offset] === delimiter && !quoted) cell++;
  }
  return positionIn(text, offset);
}
