/** Whose key a retry or an approval asks for: of those that it will call, and of nobody else. */
import assert from 'node:assert/strict';
import type { Factory } from '../../../src/engine/factory.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { KeyedProvider } from '../../../src/engine/providers/registry.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders, Fault } from '../../support/providers/fakeProviders.ts';
import { first, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

describe('keys that work on images needs', () => {
  let workspace: Workspace;
  let fake: FakeProviders;
  let factory: Agreeing;
  /** Providers whose key there is. */
  let have: Set<KeyedProvider>;
  beforeEach(async () => {
    workspace = makeWorkspace();
    fake = await startFakeProviders();
    have = new Set(['openai', 'runware', 'removebg', 'piapi']);
    factory = await workspace.open({
      endpoints: fake.endpoints,
      keys: (provider) => Promise.resolve(have.has(provider) ? fake.keys[provider] : null),
    });
  });
  afterEach(async () => {
    await workspace.dispose();
    await fake.close();
  });

  /** The id of the one image of a job that met this fault. */
  const failed = async (fault: Fault, changes: Partial<Settings> = {}): Promise<string> => {
    await fake.script(fault);
    await factory.start({
      settings: sampleSettings({
        'provider.image': 'runware',
        'provider.text': 'openai',
        'runware.dimensions': '128x128',
        'generation.count': 1,
        'generation.retryAttempts': 0,
        'ai.qualityCheck': true,
        ...changes,
      }),
    });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    await fake.clearFaults();
    return first((await factory.images({}, 'newest', { limit: 1 })).items).id;
  };
  const rejection: Fault = { kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' };
  const isMissing =
    (provider: KeyedProvider) =>
    (error: unknown): boolean =>
      isFactoryError(error, 'key.missing') && error.provider === provider;
  const retry = (id: string, changes: Partial<Settings> = {}, regenerateMetadata = false): Promise<string> =>
    factory.retry({ imageIds: [id], settings: changes, regenerateMetadata }).then((run) => run.id);
  /** Status of the image after the run, and which kinds of paid calls it took since `before`. */
  const after = async (id: string, runId: string, before: number): Promise<[string, string[]]> => {
    await factory.runEnded(runId);
    return [factory.image(id).status, (await fake.charges()).slice(before).map(({ kind }) => kind)];
  };

  it('F1: approving an image that only needs to be saved asks for no key at all', async () => {
    const id = await failed(rejection);
    const paid = (await fake.charges()).length;
    have.clear();
    const run = await factory.approve([id]);
    assert.deepEqual(await after(id, run.id, paid), ['approved', []]);
  });

  it('F2: removing the background asks for the key of the remover only, and names it when it is missing', async () => {
    const id = await failed(rejection);
    const paid = (await fake.charges()).length;
    const cutting = {
      'processing.removeBackground': true,
      'provider.backgroundRemoval': 'removebg',
    } as const;
    have.clear();
    await assert.rejects(retry(id, cutting), isMissing('removebg'));
    assert.equal(factory.image(id).status, 'qcFailed', 'nothing was marked');
    have.add('removebg');
    assert.deepEqual(await after(id, await retry(id, cutting), paid), ['approved', ['removeBackground']]);
  });

  it('P10: missing metadata asks for the text provider only, and names it when it is missing', async () => {
    const id = await failed({ kind: 'metadata', do: 'refuse' }, { 'ai.metadata': true });
    const paid = (await fake.charges()).length;
    have.clear();
    await assert.rejects(retry(id), isMissing('openai'));
    have.add('openai');
    assert.deepEqual(await after(id, await retry(id), paid), ['approved', ['metadata']]);
    assert.notEqual(factory.image(id).title, null);
  });

  it('F2: an image that is still to be downloaded asks for its provider, which may have to name a new address', async () => {
    const id = await failed(
      { kind: 'download', do: 'body', body: 'no picture' },
      { 'ai.qualityCheck': false },
    );
    have.clear();
    await assert.rejects(retry(id), isMissing('runware'));
    have.add('runware');
    assert.equal((await after(id, await retry(id), 0))[0], 'approved');
  });

  it('P2: a cutout that is paid for already asks for no remover', async () => {
    const id = await failed(
      { kind: 'metadata', do: 'refuse' },
      {
        'ai.metadata': true,
        'processing.removeBackground': true,
        'provider.backgroundRemoval': 'removebg',
        'processing.failOnSteps': ['metadata'],
      },
    );
    assert.equal(factory.image(id).failure?.stage, 'metadata');
    const paid = (await fake.charges()).length;
    have = new Set(['openai']);
    assert.deepEqual(await after(id, await retry(id), paid), ['approved', ['metadata']]);
  });

  it('B5: a retry tells what it will cost at most, step by step, and refuses what the retry would', async () => {
    const id = await failed(rejection);
    const plan = (changes: Partial<Settings>, regenerateMetadata = false): ReturnType<Factory['planRetry']> =>
      factory.planRetry({ imageIds: [id], settings: changes, regenerateMetadata });
    const nothing = await plan({});
    assert.deepEqual([nothing.images, nothing.estimate], [1, { microUsd: 0, unknown: false }]);
    assert.deepEqual(await factory.planApprove([id]), nothing);
    const cutting = { 'processing.removeBackground': true } as const;
    const cut = await plan(cutting);
    assert.ok(cut.estimate.microUsd > 0);
    const both = await plan({ ...cutting, 'ai.metadata': true });
    assert.ok(both.estimate.microUsd > cut.estimate.microUsd);
    const removebg = await plan({ ...cutting, 'provider.backgroundRemoval': 'removebg' });
    assert.equal(removebg.estimate.unknown, true);
    assert.equal(factory.image(id).status, 'qcFailed', 'a plan marks nothing');
    have.delete('runware');
    await assert.rejects(plan(cutting), isMissing('runware'));
  });

  it('F5: "Generate again" asks for every key of its job before it is queued', async () => {
    await fake.script({ kind: 'prompt', do: 'refuse' });
    const job = await factory.start({
      settings: sampleSettings({
        'provider.image': 'runware',
        'provider.text': 'openai',
        'generation.count': 1,
      }),
    });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    await fake.clearFaults();
    const slot = first((await factory.failedSlots({ jobId: job.id }, { limit: 1 })).items);
    have.delete('runware');
    await assert.rejects(factory.generateAgain([slot]), isMissing('runware'));
    assert.equal(factory.queue().length, 0);
  });
});
