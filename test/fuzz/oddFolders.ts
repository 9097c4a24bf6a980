/** Folders as somebody else may have made them. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  cpSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { spoilRows } from './oddRows.ts';
import type { Chance } from './random.ts';

const entries = [
  ...['changed', 'lease.json', 'owners.json', '.gitignore', 'factory.db.damaged', 'open.lock', 'trash.lock'],
  ...[
    'thumbnails',
    'exports',
    'trash',
    'factory.db',
    'factory.db-wal',
    'factory.db-journal',
    'factory.db-shm',
  ],
] as unknown as [string, ...string[]];

const targets = [
  ...[
    '../../../home/.bashrc',
    '../../../home',
    '../../../home/new',
    '../../src',
    '../../.git',
    '.',
    'changed',
  ],
  '/dev/zero',
] as unknown as [string, ...string[]];

/** Makes the entry something else than it should be. */
function replaceEntry(path: string, { below, pick }: Chance): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  const ways: [() => void, ...(() => void)[]] = [
    () => symlinkSync(pick(targets), path),
    () => execFileSync('mkfifo', [path]),
    () => mkdirSync(join(path, 'below', 'it'), { recursive: true }),
    () => writeFileSync(path, Buffer.from(Array.from({ length: below(300) }, () => below(256)))),
    () => {
      closeSync(openSync(path, 'w'));
      truncateSync(path, 2 ** (20 + below(24)));
    },
  ];
  pick(ways)();
}

function withDatabase(path: string, use: (database: Database.Database) => void): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
  // SQLite itself would wait for a pipe beside the file.
  const beside = ['-journal', '-wal'].map((end) => lstatSync(path + end, { throwIfNoEntry: false }));
  if (beside.some((stats) => stats !== undefined && !stats.isFile())) return;
  try {
    const database = new Database(path, { fileMustExist: true });
    try {
      database.unsafeMode(true);
      use(database);
      database.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      database.close();
    }
  } catch {
    // Spoilt by an earlier change: as odd as it can be.
  }
}

const oddSchema = [
  'CREATE TRIGGER more AFTER UPDATE ON runs BEGIN DELETE FROM calls; END',
  'CREATE VIEW more AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n',
  'CREATE INDEX more ON jobs (length(label))',
  'ALTER TABLE calls ADD COLUMN more TEXT',
  'DROP INDEX images_in_order',
  `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'coalesce', 'ifnull') WHERE type = 'trigger'`,
  `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'logs'`,
  `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET type = 'view', rootpage = 0, sql = 'CREATE VIEW logs AS
     WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n) SELECT seq FROM n' WHERE name = 'logs'`,
  'PRAGMA user_version = 999',
  'PRAGMA user_version = 1',
  'PRAGMA user_version = -1',
  'PRAGMA application_id = 7',
  'PRAGMA journal_mode = DELETE',
] as const;

const paths = [
  ...[
    '../home/.ssh/id_ed25519',
    '../../home/.bashrc',
    '.git/hooks/pre-commit',
    '.git',
    'src/main.c',
    '.env',
    '/etc/hosts',
  ],
  ...[
    'pictures/../../home/new.png',
    'pictures/toupload/link/x.png',
    'pictures/originals/new.png',
    'pictures',
  ],
] as unknown as [string, ...string[]];

function handMadeTrash(folder: string, { pick, below, percent }: Chance): void {
  const id = `00000000-0000-4000-8000-00000000000${below(10)}`;
  const state = pick(['deleting', 'moving', 'done', 'restoring', 'purging']);
  withDatabase(join(folder, 'factory.db'), (database) => {
    database
      .prepare(
        `INSERT OR REPLACE INTO trash (id, state, deleted_at, title, jobs, images, job_count, image_count)
         VALUES (?, ?, ?, 'x', ?, ?, 1, 1)`,
      )
      .run(
        id,
        state,
        percent(50) ? 1 : 1e15,
        pick(['[1]', '[]', '[9007199254740993]', 'x']),
        pick(['[3]', '[]']),
      );
  });
  const trash = join(folder, 'trash', id);
  try {
    mkdirSync(join(trash, 'files'), { recursive: true });
    const files = Array.from({ length: 3 }, (_, number) => ({
      path: pick(paths),
      name: pick([`${number}-a.png`, '..', 'a/b']),
    }));
    writeFileSync(join(trash, 'files.jsonl'), files.map((file) => `${JSON.stringify(file)}\n`).join(''));
    writeFileSync(
      join(trash, 'rows.jsonl'),
      `${JSON.stringify({ table: 'jobs', row: { seq: 1, id: 'x' } })}\n`,
    );
    for (const { name } of files) if (/^\d/.test(name)) writeFileSync(join(trash, 'files', name), 'exit 1\n');
    if (percent(30)) {
      rmSync(join(trash, 'files'), { recursive: true, force: true });
      symlinkSync('../../../../home/.ssh', join(trash, 'files'));
    }
    if (percent(20))
      writeFileSync(
        join(trash, 'places.jsonl'),
        `${JSON.stringify({ path: pick(paths), restored: pick(paths) })}\n`,
      );
  } catch {
    // The trash is no folder any more.
  }
}

/** One to four changes of a folder that holds a history. */
export function spoilFolder(root: string, by: Chance): void {
  const folder = join(root, '.gen-image-factory');
  const file = join(folder, 'factory.db');
  const ways: [() => void, ...(() => void)[]] = [
    () => replaceEntry(join(folder, by.pick(entries)), by),
    () => withDatabase(file, (database) => spoilRows(database, 30, by)),
    () => withDatabase(file, (database) => database.exec(oddSchema[by.below(oddSchema.length)] ?? '')),
    () => handMadeTrash(folder, by),
    () => spoilBytes(file, by),
    () => {
      const end = by.pick(['-wal', '-journal', '-shm']);
      if (lstatSync(file).isFile()) cpSync(file, file + end, { force: true });
    },
    () => {
      const lease = {
        owner: { id: 'x', pid: by.pick([1, -1, 2 ** 40, process.pid]), machine: null },
        unfinished: 1e9,
      };
      rmSync(join(folder, 'lease.json'), { recursive: true, force: true });
      writeFileSync(join(folder, 'lease.json'), JSON.stringify(lease));
      withDatabase(file, (database) =>
        database.exec(
          `UPDATE lease SET owner = 'x', epoch = ${by.pick(['9007199254740993', '5', '-1', "x'00'"])}`,
        ),
      );
    },
    () => {
      for (const name of ['\u202egnp.exe', 'a\nb', '-rf', 'CON', 'x'.repeat(200)]) {
        writeFileSync(join(folder, by.percent(50) ? name : join('trash', name)), 'odd');
      }
    },
    () => replaceEntry(join(root, 'pictures', by.pick(['toupload', 'originals', 'toupload/0-2.png'])), by),
    () =>
      withDatabase(
        file,
        (database) =>
          void database
            .prepare('UPDATE images SET path = ?, original_path = ?')
            .run(by.pick(paths), by.pick(paths)),
      ),
    () =>
      withDatabase(file, (database) =>
        database.exec(`UPDATE runs SET status = '${by.pick(['waiting', 'running'])}'`),
      ),
  ];
  for (let changes = 1 + by.below(4); changes > 0; changes -= 1) {
    try {
      by.pick(ways)();
    } catch {
      // It does not fit what an earlier change has made.
    }
  }
}

function spoilBytes(file: string, { below, percent }: Chance): void {
  // A pipe would never be read to its end, and a file that never ends neither.
  const stats = lstatSync(file);
  if (!stats.isFile() || stats.size > 2 ** 26) return;
  const bytes = readFileSync(file);
  for (let changes = 1 + below(40); changes > 0; changes -= 1) bytes[below(bytes.length)] = below(256);
  writeFileSync(file, percent(20) ? bytes.subarray(0, below(bytes.length)) : bytes);
  if (percent(10)) appendFileSync(file, Buffer.alloc(4096, 0xff));
}
