/** Contents of keyword and prompt files, once per content. */
import { createHash } from 'node:crypto';
import { FactoryError } from '../model/errors.ts';
import { textWithin } from './rows/size.ts';
import type { Reader, Writer } from './store.ts';
import { messages } from './messages.ts';

/** More than a keyword file may have. */
const mostBytes = 64 * 1024 * 1024;

export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Keeps a content and returns its SHA-256 in hex. */
export function insertDocument(db: Writer, content: string): string {
  const sha256 = contentHash(content);
  db.sql('INSERT OR IGNORE INTO documents (sha256, content) VALUES (?, ?)').run(sha256, content);
  return sha256;
}

/** Fails with `notFound`. */
export function getDocument(db: Reader, sha256: string): string {
  const row = db
    .sql<{ content: unknown }>(
      `SELECT ${textWithin('d', 'content', mostBytes)} FROM documents AS d WHERE d.sha256 = ?`,
    )
    .get(sha256);
  if (row === undefined) throw new FactoryError('notFound', messages.noCopy());
  // A content that is not what its hash says was not kept here.
  if (typeof row.content !== 'string' || contentHash(row.content) !== sha256) {
    throw new FactoryError('store.damaged', messages.damagedRow({ columns: 'content' }));
  }
  return row.content;
}
