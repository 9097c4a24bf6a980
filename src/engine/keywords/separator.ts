/** Which character separates the cells of a .csv file. */
import type { Message } from '../model/message.ts';
import { messages } from './messages.ts';

const separators = [',', ';', '\t'] as const;
export type Separator = (typeof separators)[number];

/** As people say it, in a sentence about several of them. */
export const separatorNames: Record<Separator, Message> = {
  ',': messages.commas(),
  ';': messages.semicolons(),
  '\t': messages.tabs(),
};

/** Records that are looked at, the header among them, and the characters that they may take. */
const looked = 50;
const lookedCharacters = 256 * 1024;

/**
 * The separator, and the text with the line that names it made blank so that lines keep their numbers. Excel writes
 * and understands a first line `sep=;`; without one, it is what divides the first rows as it divides the header.
 */
export function findSeparator(text: string): { separator: Separator; text: string } {
  const named = /^"?sep=([,;\t])"?[^\S\n]*(?:\n|$)/iu.exec(text);
  if (named !== null) {
    const separator = separators.find((one) => one === named[1]) ?? ',';
    return { separator, text: `${named[0].endsWith('\n') ? '\n' : ''}${text.slice(named[0].length)}` };
  }
  const [header, ...rows] = countSeparators(text);
  if (header === undefined) return { separator: ',', text };
  const fits = separators.map((separator) => {
    const inHeader = header.get(separator) ?? 0;
    const same = rows.filter((row) => (row.get(separator) ?? 0) === inHeader).length;
    return { separator, inHeader, share: rows.length === 0 ? 1 : same / rows.length };
  });
  // What the header does not hold divides nothing; of two that fit alike, the one that it holds more often.
  const best = fits
    .filter(({ inHeader }) => inHeader > 0)
    .sort((a, b) => b.share - a.share || b.inHeader - a.inHeader)[0];
  return { separator: best?.separator ?? ',', text };
}

/** How often each separator stands outside quotes, in each of the first records that are not blank. */
function countSeparators(text: string): Map<string, number>[] {
  const records: Map<string, number>[] = [];
  let counts = new Map<string, number>();
  let quoted = false;
  let blank = true;
  const end = Math.min(text.length, lookedCharacters);
  const close = (): void => {
    if (!blank) records.push(counts);
    counts = new Map();
    blank = true;
  };
  for (let at = 0; at < end && records.length < looked; at++) {
    const character = text.charAt(at);
    if (character === '\n' && !quoted) {
      close();
      continue;
    }
    if (character.trim() !== '') blank = false;
    if (character === '"') quoted = !quoted;
    else if (!quoted && separators.some((one) => one === character)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  // A record that the look cut in two says nothing.
  if (end === text.length && records.length < looked) close();
  return records;
}
