/** Marks of JPEG files: segments before the first scan. */
import { exifDensity } from './exif.ts';
import { extensionOf, joinXmp, splitXmp } from './extendedXmp.ts';
import { spaceOf } from './icc.ts';
import { iptcOfResources, resourcesOfIptc } from './iptc.ts';
import { mostMarkBytes, mostParts, roundDensity } from './types.ts';
import type { MarkChange, MarkFormat, Marks } from './types.ts';
import { readXmp } from './xmp.ts';

interface Segment {
  marker: number;
  /** Without marker and length. */
  data: Buffer;
  /** With what fills the file in front of its marker. */
  whole: Buffer;
}

const app = (number: number): number => 0xe0 + number;
const names = {
  jfif: 'JFIF\0',
  exif: 'Exif\0\0',
  xmp: 'http://ns.adobe.com/xap/1.0/\0',
  xmpExtension: 'http://ns.adobe.com/xmp/extension/\0',
  icc: 'ICC_PROFILE\0',
  photoshop: 'Photoshop 3.0\0',
} as const;
const mostSegmentBytes = 65_533;
const [perInch, perCentimetre] = [1, 2];

export const jpeg: MarkFormat = {
  read(bytes) {
    const file = segmentsOf(bytes);
    return file === null ? null : marksOf(file.segments);
  },

  write(bytes, change) {
    const file = segmentsOf(bytes);
    if (file === null) return null;
    const added = newSegments(file.segments, change);
    if (added === null) return null;
    // Any change breaks a signature, so that it always goes.
    const signature = signatureOf(file.segments);
    const kept = file.segments.filter((one) => !signature.has(one) && !isReplaced(one, change));
    // JFIF and EXIF stay first: readers look for them there.
    const head = kept.findIndex(({ marker, data }) => marker !== app(0) && !starts(data, names.exif));
    const split = head === -1 ? kept.length : head;
    return Buffer.concat([
      bytes.subarray(0, 2),
      ...added.first,
      ...kept.slice(0, split).map(({ whole }) => whole),
      ...added.then,
      ...kept.slice(split).map(({ whole }) => whole),
      file.rest,
    ]);
  },
};

/** All up to the first scan; null where one is cut off, or none comes. */
function segmentsOf(bytes: Buffer): { segments: Segment[]; rest: Buffer } | null {
  const segments: Segment[] = [];
  for (let start = 2; segments.length < mostParts;) {
    let at = start;
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at += 1;
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || marker === 0 || marker === 0xd9) return null;
    if (marker === 0xda) return { segments, rest: bytes.subarray(start) };
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (!standalone && at + 4 > bytes.length) return null;
    const length = standalone ? 0 : bytes.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (end > bytes.length || (!standalone && length < 2)) return null;
    const data = standalone ? Buffer.alloc(0) : bytes.subarray(at + 4, end);
    segments.push({ marker, data, whole: bytes.subarray(start, end) });
    start = end;
  }
  return null;
}

function starts(data: Buffer, name: string): boolean {
  return data.toString('latin1', 0, name.length) === name;
}

function named(segments: readonly Segment[], number: number, name: string): Buffer[] {
  return segments
    .filter(({ marker, data }) => marker === app(number) && starts(data, name))
    .map(({ data }) => data.subarray(name.length));
}

function marksOf(segments: readonly Segment[]): Marks {
  const [exif = null] = named(segments, 1, names.exif);
  const resources = named(segments, 13, names.photoshop);
  const jfif = named(segments, 0, names.jfif)[0];
  return {
    xmp: xmpOf(segments),
    exif,
    iptc: resources.length === 0 ? null : iptcOfResources(Buffer.concat(resources)),
    icc: profileOf(segments),
    density: (jfif === undefined ? null : densityOf(jfif)) ?? exifDensity(exif),
    signed: signatureOf(segments).size > 0,
  };
}

function xmpOf(segments: readonly Segment[]): Buffer | null {
  const [bytes = null] = named(segments, 1, names.xmp);
  const packet = readXmp(bytes);
  const guid = extensionOf(packet);
  return packet === null || guid === null ? bytes : joinXmp(packet, extensionNamed(segments, guid));
}

/** The parts that carry this hash, in their places; null where one is missing. */
function extensionNamed(segments: readonly Segment[], guid: string): Buffer | null {
  const parts = named(segments, 1, names.xmpExtension)
    .filter((data) => data.length >= 40 && data.toString('latin1', 0, 32) === guid)
    .map((data) => ({
      length: data.readUInt32BE(32),
      offset: data.readUInt32BE(36),
      bytes: data.subarray(40),
    }))
    .sort((a, b) => a.offset - b.offset);
  const length = parts[0]?.length ?? 0;
  let at = 0;
  for (const part of parts) {
    if (part.offset !== at || part.length !== length) return null;
    at += part.bytes.length;
  }
  return at === length && at > 0 && at <= mostMarkBytes
    ? Buffer.concat(parts.map(({ bytes }) => bytes))
    : null;
}

/** Each part says its number, from 1, and how many there are. */
function profileOf(segments: readonly Segment[]): Buffer | null {
  const parts = named(segments, 2, names.icc).filter((data) => data.length > 2);
  const sorted = parts.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  if (sorted.length === 0 || sorted.some((part, at) => part[0] !== at + 1 || part[1] !== sorted.length))
    return null;
  const profile = Buffer.concat(sorted.map((part) => part.subarray(2)));
  return fits(profile, segments) ? profile : null;
}

function fits(profile: Uint8Array, segments: readonly Segment[]): boolean {
  const frame = segments.find(
    ({ marker }) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker),
  );
  const spaces: Readonly<Record<number, string>> = { 1: 'GRAY', 3: 'RGB ', 4: 'CMYK' };
  return spaceOf(profile) === spaces[frame?.data[5] ?? 0];
}

function densityOf(jfif: Buffer): number | null {
  if (jfif.length < 7) return null;
  const unit = jfif[2];
  if (unit !== perInch && unit !== perCentimetre) return null;
  return roundDensity(jfif.readUInt16BE(3) * (unit === perInch ? 1 : 2.54));
}

/** The parts of a box of C2PA: only the first one says what it is, all have its number. */
function signatureOf(segments: readonly Segment[]): ReadonlySet<Segment> {
  const boxes = segments.filter(
    ({ marker, data }) =>
      marker === app(11) && starts(data, 'JP') && data.toString('latin1', 12, 16) === 'jumb',
  );
  const numberOf = ({ data }: Segment): number => data.readUInt16BE(2);
  const signed = new Set(boxes.filter(({ data }) => data.subarray(0, 100).includes('c2pa')).map(numberOf));
  return new Set(boxes.filter((box) => signed.has(numberOf(box))));
}

function isReplaced(segment: Segment, change: MarkChange): boolean {
  const { marker, data } = segment;
  const is = (number: number, name: string): boolean => marker === app(number) && starts(data, name);
  return (
    (change.density !== undefined && is(0, names.jfif)) ||
    (change.exif !== undefined && is(1, names.exif)) ||
    (change.xmp !== undefined && (is(1, names.xmp) || is(1, names.xmpExtension))) ||
    (change.iptc !== undefined && is(13, names.photoshop)) ||
    (change.icc !== undefined && is(2, names.icc))
  );
}

/** What comes in front of everything, and what comes after JFIF and EXIF; null where the XMP cannot be made to fit. */
function newSegments(
  segments: readonly Segment[],
  { xmp, exif, iptc, icc, density }: MarkChange,
): { first: Buffer[]; then: Buffer[] } | null {
  const first: Buffer[] = [];
  const then: Buffer[] = [];
  if (density !== undefined) first.push(jfifSegment(named(segments, 0, names.jfif)[0], density));
  if (exif && exif.length + names.exif.length <= mostSegmentBytes) then.push(segment(1, names.exif, exif));
  if (xmp) {
    const split = splitXmp(xmp);
    if (split === null) return null;
    then.push(segment(1, names.xmp, split.packet));
    if (split.extension !== null) then.push(...extensionSegments(split.extension));
  }
  if (iptc) {
    const resources = resourcesOfIptc(iptc);
    for (const part of parts(resources, mostSegmentBytes - names.photoshop.length))
      then.push(segment(13, names.photoshop, part));
  }
  if (icc && fits(icc, segments)) {
    const pieces = parts(icc, mostSegmentBytes - names.icc.length - 2);
    for (const [index, piece] of pieces.entries()) {
      const numbered = Buffer.concat([Buffer.of(index + 1, pieces.length), piece]);
      if (pieces.length <= 255) then.push(segment(2, names.icc, numbered));
    }
  }
  return { first, then };
}

function jfifSegment(before: Buffer | undefined, density: number): Buffer {
  const data =
    before === undefined || before.length < 9
      ? Buffer.from([1, 1, 0, 0, 0, 0, 0, 0, 0])
      : Buffer.from(before);
  data[2] = perInch;
  data.writeUInt16BE(Math.round(density), 3);
  data.writeUInt16BE(Math.round(density), 5);
  return segment(0, names.jfif, data);
}

function extensionSegments({ guid, bytes }: { guid: string; bytes: Buffer }): Buffer[] {
  let offset = 0;
  return parts(bytes, mostSegmentBytes - names.xmpExtension.length - 40).map((part) => {
    const head = Buffer.alloc(40);
    head.write(guid, 'latin1');
    head.writeUInt32BE(bytes.length, 32);
    head.writeUInt32BE(offset, 36);
    offset += part.length;
    return segment(1, names.xmpExtension, Buffer.concat([head, part]));
  });
}

function parts(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

function segment(number: number, name: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xff00 + app(number), 0);
  head.writeUInt16BE(2 + name.length + data.length, 2);
  return Buffer.concat([head, Buffer.from(name, 'latin1'), data]);
}
