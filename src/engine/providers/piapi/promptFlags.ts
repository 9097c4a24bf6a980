/** Midjourney's flags inside prompts: other providers would draw or reject them. */

/** Flags with what may follow them. `--no` takes words up to the next flag. */
const valueFlags =
  'ar|aspect|aspect-ratio|v|version|stylize|s|style|q|quality|chaos|c|weird|w|seed|sameseed|niji|iw|sref|cref|oref|cw|sw|ow|profile|p|stop|repeat|r|exp|sv|hd|motion|end';
const bareFlags =
  'tile|uplight|upbeta|upanime|turbo|fast|relax|raw|draft|hd|hq|video|loop|test|testp|creative|public|stealth';
const dashes = '(?:--|[\\u2013\\u2014])';

const noFlag = new RegExp(`(^|\\s)${dashes}no\\s+(?:(?!\\s${dashes}[a-z]).)*`, 'gisu');
const withValue = new RegExp(
  `(^|\\s)${dashes}(?:${valueFlags})(?:[\\s=]+(?!${dashes})[^\\s]*[\\d:./][^\\s]*|[\\s=]+(?:raw|cute|scenic|original|expressive))?(?=\\s|$)`,
  'giu',
);
const bare = new RegExp(`(^|\\s)${dashes}(?:${bareFlags})(?=\\s|$)`, 'giu');

/** The prompt without Midjourney's flags; other text with dashes stays. */
export function withoutMidjourneyFlags(prompt: string): string {
  return tidy(prompt.replace(noFlag, '$1').replace(withValue, '$1').replace(bare, '$1'));
}

/** For Midjourney itself: the version and aspect ratio come from the settings, so only those are taken out. */
export function withMidjourneyVersion(prompt: string, version: string): string {
  const own = new RegExp(
    `(^|\\s)${dashes}(?:v|version|ar|aspect|aspect-ratio)[\\s=]+[\\d.:]+(?=\\s|$)`,
    'giu',
  );
  const text = tidy(prompt.replace(own, '$1'));
  return version.trim() === '' ? text : `${text} --v ${version.trim()}`;
}

function tidy(text: string): string {
  return text.replace(/[ \t]{2,}/g, ' ').trim();
}
