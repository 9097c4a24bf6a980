import assert from 'node:assert/strict';
import { acceptImage, sniffType } from '../../../src/engine/images/sniff.ts';
import { maxImageBytes, maxSvgBytes } from '../../../src/engine/model/imageLimits.ts';
import { loadSharp } from '../../../src/engine/images/pixels/sharp.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { striped } from './testImages.ts';

const refuses = (bytes: Uint8Array, code: 'image.invalid' | 'image.tooLarge', words: RegExp): void => {
  assert.throws(
    () => acceptImage(bytes),
    (error) => isFactoryError(error, code) && words.test(error.message),
  );
};

describe('what an image is, by its bytes', () => {
  it('P6: tells PNG, JPEG and WebP apart by content and reads their size without decoding', async () => {
    for (const [format, type] of [
      ['png', 'png'],
      ['jpeg', 'jpg'],
      ['webp', 'webp'],
    ] as const) {
      assert.deepEqual(acceptImage(await striped(37, 21, format)), { type, width: 37, height: 21 });
    }
  });

  it('P6: reads every kind of WebP: lossy, lossless, with alpha', async () => {
    const sharp = await loadSharp();
    const clear = sharp({
      create: { width: 41, height: 23, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0.5 } },
    });
    for (const bytes of [
      await clear.clone().webp().toBuffer(),
      await clear.clone().webp({ lossless: true }).toBuffer(),
    ]) {
      assert.deepEqual(acceptImage(bytes), { type: 'webp', width: 41, height: 23 });
    }
  });

  it('P6: reads a progressive JPEG with metadata in front', async () => {
    const sharp = await loadSharp();
    const bytes = await sharp(await striped(64, 48, 'png'))
      .withExif({ IFD0: { Copyright: 'x'.repeat(900) } })
      .jpeg({ progressive: true })
      .toBuffer();
    assert.deepEqual(acceptImage(bytes), { type: 'jpg', width: 64, height: 48 });
  });

  it('P6: refuses an image cut off anywhere, at each kind', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const whole = await striped(64, 64, format);
      for (const share of [0.2, 0.5, 0.9, 0.99]) {
        refuses(whole.subarray(0, Math.floor(whole.length * share)), 'image.invalid', /cut off|is no PNG/);
      }
      refuses(whole.subarray(0, whole.length - 1), 'image.invalid', /cut off/);
    }
    refuses(
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect wid'),
      'image.invalid',
      /cut off/,
    );
  });

  it('P6: takes an image with padding behind its end', async () => {
    const padded = Buffer.concat([await striped(20, 20, 'jpeg'), Buffer.alloc(64)]);
    assert.equal(acceptImage(padded).type, 'jpg');
  });

  it('P6: names what arrived instead of an image', () => {
    refuses(
      Buffer.from('<!DOCTYPE html><html><body>Bad gateway</body></html>'),
      'image.invalid',
      /a web page/,
    );
    refuses(Buffer.from('{"error":"x"}'), 'image.invalid', /a JSON answer/);
    refuses(Buffer.from('GIF89a0000000000'), 'image.invalid', /a GIF/);
    refuses(Buffer.from('nothing that anybody knows'), 'image.invalid', /something else/);
    refuses(new Uint8Array(0), 'image.invalid', /empty/);
    // The name would have said PNG.
    assert.equal(sniffType(Buffer.from('%PDF-1.7')), null);
  });

  it('P6: refuses a decompression bomb by its header, at once', () => {
    const bomb = Buffer.alloc(57);
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]).copy(bomb);
    bomb.write('IHDR', 12);
    bomb.writeUInt32BE(65535, 16);
    bomb.writeUInt32BE(65535, 20);
    bomb.write('IEND', 37);
    refuses(bomb, 'image.tooLarge', /65535 × 65535 pixels.*64 megapixels/);
  });

  it('P6: refuses more than 64 MB, and more than 5 MB of SVG', () => {
    refuses(Buffer.alloc(maxImageBytes + 1), 'image.tooLarge', /64 MB/);
    const svg = Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg"><!--${'x'.repeat(maxSvgBytes)}--></svg>`,
    );
    refuses(svg, 'image.tooLarge', /5 MB/);
  });

  it('P9: reads the size of a drawing from its root, in any unit, or from its view box', () => {
    const size = (attributes: string, before = ''): unknown => {
      const { width, height } = acceptImage(
        Buffer.from(`${before}<svg xmlns="http://www.w3.org/2000/svg" ${attributes}></svg>`),
      );
      return [width, height];
    };
    assert.deepEqual(size('width="120" height="80px"'), [120, 80]);
    assert.deepEqual(size('width="1in" height="2.54cm"'), [96, 96]);
    assert.deepEqual(
      size('viewBox="0 0 30 60"', '\uFEFF<?xml version="1.0"?><!-- a > b --><!DOCTYPE svg>\n'),
      [30, 60],
    );
    assert.deepEqual(size('viewBox="0,0,30,60" width="15"'), [15, 30]);
    assert.deepEqual(size('width="100%" height="100%"'), [300, 150]);
  });
});
