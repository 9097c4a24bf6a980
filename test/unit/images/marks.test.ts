import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readMarks, writeMarks } from '../../../src/engine/images/marks/marks.ts';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import { finish } from '../../../src/engine/images/pixels/transform.ts';
import type { FinishPlan, RasterType } from '../../../src/engine/images/pixels/transform.ts';
import { markImage } from '../../../src/engine/images/pixels/markImage.ts';
import type { Marked } from '../../../src/engine/images/pixels/markImage.ts';
import { compositeType, generatedType, markedImage, providerXmp, signed, withIptc } from './marked.ts';
import type { MarkedOptions } from './marked.ts';
import { exiftoolVersion, readByExiftool, readByPackage } from './reader.ts';
import type { Seen } from './reader.ts';

const types: readonly RasterType[] = ['png', 'jpg', 'webp'];

const nothing: FinishPlan = {
  sourceType: 'png',
  backgroundRemoved: false,
  trim: false,
  enhance: null,
  convert: null,
  thumbnail: null,
};
const enhance = { sharpening: 2, saturation: 1.2 };
const convertTo = (format: RasterType): Partial<FinishPlan> => ({
  convert: { format, quality: 90, background: 'white' },
});

interface Step {
  name: string;
  plan: Partial<FinishPlan>;
  /** The background is removed first, by a remover that answers without any mark. */
  cutout?: true;
}

const steps: readonly Step[] = [
  { name: 'nothing', plan: {} },
  { name: 'trim', plan: { trim: true } },
  { name: 'enhance', plan: { enhance } },
  ...types.map((type) => ({ name: `convert to ${type}`, plan: convertTo(type) })),
  { name: 'background removal', plan: {}, cutout: true },
  {
    name: 'background removal, trim, enhance, convert to jpg',
    plan: { trim: true, enhance, ...convertTo('jpg') },
    cutout: true,
  },
  {
    name: 'background removal, trim, convert to webp',
    plan: { trim: true, ...convertTo('webp') },
    cutout: true,
  },
];

/** Through the steps and the marking, as a job takes an image. */
async function finished(
  type: RasterType,
  original: Buffer,
  { plan, cutout }: Pick<Step, 'plan' | 'cutout'>,
  disclose = true,
): Promise<Marked> {
  const cut = cutout === true ? await markedImage('png', { border: true }) : null;
  const whole = { ...nothing, sourceType: type, backgroundRemoved: cut !== null, ...plan };
  const finished = await finish(cut ?? original, whole, {
    onFailure: (_stage, error) => assert.ifError(error),
  });
  return markImage(finished, { original, cutout: cut }, disclose);
}

async function pixelHash(bytes: Uint8Array): Promise<string> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
  return createHash('sha256').update(`${info.width} ${info.channels} `).update(data).digest('hex');
}

const disclosure = ['Flux', '1.1 pro', 'a fox, "quoted"', 'A. Writer'];
const profiles = { srgb: 'sRGB', p3: 'sP3C' };

interface Marking {
  name: string;
  options: MarkedOptions;
  only?: RasterType;
  expect: (seen: Seen, at: { untouched: boolean; type: string; step: string }) => void;
}

const markings: readonly Marking[] = [
  {
    name: 'no mark',
    options: {},
    expect: (seen, { untouched, step }) => {
      assert.equal(seen.sourceType, generatedType, 'marked as generated');
      // A cutout that no step follows is the remover's file.
      if (untouched || step === 'background removal') return;
      assert.equal(seen.profile, profiles.srgb, 'sRGB');
      assert.equal(seen.density, 72, 'density');
    },
  },
  {
    name: 'XMP without a source type',
    options: { xmp: providerXmp(null) },
    expect: (seen) => {
      assert.equal(seen.sourceType, generatedType, 'marked as generated');
      assert.equal(seen.title, 'Füchse <im Schnee> 狐');
      assert.equal(seen.keywords, 'fox, snow, deep');
      assert.deepEqual(seen.disclosure, disclosure);
    },
  },
  {
    name: 'XMP with another source type',
    options: { xmp: providerXmp(compositeType) },
    expect: (seen) => {
      assert.equal(seen.sourceType, compositeType, 'kept');
      assert.deepEqual(seen.disclosure, disclosure);
    },
  },
  {
    name: 'wide colours, density and EXIF',
    options: { profile: 'p3', density: 300, exif: true },
    expect: (seen, { step }) => {
      assert.equal(seen.sourceType, generatedType, 'marked as generated');
      assert.equal(seen.density, 300, 'density');
      assert.equal(seen.artist, 'A Camera Club', 'EXIF');
      if (step.startsWith('background removal')) assert.notEqual(seen.profile, undefined, 'sRGB');
      else assert.equal(seen.profile, profiles.p3, 'profile');
    },
  },
  {
    name: 'IPTC-IIM',
    options: {},
    only: 'jpg',
    expect: (seen, { untouched, type }) => {
      if (type === 'jpg') assert.deepEqual(seen.iptc, ['Der Fuchs', 'Wald, Schnee, tief', 'Ä. Author']);
      if (untouched) return;
      assert.equal(seen.title, 'Der Fuchs', 'in XMP too');
      assert.equal(seen.keywords, 'Wald, Schnee, tief');
    },
  },
];

describe('marks of images', function () {
  this.timeout(60_000);
  const written: { name: string; bytes: Uint8Array; check: (seen: Seen) => void }[] = [];

  for (const type of types) {
    for (const { name, options, only, expect } of markings) {
      if (only !== undefined && only !== type) continue;
      for (const step of steps) {
        it(`E1: ${type} with ${name}, after ${step.name}: kept or written`, async () => {
          const plain = await markedImage(type, { ...options, border: type !== 'jpg' });
          const original = name === 'IPTC-IIM' ? withIptc(plain) : plain;
          const done = await finished(type, original, step);
          const same = (await pixelHash(done.bytes)) === (await pixelHash(original));
          const untouched = step.cutout !== true && done.type === type && same;
          if (step.name === 'nothing') assert.ok(same, 'the pixels are what they were');
          const check = (seen: Seen): void => expect(seen, { untouched, type: done.type, step: step.name });
          check(await readByPackage(Buffer.from(done.bytes)));
          assert.deepEqual([done.sidecar, done.signature], [null, null]);
          written.push({ name: `${step.name.replace(/\W+/gu, '-')}.${done.type}`, bytes: done.bytes, check });
        });
      }
    }
  }

  if (exiftoolVersion !== null) {
    it(`E1: exiftool ${exiftoolVersion.trim()} reads the same from all of these files, and finds them sound`, () => {
      assert.ok(written.length > 0);
      const seen = readByExiftool(written);
      written.forEach(({ name, check }, at) => {
        const one = seen[at];
        assert.ok(one !== undefined);
        try {
          check(one);
          assert.match(one.validate ?? '', /^OK|^0 0 0|minor/u, 'sound');
        } catch (error) {
          throw new Error(`${name}: ${JSON.stringify(one)}`, { cause: error });
        }
      });
    });
  }

  for (const type of types) {
    it(`E2: ${type}: with the setting off nothing is added, and an untouched image is the provider's file`, async () => {
      const original = await markedImage(type, { xmp: providerXmp(null), border: type !== 'jpg' });
      assert.equal((await finished(type, original, { plan: {} }, false)).bytes, original);
      const done = await finished(type, original, { plan: { enhance } }, false);
      const seen = await readByPackage(Buffer.from(done.bytes));
      assert.deepEqual([seen.sourceType, seen.disclosure], [undefined, disclosure]);
    });

    it(`E2: ${type}: what is marked is not written again, and a second write gives the same bytes`, async () => {
      for (const xmp of [null, providerXmp(null), providerXmp(compositeType)]) {
        const once = await finished(type, await markedImage(type, { xmp }), { plan: {} });
        const twice = await finished(type, Buffer.from(once.bytes), { plan: {} });
        assert.deepEqual(twice.bytes, once.bytes);
        const marks = readMarks(once.bytes);
        const change = { ...marks, density: 300 };
        const first = writeMarks(once.bytes, change) ?? assert.fail('not written');
        assert.deepEqual(writeMarks(first, change), first);
      }
    });

    it(`E1: ${type}: a signed image stays as it is, byte for byte, and its mark goes beside it`, async () => {
      const original = signed(type, await markedImage(type, { xmp: providerXmp(null) }));
      assert.equal(readMarks(original).signed, true);
      const done = await finished(type, original, { plan: {} });
      assert.equal(done.bytes, original);
      assert.equal(done.signature, 'kept');
      const beside = Buffer.from(done.sidecar ?? '').toString();
      for (const words of [generatedType, 'AISystemUsed>Flux<']) assert.ok(beside.includes(words), beside);
      const off = await finished(type, original, { plan: {} }, false);
      assert.deepEqual([off.bytes, off.sidecar, off.signature], [original, null, 'kept']);
    });

    it(`E1: ${type}: a step takes the signature away, whole`, async () => {
      const original = signed(type, await markedImage(type, { border: type !== 'jpg' }));
      for (const step of steps.filter(({ name }) => name !== 'nothing')) {
        const done = await finished(type, original, step);
        if (done.bytes === original) continue;
        assert.equal(done.signature, 'removed', step.name);
        assert.equal(done.sidecar, null);
        assert.equal(Buffer.from(done.bytes).includes('c2pa'), false, step.name);
        assert.equal((await readByPackage(Buffer.from(done.bytes))).sourceType, generatedType);
      }
    });

    it(`E3: ${type}: wide colours look the same after every step`, async () => {
      const sharp = await loadSharp();
      const original = await markedImage(type, { profile: 'p3', border: type !== 'jpg' });
      const before = await sharp(original)
        .flatten({ background: '#fff' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      for (const step of [
        { plan: convertTo('png') },
        { plan: convertTo('webp') },
        { plan: convertTo('jpg') },
      ]) {
        const done = await finished(type, original, step);
        const after = await sharp(done.bytes)
          .flatten({ background: '#fff' })
          .raw()
          .toBuffer({ resolveWithObject: true });
        assert.equal(after.info.width, before.info.width);
        let sum = 0;
        for (let at = 0; at < before.data.length; at += 1)
          sum += Math.abs((before.data[at] ?? 0) - (after.data[at] ?? 0));
        assert.ok(sum / before.data.length < 2.5, `${done.type}: ${sum / before.data.length}`);
      }
    });
  }
});
