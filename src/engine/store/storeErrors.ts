/** Errors of SQLite in words, with the code that decides what happens next. */
import { FactoryError } from '../model/errors.ts';

/** The code of an SQLite error (`SQLITE_BUSY`, `SQLITE_IOERR_WRITE` …), or an empty text. */
export function sqliteCode(error: unknown): string {
  if (!(error instanceof Error) || error.name !== 'SqliteError') return '';
  const code = (error as Error & { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}

export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error));
}

/** True when the bytes of the file are not what they should be. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(sqliteCode(error));
}

/** Any error of a query or transaction as a FactoryError; errors that are not SQLite's pass unchanged. */
export function storeError(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (code === '') return error;
  const options = { cause: error };
  if (isBusy(error)) {
    return new FactoryError(
      'store.unavailable',
      `Another program holds the store ${path}. Close what uses it, then try again.`,
      options,
    );
  }
  if (isDamage(error)) {
    return new FactoryError(
      'store.unavailable',
      `The store ${path} is damaged. Reload the window: it is then set aside and a fresh one is opened.`,
      options,
    );
  }
  if (code === 'SQLITE_FULL') {
    return new FactoryError(
      'disk.full',
      `There is no space left on the disk for the store ${path}. Free some space, then go on.`,
      options,
    );
  }
  if (code.startsWith('SQLITE_READONLY')) {
    return new FactoryError(
      'store.readOnly',
      `The store ${path} can only be read. Check its permissions.`,
      options,
    );
  }
  if (/^SQLITE_(IOERR|CANTOPEN|PERM|AUTH|NOLFS)/.test(code)) {
    return new FactoryError(
      'disk.unwritable',
      `The store ${path} cannot be read or written (${code}). Check the disk and the permissions.`,
      options,
    );
  }
  return new FactoryError(
    'unexpected',
    `The store did not take a change: ${(error as Error).message} (${code}).`,
    options,
  );
}
