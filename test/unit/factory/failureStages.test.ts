/** Every stage that can fail: provoked, shown under its name, rescued, delivered, its input kept until then. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import { imageStatusLabel } from '../../../src/engine/model/status.ts';
import type { Stage } from '../../../src/engine/model/status.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import type { Fault } from '../../support/providers/fakeProviders.ts';
import { assertDelivered, labelOf, makeFaked } from './faked.ts';
import type { Faked } from './faked.ts';

describe('images that failed, stage by stage', () => {
  let faked: Faked;
  beforeEach(async () => {
    faked = await makeFaked();
  });
  afterEach(() => faked.dispose());

  /** The one image of a job that met this fault, stored and listed under its stage. */
  const failed = async (
    fault: Fault,
    expected: { stage: Stage; label: string },
    changes: Partial<Settings> = {},
  ): Promise<ImageRecord> => {
    await faked.job([fault], changes);
    const image = await faked.image();
    assert.deepEqual([image.status, image.failure?.stage], ['failed', expected.stage]);
    assert.equal(labelOf(image), expected.label);
    assert.notEqual(image.failure?.reason, '');
    assert.equal(image.path, null);
    const listed = await faked.factory.images({ reasons: [expected.stage] }, 'newest', { limit: 5 });
    assert.deepEqual(
      listed.items.map(({ id }) => id),
      [image.id],
    );
    const groups = await faked.factory.failureGroups({});
    assert.deepEqual(
      groups.map(({ reason, count }) => [reason, count]),
      [[expected.stage, 1]],
    );
    return image;
  };
  /** The original is the same file with the same bytes as when the image failed. */
  const keepsOriginal = (image: ImageRecord): ((later: ImageRecord) => void) => {
    const bytes = faked.bytes(image.originalPath);
    return (later) => {
      assert.equal(later.originalPath, image.originalPath);
      assert.deepEqual(faked.bytes(later.originalPath), bytes);
    };
  };

  for (const { stage, label, fault } of [
    { stage: 'prompt', label: 'Prompt Failed', fault: { kind: 'prompt', do: 'refuse' } },
    {
      stage: 'generate',
      label: 'Generation Failed',
      fault: { kind: 'image', do: 'status', status: 400, code: 'invalidPositivePrompt', message: 'too long' },
    },
  ] as const satisfies readonly { stage: Stage; label: string; fault: Fault }[]) {
    it(`F5: ${label}: the slot is listed with its reason, and generated again`, async () => {
      const job = await faked.job([fault]);
      assert.deepEqual([job.status, job.failed], ['failed', 1]);
      const slot = await faked.slot();
      assert.equal(slot.failure.stage, stage);
      assert.equal(imageStatusLabel('failed', slot.failure), label);
      assert.notEqual(slot.failure.reason, '');
      const run = await faked.factory.generateAgain([slot]);
      assert.equal((await faked.factory.runEnded(run.id)).status, 'done');
      assert.equal(faked.factory.failedSlotCount(), 0);
      assertDelivered(faked, await faked.image());
      assert.equal(faked.factory.job(job.id).status, 'completed');
    });
  }

  it('F2: Download Failed: downloaded again and checked, never generated again', async () => {
    const expected = { stage: 'download', label: 'Download Failed' } as const;
    await failed({ kind: 'download', do: 'body', body: 'no picture' }, expected);
    assertDelivered(faked, await faked.retry());
    assert.deepEqual([await faked.calls('image'), await faked.calls('qualityCheck')], [1, 1]);
  });

  it('F2: QC Analysis Failed: the check is asked again, and decides', async () => {
    const expected = { stage: 'qualityCheck', label: 'QC Analysis Failed' } as const;
    const image = await failed({ kind: 'qualityCheck', do: 'say', text: 'Nice!' }, expected);
    const asked = await faked.calls('qualityCheck');
    const check = keepsOriginal(image);
    const later = await faked.retry();
    assertDelivered(faked, later);
    check(later);
    assert.equal(await faked.calls('qualityCheck'), asked + 1);
  });

  it('F1: QC Failed: approved without another check', async () => {
    await faked.job([{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' }]);
    const image = await faked.image();
    assert.deepEqual([labelOf(image), image.qcReason], ['QC Failed', 'Two tails.']);
    assert.deepEqual(
      (await faked.factory.failureGroups({})).map(({ reason, count }) => [reason, count]),
      [['qcFailed', 1]],
    );
    const check = keepsOriginal(image);
    const later = await faked.approve();
    assertDelivered(faked, later);
    check(later);
    assert.equal(await faked.calls('qualityCheck'), 1);
  });

  const refusal: Fault = {
    kind: 'removeBackground',
    do: 'status',
    status: 400,
    code: 'contentPolicyViolation',
    message: 'no',
  };
  const cutting = { 'processing.removeBackground': true } as const;

  it('P8, F2: Background Removal Failed (Mark Failed): removed on retry', async () => {
    const expected = { stage: 'removeBackground', label: 'Background Removal Failed' } as const;
    const image = await failed(refusal, expected, {
      ...cutting,
      'processing.removeBgFailureMode': 'markFailed',
    });
    const check = keepsOriginal(image);
    const later = await faked.retry();
    assertDelivered(faked, later);
    check(later);
    assert.equal(await isTransparent(faked, later), true);
    assert.deepEqual([await faked.calls('image'), await faked.calls('qualityCheck')], [1, 1]);
  });

  it('P8, F2: Background Removal Failed (Approve): delivered as it is, found by its soft failure, removed on retry', async () => {
    await faked.job([refusal], cutting);
    const image = await faked.image();
    assertDelivered(faked, image);
    assert.deepEqual(
      image.softFailures.map(({ stage }) => stage),
      ['removeBackground'],
    );
    const soft = await faked.factory.images({ softFailed: true }, 'newest', { limit: 5 });
    assert.deepEqual(
      soft.items.map(({ id }) => id),
      [image.id],
    );
    assert.equal(await isTransparent(faked, image), false);
    const check = keepsOriginal(image);
    const later = await faked.retry();
    assertDelivered(faked, later);
    check(later);
    assert.deepEqual(later.softFailures, []);
    assert.equal(await isTransparent(faked, later), true);
  });

  it('P12, F2: Trim Failed: a cutout with nothing in it is made anew', async () => {
    const expected = { stage: 'trim', label: 'Trim Failed' } as const;
    const image = await failed({ kind: 'removeBackground', do: 'cutout', as: 'empty' }, expected, {
      ...cutting,
      'processing.trimTransparent': true,
      'processing.failOnSteps': ['trim'],
    });
    const check = keepsOriginal(image);
    const later = await faked.retry();
    assertDelivered(faked, later);
    check(later);
    assert.ok((later.width ?? 128) < 128, 'trimmed');
    assert.equal(await faked.calls('removeBackground'), 2);
  });

  it('P12: Trim Failed, softly: delivered untrimmed, with the failure told', async () => {
    await faked.job([{ kind: 'removeBackground', do: 'cutout', as: 'empty' }], {
      ...cutting,
      'processing.trimTransparent': true,
    });
    const image = await faked.image();
    assertDelivered(faked, image);
    assert.deepEqual([image.softFailures.map(({ stage }) => stage), image.width], [['trim'], 128]);
    assertDelivered(faked, await faked.retry());
  });

  for (const { stage, label, changes } of [
    {
      stage: 'enhance',
      label: 'Enhancement Failed',
      changes: { 'processing.enhance': true, 'processing.failOnSteps': ['enhance'] },
    },
    {
      stage: 'enhance',
      label: 'Enhancement Failed',
      // Soft or not: of pixels that do not decode there is nothing to deliver.
      changes: { 'processing.enhance': true },
    },
    {
      stage: 'convert',
      label: 'Conversion Failed',
      changes: { 'processing.convert': true, 'processing.convertFormat': 'webp' },
    },
  ] as const satisfies readonly { stage: Stage; label: string; changes: Partial<Settings> }[]) {
    const named = 'processing.failOnSteps' in changes ? ' (named in failOnSteps)' : '';
    it(`P12, F2: ${label}${named}: the cutout that cannot be decoded is made anew`, async () => {
      const fault: Fault = { kind: 'removeBackground', do: 'cutout', as: 'damaged' };
      const image = await failed(fault, { stage, label }, { ...cutting, ...changes });
      const check = keepsOriginal(image);
      const later = await faked.retry();
      assertDelivered(faked, later);
      check(later);
      assert.equal(await isTransparent(faked, later), true);
      assert.equal(await faked.calls('removeBackground'), 2);
    });
  }

  it('P10, F2: Metadata Failed (named in failOnSteps): described on retry, the cutout used again', async () => {
    const expected = { stage: 'metadata', label: 'Metadata Failed' } as const;
    const image = await failed({ kind: 'metadata', do: 'refuse' }, expected, {
      ...cutting,
      'ai.metadata': true,
      'processing.failOnSteps': ['metadata'],
    });
    const check = keepsOriginal(image);
    const later = await faked.retry();
    assertDelivered(faked, later);
    check(later);
    assert.notEqual(later.title, null);
    assert.equal(await faked.calls('removeBackground'), 1);
  });

  it('P10: missing metadata leaves the image approved, and one retry makes up for it', async () => {
    await faked.job([{ kind: 'metadata', do: 'refuse' }], { 'ai.metadata': true });
    const image = await faked.image();
    assertDelivered(faked, image);
    assert.deepEqual(
      image.softFailures.map(({ stage }) => stage),
      ['metadata'],
    );
    const later = await faked.retry();
    assert.notEqual(later.title, null);
    assert.deepEqual([later.path, later.softFailures], [image.path, []]);
  });

  it('P13: Save: a folder that cannot be written pauses the job; mended, Resume saves what is finished', async () => {
    const output = join(faked.workspace.root, 'pictures', 'toupload');
    await faked.job([{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' }]);
    rmSync(output, { recursive: true, force: true });
    writeFileSync(output, 'a file where the folder was');
    const image = await faked.image();
    const check = keepsOriginal(image);
    const run = await faked.factory.approve([image.id]);
    const end = await faked.factory.runEnded(run.id);
    assert.deepEqual([end.status, end.error?.code], ['held', 'disk.unwritable']);
    const waiting = await faked.image();
    assert.deepEqual([labelOf(waiting), waiting.path], ['Retry Pending', null]);
    check(waiting);
    rmSync(output);
    await faked.factory.continueQueue();
    await faked.factory.runEnded(run.id);
    assertDelivered(faked, await faked.image());
    assert.equal(
      imageStatusLabel('failed', { stage: 'deliver', code: 'unexpected', reason: '' }),
      'Save Failed',
    );
  });

  it('F2: Original Missing: named so whichever step needed it; put back, the retry delivers', async () => {
    await faked.job([{ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'Two tails.' }], cutting);
    const image = await faked.image();
    const bytes = faked.bytes(image.originalPath);
    rmSync(faked.at(image.originalPath));
    const failed = await faked.retry();
    assert.deepEqual([failed.status, failed.failure?.code], ['retryFailed', 'image.missing']);
    assert.equal(imageStatusLabel('failed', failed.failure), 'Original Missing');
    assert.match(failed.failure?.reason ?? '', /pictures\/generated\/.* may have been moved or deleted/);
    assert.deepEqual(
      (await faked.factory.failureGroups({})).map(({ reason, code }) => [reason, code]),
      [['missing', 'image.missing']],
    );
    assert.equal(
      (await faked.factory.images({ reasons: ['missing'] }, 'newest', { limit: 5 })).items.length,
      1,
    );
    writeFileSync(faked.at(image.originalPath), bytes);
    assertDelivered(faked, await faked.retry());
    assert.equal(await faked.calls('image'), 1);
  });

  it('P16: Content Flagged: the image is kept, and approving delivers it', async () => {
    await faked.job([{ kind: 'image', do: 'flag' }], {
      'runware.advancedEnabled': true,
      'runware.checkNsfw': true,
    });
    const image = await faked.image();
    assert.deepEqual([image.failure?.code, labelOf(image)], ['content.flagged', 'Content Flagged']);
    assert.deepEqual(
      (await faked.factory.failureGroups({})).map(({ reason }) => reason),
      ['flagged'],
    );
    assert.ok(existsSync(faked.at(image.originalPath)));
    const check = keepsOriginal(image);
    const later = await faked.approve();
    assertDelivered(faked, later);
    check(later);
    assert.equal(await faked.calls('image'), 1);
  });
});

async function isTransparent(faked: Faked, image: ImageRecord): Promise<boolean> {
  const bytes = faked.bytes(image.path);
  acceptImage(bytes);
  const { default: sharp } = await import('sharp');
  const { channels } = await sharp(bytes).stats();
  return channels.length === 4 && (channels[3]?.min ?? 255) === 0;
}
