/**
 * The process that looks into a store from elsewhere, and takes one over. It alone touches bytes that nobody has
 * checked; it is ended from outside when that takes too long (`foreign.ts`), and SQLite in it has a bound of memory.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import type { Database } from 'better-sqlite3';
import { FactoryError, isFactoryError, toFactoryError } from '../model/errors.ts';
import { spoken } from '../model/message.ts';
import { configure, prepared } from './connection.ts';
import type { ForeignReply, ForeignRequest } from './foreign.ts';
import { applicationId, latestVersion, schemaDifference } from './inspection.ts';
import { messages } from './messages.ts';
import { migrate } from './preparation.ts';
import { repairRows } from './repair.ts';
import { loadSqlite } from './sqlite.ts';
import type { ForeignStore } from './store.ts';
import { UnusableStore } from './storeErrors.ts';

/** Of SQLite, in bytes; Node's own is bounded by its flags. */
const mostMemory = 512 * 1024 * 1024;
const blockSize = 1024 * 1024;

const open = await loadSqlite();
process.on('disconnect', () => process.exit());
process.on('message', (request: ForeignRequest) => send(answerTo(request)));
send('ready');

function answerTo(request: ForeignRequest): ForeignReply {
  try {
    return { holds: request.as === 'copy' ? copied(request) : adopted(request) };
  } catch (thrown) {
    if (thrown instanceof UnusableStore) return { problem: thrown.told };
    const { code, told } = toFactoryError(thrown);
    if (!isFactoryError(thrown)) return { problem: told };
    return { error: { code, told } };
  }
}

/** A copy of the store and its log in one file, in which nobody works, whatever the rows say. */
function copied({ path, copy, largest }: Extract<ForeignRequest, { as: 'copy' }>): ForeignStore {
  copyRegular(path, copy, largest);
  // A journal can name other files, which SQLite would then look at; without it the last change may be missing.
  copyRegular(`${path}-wal`, `${copy}-wal`, largest);
  const database = checked(copy);
  try {
    const holds = holdingsOf(database);
    database.exec(`UPDATE runs SET status = 'held' WHERE status IN ('waiting', 'running')`);
    database.exec(`UPDATE jobs SET status = 'interrupted' WHERE status = 'running'`);
    freeLease(database);
    // One file, which a second connection can read without room for anything beside it.
    database.pragma('journal_mode = DELETE');
    return holds;
  } finally {
    database.close();
  }
}

/** Deletions that are under way are given up (their files stay where they are), and all runs wait to be let go on. */
function adopted({ path, now }: Extract<ForeignRequest, { as: 'adopted' }>): ForeignStore {
  const journal = `${path}-journal`;
  if (isThere(journal)) renameSync(journal, `${path}-journal.left-${now}`);
  const database = checked(path);
  try {
    const holds = holdingsOf(database);
    database
      .transaction(() => {
        database.exec(`DELETE FROM trash WHERE state <> 'done'`);
        // What was running is found without an owner at the opening that follows, and is then held as well.
        database.exec(`UPDATE runs SET status = 'held' WHERE status = 'waiting'`);
        freeLease(database);
      })
      .immediate();
    for (const name of ['lease.json', 'changed']) rmSync(join(dirname(path), name), { force: true });
    return holds;
  } finally {
    database.close();
  }
}

/** Of the latest schema. What is not only rows fails here: a view or a trigger of a stranger would run in our queries. */
function checked(path: string): Database {
  return prepared(open(path, { fileMustExist: true, timeout: 1000 }), (database) => {
    database.pragma(`hard_heap_limit = ${mostMemory}`);
    database.pragma('trusted_schema = OFF');
    database.pragma('cell_size_check = ON');
    const number = (name: string): number => Number(database.pragma(name, { simple: true }));
    if (number('application_id') !== applicationId) throw new UnusableStore(messages.noStoreOfOurs());
    const version = number('user_version');
    if (version > latestVersion) throw new FactoryError('store.newer', messages.newerHistory());
    const difference = schemaDifference(database, version, open);
    if (difference !== null) throw new UnusableStore(difference);
    // Pages that name each other make a table that never ends, and an index may hold other rows than its table.
    const [problem] = database.pragma('integrity_check(1)') as { integrity_check: string }[];
    if (problem === undefined) throw new UnusableStore(messages.notCheckable());
    if (problem.integrity_check !== 'ok') throw new UnusableStore(spoken(problem.integrity_check));
    configure(database);
    migrate(database);
    repairRows(database);
  });
}

function freeLease(database: Database): void {
  database.exec('DELETE FROM lease; INSERT INTO lease (one, epoch) VALUES (1, 1)');
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

/** Absent on Windows. */
const noFollow = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;
const noBlock = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0;

/** Copies what is opened, if it is a regular file; what is not there is not copied. It may grow meanwhile, or never end. */
function copyRegular(from: string, to: string, largest: number): void {
  if (!isThere(from)) return;
  const source = openSync(from, constants.O_RDONLY | noFollow | noBlock);
  try {
    if (!fstatSync(source).isFile()) throw new UnusableStore(messages.notRegular({ file: basename(from) }));
    const target = openSync(to, 'wx', 0o600);
    try {
      const block = Buffer.allocUnsafe(blockSize);
      let length = 0;
      for (let read = readSync(source, block); read > 0; read = readSync(source, block)) {
        length += read;
        if (length > largest) throw new UnusableStore(messages.growsWithoutEnd({ file: basename(from) }));
        writeSync(target, block, 0, read);
      }
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function send(reply: ForeignReply): void {
  process.send?.(reply);
}
