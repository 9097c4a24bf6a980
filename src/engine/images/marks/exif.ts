/** EXIF: what of it is read, and what is put right when the pixels beside it have changed. */
import { bufferOf, roundDensity } from './types.ts';

const tag = {
  orientation: 0x0112,
  xResolution: 0x011a,
  yResolution: 0x011b,
  resolutionUnit: 0x0128,
  thumbnailOffset: 0x0201,
  thumbnailLength: 0x0202,
  exifDirectory: 0x8769,
  width: 0xa002,
  height: 0xa003,
} as const;
const [short, long, rational] = [3, 4, 5];
const inches = 2;
const centimetres = 3;

interface Directory {
  /** Where the number of its entries stands. */
  start: number;
  /** Tag to the place of its entry. */
  entries: ReadonlyMap<number, number>;
  /** Where the place of the next directory stands. */
  end: number;
}

/** A TIFF structure of one byte order; null for anything else. */
class Tiff {
  readonly bytes: Buffer;
  readonly #little: boolean;

  private constructor(bytes: Buffer, little: boolean) {
    this.bytes = bytes;
    this.#little = little;
  }

  static open(bytes: Buffer): Tiff | null {
    const order = bytes.toString('latin1', 0, 4);
    if (bytes.length < 14 || !['II*\0', 'MM\0*'].includes(order)) return null;
    return new Tiff(bytes, order.startsWith('I'));
  }

  u16(at: number): number {
    return this.#little ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  u32(at: number): number {
    return this.#little ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  set16(at: number, value: number): void {
    if (this.#little) this.bytes.writeUInt16LE(value, at);
    else this.bytes.writeUInt16BE(value, at);
  }

  set32(at: number, value: number): void {
    if (this.#little) this.bytes.writeUInt32LE(value, at);
    else this.bytes.writeUInt32BE(value, at);
  }

  directory(start: number): Directory | null {
    if (start < 8 || start + 2 > this.bytes.length) return null;
    const end = start + 2 + this.u16(start) * 12;
    if (end + 4 > this.bytes.length) return null;
    const entries = new Map<number, number>();
    for (let at = start + 2; at < end; at += 12)
      if (!entries.has(this.u16(at))) entries.set(this.u16(at), at);
    return { start, entries, end };
  }

  /** A whole number of an entry that holds one. */
  number(directory: Directory, which: number): number | null {
    const at = directory.entries.get(which);
    if (at === undefined || this.u32(at + 4) !== 1) return null;
    if (this.u16(at + 2) === short) return this.u16(at + 8);
    return this.u16(at + 2) === long ? this.u32(at + 8) : null;
  }

  setNumber(directory: Directory, which: number, value: number): void {
    const at = directory.entries.get(which);
    if (at === undefined || this.number(directory, which) === null) return;
    if (this.u16(at + 2) === long) this.set32(at + 8, value);
    else this.set16(at + 8, Math.min(value, 65_535));
  }

  /** Where the two numbers of a fraction stand. */
  fraction(directory: Directory, which: number): number | null {
    const at = directory.entries.get(which);
    if (at === undefined || this.u16(at + 2) !== rational || this.u32(at + 4) !== 1) return null;
    const place = this.u32(at + 8);
    return place >= 8 && place + 8 <= this.bytes.length ? place : null;
  }

  setFraction(place: number, value: number): void {
    this.set32(place, Math.round(value * 100));
    this.set32(place + 4, 100);
  }
}

export function exifDensity(bytes: Uint8Array | null): number | null {
  const tiff = bytes === null ? null : Tiff.open(bufferOf(bytes));
  const first = tiff?.directory(tiff.u32(4)) ?? null;
  const place = tiff === null || first === null ? null : tiff.fraction(first, tag.xResolution);
  if (tiff === null || first === null || place === null) return null;
  const unit = tiff.number(first, tag.resolutionUnit) ?? inches;
  if (unit !== inches && unit !== centimetres) return null;
  return roundDensity((tiff.u32(place) / tiff.u32(place + 4)) * (unit === inches ? 1 : 2.54));
}

/**
 * The same for pixels that were turned upright, cut or encoded anew: of the new size and density, without the
 * small image of what was before. Null for what cannot be read.
 */
export function settledExif(
  bytes: Uint8Array,
  { width, height, density }: { width: number; height: number; density: number },
): Buffer | null {
  const tiff = Tiff.open(Buffer.from(bytes));
  const first = tiff?.directory(tiff.u32(4)) ?? null;
  if (tiff === null || first === null) return null;
  tiff.setNumber(first, tag.orientation, 1);
  setDensity(tiff, first, density);
  const details = tiff.directory(tiff.number(first, tag.exifDirectory) ?? 0);
  if (details !== null) {
    tiff.setNumber(details, tag.width, width);
    tiff.setNumber(details, tag.height, height);
  }
  return withoutThumbnail(tiff, first);
}

function setDensity(tiff: Tiff, first: Directory, density: number): boolean {
  const places = [tag.xResolution, tag.yResolution].map((which) => tiff.fraction(first, which));
  for (const place of places) if (place !== null) tiff.setFraction(place, density);
  tiff.setNumber(first, tag.resolutionUnit, inches);
  return places.every((place) => place !== null) && tiff.number(first, tag.resolutionUnit) !== null;
}

function withoutThumbnail(tiff: Tiff, first: Directory): Buffer {
  const second = tiff.directory(tiff.u32(first.end));
  tiff.set32(first.end, 0);
  if (second === null) return tiff.bytes;
  const start = tiff.number(second, tag.thumbnailOffset) ?? 0;
  const end = start + (tiff.number(second, tag.thumbnailLength) ?? 0);
  // Behind both directories it is nobody else's.
  if (start < Math.max(first.end, second.end) || end > tiff.bytes.length) return tiff.bytes;
  if (end === tiff.bytes.length) return tiff.bytes.subarray(0, start);
  tiff.bytes.fill(0, start, end);
  return tiff.bytes;
}

/** With a density, for formats that have no other place for it; a structure of its own where there is none. */
export function withDensity(bytes: Uint8Array | null, density: number): Buffer {
  const tiff = Tiff.open(bytes === null ? emptyTiff() : Buffer.from(bytes)) ?? Tiff.open(emptyTiff());
  const first = tiff?.directory(tiff.u32(4)) ?? null;
  if (tiff === null || first === null) return bytes === null ? emptyTiff() : withDensity(null, density);
  return setDensity(tiff, first, density) ? tiff.bytes : withEntries(tiff, first, density);
}

function emptyTiff(): Buffer {
  return Buffer.from('MM\0*\0\0\0\x08\0\0\0\0\0\0', 'latin1');
}

/** The first directory anew behind the rest, with the entries that it lacks; what the entries name stays in place. */
function withEntries(tiff: Tiff, first: Directory, density: number): Buffer {
  const own: readonly number[] = [tag.xResolution, tag.yResolution, tag.resolutionUnit];
  const kept = [...first.entries].filter(([which]) => !own.includes(which));
  const start = tiff.bytes.length + (tiff.bytes.length % 2);
  const count = kept.length + own.length;
  const values = start + 2 + count * 12 + 4;
  const grown = Tiff.open(Buffer.concat([tiff.bytes, Buffer.alloc(values + 16 - tiff.bytes.length)]));
  if (grown === null) return tiff.bytes;
  const rows = [
    ...kept.map(([which, at]) => [which, tiff.bytes.subarray(at, at + 12)] as const),
    ...own.map((which) => [which, null] as const),
  ].sort(([a], [b]) => a - b);
  grown.set16(start, count);
  rows.forEach(([which, row], index) => {
    const at = start + 2 + index * 12;
    if (row !== null) {
      row.copy(grown.bytes, at);
      return;
    }
    grown.set16(at, which);
    grown.set16(at + 2, which === tag.resolutionUnit ? short : rational);
    grown.set32(at + 4, 1);
    if (which === tag.resolutionUnit) grown.set16(at + 8, inches);
    else grown.set32(at + 8, which === tag.xResolution ? values : values + 8);
  });
  grown.set32(values - 4, tiff.u32(first.end));
  for (const place of [values, values + 8]) grown.setFraction(place, density);
  grown.set32(4, start);
  return grown.bytes;
}
