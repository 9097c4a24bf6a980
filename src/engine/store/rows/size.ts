/**
 * What a row holds is measured before it is read: one from elsewhere can hold gigabytes, and SQLite tells their size
 * without looking at them.
 */

/**
 * Columns of a select: numbers, and texts of up to `most` bytes. Anything else comes as bytes, which neither is, so that
 * its row is seen to be damaged.
 */
export function columnsWithin(
  table: string,
  numbers: readonly string[],
  texts: readonly string[],
  most: number,
): string {
  const numeric = numbers.map((name) => {
    const column = `${table}.${name}`;
    return `iif(typeof(${column}) IN ('integer', 'real', 'null'), ${column}, x'') AS ${name}`;
  });
  return [...numeric, ...texts.map((name) => textWithin(table, name, most))].join(', ');
}

export function textWithin(table: string, name: string, most: number, as = name): string {
  const column = `${table}.${name}`;
  return `iif(octet_length(${column}) > ${most}, x'', ${column}) AS ${as}`;
}

/** True where each of these columns holds a number or nothing. */
export function numbersInSql(table: string, columns: readonly string[]): string {
  return columns.map((name) => `typeof(${table}.${name}) IN ('integer', 'real', 'null')`).join(' AND ');
}

/** Bytes of these columns together. */
export function sizeInSql(table: string, texts: readonly string[]): string {
  return texts.map((name) => `ifnull(octet_length(${table}.${name}), 0)`).join(' + ');
}
