import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { identity } from '../../../src/engine/store/identity.ts';
import { listImageIds } from '../../../src/engine/store/imageList.ts';
import { getImage } from '../../../src/engine/store/images.ts';
import { countJobs } from '../../../src/engine/store/jobList.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import { claim } from '../../../src/engine/store/ownership.ts';
import { insertLogs, listLogs } from '../../../src/engine/store/logs.ts';
import { migrations } from '../../../src/engine/store/migrations.ts';
import { takeLock } from '../../../src/engine/store/preparation.ts';
import { loadError, loadSqlite } from '../../../src/engine/store/sqlite.ts';
import type { Store, Writer } from '../../../src/engine/store/store.ts';
import { addImage, addJob, workspaces } from './support.ts';
import { wordsOf } from '../../support/engine/said.ts';

const fileOf = (root: string): string => join(root, '.gen-image-factory', 'factory.db');
const setAside = (root: string): string[] =>
  readdirSync(join(root, '.gen-image-factory')).filter((name) => name.startsWith('factory.damaged-'));
/** What was put there counts as left by a process of this user. */
const claimed = (root: string): void => claim(fileOf(root), identity());
const jobsIn = (store: Store): number => store.read((db) => countJobs(db, {}));

describe('opening the store', () => {
  const { root: newRoot, open } = workspaces();

  it('W1: makes .gen-image-factory/factory.db with WAL and foreign keys, and keeps the folder out of git', async () => {
    const store = await open();
    assert.equal(store.path, fileOf(store.root));
    assert.equal(readFileSync(join(store.folder, '.gitignore'), 'utf8'), '*\n');
    const pragma = (name: string): unknown =>
      store.read((db) => Object.values(db.sql<Record<string, unknown>>(`PRAGMA ${name}`).get() ?? {})[0]);
    assert.equal(pragma('journal_mode'), 'wal');
    assert.equal(pragma('foreign_keys'), 1);
    assert.equal(pragma('synchronous'), 1);
    assert.equal(pragma('trusted_schema'), 0);
    assert.equal(pragma('user_version'), migrations.at(-1)?.version);
    assert.equal(store.notice, null);
    assert.equal(store.readOnly, false);
  });

  it('W1: leaves one file behind when it is closed', async () => {
    const store = await open();
    store.edit((db) => addJob(db));
    store.close();
    assert.equal(existsSync(`${store.path}-wal`), false);
    assert.equal((await open({ root: store.root })).endedUncleanly, false);
  });

  it('W3: what a window that died while it made the store had begun is cleared away by the next', async () => {
    const root = newRoot();
    const folder = join(root, '.gen-image-factory');
    mkdirSync(folder);
    for (const end of ['', '-journal'])
      writeFileSync(join(folder, `factory.db.0123456789ab.new${end}`), 'half');
    await open({ root });
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('.new')),
      [],
    );
  });

  it('W2: a moved workspace opens with all its rows and the same stored paths', async () => {
    const first = await open();
    const imageId = first.edit((db) => addImage(db, addJob(db), {}, { path: 'pictures/toupload/cat.webp' }));
    first.close();
    const moved = join(newRoot(), 'renamed');
    renameSync(first.root, moved);
    const second = await open({ root: moved });
    assert.equal(second.read((db) => getImage(db, imageId)).path, 'pictures/toupload/cat.webp');
  });

  it('W3: a newer schema opens for reading only and says so', async () => {
    const first = await open();
    first.edit((db) => addJob(db));
    first.close();
    const database = new Database(first.path);
    database.pragma('user_version = 999');
    database.close();
    const store = await open({ root: first.root });
    assert.equal(store.readOnly, true);
    assert.match(wordsOf(store.notice), /newer version/);
    assert.equal(jobsIn(store), 1);
    assert.throws(
      () => store.edit((db) => addJob(db)),
      (error) => isFactoryError(error, 'store.readOnly') && /newer version/.test(error.message),
    );
  });

  for (const [what, sql] of [
    ['an index', 'DROP INDEX images_in_order'],
    ['a table', 'DROP TABLE documents'],
    ['a column', 'ALTER TABLE calls DROP COLUMN provider_request_id'],
  ] as const) {
    it(`W3: a newer schema that has given up ${what} that our queries name is not shown, and says so`, async () => {
      const first = await open();
      first.edit((db) => addImage(db, addJob(db)));
      first.close();
      change(first.path, `${sql}; PRAGMA user_version = 999`);
      const store = await open({ root: first.root });
      assert.equal(store.readOnly, true);
      assert.match(wordsOf(store.notice), /newer version .* Update the extension to see it/);
      assert.deepEqual(
        store.read((db) => listImageIds(db, {})),
        [],
      );
      assert.deepEqual(setAside(first.root), []);
    });
  }

  const damages: [string, (path: string) => void][] = [
    ['is empty', (path) => truncateSync(path, 0)],
    ['was cut in the middle', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['was cut within its header', (path) => truncateSync(path, 60)],
    ['begins with other bytes', (path) => overwrite(path, 0, Buffer.from('this is no database at all....'))],
    ['is a text', (path) => writeFileSync(path, 'hello '.repeat(2000))],
    ['has a broken schema page', (path) => overwrite(path, 100, Buffer.alloc(400, 0xff))],
    ['is a database of another program', foreignDatabase],
    ['lacks a table', (path) => change(path, 'DROP TABLE calls')],
    [
      'has a foreign trigger',
      (path) => change(path, 'CREATE TRIGGER spy AFTER INSERT ON jobs BEGIN DELETE FROM calls; END'),
    ],
    ['lost its lease row', (path) => change(path, 'DELETE FROM lease')],
  ];
  for (const [name, damage] of damages) {
    it(`W3: a file that ${name} is set aside whole, the user is told where, and a fresh store opens`, async () => {
      const first = await open();
      first.edit((db) => addJob(db));
      first.close();
      damage(first.path);
      const bytes = readFileSync(first.path);
      const store = await open({ root: first.root });
      const [aside, ...more] = setAside(first.root);
      assert.deepEqual(more, []);
      assert.ok(
        aside !== undefined && wordsOf(store.notice).includes(join(store.folder, aside)),
        wordsOf(store.notice),
      );
      assert.deepEqual(readFileSync(join(store.folder, aside)), bytes);
      assert.equal(jobsIn(store), 0);
      store.edit((db) => addJob(db));
      store.close();
      const third = await open({ root: first.root });
      assert.equal(third.notice, null);
      assert.equal(jobsIn(third), 1);
    });
  }

  it('W3: what lies in the log is set aside with the damaged file', async () => {
    const first = await open();
    first.edit((db) => addJob(db));
    // A copy as a killed process leaves it: the row is in the log only.
    const root = newRoot();
    mkdirSync(join(root, '.gen-image-factory'));
    copyFileSync(first.path, fileOf(root));
    copyFileSync(`${first.path}-wal`, `${fileOf(root)}-wal`);
    const log = readFileSync(`${fileOf(root)}-wal`);
    claimed(root);
    writeFileSync(`${fileOf(root)}.damaged`, 'found by the full check');
    const store = await open({ root });
    const aside = setAside(root).sort();
    assert.equal(aside.length, 2, aside.join());
    assert.deepEqual(readFileSync(join(store.folder, aside[1] ?? '')), log);
    assert.equal(existsSync(`${fileOf(root)}.damaged`), false);
  });

  it('W3: two damaged files in the same second are both kept', async () => {
    const root = newRoot();
    const now = (): Date => new Date(0);
    for (let round = 0; round < 2; round += 1) {
      const store = await open({ root, now });
      store.close();
      truncateSync(store.path, 0);
    }
    const store = await open({ root, now });
    assert.deepEqual(setAside(root).sort(), [
      'factory.damaged-19700101-000000-2.db',
      'factory.damaged-19700101-000000.db',
    ]);
    assert.match(wordsOf(store.notice), /000000-2\.db/);
  });

  it('W3: bytes that changed deep inside are found by the full check, and the next opening sets the file aside', async () => {
    const first = await open();
    first.edit((db) => {
      const job = addJob(db);
      for (let image = 0; image < 300; image += 1)
        addImage(db, job, { prompt: `picture ${image} `.repeat(40) });
    });
    assert.deepEqual(await first.checkIntegrity(), []);
    first.close();
    const size = statSync(first.path).size;
    for (let page = Math.floor(size / 4096 / 2); page < size / 4096 - 1; page += 7) {
      overwrite(first.path, page * 4096 + 8, Buffer.alloc(64, 0xa5));
    }
    const store = await open({ root: first.root });
    if (store.notice === null) {
      assert.notDeepEqual(await store.checkIntegrity(), []);
      store.close();
      const next = await open({ root: first.root });
      assert.match(wordsOf(next.notice), /the full check found errors/);
    }
    assert.equal(setAside(first.root).length >= 1, true);
  });

  it('W3: damage that only the work of opening meets is set aside in that opening', async () => {
    const first = await open();
    first.edit((db) => addLogs(db, addJob(db), 200));
    first.close();
    // The look before it reads the last row of a table, the counting of rows the first one, too.
    overwrite(first.path, firstPageOf(first.path, 'logs'), Buffer.alloc(8, 0xff));
    const store = await open({ root: first.root });
    assert.match(wordsOf(store.notice), /damaged \(database disk image is malformed\)/);
    assert.equal(setAside(first.root).length, 1);
    assert.equal(jobsIn(store), 0);
  });

  const met: [string, (path: string, jobId: string) => void, (store: Store, jobId: string) => unknown][] = [
    [
      'an index that leads to a job that is not there',
      (path, jobId) => {
        const index = readFileSync(path).indexOf(jobId, startOf(path, 'sqlite_autoindex_jobs_1'));
        overwrite(path, index + jobId.length, Buffer.of(99));
      },
      (store, jobId) => store.edit((db) => addLogs(db, jobId, 1)),
    ],
    [
      'a page of other bytes',
      (path) => overwrite(path, firstPageOf(path, 'logs') + 8, Buffer.alloc(64, 0xff)),
      (store, jobId) => store.read((db) => listLogs(db, jobId, { debug: false, limit: 1000 })),
    ],
  ];
  for (const [what, damage, meet] of met) {
    it(`W3: ${what}, met while the store is open, is told as damage and set aside by the next opening`, async () => {
      const first = await open();
      first.edit((db) => addJob(db));
      const jobId = first.edit((db) => addJob(db));
      first.edit((db) => addLogs(db, jobId, 200));
      first.close();
      damage(first.path, jobId);
      const store = await open({ root: first.root });
      assert.equal(store.notice, null);
      assert.throws(
        () => meet(store, jobId),
        (error) => isFactoryError(error, 'store.unavailable') && /then set aside/.test(error.message),
      );
      store.close();
      const next = await open({ root: first.root });
      assert.match(wordsOf(next.notice), /was damaged/);
      assert.equal(setAside(first.root).length, 1);
    });
  }

  it('W3: a lost log costs the last rows, not the store', async () => {
    const first = await open();
    first.edit((db) => addJob(db));
    const root = newRoot();
    mkdirSync(join(root, '.gen-image-factory'));
    copyFileSync(first.path, fileOf(root));
    claimed(root);
    const store = await open({ root });
    assert.equal(store.notice, null);
    assert.deepEqual(await store.checkIntegrity(), []);
  });

  it('W3: an unclean end is noticed, its rows are there, and the full check finds them sound', async () => {
    const first = await open();
    first.edit((db) => addJob(db));
    const root = newRoot();
    mkdirSync(join(root, '.gen-image-factory'));
    copyFileSync(first.path, fileOf(root));
    copyFileSync(`${first.path}-wal`, `${fileOf(root)}-wal`);
    claimed(root);
    const store = await open({ root });
    assert.equal(store.endedUncleanly, true);
    assert.equal(jobsIn(store), 1);
    assert.deepEqual(await store.checkIntegrity(), []);
  });

  it('W3: an older schema is migrated in one transaction', async () => {
    const root = newRoot();
    mkdirSync(join(root, '.gen-image-factory'));
    const database = new Database(fileOf(root));
    database.pragma('application_id = 0x47494673');
    database.close();
    claimed(root);
    const store = await open({ root });
    assert.equal(store.notice, null);
    assert.equal(jobsIn(store), 0);
  });

  it('reads without writing anything: no folder is made', async () => {
    const root = newRoot();
    const store = await open({ root, readOnly: true });
    assert.equal(jobsIn(store), 0);
    assert.throws(
      () => store.edit((db) => addJob(db)),
      (error) => isFactoryError(error, 'store.readOnly'),
    );
    assert.deepEqual(readdirSync(root), []);
  });

  it('reads a store beside its writer and sees what it commits', async () => {
    const writer = await open();
    const reader = await open({ root: writer.root, readOnly: true });
    const before = reader.dataVersion();
    writer.edit((db) => addJob(db));
    assert.equal(jobsIn(reader), 1);
    assert.notEqual(reader.dataVersion(), before);
  });

  it('does not set a damaged file aside when it may only read, and says why nothing is shown', async () => {
    const first = await open();
    first.close();
    truncateSync(first.path, 0);
    const store = await open({ root: first.root, readOnly: true });
    assert.match(wordsOf(store.notice), /damaged/);
    assert.deepEqual(setAside(first.root), []);
  });

  it('reads a store where the shared memory of WAL cannot be made, as in a folder that cannot be written', async () => {
    const first = await open();
    first.edit((db) => addJob(db));
    first.close();
    symlinkSync('/nowhere/to/be/found', `${first.path}-shm`);
    const store = await open({ root: first.root, readOnly: true });
    assert.equal(store.shared, false);
    assert.equal(jobsIn(store), 1);
  });

  it('W3: where WAL does not work the store is used by one connection at a time, and says so', async () => {
    const first = await open();
    first.edit((db) => addJob(db));
    first.close();
    symlinkSync('/nowhere/to/be/found', `${first.path}-shm`);
    const store = await open({ root: first.root });
    assert.equal(store.shared, false);
    assert.match(wordsOf(store.notice), /only one window/);
    assert.equal(jobsIn(store), 1);
    store.edit((db) => addJob(db));
    assert.equal(jobsIn(store), 2);
  });

  it('says what is wrong when the folder cannot be made', async () => {
    const root = newRoot();
    writeFileSync(join(root, '.gen-image-factory'), 'a file in the way');
    await assert.rejects(open({ root }), (error) => isFactoryError(error, 'disk.unwritable'));
  });

  it('without WAL one window uses the store at a time, and a second is told', async () => {
    const first = await open({ journal: 'truncate' });
    assert.equal(first.shared, false);
    assert.match(wordsOf(first.notice), /only one window/);
    first.edit((db) => addJob(db));
    assert.deepEqual(await first.checkIntegrity(), []);
    await assert.rejects(open({ root: first.root, journal: 'truncate' }), (error) =>
      isFactoryError(error, 'store.unavailable'),
    );
    first.close();
    const second = await open({ root: first.root, journal: 'truncate' });
    assert.equal(jobsIn(second), 1);
    second.close();
    assert.equal((await open({ root: first.root })).shared, true);
  });

  it('two windows that open a new workspace at once share one store', async () => {
    const root = newRoot();
    const [one, two] = await Promise.all([open({ root }), open({ root })]);
    one.edit((db) => addJob(db));
    assert.equal(jobsIn(two), 1);
    assert.deepEqual(setAside(root), []);
  });

  it('the thread goes on while another window opens the store, and opening follows when that is done', async () => {
    const root = newRoot();
    const folder = join(root, '.gen-image-factory');
    mkdirSync(folder);
    const free = takeLock(join(folder, 'open.lock'), await loadSqlite());
    // Only a thread that is not held up gets to this.
    setTimeout(() => free?.(), 200);
    assert.equal((await open({ root })).readOnly, false);
  });

  it('refuses hosts whose Node-API is too old instead of crashing them', async () => {
    await assert.rejects(
      loadSqlite('9'),
      (error) => isFactoryError(error, 'store.unavailable') && /22\.14/.test(error.message),
    );
  });

  it('names the missing system library or platform when the database library does not load', () => {
    assert.match(loadError(new Error("version `GLIBC_2.38' not found")).message, /GLIBC_2\.38/);
    assert.match(
      loadError(new Error('Cannot find module x')).message,
      new RegExp(`${process.platform}-${process.arch}`),
    );
  });

  it('keeps what is in the store when only the lease was taken', async () => {
    const store = await open();
    const rows = leaseRows(store);
    assert.equal(rows.take('window', rows.read()), 1);
    store.close();
    rmSync(join(store.folder, 'open.lock'), { force: true });
    const again = await open({ root: store.root });
    assert.deepEqual(leaseRows(again).read(), { epoch: 1, owner: 'window', heartbeat: 1 });
  });
});

function addLogs(db: Writer, jobId: string, rows: number): void {
  const entry = {
    jobId,
    imageId: null,
    at: 1,
    level: 'info',
    debug: false,
    message: 'x'.repeat(500),
  } as const;
  insertLogs(
    db,
    Array.from({ length: rows }, () => entry),
  );
}

/** Where the root of a table or index begins in a closed store. */
function startOf(path: string, name: string): number {
  const database = new Database(path, { readonly: true });
  const page = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(name);
  const size = database.pragma('page_size', { simple: true });
  database.close();
  return (Number(page) - 1) * Number(size);
}

/** Where the page with the first rows of a table of several pages begins. */
function firstPageOf(path: string, table: string): number {
  const bytes = readFileSync(path);
  const root = startOf(path, table);
  const [interior, firstCell] = [5, bytes.readUInt16BE(root + 12)];
  assert.equal(bytes[root], interior);
  return (bytes.readUInt32BE(root + firstCell) - 1) * bytes.readUInt16BE(16);
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const content = readFileSync(path);
  bytes.copy(content, at);
  writeFileSync(path, content);
}

function change(path: string, statement: string): void {
  const database = new Database(path);
  database.exec(statement);
  database.close();
}

function foreignDatabase(path: string): void {
  rmSync(path);
  change(path, 'CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY)');
}
