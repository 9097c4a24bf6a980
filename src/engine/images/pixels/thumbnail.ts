/** Small images for lists and for vision models, from one decode. */
import { decode, fromPixels, hasAlpha } from './pixels.ts';
import type { Bounds, Pixels } from './pixels.ts';
import { loadSharp } from './sharp.ts';
import { acceptImage } from '../sniff.ts';
import type { ImageHeader } from '../sniff.ts';
import { svgForPreview } from '../svg.ts';

/** Longer side of a thumbnail, in pixels. */
const thumbnailSide = 256;

/** What is behind transparent parts in images for vision models, which otherwise see black: nearly white. */
const visionBackground = '#f2f2f2';

export interface ImageInspection extends ImageHeader {
  hasAlpha: boolean;
  /** JPEG, longer side at most `maxSide`: what a vision model is sent. */
  visionImage: { bytes: Uint8Array; mime: 'image/jpeg' };
  /** WebP, at most 256 pixels a side. */
  thumbnail: Uint8Array;
}

/**
 * Looks at an image once: kind, size, an image for the vision calls and a thumbnail. Fails with
 * `image.invalid` or `image.tooLarge` like `acceptImage`, and when the pixels do not decode.
 */
export async function inspectImage(
  bytes: Uint8Array,
  options: { maxSide: number },
): Promise<ImageInspection> {
  const header = acceptImage(bytes);
  const side = Math.max(options.maxSide, thumbnailSide);
  const pixels = await decodeUpTo(side, bytes, header);
  const sharp = await loadSharp();
  const vision = fromPixels(sharp, pixels);
  if (hasAlpha(pixels)) vision.flatten({ background: visionBackground });
  // Only where a side under a thumbnail's was asked for: otherwise the pixels have that size already.
  if (options.maxSide < Math.max(pixels.width, pixels.height)) {
    vision.resize({ width: options.maxSide, height: options.maxSide, fit: 'inside' });
  }
  return {
    ...header,
    hasAlpha: hasAlpha(pixels),
    visionImage: { bytes: await vision.jpeg({ quality: 85 }).toBuffer(), mime: 'image/jpeg' as const },
    thumbnail: await thumbnailOf(pixels),
  };
}

/** A thumbnail alone: WebP, at most 256 pixels a side. Fails like `inspectImage`. */
export async function thumbnail(bytes: Uint8Array): Promise<Uint8Array> {
  return thumbnailOf(await decodeUpTo(thumbnailSide, bytes, acceptImage(bytes)));
}

/** A drawing is made harmless and drawn with that side; an image that has pixels keeps what it has under it. */
function decodeUpTo(side: number, bytes: Uint8Array, { type }: ImageHeader): Promise<Pixels> {
  return decode(type === 'svg' ? svgForPreview(bytes, side).svg : bytes, side);
}

/** A thumbnail of decoded pixels. */
export async function thumbnailOf(
  pixels: Pixels,
  look: { part?: Bounds; saturation?: number; background?: string } = {},
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const small = fromPixels(sharp, pixels, look.part).resize({
    width: thumbnailSide,
    height: thumbnailSide,
    fit: 'inside',
    withoutEnlargement: true,
  });
  if (look.background !== undefined) small.flatten({ background: look.background });
  if (look.saturation !== undefined) small.modulate({ saturation: look.saturation });
  return small.webp({ quality: 72, effort: 2 }).toBuffer();
}
