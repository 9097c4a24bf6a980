import assert from 'node:assert/strict';
import { spawnFakeProviders } from '../../support/providers/standalone.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { assertAllApproved, assertConsistent } from '../../support/engine/invariants.ts';
import { startJobProcess } from '../../support/engine/jobProcess.ts';
import {
  jobOf,
  ledgerOf,
  openWorkspace,
  planJob,
  testSettings,
  workOnJob,
} from '../../support/engine/workspace.ts';
import type { Workspace } from '../../support/engine/workspace.ts';

/** Numbers that look random and are the same in every run: a failure can be seen again. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('Resume after a killed process', () => {
  let fake: FakeProviders;
  let workspace: Workspace;

  beforeEach(async () => {
    fake = await spawnFakeProviders({
      latency: { prompt: 20, image: 80, qualityCheck: 30, removeBackground: 40, metadata: 30, download: 10 },
    });
    workspace = await openWorkspace(fake);
  });

  afterEach(async () => {
    workspace.close();
    await fake.close();
  });

  it('J3, P3: kill -9 again and again, then resume: every image once, no orphan file, nothing paid twice', async () => {
    const settings = testSettings({
      'generation.count': 10,
      'generation.variations': 2,
      'processing.removeBackground': true,
      'processing.trimTransparent': true,
      'processing.convert': true,
      'processing.convertFormat': 'webp',
    });
    const jobId = await planJob(workspace, settings);
    const random = createRandom(20);
    const { root, services } = workspace;
    workspace.store.close();
    let kills = 0;
    for (let tries = 0; tries < 7; tries++) {
      const seen = (await fake.calls()).length;
      const child = startJobProcess({ root, jobId, services });
      await child.started;
      // The next kill comes after a random number of further calls: a moment in the work, not on a clock.
      const calls = seen + 1 + Math.floor(random() * 20);
      const killed = (async (): Promise<void> => {
        await waitForAnyCalls(fake, calls);
        await child.kill();
      })();
      const ended = await Promise.race([child.ended, killed.then(() => null)]);
      if (ended !== null) break;
      await killed;
      kills++;
    }
    assert.ok(kills >= 4, `only ${kills} kills hit the job`);
    const reopened = await openWorkspace(services, root);
    workspace = reopened;
    const outcome = await workOnJob(reopened, jobId);
    assert.deepEqual(outcome, { status: 'completed', error: null });
    assertAllApproved(reopened, jobId);
    assertConsistent(reopened, jobId);
    assert.equal(jobOf(reopened, jobId).generated, 20);
    assert.deepEqual(await fake.paidTwice(), []);
    const generated = (await fake.charges({ kind: 'image' })).reduce((sum, { images }) => sum + images, 0);
    assert.equal(generated, 20);
    assert.equal((await fake.charges({ kind: 'removeBackground' })).length, 20);
    assert.deepEqual(
      ledgerOf(reopened).filter(({ state }) => state === 'sent'),
      [],
    );
  });
});

async function waitForAnyCalls(fake: FakeProviders, count: number): Promise<void> {
  const kinds = ['prompt', 'image', 'download', 'qualityCheck', 'removeBackground', 'metadata'] as const;
  for (;;) {
    const calls = await fake.calls();
    if (calls.length >= count) return;
    const next = new Map<string, number>();
    for (const { kind } of calls) next.set(kind, (next.get(kind) ?? 0) + 1);
    await Promise.race(kinds.map((kind) => fake.waitForCalls(kind, (next.get(kind) ?? 0) + 1)));
  }
}
