import assert from 'node:assert/strict';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import type { Progress } from '../../../src/engine/model/job.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeOptions, FakeProviders } from '../../support/providers/fakeProviders.ts';
import { assertAllApproved, assertConsistent } from '../../support/engine/invariants.ts';
import {
  createFolder,
  imagesOf,
  jobOf,
  ledgerOf,
  logsOf,
  noServices,
  openWorkspace,
  planJob,
  readBytes,
  slotsOf,
  testSettings,
  workOnJob,
} from '../../support/engine/workspace.ts';
import type { Workspace } from '../../support/engine/workspace.ts';

describe('A job from its first to its last image', () => {
  let fake: FakeProviders;
  let workspace: Workspace;

  const start = async (options: FakeOptions = {}): Promise<void> => {
    fake = await startFakeProviders(options);
    workspace = await openWorkspace(fake);
  };
  const run = async (changes: Partial<Settings> = {}): Promise<string> => {
    const jobId = await planJob(workspace, testSettings(changes));
    const outcome = await workOnJob(workspace, jobId);
    assert.deepEqual(
      outcome,
      { status: 'completed', error: null },
      logsOf(workspace, jobId, true).join('\n'),
    );
    return jobId;
  };

  afterEach(async () => {
    workspace.close();
    await fake.close();
  });

  it('P14: with Runware every slot becomes an approved, described file with its cost and times', async () => {
    await start();
    const jobId = await run({
      'generation.count': 3,
      'generation.variations': 3,
      'processing.removeBackground': true,
      'processing.trimTransparent': true,
      'processing.enhance': true,
      'processing.convert': true,
      'processing.convertFormat': 'webp',
    });
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    const images = imagesOf(workspace);
    assert.equal(images.length, 9);
    for (const image of images) {
      assert.match(image.path ?? '', /^pictures\/toupload\/Test-job_[0-9a-f]{6}_000[1-3]-0[1-3]\.webp$/);
      assert.ok((image.title ?? '') !== '' && image.tags.length > 0 && (image.description ?? '') !== '');
      assert.ok(image.prompt.includes(image.keyword['Animal'] ?? '?'), 'the prompt is of the row');
      assert.ok(image.qcReason !== null && image.seed !== null && image.costMicroUsd !== null);
      for (const stage of [
        'download',
        'qualityCheck',
        'removeBackground',
        'convert',
        'metadata',
        'deliver',
      ] as const) {
        assert.ok(image.timings[stage] !== undefined, stage);
      }
      assert.equal(image.processing['processing.convertFormat'], 'webp');
      assert.equal(
        image.thumbnailPath !== null && readBytes(workspace, image.thumbnailPath).length > 0,
        true,
      );
    }
    const sum = images.reduce((total, { costMicroUsd }) => total + (costMicroUsd ?? 0), 0);
    assert.deepEqual(jobOf(workspace, jobId).cost, { microUsd: sum, unknown: false });
    // One text call per generation, one image call for its three variations.
    assert.equal((await fake.calls({ kind: 'prompt' })).length, 3);
    assert.equal((await fake.calls({ kind: 'image' })).length, 3);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('P6: images of OpenAI arrive inside the answer and are delivered untouched without options', async () => {
    await start();
    const jobId = await run({
      'provider.image': 'openai',
      'runware.dimensions': '1024x1024',
      'generation.count': 2,
      'metadata.embed': false,
    });
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    for (const image of imagesOf(workspace)) {
      assert.deepEqual(
        readBytes(workspace, image.path ?? ''),
        readBytes(workspace, image.originalPath ?? ''),
      );
    }
    assert.equal((await fake.calls({ kind: 'download' })).length, 0);
  });

  it('P5: PiAPI makes four images at a time; as many as asked for are kept, and they bear the cost', async () => {
    await start();
    const jobId = await run({
      'provider.image': 'piapi',
      'generation.count': 2,
      'generation.variations': 3,
    });
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    assert.equal(imagesOf(workspace).length, 6);
    assert.equal((await fake.charges({ kind: 'image' })).length, 2);
  });

  it('R1: the sample provider does a whole job without key and network', async () => {
    await start();
    workspace.close();
    workspace = await openWorkspace(noServices, createFolder(2));
    const jobId = await run({
      'provider.image': 'sample',
      'provider.text': 'sample',
      'provider.backgroundRemoval': 'sample',
      'processing.removeBackground': true,
      'processing.trimTransparent': true,
      'generation.count': 2,
      'runware.dimensions': '512x512',
    });
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    assert.deepEqual(jobOf(workspace, jobId).cost, { microUsd: 0, unknown: false });
    assert.equal((await fake.calls()).length, 0);
  });

  it('P2: an image that the check rejects costs no background removal and no metadata', async () => {
    await start();
    await fake.script({
      kind: 'qualityCheck',
      times: 2,
      do: 'verdict',
      passed: false,
      reason: 'Six fingers.',
    });
    const jobId = await run({ 'processing.removeBackground': true });
    const rejected = imagesOf(workspace).filter(({ status }) => status === 'qcFailed');
    assert.equal(rejected.length, 2);
    for (const image of rejected) {
      assert.equal(image.qcReason, 'Six fingers.');
      assert.equal(image.path, null);
      assert.ok(image.originalPath !== null, 'the original stays for review');
    }
    assert.equal((await fake.calls({ kind: 'removeBackground' })).length, 2);
    assert.equal((await fake.calls({ kind: 'metadata' })).length, 2);
    assertConsistent(workspace, jobId);
  });

  it('P7: an unreadable verdict is asked for once more, then the image is "QC Analysis Failed", never approved', async () => {
    await start();
    await fake.script({ kind: 'qualityCheck', at: [0, 1], do: 'say', text: 'Looks lovely!' });
    const jobId = await run({ 'generation.count': 1 });
    const [image] = imagesOf(workspace);
    assert.equal(image?.status, 'failed');
    assert.equal(image.failure?.stage, 'qualityCheck');
    assert.equal(image.path, null);
    assert.equal((await fake.calls({ kind: 'metadata' })).length, 0);
    assertConsistent(workspace, jobId);
  });

  it('P8: a background that cannot be removed is a soft failure by default, and fails the image on request', async () => {
    await start();
    const refusal = { kind: 'removeBackground', do: 'status', status: 400, code: 'inferenceFailed' } as const;
    await fake.script({ ...refusal, code: 'contentPolicyViolation' });
    const soft = await run({ 'generation.count': 1, 'processing.removeBackground': true });
    const [kept] = imagesOf(workspace);
    assert.equal(kept?.status, 'approved');
    assert.deepEqual(
      kept.softFailures.map(({ stage }) => stage),
      ['removeBackground'],
    );
    assertConsistent(workspace, soft);
    await run({
      'generation.count': 1,
      'processing.removeBackground': true,
      'processing.removeBgFailureMode': 'markFailed',
    });
    const failed = imagesOf(workspace)[1];
    assert.equal(failed?.status, 'failed');
    assert.equal(failed.failure?.stage, 'removeBackground');
    assert.equal(failed.path, null);
  });

  it('P10: missing metadata leaves the image approved and marked, or fails it when the settings say so', async () => {
    await start();
    await fake.script({ kind: 'metadata', do: 'refuse' });
    await run({ 'generation.count': 1 });
    const [kept] = imagesOf(workspace);
    assert.equal(kept?.status, 'approved');
    assert.deepEqual(
      kept.softFailures.map(({ stage }) => stage),
      ['metadata'],
    );
    await run({ 'generation.count': 1, 'processing.failOnSteps': ['metadata'] });
    const failed = imagesOf(workspace)[1];
    assert.equal(failed?.status, 'failed');
    assert.equal(failed.failure?.stage, 'metadata');
  });

  it('P12: a prompt that the model refuses fails its slots with the reason, and the others go on', async () => {
    await start();
    await fake.script({ kind: 'prompt', contains: 'animal 2', do: 'refuse' });
    const jobId = await run({ 'generation.count': 3, 'generation.variations': 2 });
    const failed = slotsOf(workspace, jobId).filter(({ state }) => state === 'failed');
    assert.deepEqual(
      failed.map(({ generation, variation, failure }) => [generation, variation, failure?.stage]),
      [
        [1, 0, 'prompt'],
        [1, 1, 'prompt'],
      ],
    );
    assert.equal(jobOf(workspace, jobId).approved, 4);
    assertConsistent(workspace, jobId);
  });

  it('P5: images that are missing without a reason are topped up, those with a reason fail their slot', async () => {
    await start();
    await fake.script({ kind: 'image', at: [0], do: 'partial', missing: 2 });
    const topped = await run({ 'generation.count': 1, 'generation.variations': 4 });
    assertAllApproved(workspace, topped);
    assert.equal((await fake.calls({ kind: 'image' })).length, 2);
    await fake.clearFaults();
    await fake.script({
      kind: 'image',
      times: 1,
      do: 'partial',
      missing: 1,
      code: 'contentPolicyViolation',
      message: 'Not this one.',
    });
    const partly = await run({ 'generation.count': 1, 'generation.variations': 2 });
    const failed = slotsOf(workspace, partly).filter(({ state }) => state === 'failed');
    assert.deepEqual(
      failed.map(({ failure }) => failure?.code),
      ['content.refused'],
    );
    assert.equal(jobOf(workspace, partly).approved, 1);
  });

  it('P16: an image that the provider flagged is kept, Failed with "Content Flagged"', async () => {
    await start();
    await fake.script({ kind: 'image', do: 'flag' });
    await run({ 'generation.count': 1, 'runware.advancedEnabled': true, 'runware.checkNsfw': true });
    const [image] = imagesOf(workspace);
    assert.equal(image?.status, 'failed');
    assert.equal(image.failure?.code, 'content.flagged');
    assert.ok(readBytes(workspace, image.originalPath ?? '').length > 0);
    assert.equal((await fake.calls({ kind: 'qualityCheck' })).length, 0);
  });

  it('P13: 10 % of 429 and 5 % of 500 answers, with default settings: every image arrives, none paid twice', async () => {
    await start({ seed: 11 });
    await fake.script(
      { percent: 10, do: 'status', status: 429, headers: { 'retry-after-ms': '20' } },
      { percent: 5, do: 'status', status: 500 },
    );
    const jobId = await run({ 'generation.count': 24, 'generation.parallel': 8 });
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('P13, J3: an answer that is lost on the way is asked for by its id, and the image is paid once', async () => {
    await start();
    await fake.script(
      { kind: 'image', at: [0], do: 'reset', when: 'after' },
      { kind: 'removeBackground', at: [1], do: 'reset', when: 'after' },
      { kind: 'image', at: [2], do: 'reset', when: 'before' },
    );
    const jobId = await run({ 'processing.removeBackground': true, 'generation.parallel': 1 });
    assertAllApproved(workspace, jobId);
    assert.equal((await fake.charges({ kind: 'image' })).length, 4);
    assert.equal((await fake.charges({ kind: 'removeBackground' })).length, 4);
    assert.ok((await fake.calls({ kind: 'recover' })).length >= 3);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('P13: where the provider cannot be asked, the slot ends "answer lost" and is not sent again by itself', async () => {
    await start();
    await fake.script({ service: 'openai', kind: 'image', at: [1], do: 'reset', when: 'after' });
    const jobId = await run({
      'provider.image': 'openai',
      'runware.dimensions': '1024x1024',
      'generation.count': 3,
      'generation.parallel': 1,
      'ai.metadata': false,
    });
    const failed = slotsOf(workspace, jobId).filter(({ state }) => state === 'failed');
    assert.deepEqual(
      failed.map(({ failure }) => [failure?.stage, failure?.code]),
      [['generate', 'answer.lost']],
    );
    assert.match(failed[0]?.failure?.reason ?? '', /may be billed/);
    assert.equal((await fake.calls({ kind: 'image' })).length, 3);
    assert.equal(ledgerOf(workspace).filter(({ state }) => state === 'lost').length, 1);
    assert.equal(jobOf(workspace, jobId).cost.unknown, true);
    assertConsistent(workspace, jobId);
  });

  it('P6: an address whose time is over is asked for once more; an image that is none fails its download', async () => {
    await start();
    await fake.script({ kind: 'download', at: [0], do: 'status', status: 404 });
    const renewed = await run({ 'generation.count': 1 });
    assertAllApproved(workspace, renewed);
    await fake.clearFaults();
    await fake.script({ kind: 'download', do: 'body', body: '<html>not a picture</html>' });
    await run({ 'generation.count': 1 });
    const failed = imagesOf(workspace)[1];
    assert.equal(failed?.status, 'failed');
    assert.equal(failed.failure?.stage, 'download');
    assert.equal((await fake.charges({ kind: 'image' })).length, 2);
  });

  it('D1, D2: progress never falls, waits for verdicts at 95 and ends at 100; the estimate comes after three images', async () => {
    await start({ latency: { image: 20, qualityCheck: 60 } });
    const jobId = await run({ 'generation.count': 12, 'generation.parallel': 2 });
    const told = workspace.events.filter(isProgress).map(({ progress }) => progress);
    assert.ok(told.length >= 3);
    for (const [index, progress] of told.entries()) {
      assert.ok(progress.percent >= (told[index - 1]?.percent ?? 0), 'never falls');
      if (progress.checked < progress.planned && progress !== told.at(-1)) assert.ok(progress.percent <= 95);
      if (progress.generated < 3) assert.equal(progress.etaMs, null);
    }
    assert.equal(told[0]?.step, 'Step 2/2: Image Generation');
    const last = told.at(-1) as Progress;
    assert.deepEqual(
      [last.percent, last.generated, last.checked, last.approved, last.failed],
      [100, 12, 12, 12, 0],
    );
    assert.deepEqual(last.cost, jobOf(workspace, jobId).cost);
  });

  it('D4: the log tells the job in plain sentences, and the calls as debug rows without keys', async () => {
    await start();
    const jobId = await run({ 'generation.count': 1 });
    const plain = logsOf(workspace, jobId);
    assert.equal(plain[0], 'Step 1/2: Initialization');
    assert.ok(plain.includes('Image 1-1 passed the quality check.'));
    assert.match(plain.at(-1) ?? '', /^Job completed: 1 of 1 approved, 0 failed, \$/);
    const all = logsOf(workspace, jobId, true);
    assert.ok(all.length > plain.length);
    for (const key of Object.values(fake.keys)) assert.ok(!all.join('\n').includes(key));
  });
});

function isProgress(event: FactoryEvent): event is Extract<FactoryEvent, { kind: 'progress' }> {
  return event.kind === 'progress';
}
