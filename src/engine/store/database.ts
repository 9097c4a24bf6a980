/** Opens the store of a workspace folder: `.gen-image-factory/factory.db`. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { storeFolder } from '../model/storeFolder.ts';
import { diskError } from '../model/diskErrors.ts';
import { FactoryError } from '../model/errors.ts';
import type { FactoryEvent } from '../model/events.ts';
import { silentLogger } from '../model/logger.ts';
import type { Logger } from '../model/logger.ts';
import type { Message } from '../model/message.ts';
import { configure, createConnection } from './connection.ts';
import type { Connection, Durability } from './connection.ts';
import { withoutLog, damageMark, inspectStore, lacksSharedMemory } from './inspection.ts';
import { adopt, openForeignCopy } from './foreign.ts';
import type { ForeignCopy } from './foreign.ts';
import { identity } from './identity.ts';
import type { Identity } from './identity.ts';
import { createLogSync, syncFile } from './logSync.ts';
import { createOutbox } from './outbox.ts';
import { claim, isFromElsewhere, originOf } from './ownership.ts';
import {
  isNetworkFolder,
  makeFolder,
  migrate,
  alone,
  makeJournal,
  prepareFile,
  refuseLinks,
  setAside,
  takeLock,
} from './preparation.ts';
import { writeInPlace } from '../files/smallFile.ts';
import { tighten } from './permissions.ts';
import { repairRows } from './repair.ts';
import { loadSqlite } from './sqlite.ts';
import type { OpenDatabase } from './sqlite.ts';
import type { Emit, LeaseEpoch, Reader, Store, Telling, Writer } from './store.ts';
import { isBusy, sqliteCode, storeError, UnusableStore } from './storeErrors.ts';
import { openWorkerClient } from './workerClient.ts';
import { messages } from './messages.ts';

export interface StoreOptions {
  /** Absolute path of the workspace folder. */
  root: string;
  /** Nothing is written, not even a missing store. */
  readOnly?: boolean;
  /** The user takes over a store that came from elsewhere (`ownership.ts`). */
  adopt?: boolean;
  /** Called after every committed change, so that other processes can be told: `run` where a run made it, under its lease. */
  onWrite?: (by: 'run' | 'edit', others: Exclude<Telling, 'never'>) => void;
  /** Called with what transactions and reports emit, once they are done. */
  onEvents?: (events: readonly FactoryEvent[]) => void;
  logger?: Logger;
  /** `auto`: WAL where it works. `truncate`: one connection at a time, for file systems without shared memory. */
  journal?: 'auto' | 'truncate';
  /** Path of the bundled worker; by default the file beside this one. */
  worker?: string;
  /** How long a write is tried again while another process holds the file, in ms. */
  patienceMs?: number;
  now?: () => Date;
  /** Puts a file on the disk; by default as the system does. */
  syncFile?: (path: string) => Promise<void>;
}

/** How long `edit` may block the thread, and one try of `write`, in ms. */
const editWaits = 1000;
const writeWaits = 20;

/** Pages of 4 KB that the log may hold before the thread that writes has to write it back itself. */
const longestLog = 4000;

/** How a transaction is committed: how long it may wait for the file, and who is told of it as made by whom. */
interface Commit {
  durability: Durability;
  /** Milliseconds. */
  waits: number;
  by: 'run' | 'edit';
  others: Telling;
}

interface Opened {
  database: Database;
  /** Set where the database is a copy of a store that came from elsewhere. */
  foreign?: ForeignCopy;
  readOnly: boolean;
  shared: boolean;
  notice: Message | null;
  endedUncleanly: boolean;
}

/**
 * Opens the store, making, migrating or replacing the file as needed. Fails with `store.unavailable` (no
 * database library for this host, held by another program), `disk.unwritable` or `disk.full`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const folder = join(options.root, storeFolder);
  const path = join(folder, 'factory.db');
  const open = await loadSqlite();
  let opened: Opened;
  try {
    opened = await openByOrigin(folder, path, open, options);
  } catch (error) {
    throw storeError(error, path);
  }
  return storeOver(opened, { ...options, folder, path, open });
}

/** What is not this user's is only looked at, until the user takes it over. */
async function openByOrigin(
  folder: string,
  path: string,
  open: OpenDatabase,
  options: StoreOptions,
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

function openToWrite(
  folder: string,
  path: string,
  open: OpenDatabase,
  self: Identity,
  options: StoreOptions,
): Opened {
  const endedUncleanly = ['-wal', '-journal'].some((end) => sizeOf(path + end) > 0);
  const { notice, newer } = prepareFile(path, open, self, options.now?.() ?? new Date());
  if (newer) return { ...openToRead(path, open), notice };
  if (options.journal !== 'truncate' && !isNetworkFolder(folder)) {
    const database = openShared(path, open);
    if (database !== null) {
      repairRows(database);
      return { database, readOnly: false, shared: true, notice, endedUncleanly };
    }
  }
  const alone = messages.alone();
  const database = openAlone(path, open);
  repairRows(database);
  return {
    database,
    readOnly: false,
    shared: false,
    notice: notice === null ? alone : messages.aloneToo({ notice, alone }),
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
  const database = open(path, { fileMustExist: true, timeout: editWaits });
  try {
    // Before the first query, so that a log left by another connection needs no shared memory either.
    database.pragma('locking_mode = EXCLUSIVE');
    configure(database);
    // Takes the lock now, so that a second window learns it at once and not in the middle of its work.
    makeJournal(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
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
  if (found.state === 'damaged') {
    return empty(messages.isDamaged({ problem: found.problem }));
  }
  if (found.state === 'older') {
    return empty(messages.olderStore());
  }
  const look = (location: string | Buffer): Database => {
    const database = open(location, { readonly: true, timeout: editWaits });
    try {
      configure(database);
      database.pragma('query_only = ON');
      database.prepare('SELECT epoch FROM lease').get();
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  };
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

function storeOver(
  opened: Opened,
  options: StoreOptions & { folder: string; path: string; open: OpenDatabase },
): Store {
  const { database } = opened;
  const { folder, path } = options;
  const connection: Connection = createConnection(database);
  const patience = options.patienceMs ?? 60_000;
  const logger = options.logger ?? silentLogger;

  const refuse = (): void => {
    if (!database.open) throw new FactoryError('store.unavailable', messages.closed());
    if (opened.readOnly) {
      throw new FactoryError(
        opened.foreign === undefined ? 'store.readOnly' : 'store.foreign',
        opened.notice ?? messages.openForReading(),
      );
    }
  };

  const { emit, thenTell } = createOutbox((events) => options.onEvents?.(events));

  const read = <T>(fn: (db: Reader) => T): T => {
    if (!database.open) throw new FactoryError('store.unavailable', messages.closed());
    try {
      return connection.snapshot(fn);
    } catch (error) {
      throw storeError(error, path);
    }
  };

  const commit = <T>({ durability, waits, by, others }: Commit, fn: (db: Writer, emit: Emit) => T): T => {
    const transaction = (): T => {
      if (waits !== editWaits) database.pragma(`busy_timeout = ${waits}`);
      try {
        return connection.transaction(durability, (db) => fn(db, emit));
      } finally {
        if (waits !== editWaits) database.pragma(`busy_timeout = ${editWaits}`);
      }
    };
    return thenTell(transaction, () => {
      if (others !== 'never') options.onWrite?.(by, others);
    });
  };

  const patiently = async <T>(
    lease: LeaseEpoch,
    how: Pick<Commit, 'durability' | 'others'>,
    fn: (db: Writer, emit: Emit) => T,
  ): Promise<T> => {
    const until = performance.now() + patience;
    for (let wait = 10; ; wait = Math.min(wait * 2, 500)) {
      refuse();
      try {
        return commit({ ...how, waits: writeWaits, by: 'run' }, (db) => {
          checkLease(db, lease);
          return fn(db, emit);
        });
      } catch (error) {
        if (!isBusy(error) || performance.now() >= until) throw storeError(error, path);
      }
      // Writers that wait in step would meet again and again.
      await delay(wait * (0.5 + Math.random() / 2));
    }
  };

  const syncLog = createLogSync(() => (options.syncFile ?? syncFile)(`${path}-wal`));
  let begun = false;

  const pay = async <T>(lease: LeaseEpoch, fn: (db: Writer, emit: Emit) => T): Promise<T> => {
    // The first one, by SQLite itself, also puts the name of a new log on the disk.
    const durability = opened.shared && begun ? 'normal' : 'full';
    const result = await patiently(lease, { durability, others: 'soon' }, fn);
    begun = true;
    if (durability === 'full') return result;
    try {
      await syncLog();
    } catch (error) {
      throw diskError(error, path);
    }
    return result;
  };

  const edit = <T>(how: Pick<Commit, 'durability' | 'others'>, fn: (db: Writer, emit: Emit) => T): T => {
    refuse();
    try {
      return commit({ ...how, waits: editWaits, by: 'edit' }, fn);
    } catch (error) {
      throw storeError(error, path);
    }
  };

  return {
    root: options.root,
    folder,
    path,
    readPath: opened.foreign?.file ?? path,
    readOnly: opened.readOnly,
    notice: opened.notice,
    foreign: opened.foreign?.holds ?? null,
    endedUncleanly: opened.endedUncleanly,
    shared: opened.shared,
    read,
    write: (lease, fn, others = 'soon') => patiently(lease, { durability: 'normal', others }, fn),
    pay,
    edit: (fn, others = 'soon') => edit({ durability: 'normal', others }, fn),
    editDurably: (fn) => edit({ durability: 'full', others: 'soon' }, fn),
    report: (fn) => thenTell(() => read((db) => fn(db, emit))),
    dataVersion: () => Number(database.pragma('data_version', { simple: true })),
    async checkIntegrity() {
      if (!opened.shared || !existsSync(path)) return [];
      const client = openWorkerClient(path, options.worker);
      try {
        const problems = await client.ask('check', []);
        if (problems.length > 0 && !opened.readOnly) {
          writeInPlace(damageMark(path), problems.join('\n'), { cut: true });
        }
        return problems;
      } finally {
        await client.close();
      }
    },
    lock(name) {
      refuse();
      return takeLock(join(folder, `${name}.lock`), options.open);
    },
    close() {
      if (!database.open) return;
      if (!opened.readOnly) {
        try {
          database.pragma('wal_checkpoint(TRUNCATE)');
        } catch (error) {
          // Another connection reads: the log stays and is used at the next opening.
          if (!isBusy(error)) logger.warn(messages.logNotWrittenBack({ reason: String(error) }));
        }
      }
      database.close();
      opened.foreign?.dispose();
    },
  };
}

function checkLease(db: Writer, { epoch }: LeaseEpoch): void {
  const held = db.sql('SELECT 1 FROM lease WHERE one = 1 AND epoch = ? AND owner IS NOT NULL').get(epoch);
  if (held !== undefined) return;
  throw new FactoryError('lease.lost', messages.takenOver());
}
