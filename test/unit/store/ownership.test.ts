import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { adopt } from '../../../src/engine/store/foreign.ts';
import { identity } from '../../../src/engine/store/identity.ts';
import { countJobs } from '../../../src/engine/store/jobList.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import { claim, originOf } from '../../../src/engine/store/ownership.ts';
import { loadSqlite } from '../../../src/engine/store/sqlite.ts';
import { getRun, insertRun } from '../../../src/engine/store/runs.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { expectSoon } from '../../support/patience.ts';
import { addImage, addJob, workspaces } from './support.ts';
import { wordsOf } from '../../support/engine/said.ts';

const runId = '00000000-0000-4000-8000-000000000001';
const folderOf = (root: string): string => join(root, '.gen-image-factory');
const jobsIn = (store: Store): number => store.read((db) => countJobs(db, {}));

/** Every file below a folder with its bytes. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

/** Columns that the version without marks did not have. */
const newColumns = ['sidecar_path', 'signature'];

function withoutNew(row: unknown): unknown {
  return Object.fromEntries(Object.entries(row as object).filter(([name]) => !newColumns.includes(name)));
}

describe('whose a store is', () => {
  const { root: newRoot, open } = workspaces();

  /** A store with one job, a waiting run and a deletion under way, closed. */
  async function made(): Promise<string> {
    const store = await open();
    store.edit((db) => {
      const jobId = addJob(db);
      insertRun(db, {
        id: runId,
        kind: 'resume',
        status: 'waiting',
        jobId,
        title: 'Job',
        request: {},
        total: 1,
        createdAt: 1,
      });
      db.sql(
        `INSERT INTO trash (id, state, deleted_at, title, jobs, images, job_count, image_count)
         VALUES ('00000000-0000-4000-8000-000000000002', 'restoring', 1, '', '[]', '[]', 0, 1)`,
      ).run();
    });
    store.close();
    return store.root;
  }

  /** As the last version wrote it that knew neither marks nor sidecars. */
  function asVersion2(root: string): void {
    rmSync(join(folderOf(root), 'owners.json'));
    const database = new Database(join(folderOf(root), 'factory.db'));
    for (const column of newColumns) database.exec(`ALTER TABLE images DROP COLUMN ${column}`);
    database.pragma('user_version = 2');
    database.close();
  }

  /** What people made, and how; without the columns that are new. */
  function rowsIn(root: string): unknown {
    const database = new Database(join(folderOf(root), 'factory.db'), { readonly: true });
    const rows = [
      'jobs',
      'job_inputs',
      'generations',
      'slots',
      'images',
      'image_texts',
      'calls',
      'logs',
      'documents',
    ];
    const found = rows.map((table) => [
      table,
      database.prepare(`SELECT * FROM ${table}`).all().map(withoutNew),
    ]);
    database.close();
    return found;
  }

  /** As a clone, an archive or a share brings it: the same files, made anew. */
  function copied(root: string): string {
    const copy = newRoot();
    cpSync(folderOf(root), folderOf(copy), { recursive: true });
    return copy;
  }

  it('W11: our own folder, renamed or moved on its disk, opens without a question', async () => {
    const root = await made();
    const moved = `${root}-moved`;
    renameSync(root, moved);
    try {
      const store = await open({ root: moved });
      assert.equal(store.foreign, null);
      assert.equal(store.readOnly, false);
      assert.equal(jobsIn(store), 1);
      store.close();
    } finally {
      rmSync(moved, { recursive: true, force: true });
    }
  });

  it('W11: a store from elsewhere is looked at as a copy, and nothing in its folder changes', async () => {
    const root = copied(await made());
    const before = contents(root);
    const store = await open({ root });
    assert.deepEqual(store.foreign, { jobs: 1, images: 0, unfinishedRuns: 1, unfinishedDeletions: 1 });
    assert.match(wordsOf(store.notice), /comes from elsewhere/);
    assert.equal(jobsIn(store), 1);
    assert.throws(
      () => store.edit((db) => addJob(db)),
      (error) => isFactoryError(error, 'store.foreign'),
    );
    store.close();
    assert.deepEqual(contents(root), before);
  });

  it('W11: adopting keeps every row, holds what waits, gives up deletions, and is asked once', async () => {
    const root = copied(await made());
    const adopted = await open({ root, adopt: true });
    assert.equal(adopted.foreign, null);
    assert.equal(jobsIn(adopted), 1);
    assert.equal(adopted.read((db) => getRun(db, runId)).status, 'held');
    assert.deepEqual(
      adopted.read((db) => db.sql('SELECT id FROM trash').all()),
      [],
    );
    adopted.close();
    const again = await open({ root });
    assert.equal(again.foreign, null);
    assert.equal(jobsIn(again), 1);
  });

  it('W11: the store of a version without marks is asked about once and loses nothing', async () => {
    const root = await made();
    const first = await open({ root });
    first.edit((db) => {
      const [jobId = ''] = db
        .sql<{ id: string }>('SELECT id FROM jobs')
        .all()
        .map(({ id }) => id);
      addImage(db, jobId, {}, { path: 'pictures/toupload/cat.webp' });
    });
    first.close();
    asVersion2(root);
    const before = rowsIn(root);
    const store = await open({ root });
    assert.equal(store.foreign?.jobs, 1);
    assert.equal(store.foreign.images, 1);
    store.close();
    assert.deepEqual(rowsIn(root), before);
    (await open({ root, adopt: true })).close();
    const again = await open({ root });
    assert.equal(again.foreign, null);
    again.close();
    assert.deepEqual(rowsIn(root), before);
  });

  for (const end of ['-wal', '-journal']) {
    it(`W11: a ${end.slice(1)} that we did not leave makes the store one from elsewhere`, async () => {
      const root = await made();
      const other = await open({ root: newRoot() });
      other.edit((db) => addJob(db));
      cpSync(`${other.path}-wal`, join(folderOf(root), `factory.db${end}`));
      const before = contents(root);
      const store = await open({ root });
      assert.notEqual(store.foreign, null);
      store.close();
      assert.deepEqual(contents(root), before);
    });
  }

  it('W11: the log of a process of ours that was killed is ours, with its rows', async () => {
    const root = await made();
    const script = `
      const { openStore } = await import(${JSON.stringify(join(process.cwd(), 'src/engine/store/database.ts'))});
      const store = await openStore({ root: ${JSON.stringify(root)} });
      store.edit((db) => db.sql("UPDATE jobs SET label = 'by the killed'").run());
      process.kill(process.pid, 'SIGKILL');`;
    assert.throws(() => execFileSync(process.execPath, ['--input-type=module', '-e', script]));
    assert.ok(statSync(join(folderOf(root), 'factory.db-wal')).size > 0);
    const store = await open({ root });
    assert.equal(store.foreign, null);
    assert.equal(store.endedUncleanly, true);
    assert.deepEqual(
      store.read((db) => db.sql('SELECT label FROM jobs').all()),
      [{ label: 'by the killed' }],
    );
  });

  const strangers: [string, string][] = [
    [
      'a view that never ends',
      'DROP TABLE logs; CREATE VIEW logs AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n) SELECT seq FROM n',
    ],
    ['a trigger more', 'CREATE TRIGGER spy AFTER INSERT ON jobs BEGIN DELETE FROM calls; END'],
    ['a table of another shape', 'ALTER TABLE calls ADD COLUMN more TEXT'],
    ['an index on an expression', 'CREATE INDEX more ON jobs (length(zeroblob(100000000)))'],
  ];
  for (const [what, sql] of strangers) {
    it(`W11: a store from elsewhere with ${what} is set aside unread, and a fresh one opens`, async () => {
      const root = copied(await made());
      const database = new Database(join(folderOf(root), 'factory.db'));
      database.exec(sql);
      database.close();
      const seen = await open({ root, readOnly: true });
      assert.match(wordsOf(seen.notice), /cannot be shown/);
      assert.equal(jobsIn(seen), 0);
      const store = await open({ root });
      assert.match(wordsOf(store.notice), /kept as .*factory\.damaged-/);
      assert.equal(jobsIn(store), 0);
    });
  }

  it('W11: a trigger of ours with another body is no part of our schema', async () => {
    const root = await made();
    const path = join(folderOf(root), 'factory.db');
    const database = new Database(path);
    const [trigger] = database
      .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
      .all() as {
      name: string;
      sql: string;
    }[];
    assert.ok(trigger);
    database.exec(`DROP TRIGGER ${trigger.name}`);
    database.exec(trigger.sql.replace(/BEGIN[\s\S]*END/i, 'BEGIN DELETE FROM calls; END'));
    database.close();
    const store = await open({ root: copied(root) });
    assert.match(wordsOf(store.notice), new RegExp(`its part ${trigger.name} is another one`));
  });

  it('W11: links in our folder are refused by name, and nothing is written through them', async () => {
    for (const name of ['changed', 'thumbnails', 'exports', '.gitignore', 'factory.db.damaged']) {
      const root = newRoot();
      const outside = join(newRoot(), 'profile');
      mkdirSync(folderOf(root));
      symlinkSync(outside, join(folderOf(root), name));
      await assert.rejects(
        open({ root }),
        (error) => isFactoryError(error) && error.message.includes(join(folderOf(root), name)),
        name,
      );
      assert.equal(existsSync(outside), false, name);
    }
  });

  it('W11: our folder itself may be no link, and the store no link, device or pipe', async () => {
    const real = await made();
    const linked = newRoot();
    symlinkSync(folderOf(real), folderOf(linked));
    const before = contents(real);
    await assert.rejects(open({ root: linked }), (error) => isFactoryError(error));
    assert.deepEqual(contents(real), before);
    const piped = newRoot();
    mkdirSync(folderOf(piped));
    execFileSync('mkfifo', [join(folderOf(piped), 'factory.db')]);
    const store = await open({ root: piped });
    assert.match(wordsOf(store.notice), /not a regular file/);
    const marked = newRoot();
    mkdirSync(folderOf(marked));
    for (const name of ['owners.json', 'changed', 'lease.json']) {
      execFileSync('mkfifo', [join(folderOf(marked), name)]);
    }
    assert.equal((await open({ root: marked })).foreign, null);
  });

  it('W11: a log beside no store at all does not get into the new one', async () => {
    const other = await open();
    other.edit((db) => addJob(db));
    const root = newRoot();
    mkdirSync(folderOf(root));
    cpSync(`${other.path}-wal`, join(folderOf(root), 'factory.db-wal'));
    const store = await open({ root });
    assert.equal(jobsIn(store), 0);
    assert.equal(store.readOnly, false);
  });

  it('W11: windows that make the store of a folder at the same time all know it as theirs', async () => {
    const root = newRoot();
    const script = `
      const { openStore } = await import(${JSON.stringify(join(process.cwd(), 'src/engine/store/database.ts'))});
      process.stdin.once('data', async () => {
        const store = await openStore({ root: ${JSON.stringify(root)} });
        process.stdout.write(store.foreign === null && !store.readOnly ? 'ours' : 'elsewhere');
        process.stdin.once('end', () => store.close());
      });
      process.stdout.write('ready ');`;
    const windows = Array.from({ length: 5 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.on('data', (text: Buffer) => (said += text.toString()));
      return { child, said: (words: RegExp) => expectSoon(String(words), () => words.exec(said)) };
    });
    try {
      for (const { said } of windows) await said(/ready/);
      for (const { child } of windows) child.stdin.write('open');
      const seen = [];
      for (const { said } of windows) seen.push((await said(/ours|elsewhere/))[0]);
      for (const { child } of windows) child.stdin.end();
      assert.deepEqual(seen, ['ours', 'ours', 'ours', 'ours', 'ours']);
      for (const { child } of windows) if (child.exitCode === null) await once(child, 'exit');
    } finally {
      for (const { child } of windows) child.kill();
    }
  });

  it('W11: a file that was claimed the instant it was made stays ours when it changes', () => {
    for (let round = 0; round < 20; round += 1) {
      const folder = folderOf(newRoot());
      const path = join(folder, 'factory.db');
      mkdirSync(folder);
      writeFileSync(path, '');
      claim(path, identity());
      writeFileSync(path, 'more');
      assert.equal(originOf(path, identity()), 'ours');
    }
  });

  it('W11: who is asked twice adopts once: nothing is taken from a window that works in it already', async () => {
    const root = copied(await made());
    const store = await open({ root, adopt: true });
    const rows = leaseRows(store);
    const epoch = rows.take('this window', rows.read());
    await adopt(store.path, await loadSqlite(), identity(), new Date());
    assert.deepEqual([rows.read().owner, rows.read().epoch], ['this window', epoch]);
  });

  it('W11: the secret is made once, readable by its user alone, and a file that is none is not used', () => {
    const path = join(newRoot(), 'a', 'identity');
    const first = identity(path);
    assert.equal(first.lasting, true);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(identity(path), first);
    writeFileSync(path, 'not a secret');
    const other = identity(path);
    assert.equal(other.lasting, false);
    assert.deepEqual(identity(path), other, 'A process keeps to the secret it has.');
  });
});
