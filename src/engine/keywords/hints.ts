/** What is allowed in keyword and prompt files and yet probably not meant. Runs without Node. */
import type { Message } from '../model/message.ts';
import type { KeywordFile } from './keywordFile.ts';
import { plainName } from './plainName.ts';
import { placeholdersOf } from './template.ts';
import type { Template } from './template.ts';
import { messages } from './messages.ts';

export interface Hint {
  /** A whole sentence, without the file's name. */
  told: Message;
  /** The stretch of the template that it is about, in UTF-16 units; null when it is about the whole file. */
  range: { start: number; end: number } | null;
  /** What to write there instead. */
  replacement: string | null;
}

/** Placeholders as other tools write them. A name may be long; a template of nothing but brackets is read once. */
const otherForms =
  /(?<!\$)\{\{([^{}\n]{1,200})\}\}|\$\{([^{}\n]{1,200})\}(?!\})|(?<![${])\{([^{}\n]{1,200})\}(?!\})|\[([^[\]\n]{1,200})\]/gu;

/** Columns in brackets that are no placeholders here, and a template that says the same for every row. */
export function templateHints(template: Template, keywords: Pick<KeywordFile, 'columns' | 'rows'>): Hint[] {
  const columns = new Map(keywords.columns.map((column) => [plainName(column).toLowerCase(), column]));
  const hints: Hint[] = [];
  let at = 0;
  for (const part of template.parts) {
    const start = template.source.indexOf(part.kind === 'text' ? part.text : '', at);
    if (part.kind === 'placeholder') {
      at = part.range.end;
      continue;
    }
    for (const match of part.text.matchAll(otherForms)) {
      const name = match.slice(1).join('');
      const column = columns.get(plainName(name).toLowerCase()) ?? onlyColumn(name, keywords.columns);
      if (column === null || start < 0) continue;
      const replacement = `\${{${column}}}`;
      hints.push({
        told: messages.otherPlaceholder({ written: match[0], replacement }),
        range: { start: start + match.index, end: start + match.index + match[0].length },
        replacement,
      });
    }
    at = start + part.text.length;
  }
  if (placeholdersOf(template).length === 0 && keywords.rows.length > 1) {
    const example = `\${{${keywords.columns[0] ?? 'keyword'}}}`;
    const told = messages.namesNoColumn({ rows: keywords.rows.length, example });
    hints.push({ told, range: null, replacement: null });
  }
  return hints;
}

/** `${keyword}` belongs to lists without columns; beside a table its first column is meant. */
function onlyColumn(name: string, columns: readonly string[]): string | null {
  return plainName(name).toLowerCase() === 'keyword' ? (columns[0] ?? null) : null;
}

/** Lines that other lists use for remarks, and cells that leave a gap in the prompt. */
export function keywordHints(keywords: KeywordFile, template: Template | null): Hint[] {
  const hint = (told: Message): Hint => ({ told, range: null, replacement: null });
  if (keywords.kind === 'txt') {
    const remarks = keywords.rows.filter(({ values }) => (values['keyword'] ?? '').startsWith('#')).length;
    if (remarks === 0) return [];
    return [hint(remarks === 1 ? messages.remark() : messages.remarks({ count: remarks }))];
  }
  const used = [...new Set((template === null ? [] : placeholdersOf(template)).map(({ column }) => column))];
  return used.flatMap((column) => {
    const empty = keywords.rows.filter(
      ({ values }) => Object.hasOwn(values, column) && plainName(values[column] ?? '') === '',
    );
    const [first] = empty;
    if (first === undefined) return [];
    const { line } = first;
    return [
      hint(
        empty.length === 1
          ? messages.emptyCell({ column, line })
          : messages.emptyCells({ count: empty.length, column, line }),
      ),
    ];
  });
}
