import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readUnfinished } from '../../../src/engine/pipeline/pipelineImage.ts';
import { openCall } from '../../../src/engine/store/calls.ts';
import { getPipelineImage, updateImage } from '../../../src/engine/store/images.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeOptions, FakeProviders } from '../../support/providers/fakeProviders.ts';
import { assertAllApproved, assertConsistent } from '../../support/engine/invariants.ts';
import {
  createControls,
  createFolder,
  filesIn,
  generateAgain,
  imagesOf,
  jobOf,
  ledgerOf,
  noServices,
  openWorkspace,
  planJob,
  readBytes,
  slotsOf,
  testSettings,
  workOnImages,
  workOnJob,
} from '../../support/engine/workspace.ts';
import type { Workspace } from '../../support/engine/workspace.ts';

describe('What a run that died has left', () => {
  let fake: FakeProviders;
  let workspace: Workspace;

  const start = async (options: FakeOptions = {}): Promise<void> => {
    fake = await startFakeProviders(options);
    workspace = await openWorkspace(fake);
  };
  const plan = (changes: Partial<Settings> = {}): Promise<string> =>
    planJob(workspace, testSettings({ 'generation.count': 1, ...changes }));

  afterEach(async () => {
    workspace.close();
    await fake.close();
  });

  /** A call that was sent by a process that then died. */
  const sent = (
    jobId: string,
    provider: string,
    reserved: number | null,
  ): { callId: string; imageId: string } => {
    const callId = randomUUID();
    const imageId = randomUUID();
    workspace.store.edit((db) =>
      openCall(db, {
        id: callId,
        jobId,
        runId: null,
        generation: 0,
        imageId: null,
        stage: 'generate',
        provider,
        model: 'any',
        recoveryKey: callId,
        asked: 1,
        request: { variations: [0], imageIds: [imageId] },
        reservedMicroUsd: reserved,
        sentAt: Date.now() - 5000,
      }),
    );
    return { callId, imageId };
  };
  const openAi = { 'provider.image': 'openai', 'runware.dimensions': '1024x1024' } as const;

  it('J3: a task of PiAPI that was accepted is asked for by the id that PiAPI gave it', async () => {
    await start({ polls: 3 });
    const jobId = await plan({ 'provider.image': 'piapi' });
    const controls = createControls(workspace);
    const work = workOnJob(workspace, jobId, controls);
    await fake.waitForCalls('poll', 1);
    controls.force.abort();
    assert.equal((await work).status, 'stopped');
    assert.deepEqual(await workOnJob(workspace, jobId), { status: 'completed', error: null });
    assertAllApproved(workspace, jobId);
    assert.equal((await fake.charges({ kind: 'image' })).length, 1);
    assert.equal(ledgerOf(workspace).filter(({ stage }) => stage === 'generate').length, 1);
  });

  it('J3: at OpenAI, which cannot be asked, the slot ends "answer lost" on Resume; "Generate again" makes it', async () => {
    await start({ latency: { image: 60_000 } });
    const jobId = await plan({ ...openAi, 'generation.count': 2, 'generation.parallel': 2 });
    const controls = createControls(workspace);
    const work = workOnJob(workspace, jobId, controls);
    await fake.waitForCalls('image', 2);
    controls.force.abort();
    assert.equal((await work).status, 'stopped');
    await fake.change({ latency: {} });
    const outcome = await workOnJob(workspace, jobId);
    assert.equal(outcome.status, 'failed');
    assert.equal(outcome.error?.code, 'answer.lost');
    assert.equal((await fake.calls({ kind: 'image' })).length, 2, 'nothing was sent again by itself');
    const slots = slotsOf(workspace, jobId);
    assert.deepEqual(
      slots.map(({ failure }) => failure?.code),
      ['answer.lost', 'answer.lost'],
    );
    assert.equal((await generateAgain(workspace, jobId, slots)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
  });

  it('J3: an image of OpenAI that already lay on the disk is used, not lost', async () => {
    await start();
    const jobId = await plan({ ...openAi, 'metadata.embed': false });
    // The bytes of a real answer, as the dead process had written them.
    const donor = await planJob(workspace, testSettings({ ...openAi, 'generation.count': 1 }));
    await workOnJob(workspace, donor);
    const bytes = readBytes(workspace, imagesOf(workspace)[0]?.originalPath ?? '');
    const { imageId } = sent(jobId, 'openai', 200_000);
    const name = `Test-job_${jobId.slice(-6)}_0001-01_${imageId.slice(-6)}.png`;
    writeFileSync(join(workspace.root, 'pictures/generated', name), bytes);
    const calls = (await fake.calls({ kind: 'image' })).length;
    assert.deepEqual(await workOnJob(workspace, jobId), { status: 'completed', error: null });
    assert.equal((await fake.calls({ kind: 'image' })).length, calls);
    const image = imagesOf(workspace).find((one) => one.jobId === jobId);
    assert.deepEqual([image?.id, image?.status], [imageId, 'approved']);
    assert.deepEqual(readBytes(workspace, image?.path ?? ''), bytes);
  });

  it('F5, J3: "Generate again" in a stopped job leaves calls that are still to be asked for to Resume', async () => {
    await start({ latency: { image: 1500 } });
    await fake.script({ kind: 'prompt', contains: 'animal 1', times: 1, do: 'refuse' });
    const jobId = await plan({ 'generation.count': 3, 'generation.parallel': 2 });
    const controls = createControls(workspace);
    const work = workOnJob(workspace, jobId, controls);
    await fake.waitForCalls('image', 2);
    controls.force.abort();
    assert.equal((await work).status, 'stopped');
    await fake.change({ latency: {} });
    const outcome = await generateAgain(workspace, jobId, [{ generation: 0, variation: 0 }]);
    assert.deepEqual(outcome, { status: 'stopped', error: null });
    assert.equal(jobOf(workspace, jobId).approved, 1);
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assert.equal((await fake.charges({ kind: 'image' })).length, 3);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('J3: what costs nothing is simply made again', async () => {
    await start();
    workspace.close();
    workspace = await openWorkspace(noServices, createFolder(1));
    const jobId = await plan({ 'provider.image': 'sample', 'provider.text': 'sample' });
    sent(jobId, 'sample', 0);
    assert.deepEqual(await workOnJob(workspace, jobId), { status: 'completed', error: null });
    assertAllApproved(workspace, jobId);
    assert.deepEqual(jobOf(workspace, jobId).cost, { microUsd: 0, unknown: false });
  });

  it('J3: texts and verdicts that were on their way are asked anew, and the budget counts them once more', async () => {
    await start({ latency: { qualityCheck: 60_000 } });
    const jobId = await plan();
    const controls = createControls(workspace);
    const work = workOnJob(workspace, jobId, controls);
    await fake.waitForCalls('qualityCheck', 1);
    controls.force.abort();
    await work;
    await fake.change({ latency: {} });
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    const checks = ledgerOf(workspace).filter(({ stage }) => stage === 'qualityCheck');
    assert.deepEqual(checks.map(({ state }) => state).sort(), ['answered', 'lost']);
  });

  /** The row as it was when the process died between placing the file and saying so. */
  const undeliver = (jobId: string, stage: 'trim' | null): { path: string; id: string } => {
    const [image] = imagesOf(workspace).filter((one) => one.jobId === jobId);
    assert.ok(image?.path !== undefined && image.path !== null);
    const { id, path } = image;
    const sha256 = createHash('sha256').update(readBytes(workspace, path)).digest('hex');
    const name = path.split('/').at(-1) ?? '';
    workspace.store.edit((db) => {
      const unfinished = readUnfinished(getPipelineImage(db, id).unfinished);
      const { title, description, tags } = image;
      const metadata = { title: title ?? '', description: description ?? '', tags };
      const status = stage === null ? 'qcFailed' : 'pending';
      const back = { status, path: null, nextStage: stage, title: null } as const;
      updateImage(
        db,
        id,
        { ...back, unfinished: { ...unfinished, metadata, placing: { name, sha256 } } },
        Date.now(),
      );
      db.sql('UPDATE jobs SET approved = approved - 1, failed = failed + ? WHERE id = ?').run(
        Number(stage === null),
        jobId,
      );
    });
    return { path, id };
  };

  it('P3, P11: a file that was placed just before the end is taken over, not placed a second time', async () => {
    await start();
    const jobId = await plan({ 'processing.convert': true, 'processing.convertFormat': 'webp' });
    await workOnJob(workspace, jobId);
    const { path } = undeliver(jobId, 'trim');
    const calls = (await fake.calls()).length;
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assert.deepEqual(filesIn(workspace, 'pictures/toupload'), [path.split('/').at(-1)]);
    assert.equal((await fake.calls()).length, calls, 'nothing is paid for that');
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
  });

  it('F4: a file that a dead retry placed goes when the next retry makes another', async () => {
    await start();
    const jobId = await plan({ 'processing.convert': true, 'processing.convertFormat': 'webp' });
    await workOnJob(workspace, jobId);
    const { path, id } = undeliver(jobId, null);
    const settings = testSettings({ 'processing.convert': true, 'processing.convertFormat': 'jpg' });
    await workOnImages(workspace, settings, { kind: 'retry', jobId, imageIds: [id] });
    assert.equal(existsSync(join(workspace.root, path)), false);
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
  });

  it('P11: a file of the user with the name of an image is never overwritten', async () => {
    await start();
    const jobId = await plan();
    const taken = `Test-job_${jobId.slice(-6)}_0001-01.png`;
    mkdirSync(join(workspace.root, 'pictures/toupload'), { recursive: true });
    writeFileSync(join(workspace.root, 'pictures/toupload', taken), 'mine');
    await workOnJob(workspace, jobId);
    assert.equal(readBytes(workspace, `pictures/toupload/${taken}`).toString(), 'mine');
    assert.equal(imagesOf(workspace)[0]?.path, `pictures/toupload/${taken.replace('.png', '-2.png')}`);
  });

  it('P13: a provider that asks for a longer wait than two minutes pauses the job', async () => {
    await start();
    await fake.script({ kind: 'image', do: 'status', status: 429, headers: { 'retry-after': '600' } });
    const jobId = await plan();
    const outcome = await workOnJob(workspace, jobId);
    assert.equal(outcome.status, 'paused');
    assert.equal(outcome.error?.code, 'provider.rateLimited');
    assert.equal((await fake.calls({ kind: 'image' })).length, 1);
  });

  it('P5: variations beyond what one request may ask for go out in several', async () => {
    await start();
    const jobId = await plan({ ...openAi, 'generation.variations': 12, 'ai.metadata': false });
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    assertAllApproved(workspace, jobId);
    assert.equal((await fake.calls({ kind: 'image' })).length, 2);
    assertConsistent(workspace, jobId);
  });

  it('P9: a vector drawing is checked by its preview and delivered as SVG; raster steps are skipped and logged', async () => {
    await start();
    const jobId = await plan({
      'runware.model': 'recraft:v4@vector',
      'runware.dimensions': '1024x1024',
      'processing.removeBackground': true,
      'processing.enhance': true,
      'processing.convert': true,
    });
    assert.equal((await workOnJob(workspace, jobId)).status, 'completed');
    const [image] = imagesOf(workspace);
    assert.match(image?.path ?? '', /\.svg$/);
    assert.match(readBytes(workspace, image?.path ?? '').toString(), /^<svg|^<\?xml/);
    assert.equal((await fake.calls({ kind: 'qualityCheck' })).length, 1);
    assert.equal((await fake.calls({ kind: 'removeBackground' })).length, 0);
    assert.ok(
      workspace.events.some((event) => event.kind === 'log' && /vector drawing/.test(event.entry.message)),
    );
    assertAllApproved(workspace, jobId);
    assertConsistent(workspace, jobId);
  });
});
