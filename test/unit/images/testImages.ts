/** Images for tests, drawn on the spot. */
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';

export interface Rgba {
  data: Buffer;
  width: number;
  height: number;
}

/** A clear image of `width` × `height` with one opaque box; the box starts at (left, top). */
export async function pngWithBox(
  canvas: { width: number; height: number },
  box: { left: number; top: number; width: number; height: number; color?: string },
): Promise<Buffer> {
  const sharp = await loadSharp();
  const { width, height, color = '#d03020', left, top } = box;
  return sharp({ create: { ...canvas, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite([
      {
        input: await sharp({ create: { width, height, channels: 4, background: color } })
          .png()
          .toBuffer(),
        left,
        top,
      },
    ])
    .png()
    .toBuffer();
}

/** Opaque stripes of two colours: something to sharpen and to recolour. */
export async function striped(
  width: number,
  height: number,
  format: 'png' | 'jpeg' | 'webp',
  colors: readonly [string, string] = ['#c04030', '#3070b0'],
): Promise<Buffer> {
  const sharp = await loadSharp();
  const stripe = await sharp({
    create: { width: Math.ceil(width / 2), height, channels: 3, background: colors[1] },
  })
    .png()
    .toBuffer();
  return sharp({ create: { width, height, channels: 3, background: colors[0] } })
    .composite([{ input: stripe, left: Math.floor(width / 2), top: 0 }])
    .removeAlpha()
    .toFormat(format)
    .toBuffer();
}

/** Decoded by sharp itself, always RGBA. */
export async function rgba(bytes: Uint8Array): Promise<Rgba> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

export function pixelAt({ data, width }: Rgba, x: number, y: number): [number, number, number, number] {
  const at = (y * width + x) * 4;
  return [data[at] ?? -1, data[at + 1] ?? -1, data[at + 2] ?? -1, data[at + 3] ?? -1];
}

export function near(actual: number, expected: number, tolerance: number): boolean {
  return Math.abs(actual - expected) <= tolerance;
}
