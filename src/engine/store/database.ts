/** The store of a workspace folder, `.gen-image-factory/factory.db`: how it is read, written and told of. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { storeFolder } from '../model/storeFolder.ts';
import { diskError } from '../model/diskErrors.ts';
import { FactoryError } from '../model/errors.ts';
import type { FactoryEvent } from '../model/events.ts';
import { silentLogger } from '../model/logger.ts';
import type { Logger } from '../model/logger.ts';
import { createConnection } from './connection.ts';
import type { Connection, Durability } from './connection.ts';
import { markDamaged } from './inspection.ts';
import { createLogSync, syncFile } from './logSync.ts';
import { editWaits, openByOrigin } from './opening.ts';
import type { Opened, OpeningOptions } from './opening.ts';
import { createOutbox } from './outbox.ts';
import { takeLock } from './preparation.ts';
import { loadSqlite } from './sqlite.ts';
import type { OpenDatabase } from './sqlite.ts';
import type { Emit, LeaseEpoch, Reader, Store, Telling, Writer } from './store.ts';
import { isBusy, isDamage, storeError } from './storeErrors.ts';
import { openWorkerClient } from './workerClient.ts';
import { messages } from './messages.ts';

export interface StoreOptions extends OpeningOptions {
  /** Absolute path of the workspace folder. */
  root: string;
  /** Called after every committed change, so that other processes can be told: `run` where a run made it, under its lease. */
  onWrite?: (by: 'run' | 'edit', others: Exclude<Telling, 'never'>) => void;
  /** Called with what transactions and reports emit, once they are done. */
  onEvents?: (events: readonly FactoryEvent[]) => void;
  logger?: Logger;
  /** Path of the bundled worker; by default the file beside this one. */
  worker?: string;
  /** How long a write is tried again while another process holds the file, in ms. */
  patienceMs?: number;
  /** Puts a file on the disk; by default as the system does. */
  syncFile?: (path: string) => Promise<void>;
}

/** How long one try of `write` may block the thread, in ms. */
const writeWaits = 20;

/** How a transaction is committed: how long it may wait for the file, and who is told of it as made by whom. */
interface Commit {
  durability: Durability;
  /** Milliseconds. */
  waits: number;
  by: 'run' | 'edit';
  others: Telling;
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

  /** As it is told; damage is marked, so that the next opening sets the file aside. */
  const failure = (error: unknown): unknown => {
    if (isDamage(error) && !opened.readOnly) markDamaged(path, String(error));
    return storeError(error, path);
  };

  const { emit, thenTell } = createOutbox((events) => options.onEvents?.(events));

  const read = <T>(fn: (db: Reader) => T): T => {
    if (!database.open) throw new FactoryError('store.unavailable', messages.closed());
    try {
      return connection.snapshot(fn);
    } catch (error) {
      throw failure(error);
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
        if (!isBusy(error) || performance.now() >= until) throw failure(error);
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
      throw failure(error);
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
        if (problems.length > 0 && !opened.readOnly) markDamaged(path, problems.join('\n'));
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
