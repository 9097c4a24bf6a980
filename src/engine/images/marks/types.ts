/** What an image says about itself beside its pixels. */

export interface Marks {
  /** An XMP packet (UTF-8), with what a JPEG keeps of it in further segments. */
  xmp: Uint8Array | null;
  /** A TIFF structure, as EXIF is one in every format. */
  exif: Uint8Array | null;
  /** Data sets of IPTC-IIM. */
  iptc: Uint8Array | null;
  /** An ICC profile for the kind of pixels that the image has. */
  icc: Uint8Array | null;
  /** Pixels per inch. */
  density: number | null;
  /** Signed with C2PA. */
  signed: boolean;
}

export const noMarks: Marks = { xmp: null, exif: null, iptc: null, icc: null, density: null, signed: false };

/** What is left out stays as it is. A signature never does: every change breaks it. */
export type MarkChange = Partial<Pick<Marks, 'xmp' | 'exif' | 'iptc' | 'icc'>> & { density?: number };

/** One kind of file. Neither fails; null for bytes whose structure is not sound. */
export interface MarkFormat {
  read(bytes: Buffer): Marks | null;
  /** Pixels are copied as they are. A second write of the same gives the same bytes. */
  write(bytes: Buffer, change: MarkChange): Buffer | null;
}

/** Parts of a file at most: more are made to exhaust memory. */
export const mostParts = 100_000;

/** Bytes of one mark at most, also after it was inflated. */
export const mostMarkBytes = 8 * 1024 * 1024;

/** Pixels per inch of an image that nobody gave a size in inches: what programs assume where none is written. */
export const usualDensity = 72;

/** Pixels per inch without the noise of a file's own unit: 2835 per metre are 72. */
export function roundDensity(perInch: number): number | null {
  if (!(perInch > 1 && perInch < 65_535)) return null;
  const whole = Math.round(perInch);
  return Math.abs(perInch - whole) < 0.02 ? whole : Math.round(perInch * 100) / 100;
}

/** The same bytes, not a copy. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
