/** What a byte string is, read from its headers alone: nothing is decoded here. */
import { FactoryError } from '../model/errors.ts';
import { maxImageBytes, maxSvgBytes } from '../model/imageLimits.ts';
import type { Message } from '../model/message.ts';
import { rootAttributes } from './svgMarkup.ts';
import { svgSize } from './svgSize.ts';
import { messages } from './messages.ts';

/** The kinds of images that the factory works with; also their file extensions. */
export const imageTypes = ['png', 'jpg', 'webp', 'svg'] as const;
export type ImageType = (typeof imageTypes)[number];

export interface ImageHeader {
  type: ImageType;
  /** Pixels; for SVG the size that it declares, rounded. */
  width: number;
  height: number;
}

/** No image with more pixels is decoded: 64 megapixels. */
export const maxPixels = 64_000_000;

/**
 * The kind and size of an image that arrived from outside. Fails with `image.invalid` when it is no PNG,
 * JPEG, WebP or SVG, or was cut off; with `image.tooLarge` above 64 megapixels, 64 MB or, for SVG, 5 MB.
 */
export function acceptImage(bytes: Uint8Array): ImageHeader {
  if (bytes.length === 0) throw invalid(messages.empty());
  if (bytes.length > maxImageBytes) throw tooLarge(messages.tooManyBytes({ size: megabytes(bytes.length) }));
  const type = sniffType(bytes);
  if (type === null) throw invalid(messages.noImage({ kind: describeOther(bytes) }));
  if (type === 'svg' && bytes.length > maxSvgBytes) {
    throw tooLarge(messages.tooMuchSvg({ size: megabytes(bytes.length) }));
  }
  const header = readHeader(type, bytes);
  // A vector drawing has no pixels of its own: previews choose theirs.
  if (header.type !== 'svg' && header.width * header.height > maxPixels) {
    throw tooLarge(messages.tooManyPixels({ width: header.width, height: header.height }));
  }
  return header;
}

/** The type by the first bytes, whatever the file's name; null when it is none of ours. */
export function sniffType(bytes: Uint8Array): ImageType | null {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'jpg';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return 'webp';
  return looksLikeSvg(bytes) ? 'svg' : null;
}

function readHeader(type: ImageType, bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = { png: pngSize, jpg: jpegSize, webp: webpSize, svg: svgSizeOf }[type](bytes, view);
  if (size === null) {
    throw invalid(messages.cutOff({ type: typeNames[type], count: bytes.length }));
  }
  if (size.width < 1 || size.height < 1) throw invalid(messages.noPixels({ type: typeNames[type] }));
  return { type, ...size };
}

const typeNames: Record<ImageType, string> = { png: 'PNG', jpg: 'JPEG', webp: 'WebP', svg: 'SVG' };

interface Size {
  width: number;
  height: number;
}

/** IHDR first, IEND last; null for anything else. */
function pngSize(bytes: Uint8Array, view: DataView): Size | null {
  if (bytes.length < 33 || ascii(bytes, 12, 4) !== 'IHDR') return null;
  let at = 8;
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at);
    if (ascii(bytes, at + 4, 4) === 'IEND') return { width: view.getUint32(16), height: view.getUint32(20) };
    at += 12 + length;
  }
  return null;
}

/** The size of the first frame header; the end marker must be there (bytes after it are tolerated). */
function jpegSize(bytes: Uint8Array, view: DataView): Size | null {
  let size: Size | null = null;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xda) break;
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (frame && at + 9 <= bytes.length) {
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += standalone ? 2 : 2 + view.getUint16(at + 2);
  }
  // Some encoders pad the file; a cut-off one has no end marker anywhere near its end.
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf(
    Buffer.of(0xff, 0xd9),
  );
  return tail >= at ? size : null;
}

/** The RIFF length must be there in full; sizes of the three kinds of first chunk. */
function webpSize(bytes: Uint8Array, view: DataView): Size | null {
  if (bytes.length < 30 || view.getUint32(4, true) + 8 > bytes.length) return null;
  const chunk = ascii(bytes, 12, 4);
  const uint24 = (at: number): number => view.getUint16(at, true) | ((bytes[at + 2] ?? 0) << 16);
  if (chunk === 'VP8X') return { width: uint24(24) + 1, height: uint24(27) + 1 };
  if (chunk === 'VP8L') {
    if (bytes[20] !== 0x2f) return null;
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== 'VP8 ' || bytes[23] !== 0x9d || bytes[24] !== 0x01 || bytes[25] !== 0x2a) return null;
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

function svgSizeOf(bytes: Uint8Array): Size | null {
  const end = new TextDecoder().decode(bytes.subarray(-4096)).trimEnd();
  // The parser finds out the rest; here only whether the end arrived.
  return end.endsWith('>') ? svgSize(headText(bytes)) : null;
}

function looksLikeSvg(bytes: Uint8Array): boolean {
  return rootAttributes(headText(bytes)) !== null;
}

/** Enough of a text file for its root element. */
function headText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 64 * 1024));
}

/** What the bytes seem to be, for the message. */
function describeOther(bytes: Uint8Array): Message {
  const text = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart();
  if (ascii(bytes, 0, 4) === 'GIF8') return messages.kindGif();
  if (ascii(bytes, 4, 4) === 'ftyp') return messages.kindVideo();
  if (ascii(bytes, 0, 2) === 'BM') return messages.kindBmp();
  if (ascii(bytes, 0, 4) === '%PDF') return messages.kindPdf();
  if (/^<(?:!doctype html|html|head|body)/i.test(text)) return messages.kindPage();
  if (/^[[{]/.test(text)) return messages.kindJson();
  return messages.kindOther();
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function invalid(told: Message): FactoryError {
  return new FactoryError('image.invalid', told);
}

function tooLarge(told: Message): FactoryError {
  return new FactoryError('image.tooLarge', told);
}
