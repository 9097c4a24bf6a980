import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readMarks, writeMarks } from '../../../src/engine/images/marks/marks.ts';
import { disclosedXmp, disclosureOf, withCarried } from '../../../src/engine/images/marks/carry.ts';
import { isSrgb } from '../../../src/engine/images/marks/icc.ts';
import { readXmp } from '../../../src/engine/images/marks/xmp.ts';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import type { RasterType } from '../../../src/engine/images/pixels/transform.ts';
import { jpegWith, markedImage, pngWith, providerXmp, signed, webpWith, withIptc } from './marked.ts';

const types: readonly RasterType[] = ['png', 'jpg', 'webp'];

/** The pixels as sharp decodes them; null for what it refuses. */
async function pixels(bytes: Uint8Array): Promise<Buffer | null> {
  const sharp = await loadSharp();
  try {
    return await sharp(bytes, { ignoreIcc: true, failOn: 'none' }).raw().toBuffer();
  } catch {
    return null;
  }
}

/** Everything that is done with an image from elsewhere. */
function workedOn(bytes: Buffer): Uint8Array {
  const marks = readMarks(bytes);
  if (marks.icc !== null) isSrgb(marks.icc);
  withCarried(bytes, marks, { width: 10, height: 10, disclose: true });
  const xmp = disclosedXmp(marks.xmp);
  return (xmp && writeMarks(bytes, { ...marks, xmp, density: 300 })) ?? bytes;
}

describe('marks of hostile files', function () {
  this.timeout(120_000);

  for (const type of types) {
    it(`E1: ${type}: nothing that is changed or cut off fails, hangs, or loses pixels that could be seen`, async () => {
      const rich = await markedImage(type, {
        xmp: providerXmp(null),
        profile: 'p3',
        density: 300,
        exif: true,
      });
      const original = signed(type, type === 'jpg' ? withIptc(rich) : rich);
      const change = fc.record({ at: fc.nat(original.length - 1), value: fc.nat(255) });
      const head = fc.record({ at: fc.nat(Math.min(2500, original.length - 1)), value: fc.nat(255) });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(change, head), { maxLength: 8 }),
          fc.option(fc.nat(original.length)),
          async (changes, length) => {
            const bytes = Buffer.from(original.subarray(0, length ?? original.length));
            for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
            const before = await pixels(bytes);
            const written = workedOn(bytes);
            if (before !== null) assert.deepEqual(await pixels(written), before);
          },
        ),
        { numRuns: 300, seed: 20_261_128 },
      );
    });
  }

  it('E1: texts that are made to hold up a reader are refused at once', () => {
    const long = (part: string): string => part.repeat(Math.floor(4_000_000 / part.length));
    const hostile = [
      long('<a'),
      long('<a '),
      long('<a>'),
      long('<?xpacket '),
      long('<!--'),
      long('<![CDATA['),
      long('&amp;'),
      long('<rdf:RDF '),
      long('<a b="'),
      `<a ${long('b="" ')}/>`,
      `<!DOCTYPE a [<!ENTITY b "${long('c')}">]><a>&b;</a>`,
      `<a xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${long('<rdf:RDF/>')}</a>`,
      `<a>${long(' ')}`,
      long(' =a'),
    ];
    const started = performance.now();
    for (const text of hostile) {
      readXmp(Buffer.from(text));
      disclosureOf(Buffer.from(text), true);
    }
    assert.ok(performance.now() - started < 20_000, `${performance.now() - started} ms`);
  });

  it('E1: parts that promise more than they hold, or that swell, are not believed', async () => {
    const png = await markedImage('png');
    const jpg = await markedImage('jpg');
    const webp = await markedImage('webp');
    const { deflateSync } = await import('node:zlib');
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    const text = (words: string): Buffer => Buffer.from(words, 'latin1');
    const started = performance.now();
    for (const bytes of [
      pngWith(png, 'iCCP', Buffer.concat([text('x\0\0'), bomb])),
      pngWith(png, 'zTXt', Buffer.concat([text('Raw profile type iptc\0\0'), bomb])),
      pngWith(png, 'iTXt', Buffer.concat([text('XML:com.adobe.xmp\0\x01\0\0\0'), bomb])),
      pngWith(png, 'eXIf', text('II*\0\xff\xff\xff\xff')),
      pngWith(png, 'eXIf', text('II*\0\x08\0\0\0\xff\xff')),
      jpegWith(jpg, 0xe2, text('ICC_PROFILE\0\x01\xff')),
      jpegWith(jpg, 0xed, text('Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff')),
      jpegWith(
        jpg,
        0xe1,
        text(`http://ns.adobe.com/xmp/extension/\0${'A'.repeat(32)}\xff\xff\xff\xff\0\0\0\0`),
      ),
      webpWith(webp, 'EXIF', text('MM\0*\0\0\0\x08\xff\xff')),
      Buffer.concat([png.subarray(0, 33), Buffer.alloc(3_000_000)]),
      Buffer.concat([jpg.subarray(0, 2), Buffer.alloc(3_000_000, 0xff)]),
      Buffer.concat([webp.subarray(0, 12), Buffer.alloc(3_000_000)]),
      Buffer.alloc(0),
      Buffer.of(0xff, 0xd8, 0xff),
    ]) {
      workedOn(bytes);
    }
    assert.ok(performance.now() - started < 20_000);
  });
});
