/** Colour profiles: which kind of pixels they are for, and whether they say what everybody assumes without one. */
import { bufferOf } from './types.ts';

/** `RGB `, `GRAY`, `CMYK` …; null for what is no profile. */
export function spaceOf(profile: Uint8Array): string | null {
  const bytes = bufferOf(profile);
  if (bytes.length < 132 || bytes.toString('latin1', 36, 40) !== 'acsp') return null;
  return bytes.toString('latin1', 16, 20);
}

/** Columns of the matrix of sRGB, for the white that all profiles share. */
const primaries: Readonly<Record<string, readonly number[]>> = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
};
/** What half of full intensity is in light. */
const middle = 0.214;

/** True for sRGB in one of its many profiles. A doubt counts as no: the colours are then converted. */
export function isSrgb(profile: Uint8Array): boolean {
  const bytes = bufferOf(profile);
  if (spaceOf(bytes) !== 'RGB ') return false;
  const tags = tagsOf(bytes);
  return (
    Object.entries(primaries).every(([name, wanted]) => {
      const tag = tags.get(name);
      return (
        tag !== undefined &&
        tag.length >= 20 &&
        wanted.every((value, at) => near(fixed(tag, 8 + at * 4), value))
      );
    }) && ['rTRC', 'gTRC', 'bTRC'].every((name) => near(middleOf(tags.get(name)), middle))
  );
}

function tagsOf(bytes: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>();
  const count = Math.min(bytes.readUInt32BE(128), 100);
  for (let at = 132; at + 12 <= bytes.length && tags.size < count; at += 12) {
    const start = bytes.readUInt32BE(at + 4);
    tags.set(bytes.toString('latin1', at, at + 4), bytes.subarray(start, start + bytes.readUInt32BE(at + 8)));
  }
  return tags;
}

function middleOf(curve: Buffer | undefined): number {
  if (curve === undefined || curve.length < 12) return NaN;
  const kind = curve.toString('latin1', 0, 4);
  // A parametric curve: its first number is the exponent, and 2.4 is that of sRGB.
  if (kind === 'para') return curve.length >= 16 && near(fixed(curve, 12), 2.4) ? middle : NaN;
  const points = kind === 'curv' ? curve.readUInt32BE(8) : 0;
  if (points === 1 && curve.length >= 14) return 0.5 ** (curve.readUInt16BE(12) / 256);
  const at = 12 + Math.floor((points - 1) / 2) * 2;
  return points > 1 && at + 2 <= curve.length ? curve.readUInt16BE(at) / 65_535 : NaN;
}

function fixed(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) / 65_536;
}

function near(value: number, wanted: number): boolean {
  return Math.abs(value - wanted) < 0.006;
}
