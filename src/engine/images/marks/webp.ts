/** Marks of WebP files: chunks around the image, and the flags of the extended header that announce them. */
import { exifDensity, withDensity } from './exif.ts';
import { spaceOf } from './icc.ts';
import { mostParts } from './types.ts';
import type { MarkFormat } from './types.ts';

interface Chunk {
  type: string;
  data: Buffer;
}

const header = 12;
const flag = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;

export const webp: MarkFormat = {
  read(bytes) {
    const file = chunksOf(bytes);
    if (file === null) return null;
    const first = (type: string): Buffer | null =>
      file.chunks.find((chunk) => chunk.type === type)?.data ?? null;
    const icc = first('ICCP');
    const exif = tiffOf(first('EXIF'));
    return {
      xmp: first('XMP '),
      exif,
      iptc: null,
      icc: icc !== null && spaceOf(icc) === 'RGB ' ? icc : null,
      density: exifDensity(exif),
      signed: first('C2PA') !== null,
    };
  },

  write(bytes, change) {
    const file = chunksOf(bytes);
    const extended = file === null ? null : extendedHeader(file.chunks);
    if (file === null || extended === null) return null;
    const before = (type: string): Buffer | null =>
      file.chunks.find((chunk) => chunk.type === type)?.data ?? null;
    const icc = change.icc === undefined ? before('ICCP') : change.icc;
    const xmp = change.xmp === undefined ? before('XMP ') : change.xmp;
    const given = change.exif === undefined ? before('EXIF') : change.exif;
    const exif =
      change.density === undefined ? given : withDensity(given && tiffOf(Buffer.from(given)), change.density);
    const flags = (icc ? flag.icc : 0) | (exif ? flag.exif : 0) | (xmp ? flag.xmp : 0);
    extended[0] = ((extended[0] ?? 0) & ~(flag.icc | flag.exif | flag.xmp)) | flags;
    const own = ['VP8X', 'ICCP', 'EXIF', 'XMP ', 'C2PA'];
    const chunks = [
      { type: 'VP8X', data: extended },
      ...(icc ? [{ type: 'ICCP', data: icc }] : []),
      ...file.chunks.filter(({ type }) => !own.includes(type)),
      ...(exif ? [{ type: 'EXIF', data: exif }] : []),
      ...(xmp ? [{ type: 'XMP ', data: xmp }] : []),
    ];
    const body = Buffer.concat(chunks.flatMap(({ type, data }) => chunk(type, data)));
    const head = Buffer.from(bytes.subarray(0, header));
    head.writeUInt32LE(4 + body.length, 4);
    return Buffer.concat([head, body, file.rest]);
  },
};

/** All of the container; null where one is cut off. */
function chunksOf(bytes: Buffer): { chunks: Chunk[]; rest: Buffer } | null {
  if (bytes.length < header) return null;
  const whole = bytes.readUInt32LE(4) + 8;
  if (whole > bytes.length) return null;
  const chunks: Chunk[] = [];
  let at = header;
  while (at + 8 <= whole && chunks.length < mostParts) {
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length;
    if (end > whole) return null;
    chunks.push({ type: bytes.toString('latin1', at, at + 4), data: bytes.subarray(at + 8, end) });
    at = end + (length % 2);
  }
  return at < whole ? null : { chunks, rest: bytes.subarray(Math.max(at, whole)) };
}

/** Some writers put the words of a JPEG in front. */
function tiffOf(bytes: Buffer | null): Buffer | null {
  return bytes?.toString('latin1', 0, 6) === 'Exif\0\0' ? bytes.subarray(6) : bytes;
}

/** The header that may announce marks: the one that is there, or one for a simple file, from its bitstream. */
function extendedHeader([first]: readonly Chunk[]): Buffer | null {
  if (first?.type === 'VP8X') return first.data.length === 10 ? Buffer.from(first.data) : null;
  if (first === undefined || first.data.length < 10) return null;
  const { type, data } = first;
  const extended = Buffer.alloc(10);
  let width: number;
  let height: number;
  if (type === 'VP8L' && data[0] === 0x2f) {
    const bits = data.readUInt32LE(1);
    width = bits & 0x3fff;
    height = (bits >>> 14) & 0x3fff;
    if (((bits >>> 28) & 1) === 1) extended[0] = flag.alpha;
  } else if (type === 'VP8 ' && data[3] === 0x9d && data[4] === 0x01 && data[5] === 0x2a) {
    width = (data.readUInt16LE(6) & 0x3fff) - 1;
    height = (data.readUInt16LE(8) & 0x3fff) - 1;
    if (width < 0 || height < 0) return null;
  } else return null;
  extended.writeUIntLE(width, 4, 3);
  extended.writeUIntLE(height, 7, 3);
  return extended;
}

function chunk(type: string, data: Uint8Array): Uint8Array[] {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return [head, data, Buffer.alloc(data.length % 2)];
}
