/** Trim, enhance and convert: one decode, one encode. Whether a failure matters is the caller's to say. */
import { FactoryError, toFactoryError } from '../../model/errors.ts';
import type { Stage } from '../../model/status.ts';
import {
  decode,
  decodeOwnColours,
  fromPixels,
  hasAlpha,
  pixelsOf,
  decodeReason,
  visibleBounds,
} from './pixels.ts';
import type { Bounds, Pixels } from './pixels.ts';
import { withCarried } from '../marks/carry.ts';
import { coloursOf, isWide, withColours } from './colours.ts';
import type { Colours } from './colours.ts';
import { readMarks } from '../marks/marks.ts';
import { loadSharp } from './sharp.ts';
import { acceptImage } from '../sniff.ts';
import type { ImageHeader, ImageType } from '../sniff.ts';
import { sanitizeSvg } from '../svg.ts';
import { thumbnail, thumbnailOf } from './thumbnail.ts';
import { messages } from '../messages.ts';
import { inWords } from '../../model/message.ts';

export type RasterType = Exclude<ImageType, 'svg'>;

export interface FinishPlan {
  /** What the provider delivered, before the background was removed. */
  sourceType: ImageType;
  /** True when the bytes are the result of a background removal. */
  backgroundRemoved: boolean;
  trim: boolean;
  /** Null: off. Sharpening 0–10, 0 none; saturation 0–2, 0 greyscale, 1 none. */
  enhance: { sharpening: number; saturation: number } | null;
  /** Null: off. Quality 1–100 of JPG and WebP; the background is behind what is transparent in a JPG. */
  convert: { format: RasterType; quality: number; background: 'white' | 'black' } | null;
  /** A thumbnail of exactly these bytes, made before; used again when they stay as they are. */
  thumbnail: Uint8Array | null;
}

export interface Finished {
  bytes: Uint8Array;
  /** Also the file extension. */
  type: ImageType;
  width: number;
  height: number;
  /** WebP, at most 256 pixels a side. */
  thumbnail: Uint8Array;
  /** Steps that do not apply to a vector drawing. */
  skipped: Stage[];
  /** Milliseconds; the one encode counts for the last step that asked for it. */
  timings: Partial<Record<Stage, number>>;
}

/** A step that the pass can do without: the pixels stay as they were before it. */
export type Dispensable = Extract<Stage, 'trim' | 'enhance'>;

export interface FinishOptions {
  /** Asked when such a step fails, with its stage on the error: returns to go on without it, throws to end the pass. */
  onFailure: (stage: Dispensable, error: FactoryError) => void;
}

/**
 * Finishes an image. When nothing is to be done its bytes are handed back untouched. Fails with a code
 * `image.…` and the stage of the step when a conversion is not possible, and with what `onFailure` throws.
 */
export async function finish(bytes: Uint8Array, plan: FinishPlan, options: FinishOptions): Promise<Finished> {
  const header = acceptImage(bytes);
  if (header.type === 'svg') return finishDrawing(bytes, header, plan);
  const effective = effectivePlanOf(header.type, plan);
  if (!effective.trim && effective.enhance === null && effective.encodeAs === null) {
    const small = plan.thumbnail ?? (await thumbnail(bytes));
    return { bytes, ...header, thumbnail: small, skipped: [], timings: {} };
  }
  return finishRaster(bytes, effective, plan, options);
}

/** The plan without what changes nothing. */
interface EffectivePlan {
  trim: boolean;
  enhance: FinishPlan['enhance'];
  /** Null: only encoded again when pixels change, in the type that the bytes have. */
  encodeAs: RasterType | null;
  type: RasterType;
}

function effectivePlanOf(type: RasterType, plan: FinishPlan): EffectivePlan {
  const enhance =
    plan.enhance !== null && (plan.enhance.sharpening > 0 || plan.enhance.saturation !== 1)
      ? plan.enhance
      : null;
  // What was a JPG and has lost its background becomes a PNG, whatever the remover answered with.
  const wanted = plan.convert?.format ?? (plan.backgroundRemoved && plan.sourceType === 'jpg' ? 'png' : null);
  // PNG to PNG would only cost time; the other two may change their quality.
  const encodeAs = wanted === 'png' && type === 'png' ? null : wanted;
  return { trim: plan.trim, enhance, encodeAs, type: wanted ?? type };
}

async function finishRaster(
  bytes: Uint8Array,
  effective: EffectivePlan,
  plan: FinishPlan,
  { onFailure }: FinishOptions,
): Promise<Finished> {
  const timings: Finished['timings'] = {};
  const lastStage: PassStage =
    effective.encodeAs !== null ? 'convert' : effective.enhance !== null ? 'enhance' : 'trim';
  let mark = performance.now();
  const lap = (stage: Stage): void => {
    const now = performance.now();
    timings[stage] = Math.round((timings[stage] ?? 0) + now - mark);
    mark = now;
  };

  const colours = coloursOf(bytes);
  const pixels = await atStage(lastStage, () => decodeFor(colours, bytes));
  let part: Bounds = { left: 0, top: 0, width: pixels.width, height: pixels.height };
  if (effective.trim) {
    part = (await without('trim', onFailure, () => trimmedPart(pixels))) ?? part;
    lap('trim');
  }
  checkEncodable(part, effective.type, lastStage);

  const background =
    effective.type === 'jpg' && hasAlpha(pixels) ? (plan.convert?.background ?? 'white') : undefined;
  const quality = plan.convert?.quality ?? unasked[effective.type];
  let enhance = effective.enhance;
  let encoded = bytes;
  if (enhance !== null) {
    const wanted = enhance;
    const done = await without('enhance', onFailure, () =>
      encode(pixels, part, effective.type, quality, background, wanted),
    );
    if (done === null) enhance = null;
    else encoded = done;
  }
  const changed = effective.encodeAs !== null || part.width !== pixels.width || part.height !== pixels.height;
  if (enhance === null && changed) {
    encoded = await atStage(lastStage, () => encode(pixels, part, effective.type, quality, background, null));
  }
  lap(lastStage);
  const look = {
    part,
    ...(enhance && { saturation: enhance.saturation }),
    ...(background && { background }),
  };
  const finished = encoded === bytes ? bytes : await withColours(encoded, colours);
  return {
    bytes: finished,
    type: effective.type,
    width: part.width,
    height: part.height,
    // A thumbnail has no profile: its colours are turned into sRGB.
    thumbnail: isWide(colours) ? await thumbnailOf(await decode(finished)) : await thumbnailOf(pixels, look),
    skipped: [],
    timings,
  };
}

/** Without a conversion nobody chose a quality: a second encode should not be seen. PNG has none. */
const unasked: Record<RasterType, number> = { jpg: 95, webp: 92, png: 100 };

/** Measured on 1024² images (test/bench/images.mts): 2 takes half of 4's time for 5 % more bytes. */
const webpEffort = 2;

async function encode(
  pixels: Pixels,
  part: Bounds,
  type: RasterType,
  quality: number,
  background: string | undefined,
  enhance: FinishPlan['enhance'],
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  let image = fromPixels(sharp, pixels, part);
  if (background !== undefined) image.flatten({ background });
  if (enhance !== null && enhance.sharpening > 0) image.sharpen({ sigma: enhance.sharpening * 0.2 });
  if (enhance !== null && enhance.saturation !== 1) {
    // In one pass libvips sharpens twice, once for lightness and once for colour: 177 ms instead of 120 for 1024².
    if (enhance.sharpening > 0) image = fromPixels(sharp, await pixelsOf(image));
    image.modulate({ saturation: enhance.saturation });
  }
  if (type === 'jpg') image.jpeg({ quality, chromaSubsampling: '4:4:4' });
  else if (type === 'webp') image.webp({ quality, effort: webpEffort });
  else image.png();
  return image.toBuffer();
}

async function trimmedPart(pixels: Pixels): Promise<Bounds> {
  const bounds = await visibleBounds(pixels);
  if (bounds === null) throw new Error(inWords(messages.allTransparent()));
  return bounds;
}

const notDone = {
  trim: messages.notTrimmed,
  enhance: messages.notEnhanced,
  convert: messages.notConverted,
};
type PassStage = keyof typeof notDone;

/** Runs a step that the pass can do without; null when it failed and the pass goes on. */
async function without<T>(
  stage: Dispensable,
  onFailure: FinishOptions['onFailure'],
  step: () => Promise<T>,
): Promise<T | null> {
  try {
    return await atStage(stage, step);
  } catch (error) {
    onFailure(stage, toFactoryError(error));
    return null;
  }
}

async function atStage<T>(stage: PassStage, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const code = error instanceof FactoryError ? error.code : 'image.invalid';
    const told = error instanceof FactoryError ? error.told : notDone[stage]({ reason: decodeReason(error) });
    throw new FactoryError(code, told, { stage, cause: error });
  }
}

/** Pixels a side that the formats can count. */
const longestSide: Record<RasterType, number> = { png: 2 ** 31 - 1, jpg: 65_535, webp: 16_383 };

function checkEncodable({ width, height }: Bounds, type: RasterType, stage: Stage): void {
  const limit = longestSide[type];
  if (Math.max(width, height) <= limit) return;
  throw new FactoryError(
    'image.tooLarge',
    messages.sideTooLong({ format: type === 'webp' ? 'WebP' : 'JPG', limit, width, height }),
    { stage },
  );
}

/** A drawing is delivered as it is, made harmless; what works on pixels does not apply to it. */
async function finishDrawing(bytes: Uint8Array, header: ImageHeader, plan: FinishPlan): Promise<Finished> {
  const skipped: Stage[] = [];
  if (plan.trim) skipped.push('trim');
  if (plan.enhance !== null) skipped.push('enhance');
  if (plan.convert !== null) skipped.push('convert');
  const small = plan.thumbnail ?? (await thumbnail(bytes));
  return { bytes: sanitizeSvg(bytes), ...header, thumbnail: small, skipped, timings: {} };
}

/** The four images of a two-by-two grid, as PNG with its marks: top left, top right, bottom left, bottom right. */
export async function cutGrid(bytes: Uint8Array): Promise<Uint8Array[]> {
  acceptImage(bytes);
  const colours = coloursOf(bytes);
  const pixels = await decodeFor(colours, bytes);
  const sharp = await loadSharp();
  const width = Math.floor(pixels.width / 2);
  const height = Math.floor(pixels.height / 2);
  if (width < 1 || height < 1) throw new FactoryError('image.invalid', messages.noGrid());
  const marks = readMarks(bytes);
  const quarters: Uint8Array[] = [];
  for (const top of [0, pixels.height - height]) {
    for (const left of [0, pixels.width - width]) {
      const quarter = await fromPixels(sharp, pixels, { left, top, width, height }).png().toBuffer();
      quarters.push(withCarried(await withColours(quarter, colours), marks, { width, height }));
    }
  }
  return quarters;
}

function decodeFor({ profile }: Colours, bytes: Uint8Array): Promise<Pixels> {
  return profile === null ? decode(bytes) : decodeOwnColours(bytes);
}
