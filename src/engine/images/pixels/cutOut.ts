/** Cutting out without a service: what has the border's colour and hangs together with it goes. */
import { withColours } from './colours.ts';
import { nextTurn } from '../../model/turns.ts';
import { decode, fromPixels } from './pixels.ts';
import type { Pixels } from './pixels.ts';
import { loadSharp } from './sharp.ts';

/** Differences in one channel (of 255) that compression and soft shading make on a plain ground. */
const tolerance = 20;

/** Share of the border that must have one colour for a background to be plain. */
const plainShare = 0.6;

/** Islands smaller than this share of the largest one go with the background. */
const specks = 0.03;

/** Pixels between two looks of the process at its memory. */
const pixelsPerTurn = 200_000;

type Color = readonly [number, number, number];

/** The border has no one colour, or nothing but background would be left. */
export type NoCutOut = 'busyBorder' | 'onlyBackground';

/** Cuts the subject out of a plain background: a PNG with soft edges, or why there is none. */
export async function cutOut(bytes: Uint8Array): Promise<Uint8Array | NoCutOut> {
  const pixels = await decode(bytes);
  const rgba = pixels.channels === 4 ? pixels : await withAlpha(pixels);
  const ground = groundColor(rgba);
  if (ground === 'busyBorder') return ground;
  if (ground !== null) {
    const outside = await floodFromBorder(rgba, ground);
    if (outside === 'onlyBackground') return outside;
    await softenAndClear(rgba, outside, ground);
  }
  return withColours(
    await fromPixels(await loadSharp(), rgba)
      .png({ compressionLevel: 4 })
      .toBuffer(),
  );
}

async function withAlpha(pixels: Pixels): Promise<Pixels> {
  const { width, height } = pixels;
  const image = fromPixels(await loadSharp(), pixels);
  const data = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer();
  return { data, width, height, channels: 4 };
}

/** The colour of the border; null where it is transparent already. */
function groundColor({ data, width, height }: Pixels): Color | 'busyBorder' | null {
  const border: number[] = [];
  for (let x = 0; x < width; x += 1) border.push(x, (height - 1) * width + x);
  for (let y = 0; y < height; y += 1) border.push(y * width, y * width + width - 1);
  const transparent = border.filter((pixel) => (data[pixel * 4 + 3] ?? 0) < 128).length;
  if (transparent > border.length / 2) return null;
  const median = (channel: number): number =>
    border.map((pixel) => data[pixel * 4 + channel] ?? 0).sort((a, b) => a - b)[border.length >> 1] ?? 0;
  const ground: Color = [median(0), median(1), median(2)];
  const plain = border.filter((pixel) => distance(data, pixel, ground) <= tolerance).length;
  return plain < border.length * plainShare ? 'busyBorder' : ground;
}

/** The largest difference in one channel. */
function distance(data: Buffer, pixel: number, [r, g, b]: Color): number {
  const at = pixel * 4;
  return Math.max(
    Math.abs((data[at] ?? 0) - r),
    Math.abs((data[at + 1] ?? 0) - g),
    Math.abs((data[at + 2] ?? 0) - b),
  );
}

/** Marks with 1 what has the ground's colour and touches the border through such pixels, and loose specks. */
async function floodFromBorder(
  { data, width, height }: Pixels,
  ground: Color,
): Promise<Uint8Array | 'onlyBackground'> {
  const marks = new Uint8Array(width * height);
  const border: number[] = [];
  for (let x = 0; x < width; x += 1) border.push(x, (height - 1) * width + x);
  for (let y = 0; y < height; y += 1) border.push(y * width, y * width + width - 1);
  const fill = filler(marks, width, height);
  const isGround = (pixel: number): boolean => distance(data, pixel, ground) <= tolerance;
  await fill(border, 1, isGround);

  // What hangs together with something large is the subject; small islands are decoration of the background.
  const islands: { first: number; size: number }[] = [];
  for (let pixel = 0; pixel < marks.length; pixel += 1) {
    if (marks[pixel] === 0) islands.push({ first: pixel, size: await fill([pixel], 2, () => true) });
  }
  const largest = Math.max(0, ...islands.map(({ size }) => size));
  if (largest < marks.length * 0.002) return 'onlyBackground';
  for (const { first, size } of islands) {
    if (size < largest * specks) await fill([first], 1, () => true, 2);
  }
  return marks;
}

/** Fills areas over their four neighbours, in turns; the fill's answer is how many pixels it marked. */
function filler(
  marks: Uint8Array,
  width: number,
  height: number,
): (
  from: readonly number[],
  mark: number,
  fits: (pixel: number) => boolean,
  over?: number,
) => Promise<number> {
  const waiting = new Int32Array(width * height);
  return async (from, mark, fits, over = 0) => {
    let count = 0;
    const visit = (pixel: number): void => {
      if (marks[pixel] !== over || !fits(pixel)) return;
      marks[pixel] = mark;
      waiting[count] = pixel;
      count += 1;
    };
    for (const pixel of from) visit(pixel);
    for (let next = 0; next < count; next += 1) {
      const pixel = waiting[next] ?? 0;
      const x = pixel % width;
      if (x > 0) visit(pixel - 1);
      if (x < width - 1) visit(pixel + 1);
      if (pixel >= width) visit(pixel - width);
      if (pixel < width * (height - 1)) visit(pixel + width);
      if (next % pixelsPerTurn === pixelsPerTurn - 1) await nextTurn();
    }
    return count;
  };
}

/** Clears the outside; a pixel beside it gets the share of the subject in it as alpha, and its colour back. */
async function softenAndClear(
  { data, width, height }: Pixels,
  outside: Uint8Array,
  ground: Color,
): Promise<void> {
  const edges: [pixel: number, alpha: number][] = [];
  const rowsPerTurn = Math.max(1, Math.floor(pixelsPerTurn / width));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const pixel = y * width + x;
      if (outside[pixel] === 1 || !touchesOutside(outside, x, y, width, height)) continue;
      const inner = strongestNear(data, x, y, width, height, ground);
      edges.push([pixel, Math.min(1, distance(data, pixel, ground) / Math.max(1, inner))]);
    }
    if (y % rowsPerTurn === 0) await nextTurn();
  }
  for (const [pixel, alpha] of edges) {
    for (let channel = 0; channel < 3; channel += 1) {
      const mixed = data[pixel * 4 + channel] ?? 0;
      const behind = ground[channel] ?? 0;
      const own = (mixed - behind * (1 - alpha)) / Math.max(alpha, 0.05);
      data[pixel * 4 + channel] = Math.max(0, Math.min(255, Math.round(own)));
    }
    data[pixel * 4 + 3] = Math.round((data[pixel * 4 + 3] ?? 255) * alpha);
  }
  for (let pixel = 0; pixel < outside.length; pixel += 1) {
    if (outside[pixel] === 1) data.writeUInt32LE(0, pixel * 4);
    if (pixel % (pixelsPerTurn * 4) === 0) await nextTurn();
  }
}

function touchesOutside(outside: Uint8Array, x: number, y: number, width: number, height: number): boolean {
  const pixel = y * width + x;
  return (
    (x > 0 && outside[pixel - 1] === 1) ||
    (x < width - 1 && outside[pixel + 1] === 1) ||
    (y > 0 && outside[pixel - width] === 1) ||
    (y < height - 1 && outside[pixel + width] === 1)
  );
}

/** How far the subject's colour within two pixels is from the ground: what alpha 1 would look like. */
function strongestNear(
  data: Buffer,
  x: number,
  y: number,
  width: number,
  height: number,
  ground: Color,
): number {
  let strongest = 0;
  for (let ny = Math.max(0, y - 2); ny <= Math.min(height - 1, y + 2); ny += 1) {
    for (let nx = Math.max(0, x - 2); nx <= Math.min(width - 1, x + 2); nx += 1) {
      strongest = Math.max(strongest, distance(data, ny * width + nx, ground));
    }
  }
  return strongest;
}
