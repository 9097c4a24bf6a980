/** Two owners at once: one that has been taken over and does not know it yet, and the one that goes on. */
import assert from 'node:assert/strict';
import { toFactoryError } from '../../../src/engine/model/errors.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { CallKind, FakeProviders } from '../../support/providers/fakeProviders.ts';
import { assertAllApproved, assertConsistent } from '../../support/engine/invariants.ts';
import {
  createControls,
  openWorkspace,
  planJob,
  testSettings,
  workOnJob,
} from '../../support/engine/workspace.ts';
import type { Workspace } from '../../support/engine/workspace.ts';

describe('A workspace that is taken over', () => {
  let fake: FakeProviders;
  let old: Workspace;
  let young: Workspace;
  beforeEach(async () => {
    fake = await startFakeProviders({ latency: { prompt: 5, image: 20, removeBackground: 20, metadata: 5 } });
    old = await openWorkspace(fake);
    young = await openWorkspace(fake, old.root);
  });
  afterEach(async () => {
    old.store.close();
    young.close();
    await fake.close();
  });

  const settings = testSettings({
    'generation.count': 8,
    'generation.parallel': 3,
    'processing.removeBackground': true,
    'generation.pollingIntervalSeconds': 1,
  });

  for (const [kind, count] of [
    ['prompt', 2],
    ['image', 1],
    ['image', 4],
    ['removeBackground', 3],
    ['metadata', 2],
  ] as const satisfies readonly (readonly [CallKind, number])[]) {
    it(`J5, P13: an owner that is not told sends no paid call after ${kind} ${count}; both at once pay for nothing twice`, async () => {
      const jobId = await planJob(old, settings);
      const stale = workOnJob(old, jobId, createControls(old));
      await fake.waitForCalls(kind, count);
      const next = createControls(young);
      // Whatever the old owner sends from here on was written down before: a later row of its epoch is refused.
      const written = young.store.read((db) =>
        db.sql<{ id: string }>(`SELECT id FROM calls WHERE stage IN ('generate', 'removeBackground')`).all(),
      );
      // Its own end cannot be written either, where it comes to that.
      const ended = stale.then(
        ({ error }) => error?.code,
        (error: unknown) => toFactoryError(error).code,
      );
      const [code, after] = await Promise.all([ended, workOnJob(young, jobId, next)]);
      assert.equal(code, 'lease.lost');
      assert.equal(after.status, 'completed');
      assertAllApproved(young, jobId);
      assertConsistent(young, jobId);
      assert.deepEqual(await fake.paidTwice(), []);
      assert.equal((await fake.charges({ kind: 'image' })).length, 8);
      assert.equal((await fake.charges({ kind: 'removeBackground' })).length, 8);
      const ledger = young.store.read((db) => db.sql<{ id: string }>('SELECT id FROM calls').all());
      const known = new Set([...ledger, ...written].map(({ id }) => id));
      const tasks = [
        ...(await fake.calls({ kind: 'image' })),
        ...(await fake.calls({ kind: 'removeBackground' })),
      ];
      assert.deepEqual(
        tasks.map(({ task }) => task).filter((task) => !known.has(task ?? '')),
        [],
        'a call was sent without a row',
      );
    });
  }
});
