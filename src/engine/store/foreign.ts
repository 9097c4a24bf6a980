/** Stores that came from elsewhere (`ownership.ts`): looked at as a copy, and adopted when the user says so. */
import { existsSync, lstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { FactoryError, isFactoryError } from '../model/errors.ts';
import { configure } from './connection.ts';
import { applicationId, latestVersion, schemaDifference } from './inspection.ts';
import { alone, migrate } from './preparation.ts';
import type { Identity } from './identity.ts';
import { claim, originOf } from './ownership.ts';
import type { OpenDatabase } from './sqlite.ts';
import type { ForeignStore } from './store.ts';
import { messages } from './messages.ts';

/** A larger one is no history of images. */
const largestStore = 4 * 1024 * 1024 * 1024;

export interface ForeignCopy {
  database: Database;
  holds: ForeignStore;
  /** Removes the copy. */
  dispose: () => void;
}

/**
 * Opens a copy of the store and its log, in a folder of its own: nothing of the original is changed, and what it holds
 * can only be rows. Fails with `UnusableStore` when it is no whole store of this program, and with `store.newer`.
 */
export async function openForeignCopy(path: string, open: OpenDatabase): Promise<ForeignCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'gen-image-factory-'));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'factory.db');
    await copyFile(regularFile(path), copy);
    // A journal can name other files, which SQLite would then look at; without it the last change may be missing.
    if (isFilled(`${path}-wal`)) await copyFile(regularFile(`${path}-wal`), `${copy}-wal`);
    const database = open(copy, { fileMustExist: true, timeout: 1000 });
    try {
      checkForeign(database, open);
      configure(database);
      migrate(database);
      const holds = holdingsOf(database);
      // In the copy nobody works, whatever the rows say.
      database.exec(`UPDATE runs SET status = 'held' WHERE status IN ('waiting', 'running')`);
      database.exec(`UPDATE jobs SET status = 'interrupted' WHERE status = 'running'`);
      freeLease(database);
      database.pragma('query_only = ON');
      return { database, holds, dispose };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    dispose();
    throw notReadable(error);
  }
}

/**
 * Makes the store this user's: deletions that are under way are given up (their files stay where
 * they are), all runs wait to be let go on, and nobody works in it. Fails like `openForeignCopy`.
 */
export function adopt(path: string, open: OpenDatabase, self: Identity, now: Date): void {
  alone(dirname(path), open, () => {
    // Another window may have been asked the same: what it works on must not be taken from it.
    if (originOf(path, self) !== 'elsewhere') return;
    const journal = `${path}-journal`;
    if (isFilled(journal)) renameSync(journal, `${path}-journal.left-${now.getTime()}`);
    const database = open(regularFile(path), { fileMustExist: true, timeout: 5000 });
    try {
      checkForeign(database, open);
      configure(database);
      migrate(database);
      database
        .transaction(() => {
          database.exec(`DELETE FROM trash WHERE state <> 'done'`);
          // What was running is found without an owner at the opening that follows, and is then held as well.
          database.exec(`UPDATE runs SET status = 'held' WHERE status = 'waiting'`);
          freeLease(database);
        })
        .immediate();
    } catch (error) {
      throw notReadable(error);
    } finally {
      database.close();
    }
    for (const name of ['lease.json', 'changed']) rmSync(join(dirname(path), name), { force: true });
    claim(path, self);
  });
}

function freeLease(database: Database): void {
  database.exec('DELETE FROM lease; INSERT INTO lease (one, epoch) VALUES (1, 1)');
}

/** Before anything else is asked of it: a view or a trigger of a stranger would run in our queries. */
function checkForeign(database: Database, open: OpenDatabase): void {
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
  const number = (name: string): number => Number(database.pragma(name, { simple: true }));
  if (number('application_id') !== applicationId) throw new Error('it is not a store of this program');
  const version = number('user_version');
  if (version > latestVersion) {
    throw new FactoryError('store.newer', messages.newerHistory());
  }
  const difference = schemaDifference(database, version, open);
  if (difference !== null) throw new Error(difference);
}

function holdingsOf(database: Database): ForeignStore {
  const count = (sql: string): number => Number(database.prepare(sql).pluck().get() ?? 0);
  return {
    jobs: count('SELECT count(*) FROM jobs'),
    images: count('SELECT count(*) FROM images'),
    unfinishedRuns: count(`SELECT count(*) FROM runs WHERE status IN ('waiting', 'held', 'running')`),
    unfinishedDeletions: count(`SELECT count(*) FROM trash WHERE state <> 'done'`),
  };
}

function regularFile(path: string): string {
  if (lstatSync(dirname(path)).isSymbolicLink()) throw new Error(`${basename(dirname(path))} is a link`);
  const stats = lstatSync(path);
  if (!stats.isFile()) throw new Error(`${basename(path)} is not a regular file`);
  if (stats.size > largestStore) throw new Error(`${basename(path)} is larger than 4 GB`);
  return path;
}

function isFilled(path: string): boolean {
  return existsSync(path) && statSync(path).size > 0;
}

/** With the reason alone as its message: the caller says what comes of it. */
export class UnusableStore extends Error {}

function notReadable(error: unknown): Error {
  if (isFactoryError(error)) return error;
  return new UnusableStore(error instanceof Error ? error.message : String(error), { cause: error });
}
