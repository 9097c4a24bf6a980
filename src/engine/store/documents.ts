/** Contents of keyword and prompt files, once per content. */
import { FactoryError } from '../model/errors.ts';
import { sha256 } from '../model/sha256.ts';
import { textWithin } from './rows/size.ts';
import type { Reader, Writer } from './store.ts';
import { messages } from './messages.ts';

/** More than a keyword file may have. */
const mostBytes = 64 * 1024 * 1024;

/** Keeps a content and returns its SHA-256. */
export function insertDocument(db: Writer, content: string): string {
  const hash = sha256(content);
  db.sql('INSERT OR IGNORE INTO documents (sha256, content) VALUES (?, ?)').run(hash, content);
  return hash;
}

/** Fails with `notFound`. */
export function getDocument(db: Reader, hash: string): string {
  const row = db
    .sql<{ content: unknown }>(
      `SELECT ${textWithin('d', 'content', mostBytes)} FROM documents AS d WHERE d.sha256 = ?`,
    )
    .get(hash);
  if (row === undefined) throw new FactoryError('notFound', messages.noCopy());
  // A content that is not what its hash says was not kept here.
  if (typeof row.content !== 'string' || sha256(row.content) !== hash) {
    throw new FactoryError('store.damaged', messages.damagedRow({ columns: 'content' }));
  }
  return row.content;
}
