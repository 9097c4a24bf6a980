/** From a folder to an open database: whose the store is, whether it is whole, and how it can be used there. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Message } from '../model/message.ts';
import { configure, prepared } from './connection.ts';
import { adopt, openForeignCopy } from './foreign.ts';
import type { ForeignCopy } from './foreign.ts';
import { identity } from './identity.ts';
import type { Identity } from './identity.ts';
import { damagedBy, inspectStore, lacksSharedMemory, withoutLog } from './inspection.ts';
import type { StoreInspection } from './inspection.ts';
import { messages } from './messages.ts';
import { claim, isFromElsewhere, originOf } from './ownership.ts';
import { tighten } from './permissions.ts';
import {
  alone,
  isNetworkFolder,
  makeFolder,
  makeJournal,
  migrate,
  prepareFile,
  refuseLinks,
  setAside,
} from './preparation.ts';
import { repairRows } from './repair.ts';
import type { OpenDatabase } from './sqlite.ts';
import { isDamage, sqliteCode, UnusableStore } from './storeErrors.ts';

export interface OpeningOptions {
  /** Nothing is written, not even a missing store. */
  readOnly?: boolean;
  /** The user takes over a store that came from elsewhere (`ownership.ts`). */
  adopt?: boolean;
  /** `auto`: WAL where it works. `truncate`: one connection at a time, for file systems without shared memory. */
  journal?: 'auto' | 'truncate';
  now?: () => Date;
}

export interface Opened {
  database: Database;
  /** Set where the database is a copy of a store that came from elsewhere. */
  foreign?: ForeignCopy;
  readOnly: boolean;
  shared: boolean;
  notice: Message | null;
  endedUncleanly: boolean;
}

/** How long a query, and so an edit, may block the thread while another process holds the file, in ms. */
export const editWaits = 1000;

/** Pages of 4 KB that the log may hold before the thread that writes has to write it back itself. */
const longestLog = 4000;

/** What is not this user's is only looked at, until the user takes it over. */
export async function openByOrigin(
  folder: string,
  path: string,
  open: OpenDatabase,
  options: OpeningOptions,
): Promise<Opened> {
  if (options.readOnly !== true) refuseLinks(folder);
  const self = identity();
  const isForeign = (): boolean => isFromElsewhere(originOf(path, self));
  const foreign = await comesFromElsewhere(folder, path, open, self, options.readOnly === true);
  const now = options.now?.() ?? new Date();
  let notice: Message | null = null;
  if (foreign) {
    try {
      if (options.adopt !== true || options.readOnly === true) {
        const copy = await openForeignCopy(path, open);
        const opened = {
          readOnly: true,
          shared: true,
          notice: messages.foreignHistory(),
          endedUncleanly: false,
        };
        return { database: copy.database, foreign: copy, ...opened };
      }
      await adopt(path, open, self, now);
    } catch (error) {
      if (!(error instanceof UnusableStore)) throw error;
      if (options.readOnly === true) return openEmpty(open, unusableNotice(error, null));
      const kept = await alone(folder, open, () => (isForeign() ? setAside(path, now) : null));
      // Another process has made it ours meanwhile.
      if (kept === null) return openByOrigin(folder, path, open, options);
      notice = unusableNotice(error, join(folder, kept));
    }
  }
  if (options.readOnly === true) return openToRead(path, open);
  makeFolder(folder);
  tighten(folder);
  // Two windows that open at once must not set aside each other's new file, nor see a log that is not claimed yet.
  return alone(folder, open, () => {
    const opened = openToWrite(folder, path, open, self, options);
    opened.notice = notice ?? opened.notice;
    if (!opened.readOnly) claim(path, self);
    return opened;
  });
}

/** How often a log that nobody has claimed is looked at again by who may not take the lock of opening, and how far apart. */
const looks = { times: 10, apart: 50 };

async function comesFromElsewhere(
  folder: string,
  path: string,
  open: OpenDatabase,
  self: Identity,
  readOnly: boolean,
): Promise<boolean> {
  let origin = originOf(path, self);
  if (origin === 'oursWithAnotherLog' && !readOnly) {
    origin = await alone(folder, open, () => originOf(path, self));
  }
  for (let time = 0; readOnly && origin === 'oursWithAnotherLog' && time < looks.times; time += 1) {
    await new Promise((resolve) => setTimeout(resolve, looks.apart));
    origin = originOf(path, self);
  }
  return isFromElsewhere(origin);
}

function unusableNotice({ told: problem }: UnusableStore, kept: string | null): Message {
  return kept === null ? messages.unusable({ problem }) : messages.unusableAndKept({ problem, kept });
}

/** Damage that the work of opening meets goes the way of that which a look finds. */
function openToWrite(
  folder: string,
  path: string,
  open: OpenDatabase,
  self: Identity,
  options: OpeningOptions,
): Opened {
  const openAs = (found: StoreInspection): Opened => openFound(found, folder, path, open, self, options);
  try {
    return openAs(inspectStore(path, open));
  } catch (error) {
    if (isDamage(error)) return openAs(damagedBy(error));
    throw error;
  }
}

function openFound(
  found: StoreInspection,
  folder: string,
  path: string,
  open: OpenDatabase,
  self: Identity,
  options: OpeningOptions,
): Opened {
  const endedUncleanly = ['-wal', '-journal'].some((end) => sizeOf(path + end) > 0);
  const { notice, newer } = prepareFile(path, open, self, options.now?.() ?? new Date(), found);
  if (newer) {
    const opened = openToRead(path, open);
    return { ...opened, notice: opened.notice ?? notice };
  }
  if (options.journal !== 'truncate' && !isNetworkFolder(folder)) {
    const database = openShared(path, open);
    if (database !== null) {
      prepared(database, repairRows);
      return { database, readOnly: false, shared: true, notice, endedUncleanly };
    }
  }
  const told = messages.alone();
  const database = prepared(openAlone(path, open), repairRows);
  return {
    database,
    readOnly: false,
    shared: false,
    notice: notice === null ? told : messages.aloneToo({ notice, alone: told }),
    endedUncleanly,
  };
}

/** With write-ahead log; null where the file system does not allow it. */
function openShared(path: string, open: OpenDatabase): Database | null {
  const database = open(path, { fileMustExist: true, timeout: editWaits });
  try {
    configure(database);
    const mode = database.pragma('journal_mode = WAL', { simple: true });
    // The shared memory is only used by a query.
    database.prepare('SELECT epoch FROM lease').get();
    // A log that is always written to never becomes empty. By then `writeBack` has put most of it into the file.
    database.pragma(`wal_autocheckpoint = ${longestLog}`);
    if (mode === 'wal') return database;
  } catch (error) {
    if (!/^SQLITE_(IOERR_(SHM|LOCK|UNLOCK)|PROTOCOL|CANTOPEN)/.test(sqliteCode(error))) {
      database.close();
      throw error;
    }
  }
  database.close();
  return null;
}

function openAlone(path: string, open: OpenDatabase): Database {
  return prepared(open(path, { fileMustExist: true, timeout: editWaits }), (database) => {
    // Before the first query, so that a log left by another connection needs no shared memory either.
    database.pragma('locking_mode = EXCLUSIVE');
    configure(database);
    // Takes the lock now, so that a second window learns it at once and not in the middle of its work.
    makeJournal(database);
  });
}

/** Nothing, to be looked at. */
function openEmpty(open: OpenDatabase, notice: Message | null): Opened {
  const database = open(':memory:');
  configure(database);
  migrate(database);
  database.pragma('query_only = ON');
  return { database, readOnly: true, shared: false, notice, endedUncleanly: false };
}

function openToRead(path: string, open: OpenDatabase): Opened {
  const empty = (notice: Message | null): Opened => openEmpty(open, notice);
  const found = inspectStore(path, open);
  if (found.state === 'missing') return empty(null);
  if (found.state === 'damaged') return empty(messages.isDamaged({ problem: found.problem }));
  if (found.state === 'older') return empty(messages.olderStore());
  if (found.state === 'newer' && !found.readable) return empty(messages.newerHistory());
  const look = (location: string | Buffer): Database =>
    prepared(open(location, { readonly: true, timeout: editWaits }), (database) => {
      configure(database);
      database.pragma('query_only = ON');
      database.prepare('SELECT epoch FROM lease').get();
    });
  const opened = { readOnly: true, notice: null, endedUncleanly: false };
  try {
    return { ...opened, database: look(path), shared: true };
  } catch (error) {
    // A folder that cannot be written has no room for the shared memory; nobody else writes there either.
    if (lacksSharedMemory(error)) return { ...opened, database: look(withoutLog(path)), shared: false };
    throw error;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
