/** Making an image smaller for services that refuse large ones. */
import { decode, fromPixels, hasAlpha } from './pixels.ts';
import { loadSharp } from './sharp.ts';
import { acceptImage } from '../sniff.ts';

/**
 * The same image with at most `maxPixels` pixels; untouched when it has no more. JPEG stays JPEG, everything
 * else becomes PNG where it is transparent and JPEG where it is not, so that it also gets lighter.
 */
export async function shrink(bytes: Uint8Array, maxPixels: number): Promise<Uint8Array> {
  const { width, height } = acceptImage(bytes);
  const scale = Math.sqrt(maxPixels / (width * height));
  if (scale >= 1) return bytes;
  const pixels = await decode(bytes);
  const sharp = await loadSharp();
  const small = fromPixels(sharp, pixels).resize({
    width: Math.max(1, Math.floor(pixels.width * scale)),
    height: Math.max(1, Math.floor(pixels.height * scale)),
    fit: 'fill',
  });
  return hasAlpha(pixels) ? small.png().toBuffer() : small.jpeg({ quality: 92 }).toBuffer();
}
