/** Prompt templates: text with placeholders, each with its place in the source. Runs without Node. */
import type { Problem } from '../model/errors.ts';
import type { Value } from '../model/message.ts';
import { messages } from './messages.ts';
import { plainName } from './plainName.ts';

/** A stretch of the source. Offsets in UTF-16 units, 0-based, end exclusive; line and column 1-based. */
export interface SourceRange {
  start: number;
  end: number;
  line: number;
  column: number;
}

export interface TextPart {
  kind: 'text';
  text: string;
}

export interface PlaceholderPart {
  kind: 'placeholder';
  /** The column as written. */
  column: string;
  /** Of the whole placeholder, with its braces. */
  range: SourceRange;
  /** Of the column alone. */
  columnRange: SourceRange;
}

export interface Template {
  /** As shown to people; null for a built-in template. */
  path: string | null;
  source: string;
  parts: readonly (TextPart | PlaceholderPart)[];
  /** `${{` without its end. */
  open: readonly SourceRange[];
}

/** What a template is read against: the columns of the keyword file, and whether that is a .txt file. */
export interface TemplateContext {
  columns: readonly string[];
  kind: 'txt' | 'csv';
}

const escapeMark = '$${{';
const openMark = '${{';
const closeMark = '}}';
const txtForms = ['${keyword}', '{keyword}'] as const;

/**
 * Reads a template. `${{Column}}` is a placeholder, `$${{` the text `${{`; with a .txt file `${keyword}` and
 * `{keyword}` are placeholders too. A known column wins over the first `}}`, so that headers may hold any character.
 */
export function parseTemplate(source: string, path: string | null, context: TemplateContext): Template {
  const columns = [...context.columns].sort((a, b) => b.length - a.length);
  const parts: (TextPart | PlaceholderPart)[] = [];
  const open: SourceRange[] = [];
  const rangeOf = rangesIn(source);
  let text = '';
  /** From `start` to `end`, the column's name in it from `from` to `to`. */
  const placeholder = (
    column: string,
    [start, from, to, end]: readonly [number, number, number, number],
  ): void => {
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
    parts.push({ kind: 'placeholder', column, range: rangeOf(start, end), columnRange: rangeOf(from, to) });
  };
  for (let at = 0; at < source.length;) {
    const txtForm = context.kind === 'txt' ? txtForms.find((form) => source.startsWith(form, at)) : undefined;
    if (source.startsWith(escapeMark, at)) {
      text += openMark;
      at += escapeMark.length;
    } else if (source.startsWith(openMark, at)) {
      const named = columnAt(source, at + openMark.length, columns);
      if (named === null) {
        open.push(rangeOf(at, at + openMark.length));
        text += openMark;
        at += openMark.length;
      } else {
        const from = at + openMark.length;
        const to = from + named.length;
        placeholder(named.column, [at, from, to, to + closeMark.length]);
        at = to + closeMark.length;
      }
    } else if (txtForm !== undefined) {
      const from = at + txtForm.indexOf('keyword');
      placeholder('keyword', [at, from, from + 'keyword'.length, at + txtForm.length]);
      at += txtForm.length;
    } else {
      text += source.charAt(at);
      at++;
    }
  }
  if (text !== '') parts.push({ kind: 'text', text });
  return { path, source, parts, open };
}

/** Characters of a name that no column has: what is longer was never closed. */
const longestName = 1000;

/**
 * The column named at an offset and the length of its name as written, or null where no `}}` follows on the line. A
 * name that looks like a column's is that column.
 */
function columnAt(
  source: string,
  at: number,
  longestFirst: readonly string[],
): { column: string; length: number } | null {
  const known = longestFirst.find((column) => source.startsWith(column + closeMark, at));
  if (known !== undefined) return { column: known, length: known.length };
  const ahead = source.slice(at, at + longestName);
  const lineEnd = ahead.indexOf('\n');
  const close = ahead.indexOf(closeMark);
  if (close < 0 || (lineEnd >= 0 && close > lineEnd)) return null;
  const written = ahead.slice(0, close);
  const column = longestFirst.find((one) => plainName(one) === plainName(written)) ?? written;
  return { column, length: written.length };
}

/** Ranges with line and column; asked for in ascending order. */
function rangesIn(source: string): (start: number, end: number) => SourceRange {
  const breakFrom = (at: number): number => {
    const next = source.indexOf('\n', at);
    return next < 0 ? Infinity : next;
  };
  let line = 1;
  let lineStart = 0;
  let lineEnd = breakFrom(0);
  return (start, end) => {
    if (start < lineStart) {
      line = 1;
      lineStart = 0;
      lineEnd = breakFrom(0);
    }
    while (lineEnd < start) {
      line++;
      lineStart = lineEnd + 1;
      lineEnd = breakFrom(lineStart);
    }
    return { start, end, line, column: start - lineStart + 1 };
  };
}

export function placeholdersOf(template: Template): PlaceholderPart[] {
  return template.parts.filter((part) => part.kind === 'placeholder');
}

/** What a template is called before its line: its path, or that it is the built-in one. */
export function templateName({ path }: Template): Value {
  return path ?? messages.builtInTemplate();
}

/** Every placeholder that cannot be filled, with its place: nothing unfilled may reach a model. */
export function templateProblems(template: Template, columns: readonly string[]): Problem[] {
  const file = template.path;
  const known = new Set(columns);
  const list = columns.map((column) => `"${column}"`).join(', ');
  const unknown = placeholdersOf(template)
    .filter((part) => !known.has(part.column))
    .map((part): Problem => {
      const near = nearestColumn(part.column, columns);
      const { line, column } = part.columnRange;
      const values = { file: templateName(template), line, column, name: part.column };
      const told =
        near === null
          ? messages.unknownColumn({ ...values, list })
          : messages.unknownColumnNear({ ...values, near: `\${{${near}}}` });
      return { key: null, file, line, column, told, allowed: messages.oneOf({ list }) };
    });
  const open = template.open.map((range): Problem => {
    const { line, column } = range;
    const marks = { open: '${{', close: '}}', escaped: '$${{' };
    const told = messages.notClosed({ file: templateName(template), line, column, ...marks });
    return { key: null, file, line, column, told, allowed: null };
  });
  return [...unknown, ...open].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

/** The column that was probably meant: the same but for case and spaces, or one slip away. */
export function nearestColumn(written: string, columns: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]/gu, '');
  const wanted = plain(written);
  const same = columns.find((column) => plain(column) === wanted);
  if (same !== undefined || wanted.length < 3 || wanted.length > 100) return same ?? null;
  return columns.find((column) => oneSlip(plain(column), wanted)) ?? null;
}

/** One letter too many, missing, different, or swapped with the next. */
function oneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const restA = a.slice(start);
  const restB = b.slice(start);
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

/** The template with the values of a row in place, inserted as they are: a value is never read as a placeholder. */
export function fillTemplate(template: Template, values: Readonly<Record<string, string>>): string {
  return template.parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      // `templateProblems` refuses unknown columns before; inherited names such as "constructor" are no values.
      return Object.hasOwn(values, part.column) ? (values[part.column] ?? '') : '';
    })
    .join('');
}

const promptContextMark = '${promptContext}';

/** A metadata prompt with the full generation prompt in place (K6). */
export function fillPromptContext(source: string, prompt: string): string {
  return source.split(promptContextMark).join(prompt);
}
