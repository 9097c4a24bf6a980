import assert from 'node:assert/strict';
import { disclosedXmp } from '../../../src/engine/images/marks/carry.ts';
import { inSrgb } from '../../../src/engine/images/pixels/colours.ts';
import { exifDensity, settledExif, withDensity } from '../../../src/engine/images/marks/exif.ts';
import { isSrgb, spaceOf } from '../../../src/engine/images/marks/icc.ts';
import { readMarks, writeMarks } from '../../../src/engine/images/marks/marks.ts';
import { changedXmp, propertyText, readXmp } from '../../../src/engine/images/marks/xmp.ts';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import { cutGrid, finish } from '../../../src/engine/images/pixels/transform.ts';
import { markImage } from '../../../src/engine/images/pixels/markImage.ts';
import { compositeType, generatedType, markedImage, providerXmp, signed } from './marked.ts';
import { exiftoolVersion, readByExiftool, readByPackage } from './reader.ts';

const nothing = {
  sourceType: 'png',
  backgroundRemoved: false,
  trim: false,
  enhance: null,
  convert: null,
  thumbnail: null,
} as const;

const onFailure = (_stage: string, error: Error): never => {
  throw error;
};

describe('the parts of marks', function () {
  this.timeout(60_000);

  it('E1: XMP with other prefixes, attributes and single quotes is understood, and stays as it was written', () => {
    const odd = `<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
      <!-- <r:Description/> --><r:Description xmlns:i='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'
      i:DigitalSourceType='${compositeType}' i:AISystemUsed='A &#38; B'/></r:RDF>`;
    const packet = readXmp(Buffer.from(odd));
    assert.equal(propertyText(packet, 'Iptc4xmpExt:DigitalSourceType'), compositeType);
    assert.equal(propertyText(packet, 'Iptc4xmpExt:AISystemUsed'), 'A & B');
    assert.equal(disclosedXmp(Buffer.from(odd)), null);
    const without = changedXmp(packet, { set: {}, drop: ['Iptc4xmpExt:DigitalSourceType'] });
    assert.equal(without.toString(), odd.replace(`i:DigitalSourceType='${compositeType}'`, ''));
    const again = readXmp(disclosedXmp(without));
    assert.equal(propertyText(again, 'Iptc4xmpExt:DigitalSourceType'), generatedType);
    assert.equal(propertyText(again, 'Iptc4xmpExt:AISystemUsed'), 'A & B');
  });

  it('E1: XMP that says nothing, and XMP that cannot be read', () => {
    const empty = Buffer.from('<a:RDF xmlns:a="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>');
    assert.equal(propertyText(readXmp(disclosedXmp(empty)), 'Iptc4xmpExt:DigitalSourceType'), generatedType);
    for (const text of ['', 'no xmp', '<a', '<a></b>', '<a/>', '<a><b/></a>', '<!DOCTYPE a><a/>']) {
      assert.equal(readXmp(Buffer.from(text)), null, text);
      const made = readXmp(disclosedXmp(Buffer.from(text)));
      assert.equal(propertyText(made, 'Iptc4xmpExt:DigitalSourceType'), generatedType, text);
    }
  });

  it('E1: XMP that is too long for a segment of a JPEG goes on in others, whole, and back into one', async () => {
    const words = 'A fox & "friends". '.repeat(9000);
    const long = changedXmp(readXmp(Buffer.from(providerXmp(compositeType))), {
      set: { 'Iptc4xmpExt:AIPromptInformation': words.trim(), 'dc:description': { alt: words.trim() } },
    });
    assert.ok(long.length > 300_000);
    const jpg = writeMarks(await markedImage('jpg'), { xmp: long }) ?? assert.fail('not written');
    assert.deepEqual(writeMarks(jpg, { xmp: long }), jpg);
    const read = readXmp(readMarks(jpg).xmp);
    assert.equal(propertyText(read, 'Iptc4xmpExt:AIPromptInformation'), words.trim());
    assert.equal(propertyText(read, 'dc:description'), words.trim());
    assert.equal(propertyText(read, 'Iptc4xmpExt:DigitalSourceType'), compositeType);
    assert.equal((await readByPackage(Buffer.from(jpg))).sourceType, compositeType);
    assert.equal((await readByPackage(Buffer.from(jpg))).disclosure[2], words.trim());
    if (exiftoolVersion !== null) {
      const [seen] = readByExiftool([{ name: 'long.jpg', bytes: jpg }]);
      assert.match(
        seen?.disclosure[2] ?? '',
        new RegExp(`^\\(Binary data ${words.trim().length} bytes`, 'u'),
      );
      assert.equal(seen?.validate, 'OK');
    }
    const png =
      writeMarks(await markedImage('png'), { xmp: readMarks(jpg).xmp }) ?? assert.fail('not written');
    assert.equal((await readByPackage(Buffer.from(png))).disclosure[2], words.trim());
  });

  it('E1: EXIF is turned upright and loses its small image; a density is added where it has none', async () => {
    const sharp = await loadSharp();
    const jpg = await sharp(await markedImage('jpg'))
      .withExif({ IFD0: { Artist: 'A Camera Club' } })
      .withMetadata({ orientation: 6, density: 200 })
      .toBuffer();
    const { exif, density } = readMarks(jpg);
    assert.ok(exif !== null && density === 200);
    const settled = settledExif(exif, { width: 40, height: 60, density: 300 });
    assert.equal(exifDensity(settled), 300);
    const written = writeMarks(jpg, { exif: settled }) ?? assert.fail('not written');
    assert.equal((await sharp(written).metadata()).orientation, 1);
    assert.equal(exifDensity(withDensity(null, 72)), 72);
    const lone = Buffer.from('II*\0\x08\0\0\0\x01\0\x3b\x01\x02\0\x03\0\0\0ab\0\0\0\0\0\0', 'latin1');
    assert.equal(exifDensity(withDensity(lone, 96)), 96);
    assert.deepEqual(withDensity(withDensity(lone, 96), 96), withDensity(lone, 96));
    assert.equal(settledExif(Buffer.from('no exif at all'), { width: 1, height: 1, density: 1 }), null);
  });

  it('E3: knows sRGB by its numbers, and turns other colours into it', async () => {
    const sharp = await loadSharp();
    const profile = async (name: string): Promise<Uint8Array> =>
      readMarks(
        await sharp(await markedImage('png'))
          .withIccProfile(name)
          .png()
          .toBuffer(),
      ).icc ?? assert.fail();
    assert.equal(isSrgb(await profile('srgb')), true);
    assert.equal(isSrgb(await profile('p3')), false);
    assert.equal(spaceOf(Buffer.alloc(200)), null);
    const plain = await markedImage('png', { profile: 'srgb' });
    assert.equal(await inSrgb(plain), null);
    const wide = await markedImage('png', { profile: 'p3', density: 300 });
    const turned = (await inSrgb(wide)) ?? assert.fail();
    assert.deepEqual(
      [isSrgb(readMarks(turned).icc ?? Buffer.alloc(0)), readMarks(turned).density],
      [true, 300],
    );
    const [a, b] = await Promise.all([wide, turned].map((bytes) => sharp(bytes).raw().toBuffer()));
    assert.ok(a?.every((part, at) => Math.abs(part - (b?.[at] ?? 0)) <= 1));
  });

  it('E3: grey pixels have no profile of three colours', async () => {
    const sharp = await loadSharp();
    const icc = readMarks(await markedImage('png', { profile: 'srgb' })).icc;
    const grey = sharp(await markedImage('png'))
      .removeAlpha()
      .toColourspace('b-w');
    const png = await grey.png().toBuffer();
    const jpg = await grey.jpeg().toBuffer();
    for (const bytes of [png, jpg]) {
      assert.equal((await sharp(bytes).metadata()).channels, 1);
      const written = Buffer.from(writeMarks(bytes, { icc, density: 300 }) ?? assert.fail('not written'));
      const { profile, density } = await readByPackage(written);
      assert.deepEqual([profile, density], [undefined, 300]);
      assert.equal(written.includes('sRGB'), bytes === png, 'a PNG says it in another way');
      assert.deepEqual(await sharp(written).raw().toBuffer(), await sharp(bytes).raw().toBuffer());
    }
  });

  it('E1: the images of a grid have its marks each', async () => {
    const grid = await markedImage('webp', { xmp: providerXmp(compositeType), density: 300 });
    for (const quarter of await cutGrid(grid)) {
      const seen = await readByPackage(Buffer.from(quarter));
      assert.deepEqual([seen.sourceType, seen.disclosure[0], seen.density], [compositeType, 'Flux', 300]);
    }
  });

  it('E1, E2: a drawing says it in its metadata, with what its maker said of AI and nothing that could run', async () => {
    const metadata = providerXmp(null).replace(/^<\?[^>]*\?>|<\?[^>]*\?>$/gu, '');
    const drawing = (inside: string): Buffer =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${inside}<rect width="5" height="5"/></svg>`,
      );
    for (const [original, system] of [
      [drawing(''), null],
      [
        drawing(
          `<metadata>${metadata}<script xmlns="http://www.w3.org/1999/xhtml">run()</script></metadata>`,
        ),
        'Flux',
      ],
    ] as const) {
      const plan = { ...nothing, sourceType: 'svg' } as const;
      const done = await markImage(
        await finish(original, plan, { onFailure }),
        { original, cutout: null },
        true,
      );
      const text = Buffer.from(done.bytes).toString();
      const packet = readXmp(done.bytes);
      assert.equal(propertyText(packet, 'Iptc4xmpExt:DigitalSourceType'), generatedType);
      assert.equal(propertyText(packet, 'Iptc4xmpExt:AISystemUsed'), system);
      assert.match(text, /^<svg[^>]*><metadata><x:xmpmeta/);
      assert.equal(text.includes('run()'), false);
      const again = await markImage(
        await finish(done.bytes, plan, { onFailure }),
        { original: Buffer.from(done.bytes), cutout: null },
        true,
      );
      assert.deepEqual(again.bytes, done.bytes);
      if (exiftoolVersion !== null) {
        const [seen] = readByExiftool([{ name: 'drawing.svg', bytes: done.bytes }]);
        assert.equal(seen?.sourceType, generatedType);
      }
    }
  });

  it('E1: JUMBF of another kind is no signature, and stays', async () => {
    const jpg = signed('jpg', await markedImage('jpg'));
    const other = Buffer.from(jpg.toString('latin1').replaceAll('c2pa', 'priv'), 'latin1');
    assert.deepEqual([readMarks(jpg).signed, readMarks(other).signed], [true, false]);
    const written = writeMarks(other, { density: 300 }) ?? assert.fail('not written');
    assert.ok(Buffer.from(written).includes('priv'));
  });
});
