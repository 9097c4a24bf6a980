/** Images with marks, as providers make them: by sharp and by hand, never by what is tested. */
import { crc32 } from 'node:zlib';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import type { RasterType } from '../../../src/engine/images/pixels/transform.ts';

export const compositeType =
  'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia';
export const generatedType = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/** What a provider says in XMP: words with signs that must be escaped, and the disclosure of IPTC 2025.1. */
export function providerXmp(digitalSourceType: string | null): string {
  const type =
    digitalSourceType === null ? '' : `<ext:DigitalSourceType>${digitalSourceType}</ext:DigitalSourceType>`;
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
  xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
  xmp:CreatorTool="Flux &amp; Co" tiff:Orientation="1">
 <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Füchse &lt;im Schnee&gt; 狐</rdf:li></rdf:Alt></dc:title>
 <dc:subject><rdf:Bag><rdf:li>fox</rdf:li><rdf:li>snow, deep</rdf:li></rdf:Bag></dc:subject>
 ${type}
 <ext:AISystemUsed>Flux</ext:AISystemUsed>
 <ext:AISystemVersionUsed>1.1 pro</ext:AISystemVersionUsed>
 <ext:AIPromptInformation>a fox, "quoted"</ext:AIPromptInformation>
 <ext:AIPromptWriterName>A. Writer</ext:AIPromptWriterName>
</rdf:Description></rdf:RDF></x:xmpmeta>
${' '.repeat(500)}
<?xpacket end="w"?>`;
}

export interface MarkedOptions {
  xmp?: string | null;
  profile?: 'srgb' | 'p3' | null;
  density?: number | null;
  exif?: boolean;
  /** A transparent border, that trimming takes away. */
  border?: boolean;
}

/** An image of 60 × 40 with a gradient, so that a change of its colours is seen. */
export async function markedImage(type: RasterType, options: MarkedOptions = {}): Promise<Buffer> {
  const { xmp = null, profile = null, density = null, exif = false, border = false } = options;
  const sharp = await loadSharp();
  const [width, height] = [60, 40];
  const data = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const outside = border && (x < 5 || x >= 50 || y < 5 || y >= 30);
      data.set([255 - x * 2, 30 + y * 4, x * 4, outside ? 0 : 255], (y * width + x) * 4);
    }
  }
  const image = sharp(data, { raw: { width, height, channels: 4 } });
  if (type === 'jpg') image.flatten().jpeg({ quality: 95 });
  else if (type === 'webp') image.webp({ lossless: true });
  else image.png();
  if (profile !== null) image.withIccProfile(profile);
  if (xmp !== null && type !== 'png') image.withXmp(xmp);
  if (exif) image.withExif({ IFD0: { Artist: 'A Camera Club', Orientation: '1' } });
  if (density !== null) image.withMetadata({ density, ...(profile === null ? {} : { icc: profile }) });
  const bytes = await image.toBuffer();
  // Where the standard wants it; sharp writes a text of another kind.
  return xmp === null || type !== 'png' ? bytes : withXmp(bytes, xmp);
}

/** A finished image with XMP. */
export async function withXmp(bytes: Buffer, xmp: string): Promise<Buffer> {
  if (bytes[0] === 0x89) {
    return pngWith(bytes, 'iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`));
  }
  return (await loadSharp())(bytes).withXmp(xmp).toBuffer();
}

/** With a chunk in front of the pixels. */
export function pngWith(bytes: Buffer, type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = [Buffer.alloc(4), Buffer.alloc(4)] as const;
  ends[0].writeUInt32BE(data.length);
  ends[1].writeUInt32BE(crc32(body));
  return Buffer.concat([bytes.subarray(0, 33), ends[0], body, ends[1], bytes.subarray(33)]);
}

/** With a segment right after the start. */
export function jpegWith(bytes: Buffer, marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([bytes.subarray(0, 2), head, data, bytes.subarray(2)]);
}

/** With a chunk at the end. */
export function webpWith(bytes: Buffer, type: string, data: Uint8Array): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(data.length, 4);
  const whole = Buffer.concat([bytes, head, data, Buffer.alloc(data.length % 2)]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

/** The beginning of a box as C2PA puts its manifests into; what follows is of no meaning here. */
export function signed(type: RasterType, bytes: Buffer): Buffer {
  const description = Buffer.concat([
    Buffer.from('\0\0\0\x1ejumd', 'latin1'),
    Buffer.from('6332706100110010800000aa00389b71', 'hex'),
    Buffer.from('\x03c2pa\0', 'latin1'),
  ]);
  const box = Buffer.concat([Buffer.from('\0\0\0\x66jumb', 'latin1'), description, Buffer.alloc(64, 7)]);
  if (type === 'png') return pngWith(bytes, 'caBX', box);
  if (type === 'webp') return webpWith(bytes, 'C2PA', box);
  return jpegWith(bytes, 0xeb, Buffer.concat([Buffer.from('JP\0\x01\0\0\0\x01', 'latin1'), box]));
}

/** Title, keywords, author and rights in IPTC-IIM, as Photoshop keeps them in a JPEG. */
export function withIptc(jpeg: Buffer): Buffer {
  const set = (record: number, number: number, text: string): Buffer => {
    const value = Buffer.from(text);
    const head = Buffer.from([0x1c, record, number, 0, 0]);
    head.writeUInt16BE(value.length, 3);
    return Buffer.concat([head, value]);
  };
  const sets = Buffer.concat([
    set(1, 90, '\x1b%G'),
    set(2, 5, 'Der Fuchs'),
    set(2, 25, 'Wald'),
    set(2, 25, 'Schnee, tief'),
    set(2, 80, 'Ä. Author'),
    set(2, 116, '© Nobody'),
  ]);
  const resource = Buffer.from('8BIM\x04\x04\0\0\0\0\0\0', 'latin1');
  resource.writeUInt32BE(sets.length, 8);
  const padding = Buffer.alloc(sets.length % 2);
  return jpegWith(
    jpeg,
    0xed,
    Buffer.concat([Buffer.from('Photoshop 3.0\0', 'latin1'), resource, sets, padding]),
  );
}
