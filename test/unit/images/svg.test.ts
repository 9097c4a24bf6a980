import assert from 'node:assert/strict';
import { sanitizeSvg } from '../../../src/engine/images/svg.ts';
import { inspect } from '../../../src/engine/images/thumbnail.ts';
import { finish } from '../../../src/engine/images/transform.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { near, pixelAt, rgba } from './pictures.ts';

const drawing = (content: string, attributes = 'width="40" height="40"'): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`,
  );
const clean = (content: string, attributes?: string): string =>
  Buffer.from(sanitizeSvg(drawing(content, attributes))).toString();

describe('SVG from outside', () => {
  it('P9: keeps what draws', () => {
    const kept = clean(
      '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient></defs><g transform="scale(2)"><path d="M0 0L9 9" style="fill:url(#g)" stroke-width="2"/><use href="#g"/></g><style>.a{fill:#fff}</style>',
    );
    for (const part of [
      '<linearGradient',
      'stop-color="red"',
      'scale(2)',
      'd="M0 0L9 9"',
      'fill:url(#g)',
      'href="#g"',
      '.a{fill:#fff}',
    ]) {
      assert.ok(kept.includes(part), `${part} in ${kept}`);
    }
  });

  const hostile: [string, string][] = [
    ['scripts', '<script>alert(1)</script>'],
    ['event attributes', '<rect width="1" height="1" onload="alert(1)" ONCLICK="alert(1)"/>'],
    [
      'foreign content',
      '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(1)"/></body></foreignObject>',
    ],
    ['links that run', '<a href="javascript:alert(1)"><rect width="1" height="1"/></a>'],
    [
      'pictures from elsewhere',
      '<image href="https://evil.example/alert"/><image xlink:href="file:///etc/alert"/>',
    ],
    ['drawings inside data addresses', '<image href="data:image/svg+xml;base64,YWxlcnQ="/>'],
    ['uses of other files', '<use xlink:href="other.svg#alert"/>'],
    [
      'animation of references',
      '<set attributeName="href" to="javascript:alert(1)"/><animate onbegin="alert(1)"/>',
    ],
    ['style imports', '<style>@import url(https://evil.example/alert.css);</style>'],
    [
      'style addresses',
      '<rect style="fill:url(https://evil.example/alert)" filter="url(https://evil.example/alert)"/>',
    ],
    ['escapes that hide an address', '<rect style="fill:u\\72l(https://evil.example/alert)"/>'],
    [
      'elements of other namespaces',
      '<html:script xmlns:html="http://www.w3.org/1999/xhtml">alert(1)</html:script>',
    ],
    ['processing instructions', '<?xml-stylesheet href="https://evil.example/alert.css"?>'],
    ['comments', '<!-- alert -->'],
  ];
  for (const [what, content] of hostile) {
    it(`P9: removes ${what}`, () => {
      const result = clean(content);
      assert.doesNotMatch(result, /alert|evil|javascript/i);
    });
  }

  it('P9: refuses entities, broken files and endless nesting with one clear error', () => {
    const bomb = Buffer.from(
      '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>',
    );
    const invalid = (bytes: Uint8Array, words: RegExp): void => {
      assert.throws(
        () => sanitizeSvg(bytes),
        (error) => isFactoryError(error, 'image.invalid') && words.test(error.message),
      );
    };
    invalid(bomb, /entities/);
    invalid(drawing('<g><rect></g>'), /well-formed/);
    invalid(drawing('<g>'.repeat(400) + '</g>'.repeat(400)), /nested deeper/);
    invalid(Buffer.from('<html xmlns="http://www.w3.org/1999/xhtml"/>'), /no svg root/);
  });

  it('P9: is delivered sanitised, and the steps that work on pixels are named as skipped', async () => {
    const source = drawing('<rect width="40" height="40" fill="#00ff00"/><script>alert(1)</script>');
    const done = await finish(source, {
      sourceType: 'svg',
      backgroundRemoved: false,
      trim: true,
      enhance: { sharpening: 5, saturation: 1.4 },
      convert: { format: 'webp', quality: 80, background: 'white' },
      hard: [],
      thumbnail: null,
    });
    assert.equal(done.type, 'svg');
    assert.doesNotMatch(Buffer.from(done.bytes).toString(), /script/);
    assert.deepEqual(done.skipped, ['trim', 'enhance', 'convert']);
  });

  it('P9: is looked at as a rasterised preview of the wanted size, whatever size it declares', async () => {
    const seen = await inspect(
      drawing('<rect width="5000000" height="2500000" fill="#0000ff"/>', 'width="5000000" height="2500000"'),
      { maxSide: 512 },
    );
    assert.equal(seen.type, 'svg');
    const look = await rgba(seen.visionImage.bytes);
    assert.deepEqual([look.width, look.height], [512, 256]);
    const [r, g, b] = pixelAt(look, 200, 100);
    assert.ok(near(r, 0, 6) && near(g, 0, 6) && near(b, 255, 6), `${r} ${g} ${b}`);
    const small = await rgba(seen.thumbnail);
    assert.deepEqual([small.width, small.height], [256, 128]);
  });
});
