import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { CallKind, FakeOptions, FakeProviders } from '../../support/providers/fakeProviders.ts';
import { assertAllApproved, assertConsistent, assertCounted } from '../../support/engine/invariants.ts';
import {
  createControls,
  generateAgain,
  imagesOf,
  jobOf,
  ledgerOf,
  logsOf,
  openWorkspace,
  planJob,
  slotsOf,
  testSettings,
  workOnJob,
} from '../../support/engine/workspace.ts';
import type { Controls, Workspace } from '../../support/engine/workspace.ts';

const paidKinds: readonly CallKind[] = ['prompt', 'image', 'qualityCheck', 'removeBackground', 'metadata'];

describe('Jobs that end early, and go on', () => {
  let fake: FakeProviders;
  let workspace: Workspace;

  const start = async (options: FakeOptions = {}): Promise<void> => {
    fake = await startFakeProviders(options);
    workspace = await openWorkspace(fake);
  };
  const plan = (changes: Partial<Settings> = {}): Promise<string> =>
    planJob(workspace, testSettings(changes));
  const paidCalls = async (): Promise<number> =>
    (await fake.calls()).filter(({ kind }) => paidKinds.includes(kind)).length;

  afterEach(async () => {
    workspace.close();
    await fake.close();
  });

  /** Works on the job and acts once that many calls of a kind have arrived. */
  const interruptedAt = async (
    jobId: string,
    kind: CallKind,
    count: number,
    act: (controls: Controls) => void | Promise<void>,
  ): ReturnType<typeof workOnJob> => {
    const controls = createControls(workspace);
    const work = workOnJob(workspace, jobId, controls);
    await fake.waitForCalls(kind, count);
    await act(controls);
    return work;
  };

  for (const [service, kind, name] of [
    ['openai', 'prompt', 'OpenAI'],
    ['runware', 'image', 'Runware'],
  ] as const) {
    it(`P13: a refused key of ${name} pauses the job at once, names the provider, and Resume finishes it`, async () => {
      await start({ latency: { prompt: 5, image: 30 } });
      await fake.script({ service, kind, do: 'status', status: 401, code: 'invalidApiKey' });
      const jobId = await plan({ 'generation.count': 12, 'generation.parallel': 2 });
      const outcome = await workOnJob(workspace, jobId);
      assert.equal(outcome.status, 'paused');
      assert.equal(outcome.error?.code, 'provider.auth');
      assert.equal(outcome.error.provider, service);
      assert.match(outcome.error.message, new RegExp(name));
      const ledger = ledgerOf(workspace);
      const refusedAt = ledger.find(({ state }) => state === 'failed')?.settledAt ?? 0;
      const later = ledger.filter(({ state, sentAt }) => state !== 'notBilled' && sentAt > refusedAt);
      assert.deepEqual(later, [], 'no call starts after the refusal');
      assert.deepEqual(await fake.charges({ kind: 'image' }), []);
      assert.equal(
        slotsOf(workspace, jobId).every(({ state }) => state === 'planned'),
        true,
      );
      await fake.clearFaults();
      assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
      assertAllApproved(workspace, jobId);
    });
  }

  it('P13: an empty balance pauses in the middle; what was paid is kept and Resume pays only the rest', async () => {
    await start({ credit: { runware: 5 * 1900 } });
    const jobId = await plan({ 'generation.count': 8, 'generation.parallel': 2 });
    const outcome = await workOnJob(workspace, jobId);
    assert.equal(outcome.status, 'paused');
    assert.equal(outcome.error?.code, 'provider.credit');
    assert.equal(jobOf(workspace, jobId).generated, 5);
    const spent = await paidCalls();
    await fake.change({ credit: {} });
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    assert.ok((await paidCalls()) > spent);
    assert.equal((await fake.charges({ kind: 'image' })).length, 8);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('P13: a model that is gone fails the job with its name and keeps what exists', async () => {
    await start();
    const jobId = await plan({ 'runware.model': 'gone:1@1' });
    const outcome = await workOnJob(workspace, jobId);
    assert.equal(outcome.status, 'failed');
    assert.equal(outcome.error?.code, 'provider.modelGone');
    assert.match(outcome.error.message, /gone:1@1/);
    assert.equal((await fake.calls({ kind: 'image' })).length <= 4, true);
  });

  it('P13: three silent images in a row pause the job; they are made after Resume', async () => {
    await start();
    await fake.script(
      { kind: 'image', do: 'reset', when: 'before' },
      { kind: 'recover', do: 'reset', when: 'before' },
    );
    const jobId = await plan({
      'generation.count': 6,
      'generation.parallel': 3,
      'generation.retryAttempts': 1,
    });
    const outcome = await workOnJob(workspace, jobId);
    assert.equal(outcome.status, 'paused');
    assert.match(outcome.error?.code ?? '', /^network\./);
    assert.equal(jobOf(workspace, jobId).failed, 0);
    await fake.clearFaults();
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('P13: one image that keeps failing does not pause the job: it fails alone', async () => {
    await start();
    await fake.script({ kind: 'image', contains: 'animal 2', do: 'status', status: 503 });
    const jobId = await plan({ 'generation.count': 5, 'generation.retryAttempts': 1 });
    assert.deepEqual(await workOnJob(workspace, jobId), { status: 'completed', error: null });
    const failed = slotsOf(workspace, jobId).filter(({ state }) => state === 'failed');
    assert.deepEqual(
      failed.map(({ generation, failure }) => [generation, failure?.code]),
      [[1, 'provider.unavailable']],
    );
    assertConsistent(workspace, jobId);
  });

  it('P13: five failures of the provider in a row pause the job instead of burning through the rest', async () => {
    await start();
    await fake.script({ kind: 'image', do: 'status', status: 503 });
    const jobId = await plan({
      'generation.count': 40,
      'generation.parallel': 2,
      'generation.retryAttempts': 1,
    });
    const outcome = await workOnJob(workspace, jobId);
    assert.equal(outcome.status, 'paused');
    assert.equal(outcome.error?.code, 'provider.unavailable');
    assert.ok((await fake.calls({ kind: 'image' })).length <= 20, 'of 80 possible ones');
    assert.equal(jobOf(workspace, jobId).failed, 0);
  });

  it('P15: a job without any image is Failed, with the reason of its slots', async () => {
    await start();
    await fake.script({ kind: 'prompt', do: 'refuse' });
    const jobId = await plan({ 'generation.count': 2 });
    const outcome = await workOnJob(workspace, jobId);
    assert.equal(outcome.status, 'failed');
    assert.equal(outcome.error?.code, 'content.refused');
    assert.match(outcome.error.message, /^No image was made\. Prompt Failed: /);
    assert.equal(jobOf(workspace, jobId).failed, 2);
  });

  it('B3: the budget is never exceeded; raised, the job goes on where it paused', async () => {
    await start();
    const jobId = await plan({
      'generation.count': 8,
      'generation.parallel': 4,
      'budget.maxCostPerJob': 0.01,
    });
    const outcome = await workOnJob(workspace, jobId);
    assert.equal(outcome.status, 'paused');
    assert.equal(outcome.error?.code, 'budget.exceeded');
    assert.match(outcome.error.message, /Budget per Job/);
    const paused = jobOf(workspace, jobId);
    assert.ok(paused.cost.microUsd <= 10_000, String(paused.cost.microUsd));
    assert.ok(paused.generated >= 1, 'it spends what fits');
    assert.equal(
      (await workOnJob(workspace, jobId, undefined, { 'budget.maxCostPerJob': 1 })).status,
      'completed',
    );
    assertAllApproved(workspace, jobId);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('J1: Stop starts no paid call; calls in flight end, their images are kept, and Resume finishes them', async () => {
    await start({ latency: { prompt: 5, image: 120, qualityCheck: 50 } });
    const jobId = await plan({ 'generation.count': 10, 'generation.parallel': 3 });
    let stoppedAt = 0;
    const outcome = await interruptedAt(jobId, 'image', 5, ({ stop }) => {
      stop.abort();
      stoppedAt = Date.now();
    });
    assert.deepEqual(outcome, { status: 'stopped', error: null });
    const later = ledgerOf(workspace).filter(
      ({ state, sentAt }) => state !== 'notBilled' && sentAt > stoppedAt,
    );
    assert.deepEqual(later, [], 'nothing was sent after Stop');
    const images = imagesOf(workspace);
    assert.equal(images.length, (await fake.charges({ kind: 'image' })).length, 'what was paid is there');
    assert.ok(images.some(({ status }) => status === 'pending'));
    assert.ok(
      images.every(({ originalPath }) => originalPath !== null),
      'and downloaded',
    );
    assertConsistent(workspace, jobId);
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    assert.equal((await fake.charges({ kind: 'image' })).length, 10);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('J2: Force Stop aborts everything within a second and leaves rows that Resume finishes without paying twice', async () => {
    await start({ latency: { prompt: 5, image: 2500 } });
    const jobId = await plan({ 'generation.count': 6, 'generation.parallel': 3 });
    let stoppedAt = 0;
    const outcome = await interruptedAt(jobId, 'image', 3, ({ force }) => {
      stoppedAt = performance.now();
      force.abort();
    });
    assert.ok(performance.now() - stoppedAt < 1000);
    assert.deepEqual(outcome, { status: 'stopped', error: null });
    assertConsistent(workspace, jobId);
    assert.equal(
      ledgerOf(workspace).filter(({ stage, state }) => stage === 'generate' && state === 'sent').length,
      3,
    );
    // The provider goes on: its work is asked for, not asked again.
    await fake.change({ latency: {} });
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assert.equal((await fake.charges({ kind: 'image' })).length, 6);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('J5: a run that has lost its lease writes nothing more', async () => {
    await start({ latency: { image: 50 } });
    const jobId = await plan({ 'generation.count': 8, 'generation.parallel': 2 });
    const version = (): unknown =>
      workspace.store.read((db) => [
        db.sql('SELECT count(*) AS n FROM calls').get(),
        db.sql('SELECT count(*) AS n, max(updated_at) AS at FROM images').get(),
        db.sql('SELECT count(*) AS n FROM logs').get(),
      ]);
    let before: unknown;
    const outcome = await interruptedAt(jobId, 'image', 3, ({ lease }) => {
      lease.lose();
      before = version();
    });
    assert.equal(outcome.status, 'interrupted');
    assert.equal(outcome.error?.code, 'lease.lost');
    assert.deepEqual(version(), before);
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('J7: a run with an old epoch stops itself even when nobody told it', async () => {
    await start();
    const jobId = await plan({ 'generation.count': 2 });
    const old = createControls(workspace);
    createControls(workspace);
    await assert.rejects(workOnJob(workspace, jobId, old), { code: 'lease.lost' });
    assert.equal(await paidCalls(), 0);
  });

  it('P13: a folder that cannot be written any more pauses the job; Resume delivers what was paid', async () => {
    await start({ latency: { metadata: 20 } });
    const jobId = await plan({ 'generation.count': 3 });
    const output = join(workspace.root, 'pictures/toupload');
    const outcome = await interruptedAt(jobId, 'image', 1, () => {
      // A file where the folder was: unwritable for every user, root too.
      rmSync(output, { recursive: true });
      writeFileSync(output, '');
    });
    assert.equal(outcome.status, 'paused');
    assert.equal(outcome.error?.code, 'disk.unwritable');
    assert.equal(jobOf(workspace, jobId).failed, 0);
    rmSync(output);
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('F5: "Generate again" makes only the slots that were asked for, and the counters follow', async () => {
    await start();
    await fake.script({
      kind: 'image',
      contains: 'animal 2',
      do: 'status',
      status: 400,
      code: 'promptBlocked',
    });
    const jobId = await plan({ 'generation.count': 3 });
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assert.equal(jobOf(workspace, jobId).failed, 1);
    await fake.clearFaults();
    const images = (await fake.calls({ kind: 'image' })).length;
    const outcome = await generateAgain(workspace, jobId, [{ generation: 1, variation: 0 }]);
    assert.deepEqual(outcome, { status: 'completed', error: null });
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    assert.equal((await fake.calls({ kind: 'image' })).length, images + 1);
    assert.equal((await fake.calls({ kind: 'prompt' })).length, 3, 'the prompt is kept');
  });

  it('J3: a job that is complete stays as it is when it is resumed', async () => {
    await start();
    const jobId = await plan({ 'generation.count': 2 });
    await workOnJob(workspace, jobId);
    const calls = (await fake.calls()).length;
    assert.deepEqual(await workOnJob(workspace, jobId), { status: 'completed', error: null });
    assert.equal((await fake.calls()).length, calls);
    assertCounted(workspace, jobId);
    assert.ok(logsOf(workspace, jobId).length > 0);
  });
});
