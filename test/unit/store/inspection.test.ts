import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { findImageAt } from '../../../src/engine/store/imageAt.ts';
import { listImageIds } from '../../../src/engine/store/imageList.ts';
import { countJobs } from '../../../src/engine/store/jobList.ts';
import { insertLogs } from '../../../src/engine/store/logs.ts';
import { openReads } from '../../../src/engine/store/reads.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { endlessTable } from './endlessTable.ts';
import { addImage, addJob, workspaces } from './support.ts';
import { wordsOf } from '../../support/engine/said.ts';

const folderOf = (root: string): string => join(root, '.gen-image-factory');
const fileOf = (root: string): string => join(folderOf(root), 'factory.db');
const jobsIn = (store: Store): number => store.read((db) => countJobs(db, {}));

/** The longest that the thread was held up while the work was done, in ms. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  await work();
  await delay(10);
  clearInterval(timer);
  return longest;
}

describe('looking into a store from elsewhere', () => {
  const { root: newRoot, open } = workspaces();

  async function made(images = 3): Promise<string> {
    const store = await open();
    store.edit((db) => {
      const job = addJob(db);
      for (let n = 0; n < images; n += 1) addImage(db, job);
    });
    store.close();
    return store.root;
  }

  function copied(root: string): string {
    const copy = newRoot();
    cpSync(folderOf(root), folderOf(copy), { recursive: true });
    return copy;
  }

  function change(root: string, work: (database: Database.Database) => void): void {
    const database = new Database(fileOf(root));
    database.unsafeMode(true);
    work(database);
    database.close();
  }

  /** Logs enough for a table of several pages, whose pages are then made to name each other. */
  async function endless(): Promise<string> {
    const root = await made();
    const store = await open({ root });
    store.edit((db) => {
      const jobId = addJob(db);
      const entry = { jobId, imageId: null, at: 1, level: 'info', debug: false } as const;
      insertLogs(
        db,
        Array.from({ length: 200 }, () => ({ ...entry, message: 'x'.repeat(500) })),
      );
    });
    store.close();
    endlessTable(fileOf(root), 'logs');
    return copied(root);
  }

  const hostile: [string, () => Promise<string>][] = [
    ['a table whose pages name each other for ever', endless],
    [
      'an endless view that holds the name of a table, with its indexes beside it',
      async () => {
        const root = await made();
        change(root, (database) => {
          database.pragma('writable_schema = ON');
          database.exec(
            `UPDATE sqlite_schema SET type = 'view', rootpage = 0,
               sql = 'CREATE VIEW logs AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n) SELECT seq, seq AS job_seq, 0 AS debug FROM n'
             WHERE name = 'logs'`,
          );
        });
        return copied(root);
      },
    ],
    [
      'an index of ours that holds other rows than its table',
      async () => {
        const root = await made();
        change(root, (database) => {
          database.pragma('writable_schema = ON');
          database.exec(
            `UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'images_by_time')
             WHERE name = 'images_ids'`,
          );
        });
        return copied(root);
      },
    ],
    [
      'a trigger in a store of an older version',
      async () => {
        const root = await made();
        change(root, (database) => {
          database.exec('CREATE TRIGGER more AFTER UPDATE ON runs BEGIN DELETE FROM calls; END');
          database.pragma('user_version = 2');
        });
        return copied(root);
      },
    ],
    [
      'a file that never ends',
      async () => {
        const root = copied(await made());
        rmSync(fileOf(root));
        closeSync(openSync(fileOf(root), 'w'));
        truncateSync(fileOf(root), 2 ** 43);
        return root;
      },
    ],
    ...['-wal', '-journal'].map((end): [string, () => Promise<string>] => [
      `a pipe as its ${end.slice(1)}`,
      async () => {
        const root = copied(await made());
        execFileSync('mkfifo', [fileOf(root) + end]);
        return root;
      },
    ]),
  ];
  for (const [what, makeRoot] of hostile) {
    it(`W12: ${what} is found by a process that can be ended, and the thread goes on meanwhile`, async () => {
      const root = await makeRoot();
      let store: Store | undefined;
      const held = await longestHold(async () => {
        store = await open({ root, readOnly: true });
      });
      assert.ok(store);
      assert.equal(jobsIn(store), 0);
      assert.match(wordsOf(store.notice), /cannot be shown/);
      assert.ok(held < 1000, `held for ${held} ms`);
      const before = readdirSync(folderOf(root));
      const fresh = await open({ root });
      assert.match(wordsOf(fresh.notice), /kept as/);
      assert.equal(jobsIn(fresh), 0);
      assert.ok(before.length > 0);
    }).timeout(60_000);
  }

  it('W12: adopting looks as closely as looking does', async () => {
    const root = await endless();
    const store = await open({ root, adopt: true });
    assert.match(wordsOf(store.notice), /kept as/);
    assert.equal(jobsIn(store), 0);
  }).timeout(60_000);

  it('W12: a store of ours that was interrupted is compared with its journal rolled back', async () => {
    const root = await made();
    const trigger = 'CREATE TRIGGER more AFTER UPDATE ON runs BEGIN DELETE FROM calls; END';
    const script = `
      const { claim } = await import(${JSON.stringify(join(process.cwd(), 'src/engine/store/ownership.ts'))});
      const { identity } = await import(${JSON.stringify(join(process.cwd(), 'src/engine/store/identity.ts'))});
      const { default: Database } = await import('better-sqlite3');
      const path = ${JSON.stringify(fileOf(root))};
      const database = new Database(path);
      database.exec('PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = 1');
      database.exec('BEGIN IMMEDIATE; PRAGMA user_version = 3; COMMIT');
      claim(path, identity());
      database.exec('BEGIN; DROP TRIGGER more');
      const insert = database.prepare('INSERT INTO documents (sha256, content) VALUES (?, ?)');
      for (let n = 0; n < 2000; n += 1) insert.run(String(n), 'x'.repeat(2000));
      process.kill(process.pid, 'SIGKILL');`;
    change(root, (database) => database.exec(trigger));
    assert.throws(() =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' }),
    );
    const store = await open({ root });
    assert.match(wordsOf(store.notice), /foreign trigger, more/);
  });

  it('W12: two parts of the schema that begin at the same page are found in a store of ours, too', async () => {
    const root = await made();
    change(root, (database) => {
      database.pragma('writable_schema = ON');
      database.exec(
        `UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'jobs') WHERE name = 'logs'`,
      );
    });
    const store = await open({ root });
    assert.match(wordsOf(store.notice), /its part logs is another one/);
  });

  it('W12: lists of a store from elsewhere are read off the thread when it is large', async () => {
    const root = copied(await made(20));
    const store = await open({ root });
    assert.equal(store.readPath === store.path, false);
    const reads = openReads(store, { smallStore: 0 });
    try {
      assert.deepEqual(
        await reads.imageIds({}),
        store.read((db) => listImageIds(db, {})),
      );
      assert.equal(
        await reads.imageAt('nowhere.png'),
        store.read((db) => findImageAt(db, 'nowhere.png')),
      );
    } finally {
      await reads.close();
    }
  });

  it('W12: a lock that holds something was not made by us, and goes', async () => {
    const root = await made();
    const lock = join(folderOf(root), 'open.lock');
    const database = new Database(join(newRoot(), 'other.db'));
    database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100000))');
    database.close();
    cpSync(database.name, lock);
    writeFileSync(`${lock}-journal`, readFileSync(database.name));
    rmSync(join(folderOf(root), 'trash.lock'), { force: true });
    execFileSync('mkfifo', [join(folderOf(root), 'trash.lock')]);
    rmSync(fileOf(root));
    const store = await open({ root });
    assert.equal(statSync(lock).size, 0);
    const free = store.lock('trash');
    assert.notEqual(free, null);
    free?.();
  });

  it('W13: the folder and what SQLite keeps in it are for their user alone, those of a store from before too', async function () {
    if (process.platform === 'win32') this.skip();
    const first = await open();
    first.edit((db) => addJob(db));
    first.lock('trash')?.();
    first.close();
    chmodSync(folderOf(first.root), 0o755);
    for (const name of readdirSync(folderOf(first.root))) chmodSync(join(folderOf(first.root), name), 0o644);
    const moved = newRoot();
    for (const root of [first.root, moved]) {
      const store = await open({ root });
      store.edit((db) => addJob(db));
      mkdirSync(join(folderOf(root), 'exports'), { recursive: true });
      assert.equal(statSync(folderOf(root)).mode & 0o077, 0, 'the folder');
      for (const entry of readdirSync(folderOf(root), { withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const { mode } = statSync(join(folderOf(root), entry.name));
        assert.equal(mode & 0o077, 0, entry.name);
      }
    }
  });
});
