/** Marks of PNG files: chunks before the pixels. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { exifDensity } from './exif.ts';
import { spaceOf } from './icc.ts';
import { iptcOfResources } from './iptc.ts';
import { mostMarkBytes, mostParts, roundDensity } from './types.ts';
import type { MarkChange, MarkFormat, Marks } from './types.ts';

interface Chunk {
  type: string;
  data: Buffer;
  /** With its length and checksum. */
  whole: Buffer;
}

const xmpKeyword = 'XML:com.adobe.xmp';
const signatureLength = 8;
/** In inches. */
const metre = 1 / 0.0254;
/** Per metre, as libvips writes it for an image without a density. */
const unset = 1000;

export const png: MarkFormat = {
  read(bytes) {
    const file = chunksOf(bytes);
    return file === null ? null : marksOf(file.chunks);
  },

  write(bytes, change) {
    const file = chunksOf(bytes);
    const [header, ...others] = file?.chunks ?? [];
    if (file === null || header === undefined) return null;
    const kept = others.filter((one) => !isReplaced(one, change)).map(({ whole }) => whole);
    const added = newChunks(header, change);
    return Buffer.concat([
      bytes.subarray(0, signatureLength),
      header.whole,
      ...added.map(({ type, data }) => chunk(type, data)),
      ...kept,
      file.rest,
    ]);
  },
};

/** All up to the end of the image; null where one is cut off. */
function chunksOf(bytes: Buffer): { chunks: Chunk[]; rest: Buffer } | null {
  const chunks: Chunk[] = [];
  for (let at = signatureLength; at + 12 <= bytes.length && chunks.length < mostParts;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    const type = bytes.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) });
    if (chunks.length === 1 && (type !== 'IHDR' || end - at !== 25)) return null;
    if (type === 'IEND') return { chunks, rest: bytes.subarray(end) };
    at = end;
  }
  return null;
}

function marksOf(chunks: readonly Chunk[]): Marks {
  const first = (type: string): Buffer | null => chunks.find((chunk) => chunk.type === type)?.data ?? null;
  const texts = chunks.flatMap((chunk) => keyworded(chunk) ?? []);
  const legacy = (...names: string[]): Buffer | null => {
    const found = texts.find(({ keyword }) => names.some((name) => keyword === `Raw profile type ${name}`));
    return found === undefined ? null : rawProfile(found.text());
  };
  const exif = first('eXIf') ?? tiffOf(legacy('exif', 'APP1'));
  const resources = legacy('iptc');
  return {
    xmp: texts.find(({ keyword }) => keyword === xmpKeyword)?.text() ?? legacy('xmp'),
    exif,
    iptc: resources?.[0] === 0x1c ? resources : resources && iptcOfResources(resources),
    icc: profileOf(first('iCCP'), first('IHDR')),
    density: densityOf(first('pHYs')) ?? exifDensity(exif),
    signed: first('caBX') !== null,
  };
}

interface Text {
  keyword: string;
  text: () => Buffer | null;
}

function keyworded({ type, data }: Chunk): Text | null {
  if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return null;
  const end = data.subarray(0, 80).indexOf(0);
  if (end === -1) return null;
  return { keyword: data.toString('latin1', 0, end), text: () => contentOf(type, data.subarray(end + 1)) };
}

/** What follows the keyword. */
function contentOf(type: 'tEXt' | 'zTXt' | 'iTXt', data: Buffer): Buffer | null {
  if (type === 'tEXt') return data;
  if (type === 'zTXt') return inflated(data.subarray(1));
  const language = data.indexOf(0, 2);
  const translated = language === -1 ? -1 : data.indexOf(0, language + 1);
  if (translated === -1) return null;
  const text = data.subarray(translated + 1);
  return data[0] === 1 ? inflated(text) : text;
}

function inflated(bytes: Buffer): Buffer | null {
  try {
    return inflateSync(bytes, { maxOutputLength: mostMarkBytes });
  } catch {
    return null;
  }
}

/** ImageMagick's way before PNG had places for them: a name, a length, and hexadecimal digits. */
function rawProfile(text: Buffer | null): Buffer | null {
  if (text === null) return null;
  const digits = /^\s*\w{1,20}\s+\d{1,10}\s/u.exec(text.toString('latin1', 0, 64))?.[0];
  return digits === undefined
    ? null
    : Buffer.from(text.toString('latin1', digits.length).replace(/\s/gu, ''), 'hex');
}

/** EXIF without the words in front of it that only a JPEG has. */
function tiffOf(bytes: Buffer | null): Buffer | null {
  return bytes?.toString('latin1', 0, 6) === 'Exif\0\0' ? bytes.subarray(6) : bytes;
}

function profileOf(data: Buffer | null, header: Buffer | null): Buffer | null {
  const end = data?.subarray(0, 80).indexOf(0) ?? -1;
  const profile = data === null || end === -1 ? null : inflated(data.subarray(end + 2));
  return profile !== null && header !== null && fits(profile, header) ? profile : null;
}

function isGrey(header: Buffer): boolean {
  return header[9] === 0 || header[9] === 4;
}

function fits(profile: Uint8Array, header: Buffer): boolean {
  return spaceOf(profile) === (isGrey(header) ? 'GRAY' : 'RGB ');
}

function densityOf(data: Buffer | null): number | null {
  if (data?.length !== 9 || data[8] !== 1) return null;
  const perMetre = data.readUInt32BE(0);
  return perMetre === unset ? null : roundDensity(perMetre / metre);
}

/** A signature is broken by any change, so that it always goes. */
function isReplaced(one: Chunk, change: MarkChange): boolean {
  const keyword = keyworded(one)?.keyword ?? '';
  const legacy = (...names: string[]): boolean =>
    names.some((name) => keyword === `Raw profile type ${name}`);
  return (
    one.type === 'caBX' ||
    (change.xmp !== undefined && (keyword === xmpKeyword || legacy('xmp'))) ||
    (change.exif !== undefined && (one.type === 'eXIf' || legacy('exif', 'APP1'))) ||
    (change.iptc !== undefined && legacy('iptc')) ||
    (change.icc !== undefined && ['iCCP', 'sRGB'].includes(one.type)) ||
    (change.density !== undefined && one.type === 'pHYs')
  );
}

function newChunks(header: Chunk, { xmp, exif, icc, density }: MarkChange): { type: string; data: Buffer }[] {
  const added: { type: string; data: Buffer }[] = [];
  if (icc && fits(icc, header.data)) added.push({ type: 'iCCP', data: profileChunk(icc) });
  // A profile of three colours does not go with grey pixels; their brightness is meant as in sRGB all the same.
  else if (icc && isGrey(header.data)) added.push({ type: 'sRGB', data: Buffer.of(0) });
  if (density !== undefined) added.push({ type: 'pHYs', data: densityChunk(density) });
  if (exif) added.push({ type: 'eXIf', data: Buffer.from(exif) });
  if (xmp) {
    const data = Buffer.concat([Buffer.from(`${xmpKeyword}\0\0\0\0\0`, 'latin1'), xmp]);
    added.push({ type: 'iTXt', data });
  }
  return added;
}

function profileChunk(profile: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('ICC Profile\0\0', 'latin1'), deflateSync(profile)]);
}

function densityChunk(density: number): Buffer {
  const data = Buffer.alloc(9);
  const perMetre = Math.round(density * metre);
  data.writeUInt32BE(perMetre, 0);
  data.writeUInt32BE(perMetre, 4);
  data[8] = 1;
  return data;
}

function chunk(type: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(12 + data.length);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, 'latin1');
  data.copy(whole, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + data.length)), 8 + data.length);
  return whole;
}
