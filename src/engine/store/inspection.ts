/** Looks at a store's file before it is used: is it whole, is it ours, how old is its schema. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { writeInPlace } from '../files/smallFile.ts';
import { spoken } from '../model/message.ts';
import type { Message } from '../model/message.ts';
import { migrations } from './migrations.ts';
import type { OpenDatabase } from './sqlite.ts';
import { isDamage, sqliteCode } from './storeErrors.ts';
import { messages } from './messages.ts';

export type StoreInspection =
  | { state: 'missing' }
  | { state: 'sound' }
  /** A writer was killed: its journal must be rolled back, which only a connection that writes can, before a look. */
  | { state: 'interrupted' }
  /** Made by an earlier version of this program: migrations are due. */
  | { state: 'older' }
  /** Readable as long as it still has what our queries name. */
  | { state: 'newer'; readable: boolean }
  | { state: 'damaged'; problem: Message };

export const latestVersion = migrations.at(-1)?.version ?? 0;

/** Marks a file as ours ("GIFs"), so that a foreign database is never migrated. */
export const applicationId = 0x47494673;

/** Left beside the store when damage was found while it was open. */
export function damageMark(path: string): string {
  return `${path}.damaged`;
}

/** The next opening sets the file aside. Best effort: a folder that cannot be written keeps its file. */
export function markDamaged(path: string, problem: string): void {
  try {
    writeInPlace(damageMark(path), problem, { cut: true });
  } catch {
    // What was found is told all the same.
  }
}

/** What an error of damage says of the file. */
export function damagedBy(error: unknown): StoreInspection {
  return { state: 'damaged', problem: spoken((error as Error).message) };
}

/**
 * The file's bytes, for folders without room for the shared memory of WAL: a database in memory, which the file's
 * header must not ask for a log. What lies only in the log is not in it.
 */
export function withoutLog(path: string): Buffer {
  const bytes = readFileSync(path);
  const versionOfRollback = 1;
  if (bytes.length > 19) bytes.fill(versionOfRollback, 18, 20);
  return bytes;
}

export function lacksSharedMemory(error: unknown): boolean {
  return /^SQLITE_(CANTOPEN|IOERR_SHM|READONLY_(CANTINIT|DIRECTORY))/.test(sqliteCode(error));
}

/**
 * Cheap checks: header, size, schema and the last rows. The connection only reads, so that the file and what
 * lies in its log stay as they are if the file must be set aside. Other errors than damage are thrown.
 */
export function inspectStore(path: string, open: OpenDatabase): StoreInspection {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return { state: 'missing' };
  // A new store gets its name when it is complete: an empty file was not made by this program.
  if (size === 0) return { state: 'damaged', problem: messages.isEmpty() };
  if (existsSync(damageMark(path))) return { state: 'damaged', problem: messages.fullCheckFailed() };
  const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const look = (location: string | Buffer): StoreInspection => {
    const database = open(location, { readonly: true, timeout: 1000 });
    try {
      database.pragma('trusted_schema = OFF');
      return examine(database, size, hasLog, open);
    } finally {
      database.close();
    }
  };
  try {
    try {
      return look(path);
    } catch (error) {
      if (lacksSharedMemory(error)) return look(withoutLog(path));
      throw error;
    }
  } catch (error) {
    if (isDamage(error)) return damagedBy(error);
    if (sqliteCode(error) === 'SQLITE_READONLY_ROLLBACK') return { state: 'interrupted' };
    throw error;
  }
}

function examine(database: Database, size: number, hasLog: boolean, open: OpenDatabase): StoreInspection {
  const number = (name: string): number => Number(database.pragma(name, { simple: true }));
  const version = number('user_version');
  if (number('application_id') !== applicationId) {
    return { state: 'damaged', problem: messages.noStoreOfOurs() };
  }
  if (version > latestVersion) return { state: 'newer', readable: isReadable(database, open) };
  const whole = number('page_count') * number('page_size');
  if (!hasLog && whole > size) return { state: 'damaged', problem: messages.shortened({ whole, size }) };
  const stranger = schemaDifference(database, version, open);
  if (stranger !== null) return { state: 'damaged', problem: stranger };
  if (version < latestVersion) return { state: 'older' };
  for (const table of ['jobs', 'images', 'image_texts', 'logs', 'runs']) {
    database.prepare(`SELECT * FROM ${table} ORDER BY seq DESC LIMIT 1`).all();
  }
  database.prepare('SELECT * FROM calls LIMIT 1').all();
  database.prepare('SELECT rowid FROM images_text LIMIT 1').all();
  if (database.prepare('SELECT epoch FROM lease WHERE one = 1').get() === undefined) {
    return { state: 'damaged', problem: messages.leaseRowMissing() };
  }
  return { state: 'sound' };
}

interface SchemaPart {
  type: string;
  name: string;
  sql: string | null;
  rootpage: number;
}

/** What SQLite makes by itself for its own statistics. */
const ownTables = /^sqlite_(?:stat\d|sequence)$/;

/**
 * The first thing that the schema of this version lacks, has beside ours or says otherwise: a trigger or view of a
 * stranger would run in our writes, also under a name of ours.
 */
export function schemaDifference(database: Database, version: number, open: OpenDatabase): Message | null {
  const parts = partsOf(database);
  const found = new Map(parts.map((part) => [part.name, part]));
  const expected = expectedParts(version, open);
  for (const { type, name, sql } of expected) {
    const part = found.get(name);
    if (part === undefined) return messages.partMissing({ name });
    if (part.type !== type || part.sql !== sql) return messages.partIsOther({ name });
    found.delete(name);
  }
  // Two that begin at the same page read each other's rows.
  const pages = new Set<number>();
  const shared = parts.find(({ rootpage }) => rootpage > 0 && pages.size === pages.add(rootpage).size);
  if (shared !== undefined) return messages.partIsOther({ name: shared.name });
  const [stranger] = [...found.values()].filter(({ name }) => !ownTables.test(name));
  return stranger === undefined ? null : messages.foreignPart({ type: stranger.type, name: stranger.name });
}

const expectedOf = new Map<number, readonly SchemaPart[]>();

/** The schema as the migrations make it. */
function expectedParts(version: number, open: OpenDatabase): readonly SchemaPart[] {
  const known = expectedOf.get(version);
  if (known !== undefined) return known;
  const parts = asMigrated(version, open, partsOf).filter(({ name }) => !ownTables.test(name));
  expectedOf.set(version, parts);
  return parts;
}

function asMigrated<T>(version: number, open: OpenDatabase, look: (database: Database) => T): T {
  const database = open(':memory:');
  try {
    for (const migration of migrations) if (migration.version <= version) database.exec(migration.sql);
    return look(database);
  } finally {
    database.close();
  }
}

function partsOf(database: Database): SchemaPart[] {
  return database.prepare<unknown[], SchemaPart>('SELECT type, name, sql, rootpage FROM sqlite_schema').all();
}

function isReadable(database: Database, open: OpenDatabase): boolean {
  const found = new Set(namesIn(database));
  return asMigrated(latestVersion, open, namesIn).every((name) => found.has(name));
}

/** What a query can name: tables with their columns, and indexes. */
function namesIn(database: Database): string[] {
  return database
    .prepare<unknown[], string>(
      `SELECT s.type || ' ' || s.name || ' ' || coalesce(c.name, '')
       FROM sqlite_schema AS s LEFT JOIN pragma_table_info(s.name) AS c WHERE s.type IN ('table', 'index')`,
    )
    .pluck()
    .all();
}
