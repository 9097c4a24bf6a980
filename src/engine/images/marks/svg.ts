/** Marks of vector drawings: XMP in a `metadata` element, the first of the drawing. */
import { bufferOf } from './types.ts';
import { rootContent } from './xml.ts';

/** The drawing, made harmless before, with this packet as its metadata; null where it cannot be read. */
export function withSvgXmp(bytes: Uint8Array, xmp: Uint8Array): Buffer | null {
  const text = new TextDecoder().decode(bytes);
  const at = rootContent(text);
  if (at === null) return null;
  const packet = Buffer.from(xmp).toString('utf8');
  const [start, end] = [packet.indexOf('<x:xmpmeta'), packet.lastIndexOf('<?xpacket')];
  const metadata = `<metadata>${packet.slice(start, end === -1 ? undefined : end).trimEnd()}</metadata>`;
  return Buffer.from(text.slice(0, at) + metadata + text.slice(at));
}

/** True for a drawing with a manifest of C2PA. */
export function isSignedSvg(bytes: Uint8Array): boolean {
  return bufferOf(bytes).includes('c2pa:manifest');
}
