import assert from 'node:assert/strict';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { inspectImage } from '../../../src/engine/images/pixels/thumbnail.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { CallContext, ImageRequest, QualityVerdict } from '../../../src/engine/providers/provider.ts';
import { createSampleProvider } from '../../../src/engine/providers/sample/provider.ts';
import { patience } from '../../support/patience.ts';
import { pixelAt, rgba } from '../images/testImages.ts';

const context: CallContext = {
  signal: new AbortController().signal,
  timeoutMs: patience,
  debug: () => undefined,
};
const { text, image, background } = createSampleProvider();

async function draw(prompt: string, more: Partial<ImageRequest> = {}): Promise<Uint8Array[]> {
  const request = {
    requestId: 'r',
    prompt,
    generation: 0,
    count: 1,
    width: 512,
    height: 512,
    seed: 7,
    ...more,
  };
  const { images } = await image.generate(request, context, () => undefined);
  return images.map(({ source }) => (source.kind === 'bytes' ? source.bytes : new Uint8Array()));
}

async function drawOne(prompt: string, more: Partial<ImageRequest> = {}): Promise<Uint8Array> {
  return (await draw(prompt, more))[0] ?? new Uint8Array();
}

/** Mean difference of two images of one size, of 255. */
async function difference(a: Uint8Array, b: Uint8Array): Promise<number> {
  const [first, second] = [await rgba(a), await rgba(b)];
  let sum = 0;
  for (let i = 0; i < first.data.length; i += 1)
    sum += Math.abs((first.data[i] ?? 0) - (second.data[i] ?? 0));
  return sum / first.data.length;
}

async function check(bytes: Uint8Array): Promise<QualityVerdict> {
  const { visionImage } = await inspectImage(bytes, { maxSide: 1024 });
  return (await text.checkQuality('', { ...visionImage, detail: 'low' }, context)).value;
}

describe('the sample provider', () => {
  it('R1: draws real images of the wanted size, free of charge', async () => {
    for (const [width, height] of [
      [512, 512],
      [768, 320],
      [300, 640],
    ] as const) {
      assert.deepEqual(acceptImage(await drawOne('a lighthouse', { width, height })), {
        type: 'png',
        width,
        height,
      });
    }
    assert.equal(image.worstPrice({ count: 5, width: 512, height: 512 }), 0);
    const { images } = await image.generate(
      { requestId: 'r', prompt: 'a fox', generation: 0, count: 2, width: 128, height: 128, seed: null },
      context,
      () => undefined,
    );
    assert.ok(images.every(({ costMicroUsd, flagged }) => costMicroUsd === 0 && !flagged));
  });

  it('R1: draws the same image for the same prompt and seed, and another for another', async () => {
    const first = await drawOne('a red fox');
    assert.deepEqual(await drawOne('a red fox'), first);
    assert.ok((await difference(first, await drawOne('a red fox', { seed: 8 }))) > 2);
    assert.ok((await difference(first, await drawOne('a blue whale'))) > 10);
  });

  it('R1: without a seed the prompt decides, and the variations of one request differ', async () => {
    const [one, two, three] = await draw('a castle', { seed: null, count: 3 });
    assert.ok(one !== undefined && two !== undefined && three !== undefined);
    assert.ok((await difference(one, two)) > 2);
    assert.ok((await difference(two, three)) > 2);
    assert.deepEqual(await drawOne('a castle', { seed: null }), one);
  });

  it('R1: seeds count up from the one that was asked for', async () => {
    const request = {
      requestId: 'r',
      prompt: 'a cat',
      generation: 0,
      count: 3,
      width: 64,
      height: 64,
      seed: 40,
    };
    const { images } = await image.generate(request, context, () => undefined);
    assert.deepEqual(
      images.map(({ seed }) => seed),
      [40, 41, 42],
    );
  });

  it('R1: colours in the prompt are the colours of the image, also of its background', async () => {
    const red = await rgba(await drawOne('a red heart'));
    const blue = await rgba(await drawOne('a blue heart'));
    const [r, , rb] = pixelAt(red, 200, 256);
    const [br, , b] = pixelAt(blue, 200, 256);
    assert.ok(r > rb + 60 && b > br + 60, `${r} ${rb} ${br} ${b}`);
    const [wr, wg, wb] = pixelAt(await rgba(await drawOne('a red heart on a plain white background')), 3, 3);
    assert.ok(Math.min(wr, wg, wb) > 235);
    const [nr, ng, nb] = pixelAt(await rgba(await drawOne('a mountain at night')), 3, 3);
    assert.ok(Math.max(nr, ng, nb) < 80);
  });

  it('R1: every subject that it knows looks different from the others', async () => {
    const subjects = [
      'fox',
      'whale',
      'mountain',
      'rose',
      'rocket',
      'cup of coffee',
      'house',
      'owl',
      'hedgehog',
      'bear',
      'flower',
      'cactus',
      'guitar',
    ];
    const images = await Promise.all(
      subjects.map((subject) =>
        drawOne(`a teal ${subject} on a white background`, { width: 96, height: 96 }),
      ),
    );
    for (const [i, a] of images.entries()) {
      for (const b of images.slice(i + 1)) assert.ok((await difference(a, b)) > 3, subjects[i]);
    }
  });

  it('R2: writes a prompt from the row, subject first', async () => {
    const write = async (row: Record<string, string>, instructions = 'x'): Promise<string> =>
      (await text.writePrompt({ instructions, row }, context)).value;
    assert.equal(
      await write({ Style: 'watercolor', Subject: 'red fox', Mood: '' }),
      'Red fox, watercolor, clean composition, plain background.',
    );
    assert.equal(await write({ keyword: 'lighthouse' }), 'Lighthouse, clean composition, plain background.');
    assert.equal(
      await write({ Topic: 'tea', Look: 'on a dark background' }),
      'Tea, on a dark background, clean composition.',
    );
    assert.equal(await write({}, 'Paint  a\nboat'), 'Paint a boat');
  });

  it('R2: passes its own images, with the measure as the reason', async () => {
    for (const prompt of [
      'a red fox in a forest',
      'a mountain at night',
      'white cat',
      'quantum ledger',
      'cozy house, watercolor',
    ]) {
      const verdict = await check(await drawOne(prompt));
      assert.equal(verdict.passed, true, `${prompt}: ${verdict.reason}`);
    }
  });

  it('R2: rejects blank, blurred and tiny images and says which', async () => {
    const sharp = await loadSharp();
    const blank = await sharp({ create: { width: 400, height: 400, channels: 3, background: '#88aa33' } })
      .png()
      .toBuffer();
    const blurred = await sharp(await drawOne('a red fox', { width: 768, height: 768 }))
      .blur(9)
      .png()
      .toBuffer();
    const tiny = await drawOne('a red fox', { width: 48, height: 48 });
    for (const [bytes, words] of [
      [blank, /blank/],
      [blurred, /blurred/],
      [tiny, /too small: 48 × 48/],
    ] as const) {
      const verdict = await check(bytes);
      assert.equal(verdict.passed, false);
      assert.match(verdict.reason, words);
    }
  });

  it('R2: describes an image from its prompt', async () => {
    const { value } = await text.describe(
      '',
      'Red fox, autumn forest, clean composition, plain background.',
      { bytes: new Uint8Array(), mime: 'image/jpeg', detail: 'low' },
      context,
    );
    assert.deepEqual(value, {
      title: 'Red fox',
      description: 'A picture of red fox: autumn forest.',
      tags: ['red', 'fox', 'autumn', 'forest'],
    });
  });

  it('P8: removes a plain background, keeps the subject with soft edges, and drops loose decoration', async () => {
    for (const prompt of ['a red heart on a white background', 'a blue whale', 'an owl at night']) {
      const source = await rgba(await drawOne(prompt));
      const { value, costMicroUsd } = await background.remove(await drawOne(prompt), 'r', context);
      assert.equal(costMicroUsd, 0);
      const cut = await rgba(value.bytes);
      assert.equal(acceptImage(value.bytes).type, 'png');
      for (const [x, y] of [
        [0, 0],
        [511, 0],
        [0, 511],
        [511, 511],
      ] as const)
        assert.equal(pixelAt(cut, x, y)[3], 0, prompt);
      assert.deepEqual(pixelAt(cut, 256, 280), pixelAt(source, 256, 280), prompt);
      let soft = 0;
      for (let at = 3; at < cut.data.length; at += 4) if ((cut.data[at] ?? 0) % 255 !== 0) soft += 1;
      assert.ok(soft > 200, `${prompt}: ${soft} soft pixels`);
    }
  });

  it('P8: works on JPEG and WebP with their artefacts', async () => {
    const sharp = await loadSharp();
    for (const format of ['jpeg', 'webp'] as const) {
      const bytes = await sharp(await drawOne('a red heart on a white background'))
        .toFormat(format, { quality: 80 })
        .toBuffer();
      const cut = await rgba((await background.remove(bytes, 'r', context)).value.bytes);
      assert.equal(pixelAt(cut, 4, 4)[3], 0);
      assert.equal(pixelAt(cut, 256, 280)[3], 255);
    }
  });

  it('P8: refuses what has no plain background, and an image of nothing but background', async () => {
    const sharp = await loadSharp();
    const noise = await sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    })
      .png()
      .toBuffer();
    const blank = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#88aa33' } })
      .png()
      .toBuffer();
    for (const [bytes, words] of [
      [noise, /many colours/],
      [blank, /nothing but background/],
    ] as const) {
      await assert.rejects(
        background.remove(bytes, 'r', context),
        (error) => isFactoryError(error, 'content.refused') && words.test(error.message),
      );
    }
  });

  it('J2: stops between images when it is aborted', async () => {
    const request = {
      requestId: 'r',
      prompt: 'a fox',
      generation: 0,
      count: 20,
      width: 256,
      height: 256,
      seed: 1,
    };
    await assert.rejects(
      image.generate(request, { ...context, signal: AbortSignal.abort() }, () => undefined),
      { name: 'AbortError' },
    );
  });

  it('J3: a lost request was kept nowhere, so it may be sent again', async () => {
    const request = {
      requestId: 'r',
      prompt: 'a fox',
      generation: 0,
      count: 1,
      width: 64,
      height: 64,
      seed: 1,
    };
    assert.deepEqual(await image.recover(request, 'r', context), { state: 'notFound' });
    assert.deepEqual(await background.recover('r', context), { state: 'notFound' });
  });
});
