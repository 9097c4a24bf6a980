/** What the numbers of encoded pixels mean: colours by a profile, size by a density (E3). */
import { decode, fromPixels } from './pixels.ts';
import { loadSharp } from './sharp.ts';
import { isSrgb, spaceOf } from '../marks/icc.ts';
import { readMarks, writeMarks } from '../marks/marks.ts';
import { usualDensity } from '../marks/types.ts';

export interface Colours {
  /** The image's own profile, for colours that stay as they are; null: they are turned into sRGB. */
  profile: Uint8Array | null;
  /** Null where none is written. */
  density: number | null;
}

/** Colours of three channels stay in their own space: they would lose what sRGB does not hold. */
export function coloursOf(bytes: Uint8Array): Colours {
  const { icc, density } = readMarks(bytes);
  return { profile: icc !== null && spaceOf(icc) === 'RGB ' ? icc : null, density };
}

/** True where the numbers mean other colours than without a profile. */
export function isWide({ profile }: Colours): boolean {
  return profile !== null && !isSrgb(profile);
}

/** An image that was just encoded, with its profile and density. */
export async function withColours(
  encoded: Uint8Array,
  { profile, density }: Colours = { profile: null, density: null },
): Promise<Uint8Array> {
  const change = { icc: profile ?? (await srgbProfile()), density: density ?? usualDensity };
  return writeMarks(encoded, change) ?? encoded;
}

/** The same image with its colours in sRGB, as PNG; null where they are. */
export async function inSrgb(bytes: Uint8Array): Promise<Uint8Array | null> {
  const colours = coloursOf(bytes);
  if (!isWide(colours)) return null;
  const image = fromPixels(await loadSharp(), await decode(bytes));
  return withColours(await image.png().toBuffer(), { ...colours, profile: null });
}

let srgb: Promise<Uint8Array> | undefined;

/** The small profile of sRGB that sharp brings along. */
export function srgbProfile(): Promise<Uint8Array> {
  srgb ??= (async () => {
    const sharp = await loadSharp();
    const dot = sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } });
    const { icc } = readMarks(await dot.withIccProfile('srgb').png().toBuffer());
    if (icc === null) throw new Error('sharp wrote no profile.');
    return icc;
  })();
  return srgb;
}
