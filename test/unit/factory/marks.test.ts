/** What delivered files say of themselves, from the provider's answer to the trash. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { unzip } from '../exports/unzip.ts';
import { generatedType, providerXmp, signed, withXmp } from '../images/marked.ts';
import { readByPackage } from '../images/reader.ts';
import { makeFaked } from './faked.ts';
import type { Faked } from './faked.ts';

describe('marks from the provider to the delivered file', () => {
  let faked: Faked;
  let embed: (bytes: Buffer) => Buffer | Promise<Buffer>;
  beforeEach(async () => {
    embed = (bytes) => bytes;
    faked = await makeFaked({ embed: (bytes) => embed(bytes) });
  });
  afterEach(() => faked.dispose());

  const delivered = async (changes: Partial<Settings>): Promise<ImageRecord> => {
    await faked.job([], { 'ai.qualityCheck': false, ...changes });
    const image = await faked.image();
    assert.equal(image.status, 'approved');
    return image;
  };
  const output = (): string[] => readdirSync(faked.at('pictures/toupload')).sort();
  const said = (image: ImageRecord): string =>
    faked.factory
      .logs(image.jobId, { debug: false, limit: 200 })
      .map(({ message }) => message)
      .join('\n');

  for (const format of ['png', 'jpg', 'webp'] as const) {
    it(`E1, E2: ${format}: what the provider wrote is in the file after background removal, trim and conversion`, async () => {
      embed = (bytes) => withXmp(bytes, providerXmp(null));
      const plans: Partial<Settings>[] = [
        {},
        { 'processing.removeBackground': true, 'processing.trimTransparent': true },
        { 'processing.convert': true, 'processing.convertFormat': format === 'webp' ? 'jpg' : 'webp' },
      ];
      for (const [at, plan] of plans.entries()) {
        await faked.job([], { 'ai.qualityCheck': false, 'runware.format': format, ...plan });
        const image = (await faked.images())[at] ?? assert.fail('no image');
        assert.equal(image.status, 'approved');
        const seen = await readByPackage(faked.bytes(image.path));
        assert.equal(seen.sourceType, generatedType);
        assert.equal(seen.disclosure[0], 'Flux');
        assert.deepEqual([image.signature, image.sidecarPath], [null, null]);
      }
    });
  }

  it('E2: with Embed Metadata off, an untouched file is the one that the provider made', async () => {
    const image = await delivered({ 'metadata.embed': false });
    assert.deepEqual(faked.bytes(image.path), faked.bytes(image.originalPath));
  });

  it('E1: a signed image is delivered byte for byte; its mark lies beside it, goes to the trash and comes back with it', async () => {
    embed = (bytes) => signed('png', bytes);
    const image = await delivered({ 'runware.format': 'png' });
    assert.deepEqual(faked.bytes(image.path), faked.bytes(image.originalPath));
    assert.deepEqual([image.signature, image.sidecarPath], ['kept', `${image.path ?? ''}.xmp`]);
    assert.ok(faked.bytes(image.sidecarPath).includes(generatedType));
    assert.match(said(image), /signed by its provider \(C2PA\)\. The signature was kept/);
    assert.match(said(image), /\.png\.xmp/);

    const exported = await faked.factory.exportImages({ ids: [image.id] }, { metadata: false });
    const names = (await unzip(exported.path)).map(({ name }) => name);
    const name = `images/${(image.path ?? '').split('/').at(-1) ?? ''}`;
    assert.deepEqual(names.slice(0, 2), [name, `${name}.xmp`]);

    const both = output();
    assert.equal(both.length, 2);
    const { trashId } = await faked.factory.deleteImages([image.id]);
    assert.deepEqual(output(), []);
    await faked.factory.undoDelete(trashId);
    assert.deepEqual(output(), both);
    assert.equal((await faked.image()).sidecarPath, image.sidecarPath);
  });

  it('E1, M5: what lies beside an image comes back under the name that the image comes back under', async () => {
    embed = (bytes) => signed('png', bytes);
    const image = await delivered({ 'runware.format': 'png' });
    const { trashId } = await faked.factory.deleteImages([image.id]);
    writeFileSync(faked.at(image.path), 'of somebody else');
    await faked.factory.undoDelete(trashId);
    const back = await faked.image();
    assert.equal(back.path, image.path?.replace('.png', '-2.png'));
    assert.equal(back.sidecarPath, `${back.path}.xmp`);
    assert.ok(existsSync(faked.at(back.sidecarPath)));
    assert.equal(faked.bytes(image.path).toString(), 'of somebody else');
  });

  it('E1: a step takes the signature away, and the log says so', async () => {
    embed = (bytes) => signed('png', bytes);
    const image = await delivered({
      'runware.format': 'png',
      'processing.convert': true,
      'processing.convertFormat': 'webp',
    });
    assert.deepEqual([image.signature, image.sidecarPath], ['removed', null]);
    assert.equal(faked.bytes(image.path).includes('c2pa'), false);
    assert.equal((await readByPackage(faked.bytes(image.path))).sourceType, generatedType);
    assert.match(said(image), /The signature was removed, because the image was changed/);
    assert.ok(faked.bytes(image.originalPath).includes('c2pa'), 'the original is as the provider made it');
  });

  it('E1: a retry that changes a signed image takes its file and what lay beside it away', async () => {
    embed = (bytes) => signed('png', bytes);
    await faked.job([{ kind: 'metadata', do: 'refuse' }], {
      'runware.format': 'png',
      'ai.qualityCheck': false,
      'ai.metadata': true,
    });
    const before = await faked.image();
    assert.ok(before.sidecarPath !== null && existsSync(faked.at(before.sidecarPath)));
    const after = await faked.retry({ 'processing.convert': true, 'processing.convertFormat': 'webp' });
    assert.deepEqual([after.status, after.signature, after.sidecarPath], ['approved', 'removed', null]);
    assert.deepEqual(output(), [(after.path ?? '').split('/').at(-1)]);
  });

  it('E3: wide colours are turned into sRGB for a remover that leaves the profile out, and look the same', async () => {
    const sharp = await loadSharp();
    const box = { create: { width: 60, height: 60, channels: 3, background: '#e04020' } } as const;
    const ground = { create: { width: 128, height: 128, channels: 3, background: '#ffffff' } } as const;
    const scene = sharp(ground).composite([{ input: await sharp(box).png().toBuffer() }]);
    const wide = await scene.withIccProfile('p3').png().toBuffer();
    embed = () => wide;
    const image = await delivered({
      'runware.format': 'png',
      'provider.backgroundRemoval': 'sample',
      'processing.removeBackground': true,
    });
    const seen = await readByPackage(faked.bytes(image.path));
    assert.equal(seen.profile, 'sRGB');
    const before = await sharp(faked.bytes(image.originalPath)).removeAlpha().raw().toBuffer();
    const after = await sharp(faked.bytes(image.path)).ensureAlpha().raw().toBuffer();
    let [sum, count] = [0, 0];
    for (let at = 0; at * 4 < after.length; at += 1) {
      if (after[at * 4 + 3] !== 255) continue;
      for (const part of [0, 1, 2])
        sum += Math.abs((before[at * 3 + part] ?? 0) - (after[at * 4 + part] ?? 0));
      count += 3;
    }
    assert.ok(count > 100 && sum / count < 2.5, `${sum} / ${count}`);
  });
});
