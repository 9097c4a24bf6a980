/** What transactions emit: after they are committed, never when they are not. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import { createLogger } from '../../../src/engine/model/logger.ts';
import { jobEvent } from '../../../src/engine/store/asEvents.ts';
import { createEvents } from '../../../src/engine/store/events.ts';
import type { StoreOptions } from '../../../src/engine/store/database.ts';
import { getJob, renameJob } from '../../../src/engine/store/jobs.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import type { Emit, Store } from '../../../src/engine/store/store.ts';
import { addJob, workspaces } from './support.ts';

describe('what a transaction emits', () => {
  const { open } = workspaces();
  const told: string[] = [];
  beforeEach(() => told.splice(0));

  const nameOf = (event: FactoryEvent): string => (event.kind === 'job' ? event.job.ownLabel : event.kind);
  const listening = (options: Partial<StoreOptions> = {}): Promise<Store> =>
    open({ onEvents: (events) => told.push(...events.map(nameOf)), ...options });
  const changed: FactoryEvent = { kind: 'changed' };
  const lease = (store: Store): { epoch: number } => {
    const rows = leaseRows(store);
    return { epoch: rows.take('me', rows.read()) ?? 0 };
  };

  it('is told once it is committed, in order, with the rows as they are then', async () => {
    const store = await listening();
    const id = store.edit((db) => addJob(db));
    store.edit((db, emit) => {
      renameJob(db, id, 'first');
      emit(jobEvent(db, id, 0));
      renameJob(db, id, 'second');
      emit(jobEvent(db, id, 0));
      assert.deepEqual(told, [], 'nothing before the end');
    });
    assert.deepEqual(told, ['first', 'second']);
  });

  it('is never told when it is rolled back', async () => {
    const store = await listening();
    const fails = (_: unknown, emit: Emit): void => {
      emit(changed);
      throw new Error('no');
    };
    assert.throws(() => store.edit(fails));
    assert.throws(() => store.editDurably(fails));
    const held = lease(store);
    await assert.rejects(store.write(held, fails));
    await assert.rejects(store.pay(held, fails));
    store.edit((_, emit) => emit({ kind: 'removed', jobIds: [], imageIds: [] }));
    assert.deepEqual(told, ['removed']);
  });

  it('is told with the outer transaction, and only with it', async () => {
    const store = await listening();
    const inner = (): void => store.edit((_, emit) => emit(changed));
    store.edit((_, emit) => {
      inner();
      store.report((__, report) => report({ kind: 'queue', waiting: [] }));
      emit({ kind: 'removed', jobIds: [], imageIds: [] });
      assert.deepEqual(told, []);
    });
    assert.deepEqual(told.splice(0), ['changed', 'queue', 'removed']);
    assert.throws(() =>
      store.edit(() => {
        inner();
        throw new Error('no');
      }),
    );
    assert.deepEqual(told, []);
  });

  it('is told once of a write that had to be tried again', async () => {
    const store = await listening();
    const held = lease(store);
    let tries = 0;
    await store.write(held, (_, emit) => {
      tries += 1;
      emit(changed);
      if (tries === 1) throw new Database.SqliteError('database is locked', 'SQLITE_BUSY');
    });
    assert.deepEqual([tries, told], [2, ['changed']]);
  });

  it('P1: is not told by who has lost the lease', async () => {
    const store = await listening();
    const held = lease(store);
    lease(store);
    await assert.rejects(
      store.write(held, (_, emit) => emit(changed)),
      (error) => isFactoryError(error, 'lease.lost'),
    );
    assert.deepEqual(told, []);
  });

  it('stays when a listener fails or changes something itself, which is told afterwards', async () => {
    const said: string[] = [];
    const events = createEvents(createLogger(({ message }) => said.push(message)));
    const store = await open({ onEvents: (emitted) => events.emit(emitted) });
    const id = store.edit((db) => addJob(db));
    events.on((event) => {
      if (nameOf(event) !== 'first') return;
      store.edit((_, emit) => emit(changed));
      throw new Error('a view went away');
    });
    events.on((event) => told.push(nameOf(event)));
    store.edit((db, emit) => {
      renameJob(db, id, 'first');
      emit(jobEvent(db, id, 0));
      emit({ kind: 'removed', jobIds: [], imageIds: [] });
    });
    assert.deepEqual(told, ['first', 'removed', 'changed']);
    assert.equal(store.read((db) => getJob(db, id, 0)).ownLabel, 'first');
    assert.match(said.join(), /a view went away/);
    events.close();
  });

  it('fails when it comes after its transaction', async () => {
    const store = await listening();
    const kept = store.edit((_, emit) => emit);
    assert.throws(() => kept(changed), /belongs to a transaction/);
    assert.deepEqual(told, []);
  });

  it('D3: reports what is to be seen without a write, and tells no other process of it', async () => {
    const writes: string[] = [];
    const store = await listening({ onWrite: (by, others) => writes.push(`${by} ${others}`) });
    store.report((_, emit) => emit(changed));
    assert.deepEqual([told, writes], [['changed'], []]);
  });

  it('J5: tells other processes of each commit from the same place, before the listeners here', async () => {
    const order: string[] = [];
    const store = await open({
      onWrite: (by, others) => order.push(`${by} ${others}`),
      onEvents: () => order.push('events'),
    });
    store.edit((_, emit) => emit(changed));
    const rows = leaseRows(store);
    const epoch = rows.take('me', rows.read()) ?? 0;
    rows.beat('me', epoch);
    await store.write({ epoch }, (_, emit) => emit(changed), 'atOnce');
    rows.release('me', epoch);
    assert.deepEqual(order, ['edit soon', 'events', 'edit soon', 'run atOnce', 'events', 'edit atOnce']);
  });
});
