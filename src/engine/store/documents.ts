/** Contents of keyword and prompt files, once per content. */
import { createHash } from 'node:crypto';
import { FactoryError } from '../model/errors.ts';
import type { Reader, Writer } from './store.ts';
import { messages } from './messages.ts';

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
  const row = db.sql<{ content: string }>('SELECT content FROM documents WHERE sha256 = ?').get(sha256);
  if (row === undefined) throw new FactoryError('notFound', messages.noCopy());
  return row.content;
}
