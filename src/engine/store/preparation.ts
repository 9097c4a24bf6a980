/** Brings the file of a store to where it can be opened: makes it, migrates it, sets a damaged one aside. */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { FactoryError } from '../model/errors.ts';
import { configure } from './connection.ts';
import { applicationId, damageMark, inspectStore } from './inspection.ts';
import type { StoreInspection } from './inspection.ts';
import { migrations } from './migrations.ts';
import type { Identity } from './identity.ts';
import { claim } from './ownership.ts';
import { makePrivate } from './permissions.ts';
import type { OpenDatabase } from './sqlite.ts';
import { isBusy } from './storeErrors.ts';
import { messages } from './messages.ts';
import type { Message } from '../model/message.ts';

export interface Prepared {
  /** Null, or what the user must know. */
  notice: Message | null;
  newer: boolean;
}

/** Makes the folder of the store, which no version control should take. Fails with `disk.unwritable`. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const ignore = join(folder, '.gitignore');
    // Never through a link, also not one that leads nowhere.
    if (lstatSync(ignore, { throwIfNoEntry: false }) === undefined) {
      writeFileSync(ignore, '*\n', { flag: 'wx', mode: 0o600 });
    }
  } catch (error) {
    throw new FactoryError('disk.unwritable', messages.folderUnwritable({ folder }), { cause: error });
  }
}

/** Fails with `store.unavailable` where something in our folder is a link: what is written there would land elsewhere. */
export function refuseLinks(folder: string): void {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return;
  // SQLite itself follows no link to its shared memory.
  const entries = stats.isDirectory() ? readdirSync(folder, { withFileTypes: true }) : [];
  const inside = entries.find((entry) => entry.isSymbolicLink() && entry.name !== 'factory.db-shm');
  const link = stats.isSymbolicLink() ? folder : inside === undefined ? null : join(folder, inside.name);
  if (link === null) return;
  throw new FactoryError('store.unavailable', messages.link({ link }));
}

/** After this the file, found as `found`, is there, whole and of the latest schema, or newer. To be called `alone`. */
export function prepareFile(
  path: string,
  open: OpenDatabase,
  self: Identity,
  now: Date,
  found: StoreInspection,
): Prepared {
  let notice: Message | null = null;
  if (found.state === 'sound' || found.state === 'newer') return outcome(found, null);
  if (found.state === 'interrupted') {
    rollBack(path, open);
    found = inspectStore(path, open);
  }
  if (found.state === 'damaged') {
    const name = setAside(path, now);
    notice = messages.wasDamaged({ problem: found.problem, kept: join(dirname(path), name) });
    found = { state: 'missing' };
  }
  if (found.state === 'missing') createFile(path, open, self);
  else if (found.state === 'older') migrateFile(path, open, self);
  return outcome(inspectStore(path, open), notice);
}

/** The first look of a connection that writes rolls the journal back. */
function rollBack(path: string, open: OpenDatabase): void {
  const database = open(path, { fileMustExist: true, timeout: 5000 });
  try {
    database.pragma('trusted_schema = OFF');
    database.pragma('user_version');
  } finally {
    database.close();
  }
}

function outcome(found: StoreInspection, notice: Message | null): Prepared {
  if (found.state === 'damaged') {
    throw new FactoryError('store.unavailable', messages.notOpened({ problem: found.problem }));
  }
  if (found.state !== 'newer') return { notice, newer: false };
  return { notice: messages.newerStore(), newer: true };
}

function createFile(path: string, open: OpenDatabase, self: Identity): void {
  // A process that died here has left what it had begun.
  for (const name of readdirSync(dirname(path))) {
    if (/^factory\.db\.[0-9a-f]{12}\.new(-journal)?$/.test(name))
      rmSync(join(dirname(path), name), { force: true });
  }
  // Complete under its name or not there: a file cut short by a crash would be taken for a damaged store.
  const aside = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    makePrivate(aside);
    const database = open(aside);
    configure(database);
    database.pragma(`application_id = ${applicationId}`);
    migrate(database);
    database.close();
    claim(path, self, aside);
    try {
      linkSync(aside, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') renameSync(aside, path);
    }
  } finally {
    for (const end of ['', '-journal']) rmSync(aside + end, { force: true });
  }
}

function migrateFile(path: string, open: OpenDatabase, self: Identity): void {
  const database = open(path, { fileMustExist: true, timeout: 5000 });
  try {
    configure(database);
    makeLog(database);
    // Killed in the middle, it leaves a log or journal of ours.
    claim(path, self);
    migrate(database);
  } finally {
    database.close();
  }
}

/** Makes the log or journal that the next change will use, so that it can be claimed before it holds anything. */
function makeLog(database: Database): void {
  if (database.pragma('journal_mode', { simple: true }) === 'wal') {
    database.prepare('SELECT 1 FROM sqlite_schema').get();
    return;
  }
  makeJournal(database);
}

/** By a change that changes nothing; it also takes the lock of a connection that keeps its locks. */
export function makeJournal(database: Database): void {
  database.pragma('journal_mode = TRUNCATE');
  const version = Number(database.pragma('user_version', { simple: true }));
  database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${version}; COMMIT`);
}

/** Runs the missing migrations, each in one transaction with its number. */
export function migrate(database: Database): void {
  for (const { version, sql } of migrations) {
    database
      .transaction(() => {
        if (Number(database.pragma('user_version', { simple: true })) >= version) return;
        database.exec(sql);
        database.pragma(`user_version = ${version}`);
      })
      .immediate();
  }
}

/** Renames the file and what belongs to it; resolves to the new name. */
export function setAside(path: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  let target = join(dirname(path), `factory.damaged-${stamp}.db`);
  for (let number = 2; existsSync(target); number += 1) {
    target = join(dirname(path), `factory.damaged-${stamp}-${number}.db`);
  }
  try {
    // An empty log was made by looking at the file, and nothing can be read from its index.
    const empty = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size === 0;
    for (const end of ['-journal', '-wal', '-shm', '']) {
      if (empty && (end === '-wal' || end === '-shm')) rmSync(path + end, { force: true });
      else if (existsSync(path + end)) renameSync(path + end, target + end);
    }
    rmSync(damageMark(path), { force: true });
  } catch (error) {
    throw new FactoryError('store.unavailable', messages.damagedAndHeld({ path }), { cause: error });
  }
  return basename(target);
}

/** How long another process may be opening the store before this one gives up, and about how often it looks, in ms. */
const longestOpening = 10_000;
const lookEvery = 25;

/** Calls `fn` while no other process does, until what it returns has settled. The thread goes on while it waits. */
export async function alone<T>(folder: string, open: OpenDatabase, fn: () => T | Promise<T>): Promise<T> {
  const until = performance.now() + longestOpening;
  let free = takeLock(join(folder, 'open.lock'), open);
  for (; free === null; free = takeLock(join(folder, 'open.lock'), open)) {
    if (performance.now() >= until) throw new FactoryError('store.unavailable', messages.openedForLong());
    // Two that look in step could hinder each other.
    await delay(lookEvery * (0.5 + Math.random()));
  }
  try {
    return await fn();
  } finally {
    free();
  }
}

/**
 * A lock between processes that the system frees when its holder dies; null when another holds it. A database of its
 * own is the most portable lock there is. Nothing is ever written into it: what holds something, or has a journal, was
 * not made here, and goes.
 */
export function takeLock(path: string, open: OpenDatabase): (() => void) | null {
  for (const end of ['', '-journal', '-wal', '-shm']) {
    const stats = lstatSync(path + end, { throwIfNoEntry: false });
    if (stats === undefined || (end === '' && stats.isFile() && stats.size === 0)) continue;
    rmSync(path + end, { recursive: true, force: true });
  }
  makePrivate(path);
  const database = open(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    // No locks on this file system: then nobody else can hold one either.
    return () => undefined;
  }
  return () => database.close();
}

/** File systems of the network, where SQLite's shared memory does not reach the other computers. */
const networkTypes = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB 2
  0x01021997, // 9P
  0x5346414f, // AFS
  0x00c36400, // Ceph
  0x65735546, // FUSE: sshfs and the like
]);

export function isNetworkFolder(folder: string): boolean {
  if (process.platform === 'win32') return /^\\\\(?!wsl[.$]|[?.]\\)/i.test(folder);
  try {
    return networkTypes.has(statfsSync(folder).type >>> 0);
  } catch {
    return false;
  }
}
