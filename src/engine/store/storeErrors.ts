/** Errors of SQLite in words, with the code that decides what happens next. */
import { FactoryError } from '../model/errors.ts';
import { inWords } from '../model/message.ts';
import type { Message } from '../model/message.ts';
import { messages } from './messages.ts';

/** With the reason alone: the caller says what comes of it. */
export class UnusableStore extends Error {
  readonly told: Message;

  constructor(told: Message) {
    super(inWords(told));
    this.told = told;
  }
}

/** The code of an SQLite error (`SQLITE_BUSY`, `SQLITE_IOERR_WRITE` …), or an empty text. */
export function sqliteCode(error: unknown): string {
  if (!(error instanceof Error) || error.name !== 'SqliteError') return '';
  const code = (error as Error & { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}

export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error));
}

/**
 * True when the bytes of the file are not what they should be. No statement of ours names an owner that is not there, or
 * takes one away from its rows: where SQLite finds that one did, an index or a row number has changed by itself.
 */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|FORMAT|IOERR_SHORT_READ|CONSTRAINT_FOREIGNKEY)/.test(sqliteCode(error));
}

/** Any error of a query or transaction as a FactoryError; errors that are not SQLite's pass unchanged. */
export function storeError(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (code === '') return error;
  const options = { cause: error };
  if (isBusy(error)) {
    return new FactoryError('store.unavailable', messages.held({ path }), options);
  }
  if (isDamage(error)) {
    return new FactoryError('store.unavailable', messages.damaged({ path }), options);
  }
  if (code === 'SQLITE_FULL') {
    return new FactoryError('disk.full', messages.full({ path }), options);
  }
  if (code.startsWith('SQLITE_READONLY')) {
    return new FactoryError('store.readOnly', messages.readOnlyFile({ path }), options);
  }
  if (/^SQLITE_(IOERR|CANTOPEN|PERM|AUTH|NOLFS)/.test(code)) {
    return new FactoryError('disk.unwritable', messages.unreadable({ path, code }), options);
  }
  return new FactoryError(
    'unexpected',
    messages.notTaken({ message: (error as Error).message, code }),
    options,
  );
}
