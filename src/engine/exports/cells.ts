/** Values as spreadsheet cells that every reader shows as they were meant. */

export type Cell = string | number | boolean | Date | null;

/** Characters of one cell in Excel. */
export const maxCellLength = 32_767;
const cutMark = ' … (cut)';

/**
 * Text as a cell: what no workbook can hold is dropped (characters outside XML), what Excel would read as an
 * escape stays literal, what is too long ends with a mark. Typed as text, it is never read as a formula.
 */
export function textCell(text: string | null): string | null {
  if (text === null || text === '') return null;
  const legal = dropIllegal(text);
  const escaped = escapeHex(legal);
  if (escaped.length <= maxCellLength) return escaped;
  const cut = escaped.slice(0, maxCellLength - cutMark.length).replace(/[\uD800-\uDBFF]$/, '');
  return cut + cutMark;
}

/** A moment as the wall time of this computer: workbooks know no time zones and exceljs writes UTC. */
export function dateCell(at: number | null): Date | null {
  return at === null ? null : new Date(at - new Date(at).getTimezoneOffset() * 60_000);
}

/** `_x0041_` means "A" to a spreadsheet: the underscore in front is written as its own escape. */
function escapeHex(text: string): string {
  return text.includes('_x') ? text.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_') : text;
}

function dropIllegal(text: string): string {
  return illegal.test(text) ? text.replace(illegalEverywhere, '') : text;
}

const illegalSource = String.raw`[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFE\uFFFF]`;
const illegal = new RegExp(illegalSource);
const illegalEverywhere = new RegExp(illegalSource, 'g');
