/** A large retry behind a job, with the window reloaded while it waits and again while it works (F3). */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { assertDelivered, makeFaked } from './faked.ts';
import type { Faked } from './faked.ts';

const count = 50;

describe('a retry of fifty images', () => {
  let faked: Faked;
  beforeEach(async () => {
    faked = await makeFaked();
  });
  afterEach(() => faked.dispose());

  const inStatus = async (status: 'retryPending' | 'processing' | 'approved'): Promise<number> =>
    (await faked.images()).filter((image) => image.status === status).length;

  it('F3: waits behind a job and outlives two reloads: none lost, none done or paid twice', async () => {
    await faked.job([{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' }], {
      'generation.count': count,
      'generation.parallel': 8,
      'processing.removeBackground': true,
      'ai.metadata': true,
    });
    const imageIds = (await faked.images()).map(({ id }) => id);
    assert.equal(imageIds.length, count);
    await faked.busy();
    const { id } = await faked.factory.retry({ imageIds, settings: 'original', regenerateMetadata: false });
    assert.equal(await inStatus('retryPending'), count);
    assert.equal(await faked.calls('removeBackground'), 0, 'it waits');

    await faked.reopen();
    assert.deepEqual(
      faked.factory.queue().map(({ kind, status, total }) => [kind, status, total]),
      [
        ['job', 'held', 1],
        ['retry', 'held', count],
      ],
    );
    assert.equal(await inStatus('retryPending'), count);

    await faked.factory.continueQueue();
    // Some are delivered, some in work, some wait.
    await faked.fake.waitForCalls('metadata', 12);
    await faked.reopen();
    const done = await inStatus('approved');
    assert.ok(done < count, 'cut short');
    assert.equal(
      (await inStatus('retryPending')) + done,
      count + 1,
      'each waits or is done; the job had one',
    );

    await faked.factory.continueQueue();
    const end = await faked.factory.runEnded(id);
    assert.deepEqual([end.status, end.total, end.done, end.failed], ['done', count, count, 0]);
    const images = await faked.images();
    assert.equal(images.length, count + 1);
    for (const image of images) assertDelivered(faked, image);
    assert.equal(readdirSync(faked.at('pictures/toupload')).length, count + 1);
    assert.deepEqual(await faked.fake.paidTwice(), []);
    assert.equal(await faked.calls('image'), count + 1, 'no image is generated again');
  });
});

describe('a retry that cannot go on', () => {
  let faked: Faked;
  beforeEach(async () => {
    faked = await makeFaked();
  });
  afterEach(() => faked.dispose());

  it('P13, F3: waits in the queue with the reason, also after a reload; mended, Continue delivers, and nothing is paid twice', async () => {
    await faked.job([{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' }], {
      'processing.removeBackground': true,
    });
    await faked.fake.script({ kind: 'removeBackground', do: 'status', status: 401, code: 'invalidApiKey' });
    assert.equal((await faked.retry()).status, 'retryPending');
    const waits = (): void => {
      const [run, ...others] = faked.factory.queue();
      assert.deepEqual([run?.kind, run?.status, run?.error?.code], ['retry', 'held', 'provider.auth']);
      assert.match(run?.error?.message ?? '', /Runware refused the key/);
      assert.deepEqual(others, []);
    };
    waits();
    await faked.reopen();
    waits();

    await faked.fake.clearFaults();
    const [run] = faked.factory.queue();
    await faked.factory.continueQueue();
    const end = await faked.factory.runEnded(run?.id ?? '');
    assert.deepEqual([end.status, end.done, end.error], ['done', 1, null]);
    assertDelivered(faked, await faked.image());
    assert.deepEqual(await faked.fake.paidTwice(), []);
  });
});
