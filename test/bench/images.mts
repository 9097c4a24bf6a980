/**
 * What the image engine costs per image against the bare sharp calls, both in this run, one at a time, as CPU
 * of the process (all threads): looking and finishing a 1024² image with enhancement to WebP (at most 1.5 ×).
 * How long the same takes through the processes of the pixels, two images at a time, against here (at most 1.5 ×).
 * Then the figures behind two choices: WebP's effort, and trimming by the alpha bounds. Exit status 1 when a
 * bound is missed.
 *
 *     node test/bench/images.mts
 */
import { workOnPixels } from '../../src/engine/images/pixelPool.ts';
import { operations } from '../../src/engine/images/pixels/operations.ts';
import { loadSharp, loadedSharpBuild } from '../../src/engine/images/pixels/sharp.ts';
import { inspectImage } from '../../src/engine/images/pixels/thumbnail.ts';
import { finish } from '../../src/engine/images/pixels/transform.ts';
import type { FinishOptions, FinishPlan } from '../../src/engine/images/pixels/transform.ts';
import { createSampleProvider } from '../../src/engine/providers/sample/provider.ts';

const sharp = await loadSharp();
const turns = 5;

async function cpu(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  await work();
  for (let turn = 0; turn < turns; turn += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[turns >> 1] ?? 0;
}

/** Milliseconds for each of twelve, two at a time; the best of three turns, which the two ways take alternately. */
async function wall(ways: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const best = ways.map(() => Infinity);
  for (const way of ways) await way();
  for (let turn = 0; turn < 3; turn += 1) {
    for (const [at, way] of ways.entries()) {
      const six = async (): Promise<void> => {
        for (let image = 0; image < 6; image += 1) await way();
      };
      const before = performance.now();
      await Promise.all([six(), six()]);
      best[at] = Math.min(best[at] ?? Infinity, (performance.now() - before) / 12);
    }
  }
  return best;
}

/** A drawing has plain parts; a photograph has noise everywhere. */
async function sampleImages(): Promise<{ name: string; bytes: Buffer }[]> {
  const { image } = createSampleProvider();
  const request = {
    requestId: 'r',
    prompt: 'a red fox in a forest',
    generation: 0,
    count: 1,
    width: 1024,
    height: 1024,
    seed: 3,
  };
  const context = { signal: new AbortController().signal, timeoutMs: 1000, debug: () => undefined };
  const { images } = await image.generate(request, context, () => undefined);
  const source = images[0]?.source;
  const drawing = Buffer.from(source?.kind === 'bytes' ? source.bytes : []);
  const noise = await sharp({
    create: {
      width: 1024,
      height: 1024,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 24 },
    },
  })
    .png()
    .toBuffer();
  const grained = await sharp(drawing)
    .composite([{ input: noise, blend: 'soft-light' }])
    .removeAlpha()
    .png()
    .toBuffer();
  return [
    { name: 'drawing', bytes: drawing },
    { name: 'photograph', bytes: grained },
  ];
}

const plan: FinishPlan = {
  sourceType: 'png',
  backgroundRemoved: false,
  trim: false,
  enhance: { sharpening: 5, saturation: 1.4 },
  convert: { format: 'webp', quality: 85, background: 'white' },
  thumbnail: null,
};
const options: FinishOptions = {
  onFailure: (_stage, error) => {
    throw error;
  },
};

console.log(
  `sharp ${sharp.versions.sharp}, ${await loadedSharpBuild()} build; CPU ms per image, median of ${turns}`,
);
let missed = 0;
for (const { name, bytes } of await sampleImages()) {
  const bare = await cpu(() =>
    sharp(bytes).sharpen({ sigma: 1 }).modulate({ saturation: 1.4 }).webp({ quality: 85 }).toBuffer(),
  );
  const looking = await cpu(() => inspectImage(bytes, { maxSide: 1024 }));
  const finishing = await cpu(() => finish(bytes, plan, options));
  const ratio = (looking + finishing) / bare;
  if (ratio > 1.5) missed += 1;
  console.log(
    `${ratio <= 1.5 ? 'ok  ' : 'MISS'} ${name}: bare ${bare.toFixed(0)}, looking ${looking.toFixed(0)} + finishing ${finishing.toFixed(0)} = ${ratio.toFixed(2)} × (at most 1.5)`,
  );
  const input = { original: bytes, cutout: null, plan, hard: [], disclose: true };
  const [here = 0, there = 0] = await wall([
    () => operations.finish(input),
    () => workOnPixels('finish', input),
  ]);
  if (there > here * 1.5) missed += 1;
  console.log(
    `${there <= here * 1.5 ? 'ok  ' : 'MISS'} ${name}: ${here.toFixed(0)} ms here, ${there.toFixed(0)} ms in the processes of the pixels = ${(there / here).toFixed(2)} × (at most 1.5)`,
  );
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
  for (const effort of [0, 1, 2, 3, 4, 5]) {
    const encode = (): Promise<Buffer> => sharp(data, raw).webp({ quality: 85, effort }).toBuffer();
    console.log(
      `     WebP effort ${effort}: ${(await cpu(encode)).toFixed(0)} ms, ${(await encode()).length} bytes`,
    );
  }
  const cut = await sharp({
    create: { width: 1400, height: 1400, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
    .composite([{ input: bytes, left: 100, top: 200 }])
    .png()
    .toBuffer();
  const generic = await cpu(() => sharp(cut).trim().png().toBuffer());
  const bounds = await cpu(() => finish(cut, { ...plan, trim: true, enhance: null, convert: null }, options));
  console.log(
    `     trim: generic ${generic.toFixed(0)} ms, by alpha bounds with its thumbnail ${bounds.toFixed(0)} ms`,
  );
}
process.exitCode = missed > 0 ? 1 : 0;
