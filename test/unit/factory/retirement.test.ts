/** A remover that ends: what plans say by a clock of the test, and how work goes on with another one. */
import assert from 'node:assert/strict';
import type { Factory } from '../../../src/engine/factory.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { defaultHostSettings } from '../../../src/engine/settings/settings.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { assertDelivered, labelOf, makeFaked } from './faked.ts';
import type { Faked } from './faked.ts';
import { first } from './workspace.ts';
import { inWords } from '../../../src/engine/model/message.ts';

const cutting = {
  'processing.removeBackground': true,
  'provider.backgroundRemoval': 'removebg',
  'ai.qualityCheck': false,
} as const satisfies Partial<Settings>;
const runware = { 'provider.backgroundRemoval': 'runware' } as const;
const gone = { kind: 'removeBackground', do: 'status', status: 410 } as const;
const end = Date.UTC(2026, 11, 1, 8);

describe('a remover that ends', () => {
  let faked: Faked;
  beforeEach(async () => {
    faked = await makeFaked();
  });
  afterEach(() => faked.dispose());

  /** The same workspace at this time, with remove.bg at its own address; nothing is called there. */
  const at = (now: number): Promise<Agreeing> =>
    faked.workspace.open({
      endpoints: { ...faked.fake.endpoints, removebg: defaultHostSettings()['endpoints.removebg'] },
      keys: (provider) => Promise.resolve(faked.fake.keys[provider]),
      now: () => now,
    });
  const removals = async (): Promise<string[]> =>
    (await faked.fake.charges())
      .filter(({ kind }) => kind === 'removeBackground')
      .map(({ service }) => service);

  it('L3: every plan says when, and from then on offers whoever goes on', async () => {
    const job = await faked.job([gone], cutting);
    assert.equal(job.status, 'paused');
    const approved = await faked.job(
      [{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'No.' }],
      {
        ...cutting,
        'ai.qualityCheck': true,
      },
    );
    const imageIds = (
      await faked.factory.images({ jobIds: [approved.id] }, 'oldest', { limit: 1 })
    ).items.map(({ id }) => id);
    await faked.factory.close();
    const plans = async (factory: Agreeing): Promise<Awaited<ReturnType<Factory['planApprove']>>[]> => [
      await factory.plan({ settings: faked.settings(cutting) }),
      first(await factory.planRerun([job.id])),
      await factory.planRetry({ imageIds, settings: 'original', regenerateMetadata: false }),
      await factory.planApprove(imageIds),
      await factory.planResume(job.id),
    ];
    const before = await at(end - 1);
    for (const plan of await plans(before)) {
      assert.match(
        plan.warnings.map(inWords).join('\n'),
        /remove\.bg ends its self-service API on 2026-12-01/,
      );
      assert.deepEqual(plan.instead, []);
    }
    await before.close();
    const after = await at(end);
    for (const plan of await plans(after)) {
      assert.match(
        plan.warnings.map(inWords).join('\n'),
        /remove\.bg ended its self-service API on 2026-12-01/,
      );
      assert.deepEqual(plan.instead, [{ label: 'Runware', changes: runware }]);
      assert.equal(plan.estimate.unknown, true, 'nobody knows what credits of remove.bg cost');
    }
    const other = await after.planResume(job.id, runware);
    assert.deepEqual([other.warnings, other.instead], [[], []]);
    assert.equal(other.images, 1);
    assert.ok(other.estimate.microUsd > 0 && !other.estimate.unknown, 'another remover has its own price');
    const none = await after.plan({ settings: faked.settings({ 'ai.qualityCheck': false }) });
    assert.deepEqual([none.warnings, none.instead], [[], []]);
  });

  it('L3: a job that its remover paused goes on with another one, and so does its rerun', async () => {
    const job = await faked.job([gone], cutting);
    assert.deepEqual([job.status, job.error?.code], ['paused', 'provider.retired']);
    const run = await faked.factory.resume(job.id, runware);
    await faked.factory.runEnded(run.id);
    const ended = faked.factory.job(job.id);
    assert.equal(ended.status, 'completed');
    assertDelivered(faked, await faked.image());
    assert.equal((await faked.image()).processing['provider.backgroundRemoval'], 'runware');
    assert.deepEqual(await removals(), ['runware']);
    assert.equal(ended.settings['provider.backgroundRemoval'], 'runware');
    assert.equal(ended.snapshot?.['provider.backgroundRemoval'], 'runware');
    const log = faked.factory.logs(job.id, { debug: false, limit: 100 }).map(({ message }) => message);
    assert.ok(log.includes('Backgrounds are removed by Runware from here on, instead of remove.bg.'));
  });

  it('L3, P8: what the ended remover was paid for is not made again', async () => {
    const job = await faked.job([{ kind: 'metadata', do: 'status', status: 401 }], {
      ...cutting,
      'ai.metadata': true,
    });
    assert.deepEqual([job.status, job.error?.code], ['paused', 'provider.auth']);
    assert.deepEqual(await removals(), ['removebg']);
    const run = await faked.factory.resume(job.id, runware);
    await faked.factory.runEnded(run.id);
    const image = await faked.image();
    assertDelivered(faked, image);
    assert.equal(acceptImage(faked.bytes(image.path)).type, 'png');
    assert.deepEqual(await removals(), ['removebg']);
    const { default: sharp } = await import('sharp');
    assert.equal((await sharp(faked.bytes(image.path)).stats()).isOpaque, false, 'it is the cutout');
  });

  it('L3: a retry that its remover stopped goes on with another one', async () => {
    await faked.job([{ kind: 'removeBackground', do: 'status', status: 500 }], {
      ...cutting,
      'processing.removeBgFailureMode': 'markFailed',
    });
    assert.equal(labelOf(await faked.image()), 'Background Removal Failed');
    await faked.fake.script(gone);
    await faked.retry();
    await faked.fake.clearFaults();
    const held = first(faked.factory.queue());
    assert.deepEqual([held.status, held.error?.code], ['held', 'provider.retired']);
    const plan = await faked.factory.planContinue(held.id, runware);
    assert.equal(plan.images, 1);
    assert.ok(plan.estimate.microUsd > 0 && !plan.estimate.unknown);
    const run = await faked.factory.continueWith(held.id, runware);
    await faked.factory.runEnded(run.id);
    assertDelivered(faked, await faked.image());
    assert.deepEqual(await removals(), ['runware']);
    await assert.rejects(faked.factory.continueWith(held.id, runware), (error) =>
      isFactoryError(error, 'conflict'),
    );
  });
});
