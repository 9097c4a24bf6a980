/** Pictures that are made to hold up whoever looks at them: each ends its image, nothing else. */
import assert from 'node:assert/strict';
import { workOnPixels } from '../../../src/engine/images/pixelPool.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { withXmp } from '../images/marked.ts';
import { striped } from '../images/testImages.ts';
import { makeFaked } from './faked.ts';

const svg = (content: string, attributes = 'width="1024" height="1024"'): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);
const uses = (levels: number): string =>
  Array.from(
    { length: levels },
    (_, at) => `<g id="l${at + 1}">${`<use href="#l${at}"/>`.repeat(12)}</g>`,
  ).join('');
const turbulence =
  '<filter id="f"><feTurbulence baseFrequency="0.9" numOctaves="9999"/></filter>' +
  '<rect width="1024" height="1024" filter="url(#f)"/>'.repeat(40);

/** By what they do; those without a star stand in no report. */
const bodies: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  'a document type of brackets': () => Buffer.from(`<!DOCTYPE ${'[]['.repeat(40)}`),
  'a value that is never closed': () => svg(`<rect fill="${'url('.repeat(300_000)}"/>`),
  'comments that never end': () =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${'<!--'.repeat(900_000)}`),
  '300,000 attributes': () => svg('', Array.from({ length: 300_000 }, (_, at) => `a${at}="1"`).join(' ')),
  '120 KB of text': () => svg(`<text font-size="900">${'&#x1F98A;W'.repeat(12_000)}</text>`),
  'a million elements': () => svg('<g/>'.repeat(1_100_000)),
  'noise in 3 KB': () => svg(turbulence),
  'drawings within drawings': () => svg(`<rect id="l0" width="9" height="9"/>${uses(9)}`),
  'filters that take minutes': () =>
    svg(
      `<filter id="f">${'<feGaussianBlur stdDeviation="50"/>'.repeat(64)}</filter>` +
        '<rect width="1024" height="1024" filter="url(#f)"/>'.repeat(40),
    ),
  'patterns within patterns': () =>
    svg(
      Array.from(
        { length: 30 },
        (_, at) =>
          `<pattern id="p${at + 1}" width="1" height="1" patternUnits="userSpaceOnUse"><rect width="99" height="99" fill="url(#p${at})"/></pattern>`,
      ).join('') + '<rect width="1024" height="1024" fill="url(#p30)"/>',
    ),
  'masks within masks': () =>
    svg(
      Array.from(
        { length: 200 },
        (_, at) => `<mask id="m${at + 1}"><rect width="1024" height="1024" mask="url(#m${at})"/></mask>`,
      ).join('') + '<rect width="1024" height="1024" mask="url(#m200)"/>'.repeat(30),
    ),
  'a style sheet of beginnings': () => svg(`<style>${'@media (a:not('.repeat(200_000)}</style>`),
  'a path of a million turns': () =>
    svg(`<path stroke="red" stroke-dasharray="0.01" d="M0 0${'L1024 9 0 1'.repeat(200_000)}"/>`),
  'entities within entities': () =>
    Buffer.from(
      `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "${'&a;'.repeat(9999)}">]>${String(svg('&b;'.repeat(9999)))}`,
    ),
  'marks that never end': async () =>
    withXmp(await striped(64, 64, 'png'), `<x:xmpmeta xmlns:x="adobe:ns:meta/">${'<a b="'.repeat(300_000)}`),
};

/** Milliseconds of processor time that this thread took at a stretch, at most. */
async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let before = used();
  const look = (): void => {
    const now = used();
    longest = Math.max(longest, now - before);
    before = now;
  };
  const timer = setInterval(look, 1);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  look();
  return longest;
}

/** As downloads and finishing do it. */
async function lookedAt(bytes: Buffer): Promise<void> {
  const { type } = acceptImage(bytes);
  await workOnPixels('inspect', { bytes, maxSide: 1024 });
  const plan = {
    sourceType: type,
    backgroundRemoved: false,
    trim: false,
    enhance: null,
    convert: null,
    thumbnail: null,
  };
  await workOnPixels('finish', { original: bytes, cutout: null, plan, hard: [], disclose: true });
}

describe('pictures that are made to hold everything up', () => {
  before(() => workOnPixels('drawPng', { svg: String(svg('')) }));

  for (const [name, make] of Object.entries(bodies)) {
    it(`P17: ${name}: over within seconds, and this thread is free meanwhile`, async () => {
      const bytes = await make();
      const began = performance.now();
      const stretch = await longestStretch(() =>
        lookedAt(bytes).catch((error: unknown) => {
          if (!isFactoryError(error, 'image.invalid') && !isFactoryError(error, 'image.tooLarge'))
            throw error;
        }),
      );
      // Twice five seconds, and the start of a process on a busy machine.
      assert.ok(performance.now() - began < 30_000);
      assert.ok(stretch < 100, `${stretch.toFixed(0)} ms`);
    });
  }

  for (const name of ['a document type of brackets', 'noise in 3 KB', 'filters that take minutes']) {
    it(`P17: a job of 12 images completes 11 when one of them is ${name}`, async () => {
      const body = (await bodies[name]?.()) ?? assert.fail();
      let served = 0;
      const faked = await makeFaked({ embed: (bytes) => (++served === 5 ? body : bytes) });
      try {
        await faked.job([], { 'generation.count': 12, 'ai.qualityCheck': false });
        const statuses = (await faked.images()).map(({ status }) => status);
        assert.equal(statuses.length, 12);
        assert.equal(statuses.filter((status) => status === 'approved').length, 11);
        assert.equal(statuses.filter((status) => status === 'failed').length, 1);
      } finally {
        await faked.dispose();
      }
    });
  }
});
