import assert from 'node:assert/strict';
import { sanitizeSvg } from '../../../src/engine/images/svg.ts';
import { sniffType } from '../../../src/engine/images/sniff.ts';
import { inspectImage } from '../../../src/engine/images/pixels/thumbnail.ts';
import { finish } from '../../../src/engine/images/pixels/transform.ts';
import type { FinishPlan } from '../../../src/engine/images/pixels/transform.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { near, pixelAt, rgba } from './testImages.ts';

const drawing = (content: string, attributes = 'width="40" height="40"'): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`,
  );
const clean = (content: string, attributes?: string): string =>
  Buffer.from(sanitizeSvg(drawing(content, attributes))).toString();

function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    // Whether it is refused is not the question.
  }
}

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

  const styled: [string, string, RegExp, RegExp][] = [
    [
      'a font of its own',
      '@font-face{font-family:X;src:url(data:font/woff2;base64,AAAA)} .a{fill:red}',
      /\.a\{fill:red\}/,
      /font-face/,
    ],
    [
      'rules for some screens',
      '.a{fill:red} @media (min-width:1px){.a{fill:blue;stroke:url(//evil.example)}}',
      /@media.*fill:blue/,
      /evil/,
    ],
    [
      'motion',
      '@keyframes k{from{opacity:0}to{opacity:1}} .a{animation:k 1s}',
      /@keyframes k.*animation:k 1s/,
      /alert/,
    ],
    ['escaped class names', '.sm\\:a{fill:red}', /\.sm\\:a\{fill:red\}/, /alert/],
    ['an address left open', '.a{fill:red;stroke:url(https://evil.example/', /\.a\{fill:red\}/, /evil|url/],
    ['an escaped address', '.a{fill:red;stroke:u\\72l(//evil.example)}', /\.a\{fill:red\}/, /evil/],
    ['an address by another name', '.a{fill:red;cursor:image-set("//evil.example" 1x)}', /fill:red/, /evil/],
    ['an address in a variable', '.a{--x:url(//evil.example);fill:red;stroke:var(--x)}', /fill:red/, /evil/],
    ['a condition that loads', '@supports (x:url(//evil.example)){.a{fill:red}} .b{fill:red}', /\.b/, /evil/],
    ['an import by an escaped name', '@\\69mport "//evil.example"; .a{fill:red}', /\.a\{fill:red\}/, /evil/],
    ['a stray bracket before an import', '.a{fill:red}} @import url(//evil.example);', /fill:red/, /evil/],
  ];
  for (const [what, css, kept, gone] of styled) {
    it(`P9: of a style with ${what}, only what loads something goes`, () => {
      const result = clean(`<style>${css}</style><rect class="a" width="9" height="9"/>`);
      assert.match(result, kept);
      assert.doesNotMatch(result, gone);
    });
  }

  const references: [string, boolean][] = [
    ['url(#g)', true],
    [' url( "#g" ) ', true],
    ['url(//evil.example)', false],
    ['url(//evil.example', false],
    ['url(', false],
    ['url(#g)url(//evil.example)', false],
    ['url(#g', false],
    ['\\75rl(//evil.example)', false],
  ];
  for (const [value, kept] of references) {
    it(`P9: an attribute may ${kept ? '' : 'not '}say ${value}`, () => {
      const escaped = value.replaceAll('"', '&quot;');
      assert.equal(clean(`<rect fill="${escaped}"/>`).includes('fill='), kept);
    });
  }

  it('P9: shapes inside a link stay, and what stands in CDATA is text wherever the drawing is placed', () => {
    const linked = clean('<a href="https://evil.example"><circle r="9"/><a><rect id="in"/></a></a>');
    assert.match(linked, /<circle r="9"\/><rect id="in"\/>/);
    assert.doesNotMatch(linked, /<a|evil/);
    assert.doesNotMatch(clean('<text><![CDATA[<script>alert(1)</script>]]></text>'), /<script|CDATA/);
  });

  it('P9: attributes and images of common drawing programs stay', () => {
    const kept = clean(
      '<mask mask-type="alpha"/><g transform-origin="5 5" systemLanguage="en"/><image href="data:image/jpg;base64,AAAA"/>',
    );
    for (const part of ['mask-type="alpha"', 'transform-origin="5 5"', 'systemLanguage', 'image/jpg']) {
      assert.ok(kept.includes(part), `${part} in ${kept}`);
    }
  });

  // Each of these once held the thread for half a minute or for ever.
  const endless: [string, string][] = [
    ['document types without end', `<!DOCTYPE ${'[]'.repeat(60)}`],
    ['comments that never end', `<svg xmlns="http://www.w3.org/2000/svg">${'<!--'.repeat(100_000)}`],
    ['addresses that never end', drawing(`<rect fill="${'url('.repeat(100_000)}"/>`).toString()],
    ['styles of nothing but brackets', drawing(`<style>${'{}'.repeat(60_000)}</style>`).toString()],
    ['styles of nothing but errors', drawing(`<style>${';+'.repeat(60_000)}</style>`).toString()],
    ['roots of nothing but attributes', `<svg ${'width="'.repeat(9_000)}>`],
  ];
  for (const [what, text] of endless) {
    it(`S6: ${what} are read in one pass`, () => {
      const bytes = Buffer.from(text);
      if (sniffType(bytes) === 'svg') attempt(() => sanitizeSvg(bytes));
    });
  }

  const heavy: [string, string, RegExp][] = [
    ['elements', '<g/>'.repeat(60_000), /over 50000 elements/],
    [
      'attributes',
      `<g ${Array.from({ length: 300 }, (_, n) => `a${n}="1"`).join(' ')}/>`,
      /over 250 attributes/,
    ],
    ['text', `<text>${'w'.repeat(30_000)}</text>`, /30000 characters/],
    ['filters', `<filter id="f">${'<feOffset/>'.repeat(70)}</filter>`, /70 steps of filters/],
    ['noise', `<filter id="f"><feTurbulence numOctaves="99"/></filter>`, /99 octaves/],
    [
      'repetition',
      `<g id="a0"><rect/></g>${Array.from({ length: 9 }, (_, n) => `<g id="a${n + 1}">${`<use href="#a${n}"/>`.repeat(10)}</g>`).join('')}`,
      /repeated elements/,
    ],
  ];
  for (const [what, content, words] of heavy) {
    it(`S6: a drawing with too much ${what} is refused with the reason`, () => {
      assert.throws(
        () => clean(content),
        (error) => isFactoryError(error, 'image.invalid') && words.test(error.message),
      );
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
    const plan: FinishPlan = {
      sourceType: 'svg',
      backgroundRemoved: false,
      trim: true,
      enhance: { sharpening: 5, saturation: 1.4 },
      convert: { format: 'webp', quality: 80, background: 'white' },
      thumbnail: null,
    };
    const done = await finish(source, plan, { onFailure: (_stage, error) => assert.ifError(error) });
    assert.equal(done.type, 'svg');
    assert.doesNotMatch(Buffer.from(done.bytes).toString(), /script/);
    assert.deepEqual(done.skipped, ['trim', 'enhance', 'convert']);
  });

  it('P9: is looked at as a rasterised preview of the wanted size, whatever size it declares', async () => {
    const seen = await inspectImage(
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
