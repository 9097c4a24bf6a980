/** What a finished image says about itself: its provider's marks, and that it is generated where nobody said (E1). */
import { disclosedXmp, disclosureOf, withCarried } from '../marks/carry.ts';
import { srgbProfile } from './colours.ts';
import { isSrgb } from '../marks/icc.ts';
import { readMarks, writeMarks } from '../marks/marks.ts';
import type { Marks } from '../marks/marks.ts';
import { isSignedSvg, withSvgXmp } from '../marks/svg.ts';
import type { Finished } from './transform.ts';
import type { Signature } from '../../model/image.ts';

export interface Marked extends Finished {
  /** XMP for a file beside the image: what may not or cannot be written into it. */
  sidecar: Uint8Array | null;
  /** Null where the provider did not sign. */
  signature: Signature | null;
}

export interface Source {
  /** As the provider made it. */
  original: Uint8Array;
  /** Without its background; null where it has it. */
  cutout: Uint8Array | null;
}

/** `disclose`: whether it is said that the image is generated. */
export async function markImage(finished: Finished, source: Source, disclose: boolean): Promise<Marked> {
  if (finished.type === 'svg') return markDrawing(finished, source.original, disclose);
  const marks = readMarks(source.original);
  if (finished.bytes === source.original) return markUntouched(finished, marks, disclose);
  const own = source.cutout === null ? null : readMarks(source.cutout);
  const icc = own === null ? null : await profileFor(own, marks);
  const carrying = { width: finished.width, height: finished.height, disclose, ...(icc && { icc }) };
  const bytes = withCarried(finished.bytes, carriedOf(marks, own), carrying);
  return { ...finished, bytes, sidecar: null, signature: marks.signed ? 'removed' : null };
}

/** Its pixels and its signature stay: with a signature, what is added lies beside it. */
function markUntouched(finished: Finished, marks: Marks, disclose: boolean): Marked {
  const signature = marks.signed ? 'kept' : null;
  const xmp = disclose ? disclosedXmp(marks.xmp) : null;
  if (xmp === null) return { ...finished, sidecar: null, signature };
  const bytes = marks.signed ? null : writeMarks(finished.bytes, { xmp });
  if (bytes === null) return { ...finished, sidecar: xmp, signature };
  return { ...finished, bytes, sidecar: null, signature };
}

/** A drawing keeps only what draws, so that its disclosure is written anew. */
function markDrawing(finished: Finished, original: Uint8Array, disclose: boolean): Marked {
  const signature = isSignedSvg(original) ? 'removed' : null;
  const xmp = disclosureOf(original, disclose);
  const bytes = (xmp && withSvgXmp(finished.bytes, xmp)) ?? finished.bytes;
  return { ...finished, bytes, sidecar: null, signature };
}

/** What the image provider wrote comes first; a remover may have kept or added some of it. */
function carriedOf(marks: Marks, own: Marks | null): Marks {
  if (own === null) return marks;
  return { ...marks, xmp: marks.xmp ?? own.xmp, exif: marks.exif ?? own.exif, iptc: marks.iptc ?? own.iptc };
}

/** Removers are sent sRGB (`removeBackground.ts`), and many leave the profile out. */
async function profileFor(own: Marks, marks: Marks): Promise<Uint8Array | null> {
  if (own.icc !== null || marks.icc === null) return null;
  return isSrgb(marks.icc) ? marks.icc : srgbProfile();
}
