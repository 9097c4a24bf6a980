import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import type { ImageStatus } from '../../../src/engine/model/status.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { eventOf, first, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

describe('work on failed images', () => {
  let workspace: Workspace;
  let fake: FakeProviders;
  let factory: Agreeing;
  beforeEach(async () => {
    workspace = makeWorkspace();
    fake = await startFakeProviders();
    factory = await open();
  });
  afterEach(async () => {
    await workspace.dispose();
    await fake.close();
  });

  const open = (): Promise<Agreeing> =>
    workspace.open({
      endpoints: fake.endpoints,
      keys: (provider) => Promise.resolve(fake.keys[provider]),
    });
  const settings = (changes: Partial<Settings> = {}): Settings =>
    sampleSettings({
      'provider.image': 'runware',
      'provider.text': 'openai',
      'runware.dimensions': '256x256',
      'ai.qualityCheck': true,
      ...changes,
    });
  const images = async (statuses?: ImageStatus[]): Promise<ImageRecord[]> =>
    (await factory.images(statuses === undefined ? {} : { statuses }, 'oldest', { limit: 100 })).items;
  const start = async (changes: Partial<Settings> = {}): Promise<string> => {
    const job = await factory.start({ settings: settings(changes) });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    return job.id;
  };
  /** A job whose two images the quality check rejects. */
  const rejected = async (changes: Partial<Settings> = {}): Promise<string> => {
    await fake.script({ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' });
    const jobId = await start(changes);
    await fake.clearFaults();
    assert.equal((await images(['qcFailed'])).length, 2);
    return jobId;
  };
  const busy = async (): Promise<string> => {
    await fake.script({ kind: 'image', do: 'hang' });
    const before = (await fake.calls({ kind: 'image' })).length;
    await factory.start({ settings: settings({ 'generation.count': 1 }) });
    await fake.waitForCalls('image', before + 1);
    return factory.activeRun()?.id ?? '';
  };

  it('F11: of images chosen a moment ago those count that can still be approved', async () => {
    await fake.script({ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' });
    await start({ 'generation.count': 4 });
    await fake.clearFaults();
    const ids = (await images(['qcFailed'])).map(({ id }) => id);
    const [deleted = '', approved = '', retried = '', left = ''] = ids;
    await factory.runEnded((await factory.approve([approved])).id);
    await busy();
    await factory.retry({ imageIds: [retried], settings: 'original', regenerateMetadata: false });
    await factory.deleteImages([deleted]);
    assert.deepEqual(await factory.strict.approvable(ids), [left]);
    assert.deepEqual(await factory.strict.approvable([deleted]), []);
  });

  it('F1: Approve delivers what the check rejected, without asking it again', async () => {
    await rejected();
    const checks = (await fake.calls({ kind: 'qualityCheck' })).length;
    const run = await factory.approve((await images()).map(({ id }) => id));
    assert.deepEqual([run.kind, run.title, run.total], ['approve', 'Approval of 2 images', 2]);
    const end = await factory.runEnded(run.id);
    assert.deepEqual([end.status, end.done, end.failed], ['done', 2, 0]);
    for (const image of await images()) {
      assert.equal(image.status, 'approved');
      assert.ok(existsSync(join(workspace.root, image.path ?? '')));
    }
    assert.equal((await fake.calls({ kind: 'qualityCheck' })).length, checks);
    await assert.rejects(factory.approve([first(await images()).id]), (error) =>
      isFactoryError(error, 'conflict'),
    );
  });

  it('F2: modified settings are stored on the image, never on the job', async () => {
    const jobId = await rejected();
    const run = await factory.retry({
      imageIds: (await images()).map(({ id }) => id),
      settings: { 'processing.convert': true, 'processing.convertFormat': 'webp' },
      regenerateMetadata: false,
    });
    assert.equal((await factory.runEnded(run.id)).done, 2);
    for (const image of await images()) {
      assert.match(image.path ?? '', /\.webp$/);
      assert.equal(image.processing['processing.convertFormat'], 'webp');
    }
    const job = factory.job(jobId);
    assert.equal(job.settings['processing.convert'], false);
    assert.equal(job.snapshot?.['processing.convert'], false);
  });

  it('F2: original settings only for images of one job; a bad modified value is named', async () => {
    await rejected();
    await rejectedAgain();
    const imageIds = (await images(['qcFailed'])).map(({ id }) => id);
    assert.equal(imageIds.length, 4);
    await assert.rejects(
      factory.retry({ imageIds, settings: 'original', regenerateMetadata: false }),
      (error: unknown) => isFactoryError(error, 'conflict') && error.message.includes('2 jobs'),
    );
    await assert.rejects(
      factory.retry({
        imageIds,
        settings: { 'processing.sharpening': 11, 'processing.enhance': true },
        regenerateMetadata: false,
      }),
      (error: unknown) =>
        isFactoryError(error, 'settings.invalid') && error.problems[0]?.key === 'processing.sharpening',
    );
    assert.equal((await images(['qcFailed'])).length, 4, 'nothing was marked');
    const run = await factory.retry({ imageIds, settings: {}, regenerateMetadata: false });
    assert.equal(run.jobId, null);
    assert.equal((await factory.runEnded(run.id)).done, 4);
  });
  const rejectedAgain = async (): Promise<void> => {
    await fake.script({ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' });
    await start();
    await fake.clearFaults();
  };

  it('F3: a retry behind a running job waits as Retry Pending; cancelled, its images are what they were', async () => {
    await rejected();
    const imageIds = (await images()).map(({ id }) => id);
    const active = await busy();
    const run = await factory.retry({ imageIds, settings: 'original', regenerateMetadata: false });
    assert.equal(run.status, 'waiting');
    assert.equal((await images(['retryPending'])).length, 2);
    await assert.rejects(
      factory.retry({ imageIds, settings: 'original', regenerateMetadata: false }),
      (error) => isFactoryError(error, 'conflict'),
    );
    await factory.removeFromQueue([run.id]);
    assert.equal((await images(['qcFailed'])).length, 2);
    await factory.forceStop();
    await factory.runEnded(active);
  });

  it('F3: a waiting retry survives a restart, none lost and none done twice', async () => {
    await rejected();
    const imageIds = (await images()).map(({ id }) => id);
    await busy();
    await factory.retry({ imageIds, settings: 'original', regenerateMetadata: false });
    await factory.close();
    await fake.clearFaults();
    factory = await open();
    assert.deepEqual(
      factory.queue().map(({ kind, status }) => [kind, status]),
      [
        ['job', 'held'],
        ['retry', 'held'],
      ],
    );
    assert.equal((await images(['retryPending'])).length, 2);
    const retry = factory.queue()[1]?.id ?? '';
    await factory.continueQueue();
    assert.equal((await factory.runEnded(retry)).done, 2);
    assert.equal((await images(['approved'])).length, 3);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('F3: a retry that is cut short by the window goes on with what is left of it', async () => {
    await rejected({ 'ai.metadata': true });
    await fake.script({ kind: 'metadata', do: 'hang' });
    const run = await factory.retry({
      imageIds: (await images()).map(({ id }) => id),
      settings: 'original',
      regenerateMetadata: true,
    });
    await fake.waitForCalls('metadata', 1);
    await factory.close();
    await fake.clearFaults();
    factory = await open();
    assert.deepEqual(
      factory.queue().map(({ id, status }) => [id, status]),
      [[run.id, 'held']],
    );
    assert.equal((await images(['retryPending'])).length, 2);
    await factory.continueQueue();
    const end = await factory.runEnded(run.id);
    assert.deepEqual([end.status, end.done], ['done', 2]);
    assert.equal((await images(['approved'])).length, 2);
  });

  it('F3: a stopped retry leaves what it has not done as it was', async () => {
    await rejected({ 'ai.metadata': true });
    await fake.script({ kind: 'metadata', do: 'hang' });
    const run = await factory.retry({
      imageIds: (await images()).map(({ id }) => id),
      settings: 'original',
      regenerateMetadata: true,
    });
    await fake.waitForCalls('metadata', 1);
    await factory.forceStop();
    assert.equal((await factory.runEnded(run.id)).status, 'cancelled');
    assert.equal((await images(['qcFailed'])).length, 2);
    assert.equal(factory.job((await images())[0]?.jobId ?? '').status, 'completed');
  });

  it('F5: a slot without an image is listed with its reason and generated again', async () => {
    await fake.script({
      service: 'runware',
      kind: 'image',
      at: [0],
      do: 'status',
      status: 400,
      code: 'invalidPositivePrompt',
      message: 'too long',
    });
    const jobId = await start({ 'generation.parallel': 1, 'ai.qualityCheck': false });
    await fake.clearFaults();
    const [slot] = (await factory.failedSlots({ jobId }, { limit: 10 })).items;
    assert.ok(slot !== undefined);
    assert.match(slot.failure.reason, /./);
    assert.equal(factory.failedSlotCount(), 1);
    const told = eventOf(factory, 'job', (event) => event.job.status === 'running');
    const run = await factory.generateAgain([slot]);
    assert.equal(run.kind, 'generateAgain');
    await told;
    assert.equal((await factory.runEnded(run.id)).status, 'done');
    assert.equal(factory.failedSlotCount(jobId), 0);
    const job = factory.job(jobId);
    assert.deepEqual([job.status, job.generated, job.approved, job.failed], ['completed', 2, 2, 0]);
    await assert.rejects(factory.generateAgain([slot]), (error) => isFactoryError(error, 'conflict'));
  });
});
