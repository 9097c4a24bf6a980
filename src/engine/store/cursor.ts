/** Where a page ended, as the text that `Page.next` carries: the sort key of its last row. */
import { FactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';

export type Cursor = readonly (string | number)[];

export function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Null for the first page. Fails with `input.invalid` for a text that no page of such a list gave out. */
export function readCursor(text: string | undefined, parts: number): Cursor | null {
  if (text === undefined) return null;
  try {
    const cursor: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const whole =
      Array.isArray(cursor) &&
      cursor.length === parts &&
      cursor.every((part) => typeof part === 'string' || typeof part === 'number');
    if (whole) return cursor;
  } catch {
    // Falls through to the one message.
  }
  throw new FactoryError('input.invalid', messages.noPage());
}

/** Limits of a page in the range that a list can serve. */
export function pageLimit(limit: number): number {
  return Math.max(1, Math.min(1000, Math.trunc(limit)));
}
