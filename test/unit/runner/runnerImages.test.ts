import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { cancelRetryPending } from '../../../src/engine/store/images.ts';
import { interruptOrphans } from '../../../src/engine/queue/interrupted.ts';
import { getRun, requestStop } from '../../../src/engine/store/runs.ts';
import { spawnFakeProviders } from '../../support/providers/standalone.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders, Fault } from '../../support/providers/fakeProviders.ts';
import { assertAllApproved, assertConsistent } from '../../support/engine/invariants.ts';
import { startJobProcess } from '../../support/engine/jobProcess.ts';
import {
  createControls,
  imagesOf,
  jobOf,
  openWorkspace,
  planJob,
  queueImages,
  readBytes,
  testSettings,
  workOnImages,
  workOnJob,
} from '../../support/engine/workspace.ts';
import type { Workspace } from '../../support/engine/workspace.ts';

describe('Retry and approve', () => {
  let fake: FakeProviders;
  let workspace: Workspace;
  let jobId: string;

  /** A job of `count` images that meets these faults; afterwards all is well again. */
  const jobWith = async (faults: Fault[], changes: Partial<Settings> = {}): Promise<ImageRecord> => {
    fake = await startFakeProviders();
    workspace = await openWorkspace(fake);
    await fake.script(...faults);
    jobId = await planJob(workspace, testSettings({ 'generation.count': 1, ...changes }));
    await workOnJob(workspace, jobId);
    await fake.clearFaults();
    return only();
  };
  const only = (): ImageRecord => {
    const [image] = imagesOf(workspace);
    assert.ok(image !== undefined);
    return image;
  };
  const again = async (
    kind: 'retry' | 'approve',
    settings: Settings,
    more: { regenerateMetadata?: boolean } = {},
  ): Promise<ImageRecord> => {
    const outcome = await workOnImages(workspace, settings, { kind, jobId, imageIds: [only().id], ...more });
    assert.deepEqual(outcome, { status: 'completed', error: null });
    return only();
  };
  const calls = async (kind: Parameters<FakeProviders['waitForCalls']>[0]): Promise<number> =>
    (await fake.calls({ kind })).length;

  afterEach(async () => {
    workspace.close();
    await fake.close();
  });

  const rejected: Fault = { kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Blurred.' };
  const cutting = { 'processing.removeBackground': true, 'processing.trimTransparent': true } as const;

  it('F1: approving a rejected image removes its background, describes and delivers it without a check', async () => {
    const before = await jobWith([rejected], cutting);
    assert.equal(before.status, 'qcFailed');
    const image = await again('approve', testSettings(cutting));
    assert.equal(image.status, 'approved');
    assert.equal(image.failure, null);
    assert.ok(image.path !== null && (image.title ?? '') !== '');
    assert.ok((image.width ?? 128) < 128, 'the cut out picture is trimmed');
    assert.equal(await calls('qualityCheck'), 1);
    assert.equal(await calls('image'), 1);
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
  });

  it('F1: an approval whose step fails hard leaves the image failed with that reason', async () => {
    await jobWith([rejected], { ...cutting, 'processing.removeBgFailureMode': 'markFailed' });
    await fake.script({
      kind: 'removeBackground',
      do: 'status',
      status: 400,
      code: 'contentPolicyViolation',
    });
    const image = await again(
      'approve',
      testSettings({ ...cutting, 'processing.removeBgFailureMode': 'markFailed' }),
    );
    assert.equal(image.status, 'retryFailed');
    assert.equal(image.failure?.stage, 'removeBackground');
    assert.equal(image.path, null);
    assert.ok(readBytes(workspace, image.originalPath ?? '').length > 0);
    assertConsistent(workspace, jobId);
  });

  it('F2: retry with modified settings finishes the original anew, without generation and check; the settings stay on the image', async () => {
    await jobWith([rejected]);
    const settings = testSettings({
      'processing.convert': true,
      'processing.convertFormat': 'jpg',
      'processing.enhance': true,
    });
    const image = await again('retry', settings);
    assert.equal(image.status, 'approved');
    assert.match(image.path ?? '', /\.jpg$/);
    assert.equal(image.processing['processing.convertFormat'], 'jpg');
    assert.deepEqual([await calls('image'), await calls('qualityCheck')], [1, 1]);
    assertConsistent(workspace, jobId);
  });

  it('F2: an image that was never assessed is checked again, and rejected if the check says so', async () => {
    const unread: Fault = { kind: 'qualityCheck', do: 'say', text: 'Nice!' };
    const before = await jobWith([unread]);
    assert.equal(before.failure?.stage, 'qualityCheck');
    await fake.script({ ...rejected, times: 1 });
    const refused = await again('retry', testSettings());
    assert.equal(refused.status, 'qcFailed');
    assert.equal(refused.qcReason, 'Blurred.');
    assert.equal(await calls('metadata'), 0);
    assertConsistent(workspace, jobId);
  });

  it('F2: an image whose download failed is downloaded again, checked and delivered; nothing is generated', async () => {
    const before = await jobWith([{ kind: 'download', do: 'body', body: 'no picture' }]);
    assert.equal(before.failure?.stage, 'download');
    const image = await again('retry', testSettings());
    assert.equal(image.status, 'approved');
    assert.deepEqual([await calls('image'), await calls('qualityCheck')], [1, 1]);
    assertConsistent(workspace, jobId);
  });

  it('F4: a retry whose conversion fails leaves both files and the metadata as they were, Retry Failed with the reason', async () => {
    const before = await jobWith([]);
    assert.notEqual(before.title, null);
    const files = [before.originalPath, before.path].map((path) => readBytes(workspace, path ?? ''));
    await fake.script({ kind: 'removeBackground', do: 'cutout', as: 'damaged' });
    const image = await again(
      'retry',
      testSettings({
        'processing.removeBackground': true,
        'processing.convert': true,
        'processing.convertFormat': 'webp',
      }),
      { regenerateMetadata: true },
    );
    assert.deepEqual([image.status, image.failure?.stage], ['retryFailed', 'convert']);
    assert.notEqual(image.failure?.reason, '');
    const { title, description, tags, originalPath, path, softFailures } = before;
    assert.partialDeepStrictEqual(image, { title, description, tags, originalPath, path, softFailures });
    assert.deepEqual(
      [image.originalPath, image.path].map((each) => readBytes(workspace, each ?? '')),
      files,
    );
  });

  it('P10: missing metadata is made up for alone: the delivered file stays untouched', async () => {
    const before = await jobWith([{ kind: 'metadata', do: 'refuse' }], cutting);
    const image = await again('retry', testSettings(cutting));
    assert.equal(image.status, 'approved');
    assert.ok((image.title ?? '') !== '');
    assert.deepEqual([image.path, image.softFailures], [before.path, []]);
    assert.equal(await calls('removeBackground'), 1);
    assertConsistent(workspace, jobId);
  });

  it('F2: metadata is made anew on request, kept otherwise', async () => {
    const before = await jobWith([]);
    const kept = await again('retry', testSettings({ 'processing.enhance': true }));
    assert.equal(await calls('metadata'), 1);
    assert.equal(kept.title, before.title);
    await again('retry', testSettings({ 'processing.enhance': true }), { regenerateMetadata: true });
    assert.equal(await calls('metadata'), 2);
    assertConsistent(workspace, jobId);
  });

  it('F4: a delivered image that is finished anew replaces its old file only once the new one is there', async () => {
    const before = await jobWith([]);
    const image = await again(
      'retry',
      testSettings({ 'processing.convert': true, 'processing.convertFormat': 'webp' }),
    );
    assert.match(image.path ?? '', /\.webp$/);
    assert.equal(existsSync(join(workspace.root, before.path ?? '')), false);
    assertConsistent(workspace, jobId);
  });

  it('P2: a cutout that was paid for is used again when only a later step had failed', async () => {
    const settings = { ...cutting, 'processing.failOnSteps': ['metadata'] } as const;
    const before = await jobWith([{ kind: 'metadata', do: 'refuse' }], settings);
    assert.equal(before.failure?.stage, 'metadata');
    const image = await again('retry', testSettings(settings));
    assert.equal(image.status, 'approved');
    assert.equal(await calls('removeBackground'), 1);
    assertConsistent(workspace, jobId);
  });

  it('P13, F3: a provider that refuses the key pauses the retry; the images wait again', async () => {
    await jobWith([rejected], cutting);
    await fake.script({ kind: 'removeBackground', do: 'status', status: 401, code: 'invalidApiKey' });
    const runId = randomUUID();
    const imageIds = [only().id];
    queueImages(workspace, { kind: 'retry', jobId, imageIds, runId });
    const outcome = await workOnImages(workspace, testSettings(cutting), {
      kind: 'retry',
      jobId,
      imageIds,
      runId,
    });
    assert.equal(outcome.status, 'paused');
    assert.equal(outcome.error?.code, 'provider.auth');
    assert.equal(only().status, 'retryPending');
    workspace.store.edit((db) => cancelRetryPending(db, imageIds, Date.now()));
    assert.equal(only().status, 'qcFailed');
    assertConsistent(workspace, jobId);
  });

  it('F3: counts of the run and of the job follow every image; one that cannot be helped stops no other', async () => {
    await jobWith([rejected], { 'generation.count': 3 });
    const images = imagesOf(workspace);
    rmSync(join(workspace.root, images[1]?.originalPath ?? ''));
    const runId = randomUUID();
    const retry = { kind: 'retry' as const, jobId, imageIds: images.map(({ id }) => id), runId };
    queueImages(workspace, retry);
    await workOnImages(workspace, testSettings(), retry, createControls(workspace));
    const run = workspace.store.read((db) => getRun(db, runId));
    assert.deepEqual([run.total, run.done, run.failed], [3, 2, 1]);
    const { approved, failed } = jobOf(workspace, jobId);
    assert.deepEqual([approved, failed], [2, 1]);
    assert.deepEqual(
      imagesOf(workspace).map(({ status }) => status),
      ['approved', 'retryFailed', 'approved'],
    );
    const told = workspace.events.filter((event) => event.kind === 'run');
    assert.equal(told.length, 3);
  });

  it('F3: a retry whose process died while it was being cancelled leaves its images as they were', async () => {
    await jobWith([rejected], { 'generation.count': 2 });
    const runId = randomUUID();
    const imageIds = imagesOf(workspace).map(({ id }) => id);
    queueImages(workspace, { kind: 'retry', jobId, imageIds, runId });
    workspace.store.edit((db) => requestStop(db, runId, 'stop'));
    interruptOrphans(workspace.store, Date.now());
    assert.equal(workspace.store.read((db) => getRun(db, runId)).status, 'cancelled');
    assert.deepEqual(
      imagesOf(workspace).map(({ status }) => status),
      ['qcFailed', 'qcFailed'],
    );
    assertConsistent(workspace, jobId);
  });
});

describe('Retry after a killed process', () => {
  it('F3, F4: a retry killed again and again ends with every image once, and nothing paid twice', async () => {
    const fake = await spawnFakeProviders({ latency: { removeBackground: 40, metadata: 40 } });
    let workspace = await openWorkspace(fake);
    try {
      await fake.script({ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Blurred.' });
      const settings = testSettings({
        'generation.count': 12,
        'generation.parallel': 8,
        'processing.removeBackground': true,
        'processing.convert': true,
        'processing.convertFormat': 'webp',
      });
      const jobId = await planJob(workspace, settings);
      await workOnJob(workspace, jobId);
      await fake.clearFaults();
      const runId = randomUUID();
      queueImages(workspace, {
        kind: 'retry',
        jobId,
        imageIds: imagesOf(workspace).map(({ id }) => id),
        runId,
      });
      const { root, services } = workspace;
      workspace.store.close();
      let kills = 0;
      let ended: string | null = null;
      for (let tries = 0; ended === null && tries < 20; tries++) {
        const removals = (await fake.calls({ kind: 'removeBackground' })).length;
        const child = startJobProcess({ root, jobId, services, retry: { runId, settings } });
        await child.started;
        const killed = fake.waitForCalls('removeBackground', removals + 4).then(async () => {
          await child.kill();
          return null;
        });
        ended = await Promise.race([child.ended, killed]);
        if (ended === null) kills++;
      }
      workspace = await openWorkspace(services, root);
      assert.equal(ended, 'completed');
      assert.ok(kills >= 2, `only ${kills} kills hit the retry`);
      assertAllApproved(workspace, jobId);
      assertConsistent(workspace, jobId);
      assert.equal((await fake.charges({ kind: 'removeBackground' })).length, 12);
      assert.deepEqual(await fake.paidTwice(), []);
      const run = workspace.store.read((db) => getRun(db, runId));
      assert.deepEqual([run.total, run.done, run.failed], [12, 12, 0]);
    } finally {
      workspace.close();
      await fake.close();
    }
  });
});
