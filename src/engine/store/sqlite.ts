/** Loads better-sqlite3 when a store is first opened. */
import type { Database } from 'better-sqlite3';
import { FactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';

export interface OpenOptions {
  readonly?: boolean;
  fileMustExist?: boolean;
  timeout?: number;
}
/** From a path, or from the bytes of a file. */
export type OpenDatabase = (location: string | Buffer, options?: OpenOptions) => Database;

/** What the prebuilt binary needs of its host. */
const neededNodeApi = 10;

/** Fails with `store.unavailable` where the binary cannot run: loading it anyway would end the process. */
export async function loadSqlite(napi: string | undefined = process.versions.napi): Promise<OpenDatabase> {
  if (Number(napi ?? 0) < neededNodeApi) {
    throw new FactoryError(
      'store.unavailable',
      messages.nodeTooOld({ needed: neededNodeApi, node: process.versions.node, found: napi ?? 'none' }),
    );
  }
  try {
    const { default: BetterSqlite3 } = await import('better-sqlite3');
    // The binary itself is loaded with the first database.
    new BetterSqlite3(':memory:').close();
    return (location, options) => new BetterSqlite3(location, options);
  } catch (error) {
    throw loadError(error);
  }
}

/** Why the binary did not load, in words for the user. */
export function loadError(error: unknown): FactoryError {
  const reason = error instanceof Error ? error.message : String(error);
  const platform = `${process.platform}-${process.arch}`;
  const glibc = /GLIBC(XX)?_[\d.]+/.exec(reason)?.[0];
  const told =
    glibc !== undefined
      ? messages.oldSystem({ library: glibc })
      : /MODULE_NOT_FOUND|Cannot find module|no such file|not found/i.test(reason)
        ? messages.noLibrary({ platform })
        : messages.libraryNotLoaded({ platform, reason });
  return new FactoryError('store.unavailable', told, { cause: error });
}
