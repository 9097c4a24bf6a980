/** Decoded pixels: read once from a byte string, then used for everything that is made of them. */
import { FactoryError } from '../../model/errors.ts';
import { nextTurn } from '../../model/turns.ts';
import { raster } from '../pixelBounds.ts';
import { maxPixels } from '../sniff.ts';
import { loadSharp } from './sharp.ts';
import type { Sharp } from './sharp.ts';
import { messages } from '../messages.ts';

/** Rows of 8-bit samples in sRGB, as sharp gives and takes them. */
export interface Pixels {
  data: Buffer;
  width: number;
  height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  channels: 1 | 2 | 3 | 4;
}

export interface Bounds {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Decodes a raster image, turned upright, its colours as sRGB; with `maxSide`, at most that large (JPEG then
 * decodes only what it needs). Fails with `image.invalid` when the bytes do not decode.
 */
export function decode(bytes: Uint8Array, maxSide?: number): Promise<Pixels> {
  return decoded(bytes, (image) => {
    if (maxSide === undefined) return;
    image.resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true });
  });
}

/** The same with the colours as the image's own profile means them. */
export function decodeOwnColours(bytes: Uint8Array): Promise<Pixels> {
  return decoded(bytes, () => undefined, { ignoreIcc: true });
}

async function decoded(
  bytes: Uint8Array,
  prepare: (image: ReturnType<Sharp>) => void,
  options: { ignoreIcc?: boolean } = {},
): Promise<Pixels> {
  const sharp = await loadSharp();
  try {
    const image = bounded(sharp(bytes, { limitInputPixels: maxPixels, ...options })).autoOrient();
    prepare(image);
    return await pixelsOf(image);
  } catch (error) {
    throw new FactoryError('image.invalid', messages.notDecoded({ reason: decodeReason(error) }), {
      cause: error,
    });
  }
}

/** The pixels that a sharp operation makes. */
export async function pixelsOf(image: ReturnType<Sharp>): Promise<Pixels> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** Gives up by itself, before the whole process is ended for it. */
function bounded(image: ReturnType<Sharp>): ReturnType<Sharp> {
  return image.timeout({ seconds: raster.seconds });
}

/** A sharp operation on decoded pixels, or on a part of them. */
export function fromPixels(sharp: Sharp, pixels: Pixels, part?: Bounds): ReturnType<Sharp> {
  const { data, width, height, channels } = pixels;
  const image = bounded(sharp(data, { raw: { width, height, channels }, limitInputPixels: maxPixels }));
  const whole = part === undefined || (part.width === width && part.height === height);
  return whole ? image : image.extract(part);
}

export function hasAlpha(pixels: Pixels): boolean {
  return pixels.channels === 2 || pixels.channels === 4;
}

/** Background removers leave a haze of 1 and 2 of 255, which nobody sees. */
const invisibleAlpha = 2;

/** Pixels scanned before the process looks after itself again: about two milliseconds. */
const pixelsPerTurn = 2_000_000;

/** The smallest rectangle with everything visible; null when nothing is, the whole image without alpha. */
export async function visibleBounds(pixels: Pixels): Promise<Bounds | null> {
  const { data, width, height, channels } = pixels;
  if (!hasAlpha(pixels)) return { left: 0, top: 0, width, height };
  const rowsPerTurn = Math.max(1, Math.floor(pixelsPerTurn / width));
  const rowLength = width * channels;
  const visibleInRow = (y: number): boolean => {
    const end = (y + 1) * rowLength;
    for (let at = y * rowLength + channels - 1; at < end; at += channels) {
      if ((data[at] ?? 0) > invisibleAlpha) return true;
    }
    return false;
  };
  let top = 0;
  while (top < height && !visibleInRow(top)) {
    top += 1;
    if (top % rowsPerTurn === 0) await nextTurn();
  }
  if (top === height) return null;
  let bottom = height - 1;
  while (!visibleInRow(bottom)) {
    bottom -= 1;
    if (bottom % rowsPerTurn === 0) await nextTurn();
  }
  let left = width - 1;
  let right = 0;
  for (let y = top; y <= bottom; y += 1) {
    const row = y * rowLength + channels - 1;
    // Only what lies outside the bounds so far can widen them.
    for (let x = 0; x < left; x += 1) if ((data[row + x * channels] ?? 0) > invisibleAlpha) left = x;
    for (let x = width - 1; x > right; x -= 1)
      if ((data[row + x * channels] ?? 0) > invisibleAlpha) right = x;
    if (y % rowsPerTurn === 0) await nextTurn();
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** What sharp says, on one line without its prefix. */
export function decodeReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n').find((line) => line.trim() !== '') ?? message).trim().replace(/\.$/, '');
}
