/** A process that writes for the tests: `rows` forever, or `hold` the file; it says on stdout what it did. */
import { writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { openStore } from '../../../src/engine/store/database.ts';
import { insertJob } from '../../../src/engine/store/jobs.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import { noInputs } from '../../../src/engine/model/job.ts';

const [, , what, root = ''] = process.argv;
const store = await openStore({ root });
/** At once and whole, so that what was said was done even if the next thing is SIGKILL. */
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

if (what === 'rows') {
  const rows = leaseRows(store);
  const epoch = rows.take(`writer ${process.pid}`, rows.read());
  if (epoch === null) throw new Error('The lease is taken.');
  for (;;) {
    const id = crypto.randomUUID();
    await store.write({ epoch }, (db) => {
      insertJob(db, {
        id,
        label: 'from a child',
        rerun: false,
        parentId: null,
        status: 'completed',
        createdAt: 1,
        planned: 1,
        imageProvider: 'sample',
        settings: {},
        inputs: noInputs,
        plan: {},
      });
    });
    say(id);
  }
}

if (what === 'hold') {
  const database = new Database(store.path);
  database.exec('BEGIN IMMEDIATE');
  say('held');
  process.stdin.once('data', () => {
    database.exec('COMMIT');
    database.close();
    store.close();
    process.stdin.unref();
  });
}
