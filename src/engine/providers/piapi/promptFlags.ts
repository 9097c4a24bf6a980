/** Midjourney's flags inside prompts: other providers would draw or reject them. */

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Flags that may be followed by a value. */
const valueFlags = words(
  'ar aspect aspect-ratio v version stylize s style q quality chaos c weird w seed sameseed niji iw sref cref oref cw sw ow profile p stop repeat r exp sv hd motion end',
);
const bareFlags = words(
  'tile uplight upbeta upanime turbo fast relax raw draft hd hq video loop test testp creative public stealth',
);
/** The version and aspect ratio, which come from the settings. */
const ownFlags = words('v version ar aspect aspect-ratio');
/** Values without a digit or sign. */
const styles = words('raw cute scenic original expressive');

/** A word with the space before it. */
interface Word {
  space: string;
  text: string;
}

/** The prompt without Midjourney's flags; other text with dashes stays. */
export function withoutMidjourneyFlags(prompt: string): string {
  return without(prompt, (all, at) => {
    const flag = flagOf(all[at]);
    if (flag === null) return 0;
    // Takes all words up to the next flag.
    if (flag.name === 'no' && flag.rest === '') return untilFlag(all, at + 1) - at;
    const length = valueFlags.has(flag.name) ? lengthWithValue(all, at, flag, isValue) : 0;
    return length > 0 ? length : Number(isBare(flag));
  });
}

/** For Midjourney itself: the version and aspect ratio come from the settings, so only those are taken out. */
export function withMidjourneyVersion(prompt: string, version: string): string {
  const text = without(prompt, (all, at) => {
    const flag = flagOf(all[at]);
    return flag !== null && ownFlags.has(flag.name)
      ? lengthWithValue(all, at, flag, (value) => /^[\d.:]+$/u.test(value))
      : 0;
  });
  return version.trim() === '' ? text : `${text} --v ${version.trim()}`;
}

/** The prompt without the words of which `taken` says how many go from here on. */
function without(prompt: string, taken: (all: readonly Word[], at: number) => number): string {
  // Words and what is between them take turns, a word first.
  const parts = prompt.split(/(\s+)/u);
  const all: Word[] = [];
  for (let at = 0; at < parts.length; at += 2)
    all.push({ space: parts[at - 1] ?? '', text: parts[at] ?? '' });
  let kept = '';
  for (let at = 0; at < all.length;) {
    const count = taken(all, at);
    const word = all[at];
    kept += word?.space ?? '';
    if (count === 0) kept += word?.text ?? '';
    at += Math.max(1, count);
  }
  return kept.replace(/[ \t]{2,}/g, ' ').trim();
}

interface Flag {
  name: string;
  /** What follows in the same word, from the equals sign on. */
  rest: string;
}

function flagOf(word: Word | undefined): Flag | null {
  const [, name, rest = ''] = /^(?:--|[\u2013\u2014])([a-z-]{1,20})(=.*)?$/isu.exec(word?.text ?? '') ?? [];
  return name === undefined ? null : { name: name.toLowerCase(), rest };
}

const isBare = ({ name, rest }: Flag): boolean =>
  rest === '' && (valueFlags.has(name) || bareFlags.has(name));

/** How many words a flag and its value are; 0 where no value follows. Equals signs may stand between them. */
function lengthWithValue(
  all: readonly Word[],
  at: number,
  { rest }: Flag,
  fits: (value: string) => boolean,
): number {
  let value = afterEquals(rest);
  let next = at + 1;
  while (value === '' && next < all.length) value = afterEquals(all[next++]?.text ?? '');
  return value !== '' && fits(value) ? next - at : 0;
}

function afterEquals(text: string): string {
  let start = 0;
  while (text[start] === '=') start++;
  return text.slice(start);
}

function isValue(text: string): boolean {
  return !startsWithDashes(text) && (/[\d:./]/u.test(text) || styles.has(text.toLowerCase()));
}

const startsWithDashes = (text: string): boolean => /^(?:--|[\u2013\u2014])/u.test(text);

/** The first word from `at` on that is a flag, or the end. */
function untilFlag(all: readonly Word[], at: number): number {
  let next = at;
  while (next < all.length && !/^(?:--|[\u2013\u2014])[a-z]/iu.test(all[next]?.text ?? '')) next++;
  return next;
}
