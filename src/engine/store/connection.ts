/** One connection to the store's file: its settings, its statements, its transactions. */
import type { Database, Statement } from 'better-sqlite3';
import type { Reader, Writer } from './store.ts';

export type Durability = 'normal' | 'full';

export interface Connection extends Writer {
  readonly database: Database;
  /** One immediate transaction; with `full`, the disk has it when this returns. Inside one, just calls. */
  transaction<T>(durability: Durability, fn: (db: Writer) => T): T;
  /** Queries that see one moment of the store. */
  snapshot<T>(fn: (db: Reader) => T): T;
}

/**
 * SQLite looks at the values that columns are compared with and, in a statement of several tables, plans it anew for
 * each: that takes thirty times as long as the search for a row. At an expression, even one that changes nothing, it
 * does not look.
 */
function withoutPeeking(text: string): string {
  return text.replace(/(?<=[=<>] )(?=[?@])/g, '+');
}

export function createConnection(database: Database): Connection {
  const kept = new Map<string, Statement>();
  const sql = <R>(text: string): Statement<unknown[], R> => {
    let statement = kept.get(text);
    if (statement === undefined) {
      statement = database.prepare(withoutPeeking(text));
      kept.set(text, statement);
    }
    return statement as Statement<unknown[], R>;
  };

  const rollBack = (): void => {
    if (database.inTransaction) sql('ROLLBACK').run();
  };

  const between = <T>(begin: string, fn: (db: Writer) => T): T => {
    if (database.inTransaction) return fn(connection);
    sql(begin).run();
    try {
      const result = fn(connection);
      if (result instanceof Promise) throw new TypeError('A transaction must not wait.');
      sql('COMMIT').run();
      return result;
    } catch (error) {
      // Some errors (a full disk) have already rolled back.
      rollBack();
      throw error;
    }
  };

  const connection: Connection = {
    database,
    writes: true,
    sql,
    transaction(durability, fn) {
      if (durability === 'normal' || database.inTransaction) return between('BEGIN IMMEDIATE', fn);
      // How far a commit goes is a setting of the connection that may change between transactions.
      database.pragma('synchronous = FULL');
      try {
        return between('BEGIN IMMEDIATE', fn);
      } finally {
        database.pragma('synchronous = NORMAL');
      }
    },
    snapshot: (fn) => between('BEGIN', fn),
  };
  return connection;
}

/** The database once it is prepared; closed where that fails. */
export function prepared(database: Database, prepare: (database: Database) => void): Database {
  try {
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Settings of every connection. Waiting longer than a second is the caller's decision. */
export function configure(database: Database): void {
  database.pragma('trusted_schema = OFF');
  database.pragma('foreign_keys = ON');
  database.pragma('synchronous = NORMAL');
  database.pragma('cache_size = -32000');
  database.pragma('temp_store = MEMORY');
  database.pragma('journal_size_limit = 67108864');
}
