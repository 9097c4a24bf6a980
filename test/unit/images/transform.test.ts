import assert from 'node:assert/strict';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { cutGrid, finish as finishPass } from '../../../src/engine/images/pixels/transform.ts';
import type { Dispensable, Finished, FinishPlan } from '../../../src/engine/images/pixels/transform.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { Failure } from '../../../src/engine/model/status.ts';
import { near, pixelAt, pngWithBox, rgba, striped } from './testImages.ts';

const nothing: FinishPlan = {
  sourceType: 'png',
  backgroundRemoved: false,
  trim: false,
  enhance: null,
  convert: null,
  thumbnail: null,
};
/** Goes on without a step that fails, and notes it, except where it must not fail. */
async function finish(
  bytes: Uint8Array,
  plan: FinishPlan,
  { hard = [] }: { hard?: readonly Dispensable[] } = {},
): Promise<Finished & { failures: Failure[] }> {
  const failures: Failure[] = [];
  const done = await finishPass(bytes, plan, {
    onFailure(stage, error) {
      assert.equal(error.stage, stage);
      if (hard.includes(stage)) throw error;
      failures.push({ stage, code: error.code, reason: error.message });
    },
  });
  return { ...done, failures };
}

const clear = (): Promise<Buffer> =>
  pngWithBox({ width: 60, height: 40 }, { left: 13, top: 7, width: 21, height: 18 });

describe('finishing an image', () => {
  it('P9: with every option off, hands the bytes back untouched', async () => {
    for (const [format, sourceType] of [
      ['png', 'png'],
      ['jpeg', 'jpg'],
      ['webp', 'webp'],
    ] as const) {
      const bytes = await striped(50, 30, format);
      const done = await finish(bytes, { ...nothing, sourceType });
      assert.equal(done.bytes, bytes);
      assert.deepEqual([done.type, done.width, done.height], [sourceType, 50, 30]);
      assert.equal(acceptImage(done.thumbnail).type, 'webp');
    }
  });

  it('P9: sharpening 0 and saturation 1 change nothing, and PNG to PNG is no work', async () => {
    const bytes = await striped(50, 30, 'png');
    const plan = { ...nothing, enhance: { sharpening: 0, saturation: 1 } };
    assert.equal((await finish(bytes, plan)).bytes, bytes);
    const toPng = { ...plan, convert: { format: 'png', quality: 85, background: 'white' } } as const;
    assert.equal((await finish(bytes, toPng)).bytes, bytes);
  });

  it('P9: a thumbnail at hand is used again where the bytes stay', async () => {
    const thumbnail = await striped(8, 8, 'webp');
    assert.equal(
      (await finish(await striped(50, 30, 'png'), { ...nothing, thumbnail })).thumbnail,
      thumbnail,
    );
  });

  it('P9: trims to exactly what is visible', async () => {
    const done = await finish(await clear(), { ...nothing, trim: true });
    assert.deepEqual([done.width, done.height, done.failures], [21, 18, []]);
    const image = await rgba(done.bytes);
    assert.deepEqual([image.width, image.height], [21, 18]);
    for (const [x, y] of [
      [0, 0],
      [20, 0],
      [0, 17],
      [20, 17],
    ] as const)
      assert.equal(pixelAt(image, x, y)[3], 255);
  });

  it('P9: trims to a single visible pixel in any corner', async () => {
    for (const [left, top] of [
      [0, 0],
      [59, 0],
      [0, 39],
      [59, 39],
      [30, 20],
    ] as const) {
      const one = await pngWithBox({ width: 60, height: 40 }, { left, top, width: 1, height: 1 });
      const done = await finish(one, { ...nothing, trim: true });
      assert.deepEqual([done.width, done.height, done.failures], [1, 1, []]);
    }
  });

  it('P9: leaves an image without transparency as it is when it is to be trimmed', async () => {
    const bytes = await striped(50, 30, 'jpeg');
    const done = await finish(bytes, { ...nothing, sourceType: 'jpg', trim: true });
    assert.equal(done.bytes, bytes);
    assert.deepEqual(done.failures, []);
  });

  const empty = async (): Promise<Buffer> =>
    (await loadSharp())({
      create: { width: 30, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();

  it('P12: a fully transparent image cannot be trimmed: softly, the other steps still happen', async () => {
    const plan = {
      ...nothing,
      trim: true,
      convert: { format: 'webp', quality: 80, background: 'white' },
    } as const;
    const done = await finish(await empty(), plan);
    assert.equal(done.type, 'webp');
    assert.deepEqual(
      done.failures.map(({ stage, code }) => [stage, code]),
      [['trim', 'image.invalid']],
    );
    assert.match(done.failures[0]?.reason ?? '', /every pixel is transparent/);
  });

  it('P12: a trim that must not fail fails the image, with its stage', async () => {
    await assert.rejects(
      finish(await empty(), { ...nothing, trim: true }, { hard: ['trim'] }),
      (error) => isFactoryError(error, 'image.invalid') && error.stage === 'trim',
    );
  });

  it('P12: an enhancement that fails is noted and the conversion still happens, unless it must not fail', async () => {
    // More than sharp can sharpen with.
    const plan = {
      ...nothing,
      enhance: { sharpening: 1_000_000, saturation: 1.4 },
      convert: { format: 'webp', quality: 80, background: 'white' },
    } as const;
    const done = await finish(await striped(50, 30, 'png'), plan);
    assert.deepEqual([done.type, done.failures.map(({ stage }) => stage)], ['webp', ['enhance']]);
    assert.equal(acceptImage(done.bytes).type, 'webp');
    await assert.rejects(
      finish(await striped(50, 30, 'png'), plan, { hard: ['enhance'] }),
      (error) => isFactoryError(error) && error.stage === 'enhance',
    );
  });

  it('P12: an enhancement that fails alone leaves the bytes untouched', async () => {
    const bytes = await striped(50, 30, 'png');
    const done = await finish(bytes, { ...nothing, enhance: { sharpening: 1_000_000, saturation: 1 } });
    assert.equal(done.bytes, bytes);
    assert.equal(done.failures.length, 1);
  });

  it('P9: saturation 0 makes greyscale', async () => {
    const done = await finish(await striped(50, 30, 'png'), {
      ...nothing,
      enhance: { sharpening: 0, saturation: 0 },
    });
    const image = await rgba(done.bytes);
    for (const x of [5, 45]) {
      const [r, g, b] = pixelAt(image, x, 15);
      assert.ok(near(r, g, 3) && near(g, b, 3), `${r} ${g} ${b}`);
    }
  });

  it('P9: saturation over 1 strengthens colours', async () => {
    const source = await striped(50, 30, 'png', ['#a06060', '#6060a0']);
    const done = await finish(source, { ...nothing, enhance: { sharpening: 0, saturation: 1.5 } });
    const [r, g] = pixelAt(await rgba(done.bytes), 5, 15);
    assert.ok(r - g > 75, `${r} ${g}`);
  });

  it('P9: sharpening steepens edges and leaves plain parts', async () => {
    const sharp = await loadSharp();
    const source = await sharp(await striped(80, 40, 'png', ['#505050', '#a0a0a0']))
      .blur(2)
      .png()
      .toBuffer();
    const before = await rgba(source);
    const after = await rgba(
      (await finish(source, { ...nothing, enhance: { sharpening: 10, saturation: 1 } })).bytes,
    );
    const step = (image: typeof before): number => pixelAt(image, 42, 20)[0] - pixelAt(image, 37, 20)[0];
    assert.ok(step(after) > step(before) + 5, `${step(before)} -> ${step(after)}`);
    assert.ok(near(pixelAt(after, 5, 20)[0], 0x50, 3));
  });

  it('P9: makes a JPG of a transparent image on the chosen colour, with full colour resolution', async () => {
    for (const [background, value] of [
      ['white', 255],
      ['black', 0],
    ] as const) {
      const done = await finish(await clear(), {
        ...nothing,
        convert: { format: 'jpg', quality: 95, background },
      });
      assert.equal(done.type, 'jpg');
      const [r, g, b] = pixelAt(await rgba(done.bytes), 55, 35);
      assert.ok(
        [r, g, b].every((part) => near(part, value, 3)),
        `${r} ${g} ${b}`,
      );
      assert.equal((await (await loadSharp())(done.bytes).metadata()).chromaSubsampling, '4:4:4');
    }
  });

  it('P9: the quality decides the size of JPG and WebP', async () => {
    const sharp = await loadSharp();
    const noise = await sharp({
      create: {
        width: 128,
        height: 128,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .png()
      .toBuffer();
    for (const format of ['jpg', 'webp'] as const) {
      const size = async (quality: number): Promise<number> =>
        (await finish(noise, { ...nothing, convert: { format, quality, background: 'white' } })).bytes.length;
      assert.ok((await size(30)) < (await size(90)));
    }
  });

  it('P9: keeps transparency in PNG and WebP', async () => {
    const done = await finish(await clear(), {
      ...nothing,
      convert: { format: 'webp', quality: 85, background: 'white' },
    });
    assert.equal(pixelAt(await rgba(done.bytes), 55, 35)[3], 0);
  });

  it('P9: a JPG without its background becomes a PNG when nothing else is asked', async () => {
    const sharp = await loadSharp();
    const plan: FinishPlan = { ...nothing, sourceType: 'jpg', backgroundRemoved: true };
    const cutout = await clear();
    assert.equal((await finish(cutout, plan)).bytes, cutout);
    const webp = await sharp(cutout).webp().toBuffer();
    const done = await finish(webp, plan);
    assert.equal(done.type, 'png');
    assert.equal(pixelAt(await rgba(done.bytes), 55, 35)[3], 0);
  });

  it('P9: turns a photograph upright before it is finished', async () => {
    const sharp = await loadSharp();
    const lying = await sharp(await striped(60, 40, 'png'))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const done = await finish(lying, {
      ...nothing,
      sourceType: 'jpg',
      convert: { format: 'png', quality: 1, background: 'white' },
    });
    assert.deepEqual([done.width, done.height], [40, 60]);
  });

  it('P9: works on greyscale and 16-bit images', async () => {
    const sharp = await loadSharp();
    const grey = await sharp(await clear())
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const deep = await sharp(await striped(50, 30, 'png'))
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const plan = {
      ...nothing,
      trim: true,
      enhance: { sharpening: 5, saturation: 1.4 },
      convert: { format: 'jpg', quality: 85, background: 'white' },
    } as const;
    for (const [bytes, width] of [
      [grey, 21],
      [deep, 50],
    ] as const) {
      const done = await finish(bytes, plan);
      assert.deepEqual([done.type, done.width, done.failures], ['jpg', width, []]);
    }
  });

  it('P12: bytes that do not decode fail the image with the step that asked for pixels', async () => {
    const bytes = Buffer.from(await striped(64, 64, 'png'));
    bytes.fill(0x55, 45, bytes.length - 16);
    const plan = { ...nothing, convert: { format: 'webp', quality: 80, background: 'white' } } as const;
    await assert.rejects(finish(bytes, plan), (error) => isFactoryError(error, 'image.invalid'));
  });

  it('P9: says that WebP cannot hold an image that is too long for it', async () => {
    const sharp = await loadSharp();
    const long = await sharp({ create: { width: 16_500, height: 4, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();
    await assert.rejects(
      finish(long, { ...nothing, convert: { format: 'webp', quality: 80, background: 'white' } }),
      (error) =>
        isFactoryError(error, 'image.tooLarge') && error.stage === 'convert' && /16383/.test(error.message),
    );
  });

  it('P9: cuts a grid into its four images, in reading order', async () => {
    const sharp = await loadSharp();
    const colors = ['#ff0000', '#00ff00', '#0000ff', '#ffffff'];
    const tiles = await Promise.all(
      colors.map(async (background, i) => ({
        input: await sharp({ create: { width: 30, height: 20, channels: 3, background } })
          .png()
          .toBuffer(),
        left: (i % 2) * 30,
        top: Math.floor(i / 2) * 20,
      })),
    );
    const grid = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#000' } })
      .composite(tiles)
      .png()
      .toBuffer();
    const quarters = await cutGrid(grid);
    const seen = await Promise.all(
      quarters.map(async (quarter) => {
        const image = await rgba(quarter);
        const [r, g, b] = pixelAt(image, 15, 10);
        return [image.width, image.height, (r << 16) | (g << 8) | b];
      }),
    );
    assert.deepEqual(seen, [
      [30, 20, 0xff0000],
      [30, 20, 0x00ff00],
      [30, 20, 0x0000ff],
      [30, 20, 0xffffff],
    ]);
  });
});
