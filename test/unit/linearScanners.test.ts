/**
 * Texts from outside (services, pictures, files of a folder) are read in a time that grows with their length. A new
 * reader of such texts gets a row here, with what makes it go back and forth.
 */
import assert from 'node:assert/strict';
import { acceptImage, sniffType } from '../../src/engine/images/sniff.ts';
import { isSignedSvg, withSvgXmp } from '../../src/engine/images/marks/svg.ts';
import { parseXml, unescapeXml } from '../../src/engine/images/marks/xml.ts';
import { disclosedXmp } from '../../src/engine/images/marks/carry.ts';
import { readXmp } from '../../src/engine/images/marks/xmp.ts';
import { sanitizeSvg } from '../../src/engine/images/svg.ts';
import { checkMarkup, rootAttributes } from '../../src/engine/images/svgMarkup.ts';
import { svgSize } from '../../src/engine/images/svgSize.ts';
import {
  harmlessDeclarations,
  harmlessStyleSheet,
  isOwnReference,
} from '../../src/engine/images/svgStyle.ts';
import { findSeparator } from '../../src/engine/keywords/separator.ts';
import { trimInvisible } from '../../src/engine/keywords/plainName.ts';
import { parseTemplate } from '../../src/engine/keywords/template.ts';
import { inWords } from '../../src/engine/model/message.ts';
import { shortenLine } from '../../src/engine/model/shorten.ts';
import { trimEnd } from '../../src/engine/model/trimEnd.ts';
import { bareAddress, baseUrl } from '../../src/engine/providers/account.ts';
import { jsonIn } from '../../src/engine/providers/openai/jsonIn.ts';
import {
  withMidjourneyVersion,
  withoutMidjourneyFlags,
} from '../../src/engine/providers/piapi/promptFlags.ts';
import { createRedactor, quotedForMessage } from '../../src/engine/providers/redaction.ts';
import { retryAfterOf } from '../../src/engine/providers/retry.ts';
import { describeFromPrompt } from '../../src/engine/providers/sample/texts.ts';
import { parsePrompt } from '../../src/engine/providers/sample/words.ts';
import { textCell } from '../../src/engine/exports/cells.ts';
import { foldText, nameKey, searchTerms } from '../../src/engine/store/words.ts';

interface Scanner {
  name: string;
  scan: (text: string) => unknown;
  /** Repeated up to the wanted length. */
  pieces: readonly string[];
  before?: string;
  after?: string;
}

const redact = createRedactor(['a-secret-key']);
const bytes = (text: string): Buffer => Buffer.from(text);
const spaces = [' ', '\n', '\t', ' \n'];
const svg = '<svg xmlns="http://www.w3.org/2000/svg">';

const scanners: readonly Scanner[] = [
  {
    name: 'the kind of a picture',
    scan: (text) => [sniffType(bytes(text)), attempt(() => acceptImage(bytes(text)))],
    pieces: ['<!DOCTYPE [][]', '[', '[]', '<!--', '<?', '"', ' ', '-->', '<svg '],
  },
  {
    name: 'the kind of a picture with a document type',
    scan: (text) => sniffType(bytes(text)),
    before: '<!DOCTYPE ',
    pieces: ['[]', '[', ']', '"', "'", ' ', '<!-- ', '[""]'],
    after: '<svg',
  },
  {
    name: 'the root element of a drawing',
    scan: (text) => [rootAttributes(text), svgSize(text)],
    before: '<svg ',
    pieces: ['a', 'a=', 'a="', 'a=" ', 'a ', ' ', '=', '"', "'", '/', 'width="1e', 'viewBox="1 '],
  },
  {
    name: 'the size of a drawing',
    scan: (text) => svgSize(text + '"/>'),
    before: '<svg width="',
    pieces: ['1', '.', '1.', ' ', 'e', '1e', 'p', '-'],
  },
  {
    name: 'the markup of a drawing',
    scan: (text) => attempt(() => checkMarkup(text)),
    before: svg,
    pieces: ['<!--', '<![CDATA[', '<?', '<!', '<a ', '</', '<g a="', '>', ']]>', '<!ENTITY'],
  },
  {
    name: 'a drawing',
    scan: (text) => attempt(() => sanitizeSvg(bytes(text))),
    before: svg,
    pieces: ['url(', '<!--', '<g>', '<g x="url(#a', '&amp;', '<text>', '<style>', ']]>', '<a href="#'],
    after: '</svg>',
  },
  {
    name: 'the style sheet of a drawing',
    scan: (text) => harmlessStyleSheet(text),
    pieces: ['url(', '/*', 'a{', '}', '@media ', '(', '"', 'a{b:c;', '\\', '<!--', ':not('],
  },
  {
    name: 'the declarations of a drawing',
    scan: (text) => [harmlessDeclarations(text), isOwnReference(text)],
    pieces: ['url(', 'fill:url(', '/*', ';', 'a:b;', '(', '"', ' ', 'url(#a) '],
  },
  {
    name: 'marks in XML',
    scan: (text) => [parseXml(text), readXmp(bytes(text)), disclosedXmp(bytes(text)), unescapeXml(text)],
    before: '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    pieces: [
      '<a>',
      '<a b',
      '<a b=',
      '<a b="',
      '<a ',
      ' ',
      '<!--',
      '<?',
      '&',
      '&#',
      '&amp',
      '<a:b xmlns:a="c">',
      '</a>',
    ],
    after: '</x:xmpmeta>',
  },
  {
    name: 'marks of a drawing',
    scan: (text) => [isSignedSvg(bytes(text)), withSvgXmp(bytes(text), bytes('<x/>'))],
    before: svg,
    pieces: ['<metadata>', '<c2pa:', '<!--', '<a ', ' ', '<![CDATA['],
  },
  {
    name: 'what a service says',
    scan: (text) => [redact(text), quotedForMessage(redact, text), shortenLine(text, 100)],
    pieces: [
      'a.',
      '-',
      '=',
      '/',
      'https://a',
      'https://',
      'a://b',
      'data:',
      'data:;a',
      'data:a;base64,',
      'token',
      'token=',
      'token="',
      "token='",
      'bearer ',
      'basic',
      'sk-',
      'sk-aa',
      'a-secret-ke',
      'A',
      ' ',
      '\n',
      'api_key : ',
      '"',
      'cookie"',
      '?',
      '@',
    ],
  },
  {
    name: 'what a language model answers',
    scan: (text) => jsonIn(text),
    pieces: ['```', '``` ', '`', '{', '{"a":', '"', '\\', '}', '[', ...spaces],
    before: '```json',
  },
  {
    name: 'flags in a prompt',
    scan: (text) => [withoutMidjourneyFlags(text), withMidjourneyVersion(text, '6')],
    pieces: [
      '--v =',
      '--v',
      '--v ',
      '=',
      '--v=',
      '--no ',
      ' --no',
      '--ar 1:',
      '--ar ',
      '1:',
      '-',
      '—',
      '--style raw ',
      ...spaces,
    ],
  },
  {
    name: 'flags in a prompt, with one long value',
    scan: (text) => [withoutMidjourneyFlags(text), withMidjourneyVersion(text, '6')],
    before: 'a --v',
    pieces: ['=', '5', '= ', '5:', '.', '/a', 'x', ' '],
    after: '!',
  },
  {
    name: 'how long a service asks to wait',
    scan: (text) =>
      retryAfterOf(
        { 'retry-after': text, 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': text },
        0,
      ),
    pieces: ['1', '1s', '1.', '1.1m', 'm', ' '],
  },
  {
    name: 'an address of the settings',
    scan: (text) => [bareAddress(text), baseUrl({ endpoint: text }, '/v1'), trimEnd(text, '/')],
    pieces: ['/', 'a', ':', '://', '//a'],
    after: 'x',
  },
  {
    name: 'a prompt that is drawn here',
    scan: (text) => [parsePrompt(text, []), describeFromPrompt(text)],
    pieces: [
      'on ',
      'on a ',
      'plain ',
      'plain-',
      'on a plain ',
      ' ',
      '-',
      'a',
      '.',
      ', ',
      ' .',
      'red background ',
      "a'",
    ],
    after: '!',
  },
  {
    name: 'keyword and prompt files',
    scan: (text) => [
      findSeparator(text),
      trimInvisible(text),
      parseTemplate(text, null, { kind: 'csv', columns: ['a'] } as never),
    ],
    pieces: ['sep=', 'sep=;', '"', '${{', '${{a', '}}', '{', '$', '\u200b', ...spaces],
  },
  {
    name: 'cells of a workbook and words of the search',
    scan: (text) => [textCell(text), foldText(text), searchTerms(text), nameKey(text)],
    pieces: ['_x', '_x00', '0', '00 ', '"', ' ', 'a\u0301', '=', '\ud800', '1'],
  },
  {
    name: 'words with values',
    scan: (text) => inWords({ id: 'a', text, values: { a: 'b' } }),
    pieces: ['{', '{a', '{a}', '}'],
  },
];

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Milliseconds of this thread, the best of three: what other programs take does not count. */
function cost(scan: (text: string) => unknown, text: string): number {
  let best = Infinity;
  for (let turn = 0; turn < 3; turn += 1) {
    const before = process.threadCpuUsage();
    scan(text);
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
    // Where it is long by now, its share of chance is small.
    if (best > 200) break;
  }
  return best;
}

const length = 16_000;
/** Four times the text: a scanner that goes back to its beginning takes sixteen times as long. */
const mostGrowth = 9;
/** Milliseconds under which the growth says nothing. */
const unmeasurable = 12;

describe('texts from outside', () => {
  for (const { name, scan, pieces, before = '', after = '' } of scanners) {
    it(`P18: ${name}: four times the text takes about four times as long`, () => {
      for (const piece of pieces) {
        const textOf = (characters: number): string =>
          before + piece.repeat(Math.ceil(characters / piece.length)) + after;
        const once = cost(scan, textOf(length));
        const fourTimes = cost(scan, textOf(length * 4));
        assert.ok(
          fourTimes < unmeasurable || fourTimes < once * mostGrowth,
          `${JSON.stringify(piece)}: ${once.toFixed(1)} ms, then ${fourTimes.toFixed(1)} ms`,
        );
      }
    });
  }
});
