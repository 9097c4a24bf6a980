import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { countJobs, listJobIds } from '../../../src/engine/store/jobList.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { addJob, workspaces } from './support.ts';

const script = fileURLToPath(new URL('./writer.mts', import.meta.url));

function child(what: 'rows' | 'hold', root: string): ChildProcessWithoutNullStreams {
  const started = spawn(process.execPath, [script, what, root]);
  started.stderr.pipe(process.stderr);
  return started;
}

function lease(store: Store, owner: string): number {
  const rows = leaseRows(store);
  const epoch = rows.take(owner, rows.read());
  assert.ok(epoch !== null);
  return epoch;
}

describe('several processes on one store', () => {
  const { root: newRoot, open } = workspaces();

  it('W1, P3: no acknowledged row is lost and the file stays sound when a writer is killed again and again', async () => {
    const root = newRoot();
    const acknowledged: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const first = await open({ root });
      const rows = leaseRows(first);
      const row = rows.read();
      // The killed owner never gave the lease back.
      if (row.owner !== null) {
        const epoch = rows.take('cleaner', row);
        assert.ok(epoch !== null);
        rows.release('cleaner', epoch);
      }
      first.close();
      const writer = child('rows', root);
      const ended = once(writer, 'exit');
      let lines = 0;
      for await (const line of createInterface({ input: writer.stdout })) {
        acknowledged.push(line);
        lines += 1;
        if (lines === 5 + round * 13) writer.kill('SIGKILL');
      }
      await ended;
    }
    const store = await open({ root });
    assert.equal(store.notice, null);
    const stored = new Set(store.read((db) => listJobIds(db, {})));
    assert.deepEqual(
      acknowledged.filter((id) => !stored.has(id)),
      [],
    );
    assert.deepEqual(await store.checkIntegrity(), []);
  });

  it('W10: a write of a run waits while another process holds the file, and is done when it lets go', async () => {
    const store = await open();
    const epoch = lease(store, 'me');
    const holder = child('hold', store.root);
    await once(holder.stdout, 'data');
    const written = store.write({ epoch }, (db) => addJob(db));
    assert.equal(
      store.read((db) => countJobs(db, {})),
      0,
      'reading goes on meanwhile',
    );
    holder.stdin.write('go\n');
    await written;
    assert.equal(
      store.read((db) => countJobs(db, {})),
      1,
    );
    await once(holder, 'exit');
  });

  it('W10: an edit says who stands in its way instead of waiting for long', async () => {
    const store = await open({ patienceMs: 50 });
    const epoch = lease(store, 'me');
    const holder = child('hold', store.root);
    await once(holder.stdout, 'data');
    const held = (error: unknown): boolean =>
      isFactoryError(error, 'store.unavailable') && /Another program/.test(error.message);
    assert.throws(() => store.edit((db) => addJob(db)), held);
    await assert.rejects(
      store.write({ epoch }, (db) => addJob(db)),
      held,
    );
    holder.stdin.write('go\n');
    await once(holder, 'exit');
    store.edit((db) => addJob(db));
  });

  it('J5: only one of two takes the lease that both saw free', async () => {
    const one = await open();
    const two = await open({ root: one.root });
    const seen = leaseRows(one).read();
    assert.equal(leaseRows(two).take('two', seen), 1);
    assert.equal(leaseRows(one).take('one', seen), null);
  });

  it('J5: who was taken over can write no more, not even with what it began before', async () => {
    const one = await open();
    const two = await open({ root: one.root });
    const old = lease(one, 'one');
    await one.write({ epoch: old }, (db) => addJob(db));
    const rows = leaseRows(two);
    const current = rows.take('two', rows.read());
    assert.ok(current !== null && current > old);
    const lost = (error: unknown): boolean => isFactoryError(error, 'lease.lost');
    await assert.rejects(
      one.write({ epoch: old }, (db) => addJob(db)),
      lost,
    );
    await assert.rejects(
      one.pay({ epoch: old }, (db) => addJob(db)),
      lost,
    );
    assert.equal(leaseRows(one).beat('one', old), false);
    leaseRows(one).release('one', old);
    assert.equal(leaseRows(two).read().owner, 'two');
    await two.write({ epoch: current }, (db) => addJob(db));
    assert.equal(
      one.read((db) => countJobs(db, {})),
      2,
    );
  });

  it('J5: a lease that was given back lets its old owner write no more', async () => {
    const store = await open();
    const epoch = lease(store, 'one');
    leaseRows(store).release('one', epoch);
    await assert.rejects(
      store.write({ epoch }, (db) => addJob(db)),
      (error) => isFactoryError(error, 'lease.lost'),
    );
  });

  it('J5: a dead owner is taken over only as it was seen: a heartbeat in between wins', async () => {
    const one = await open();
    const two = await open({ root: one.root });
    const epoch = lease(one, 'one');
    const seen = leaseRows(two).read();
    assert.equal(leaseRows(one).beat('one', epoch), true);
    assert.equal(leaseRows(two).take('two', seen), null);
    assert.ok(leaseRows(two).take('two', leaseRows(two).read()) !== null);
  });

  it('P3: rows of paid calls are on the disk when they are promised; others are not waited for', async () => {
    const store = await open();
    const epoch = lease(store, 'me');
    const level = (): number =>
      Number(store.read((db) => db.sql<{ synchronous: number }>('PRAGMA synchronous').get())?.synchronous);
    assert.equal(await store.pay({ epoch }, () => level()), 2, 'the first, with the name of the log');
    assert.equal(await store.write({ epoch }, () => level()), 1);
    assert.equal(
      store.editDurably(() => level()),
      2,
    );
    assert.equal(level(), 1);
  });

  it('P3: later rows of paid calls are promised once the disk has the log; those that come together share one sync', async () => {
    const told: string[] = [];
    const store = await open({
      syncFile: async (path) => {
        told.push(`sync ${basename(path)}`);
        await new Promise((resolve) => setImmediate(resolve));
        told.push('synced');
      },
    });
    const epoch = lease(store, 'me');
    const pay = (name: string): Promise<void> =>
      store
        .pay({ epoch }, (db) => {
          addJob(db);
          told.push(`wrote ${name}`);
        })
        .then(() => void told.push(`promised ${name}`));
    await pay('a');
    assert.deepEqual(told.splice(0), ['wrote a', 'promised a']);
    await Promise.all([pay('b'), pay('c'), pay('d')]);
    const sync = ['sync factory.db-wal', 'synced'];
    assert.deepEqual(
      told.filter((what) => !what.startsWith('promised')),
      ['wrote b', 'wrote c', 'wrote d', ...sync, ...sync],
    );
    assert.ok(told.indexOf('promised b') > told.indexOf('synced'));
    assert.deepEqual(told.slice(told.lastIndexOf('synced') + 1), ['promised c', 'promised d']);
  });

  it('P3: a log that the disk does not take is no promise', async () => {
    const store = await open({ syncFile: () => Promise.reject(new Error('EIO: i/o error, fdatasync')) });
    const epoch = lease(store, 'me');
    await store.pay({ epoch }, (db) => addJob(db));
    await assert.rejects(
      store.pay({ epoch }, (db) => addJob(db)),
      (error) => isFactoryError(error, 'disk.unwritable') && /EIO/.test(error.message),
    );
  });

  it('tells others of each change once, but not of heartbeats or of what was rolled back', async () => {
    let told = 0;
    const store = await open({ onWrite: () => (told += 1) });
    const epoch = lease(store, 'me');
    assert.equal(told, 1);
    leaseRows(store).beat('me', epoch);
    assert.equal(told, 1);
    await store.write({ epoch }, (db) => addJob(db));
    store.edit((db) => addJob(db));
    assert.equal(told, 3);
    assert.throws(() =>
      store.edit((db) => {
        addJob(db);
        throw new Error('changed my mind');
      }),
    );
    assert.equal(told, 3);
    assert.equal(
      store.read((db) => countJobs(db, {})),
      2,
    );
  });

  it('refuses a transaction that would wait, and writes nothing of it', async () => {
    const store = await open();
    assert.throws(() => store.edit((db) => Promise.resolve(addJob(db))), /must not wait/);
    assert.equal(
      store.read((db) => countJobs(db, {})),
      0,
    );
  });

  it('a lock between processes is free again when its holder gives it back', async () => {
    const one = await open();
    const two = await open({ root: one.root });
    const free = one.lock('trash');
    assert.ok(free !== null);
    assert.equal(two.lock('trash'), null);
    free();
    const again = two.lock('trash');
    assert.ok(again !== null);
    again();
  });
});
