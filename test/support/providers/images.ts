/** Real images, cheap to make: distinct by their key, with edges and colours, and known to the pixel. */
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

export interface ImageSpec {
  width: number;
  height: number;
  /** Equal keys make equal images. */
  key: string;
  /** Transparent around a shape in the middle. */
  cutOut?: boolean;
  /** A cut-out with nothing in it. */
  empty?: boolean;
}

/** Tiles per side. */
const tiles = 8;

/** A PNG (RGB, or RGBA for a cut-out). Rows inside a tile repeat, so that packing costs a few milliseconds. */
export function png(spec: ImageSpec): Buffer {
  const { width, height } = spec;
  const channels = spec.cutOut === true ? 4 : 3;
  const colours = coloursOf(spec.key);
  const stride = 1 + width * channels;
  const raw = Buffer.alloc(stride * height);
  let last = -1;
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * tiles) / height);
    const inside = spec.cutOut !== true || (spec.empty !== true && y >= height * 0.2 && y < height * 0.8);
    const state = row * 2 + Number(inside);
    if (state === last) {
      raw[y * stride] = 2; // As the row above.
      continue;
    }
    last = state;
    for (let x = 0; x < width; x++) {
      const at = y * stride + 1 + x * channels;
      const tile = (row * tiles + Math.floor((x * tiles) / width)) * 3;
      if (channels === 4 && (!inside || x < width * 0.2 || x >= width * 0.8)) continue;
      raw[at] = colours[tile] ?? 0;
      raw[at + 1] = colours[tile + 1] ?? 0;
      raw[at + 2] = colours[tile + 2] ?? 0;
      if (channels === 4) raw[at + 3] = 255;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 4 ? 6 : 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A cut-out as a fault wants it. Damaged: a whole PNG by its structure, whose pixels do not decode. */
export function cutOutPng(spec: ImageSpec, as: 'good' | 'empty' | 'damaged'): Buffer {
  const bytes = png({ ...spec, cutOut: true, empty: as === 'empty' });
  if (as !== 'damaged') return bytes;
  const data = bytes.indexOf('IDAT') + 4;
  return Buffer.concat([
    bytes.subarray(0, data - 8),
    chunk('IDAT', Buffer.from('no pixels')),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** 192 bytes of colour from a key. */
function coloursOf(key: string): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < 6; i++) parts.push(createHash('sha256').update(`${i}:${key}`).digest());
  return Buffer.concat(parts);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A drawing, distinct by its key. */
export function svg(spec: ImageSpec): Buffer {
  const c = coloursOf(spec.key).toString('hex');
  const { width, height } = spec;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
      `<rect width="${width}" height="${height}" fill="#${c.slice(0, 6)}"/>` +
      `<circle cx="${width / 2}" cy="${height / 2}" r="${Math.min(width, height) / 3}" fill="#${c.slice(6, 12)}"/></svg>`,
  );
}

/** The same image as JPEG or WebP, by sharp. */
export async function encoded(spec: ImageSpec, format: 'PNG' | 'JPG' | 'WEBP' | 'SVG'): Promise<Buffer> {
  if (format === 'SVG') return svg(spec);
  const bytes = png(spec);
  if (format === 'PNG') return bytes;
  const { default: sharp } = await import('sharp');
  return format === 'JPG'
    ? sharp(bytes).flatten({ background: 'white' }).jpeg({ quality: 90 }).toBuffer()
    : sharp(bytes).webp({ quality: 90 }).toBuffer();
}

export const mimes = {
  PNG: 'image/png',
  JPG: 'image/jpeg',
  WEBP: 'image/webp',
  SVG: 'image/svg+xml',
} as const;

/** Kind and size by the header; null for anything but a whole PNG, JPEG or WebP. */
export function sizeOf(bytes: Buffer): { width: number; height: number; mime: string } | null {
  if (bytes.length > 24 && bytes.readUInt32BE(0) === 0x89504e47) {
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), mime: 'image/png' };
  }
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegSize(bytes);
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP')
    return webpSize(bytes);
  return null;
}

function jpegSize(bytes: Buffer): { width: number; height: number; mime: string } | null {
  for (let at = 2; at + 9 < bytes.length;) {
    const marker = bytes[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7), mime: 'image/jpeg' };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function webpSize(bytes: Buffer): { width: number; height: number; mime: string } | null {
  const mime = 'image/webp';
  const kind = bytes.toString('latin1', 12, 16);
  if (kind === 'VP8X')
    return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3), mime };
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(21);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff), mime };
  }
  return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff, mime };
}
