/** Jobs and images are named by their id or by a unique end of it. */
import { FactoryError } from '../model/errors.ts';
import { idInSql, idOf, numberOf } from './rows/ids.ts';
import type { Reader } from './store.ts';
import { messages } from './messages.ts';

const shortest = 6;

/**
 * The row number of the id, or of the only id that ends with it (six or more characters). Fails with `notFound`,
 * or `ambiguous` with the candidates in the message.
 */
export function findSeq(db: Reader, table: 'jobs' | 'images', id: string): number {
  const noun = table === 'jobs' ? 'job' : 'image';
  const wanted = id.trim().toLowerCase();
  const exact = db.sql<{ seq: number }>(`SELECT seq FROM ${table} WHERE id = ?`);
  const byNumber = db.sql<{ seq: number }>(`SELECT seq FROM ${table} WHERE seq = ?`);
  const number = numberOf(wanted);
  const found = number === null ? (exact.get(id) ?? exact.get(wanted)) : byNumber.get(number);
  if (found !== undefined) return found.seq;
  if (wanted.length < shortest) {
    throw new FactoryError('notFound', messages.noneEndsSo({ noun, id, shortest }));
  }
  const ending = bySuffix(db, table, wanted, 10);
  const [first] = ending;
  if (first === undefined) {
    throw new FactoryError('notFound', messages.noneIs({ noun, id }));
  }
  if (ending.length === 1) return first.seq;
  throw new FactoryError(
    'ambiguous',
    messages.ambiguous({ id, noun, ids: ending.map((row) => row.id).join(', ') }),
  );
}

/** The id that a unique end of it names; fails as `findSeq`. */
export function wholeId(db: Reader, table: 'jobs' | 'images', id: string): string {
  const seq = findSeq(db, table, id);
  return idOf(db.sql<{ id: unknown }>(`SELECT id FROM ${table} WHERE seq = ?`).get(seq)?.id, seq);
}

/** Rows whose id ends with a text of six or more characters. */
export function bySuffix(
  db: Reader,
  table: 'jobs' | 'images',
  end: string,
  limit: number,
): { seq: number; id: string }[] {
  return db
    .sql<{ seq: number; id: string }>(
      `SELECT seq, ${idInSql(table)} AS id FROM ${table} INDEXED BY ${table}_by_short_id
       WHERE substr(${table}.id, -6) = ? AND substr(${table}.id, ?) = ? ORDER BY seq LIMIT ?`,
    )
    .all(end.slice(-shortest), -end.length, end, limit);
}

/** Row numbers of those ids that exist; whole ids only. */
export function seqsOf(db: Reader, table: 'jobs' | 'images', ids: readonly string[]): number[] {
  const numbers = ids.flatMap((id) => numberOf(id) ?? []);
  return db
    .sql<{ seq: number }>(
      `SELECT t.seq FROM json_each(?) AS wanted CROSS JOIN ${table} AS t ON t.id = wanted.value
       UNION ALL SELECT t.seq FROM json_each(?) AS wanted CROSS JOIN ${table} AS t ON t.seq = wanted.value`,
    )
    .all(JSON.stringify(ids), JSON.stringify(numbers))
    .map(({ seq }) => seq);
}
