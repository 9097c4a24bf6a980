/** The one entry to what images say about themselves: whatever arrives, nothing here fails or takes long. */
import { sniffType } from '../sniff.ts';
import { jpeg } from './jpeg.ts';
import { png } from './png.ts';
import { bufferOf, noMarks } from './types.ts';
import type { MarkChange, MarkFormat, Marks } from './types.ts';
import { webp } from './webp.ts';

export type { MarkChange, Marks } from './types.ts';

/** None where the bytes are no image of pixels, or not sound. */
export function readMarks(bytes: Uint8Array): Marks {
  return formatOf(bytes)?.read(bufferOf(bytes)) ?? noMarks;
}

/**
 * The same image, pixel for pixel, with other marks and without a signature. Null where they cannot be written.
 */
export function writeMarks(bytes: Uint8Array, change: MarkChange): Uint8Array | null {
  return formatOf(bytes)?.write(bufferOf(bytes), change) ?? null;
}

function formatOf(bytes: Uint8Array): MarkFormat | null {
  const type = sniffType(bytes);
  if (type === null || type === 'svg') return null;
  return { png, jpg: jpeg, webp }[type];
}
