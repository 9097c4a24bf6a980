/**
 * Ids of rows. One that is none (a path, bytes, nothing) is never handed out: its row is named by its number in the
 * form of an id that no generator makes, so that it can be shown and deleted like every other.
 */

const id = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const standInPrefix = '00000000-0000-0000-0000-';

/** A UUID in lower case. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && id.test(value);
}

export function standIn(seq: number): string {
  return standInPrefix + Math.max(0, seq).toString(16).padStart(12, '0');
}

/** The number of the row that is named so; null for the id of a row. */
export function numberOf(name: string): number | null {
  return name.length === 36 && name.startsWith(standInPrefix) ? Number.parseInt(name.slice(24), 16) : null;
}

export function idOf(value: unknown, seq: number): string {
  return isId(value) ? value : standIn(seq);
}

const hex = '[0-9a-f]';
const pattern = [8, 4, 3, 4, 12].map((length) => hex.repeat(length));
const glob = `${pattern[0]}-${pattern[1]}-[1-8]${pattern[2]}-${pattern[3]}-${pattern[4]}`;

/** The same in SQL, for what lists ids without their rows. */
export function idInSql(table: string): string {
  return `iif(${isIdInSql(table)}, ${table}.id, printf('${standInPrefix}%012x', ${table}.seq))`;
}

/** As it is, or the row's number where it is no text of an id's length: for `listedIds`. */
export function rawIdInSql(table: string): string {
  return `iif(${mayBeIdInSql(table)}, ${table}.id, ${table}.seq)`;
}

/** True for what is as long as an id; to look at each of very many is quicker outside SQL, with `isId`. */
export function mayBeIdInSql(table: string): string {
  return `(typeof(${table}.id) = 'text' AND octet_length(${table}.id) = 36)`;
}

/** Very many ids that SQL has gathered with `rawIdInSql`. To look at each takes SQL ten times as long. */
export function listedIds(json: string, numberOfRow: (id: string) => number): string[] {
  const values = JSON.parse(json) as (string | number)[];
  return values.map((value) => {
    if (isId(value)) return value;
    return standIn(typeof value === 'number' ? value : numberOfRow(value));
  });
}

export function isIdInSql(table: string): string {
  // Only the bytes tell of a text that goes on after a zero.
  return `(${mayBeIdInSql(table)} AND ${table}.id GLOB '${glob}')`;
}
