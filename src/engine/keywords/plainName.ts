/** Texts as the eye reads them. Runs without Node. */

/** What leaves no mark on the screen: spaces, line ends, and formatting characters such as U+200B. */
const invisible = /[\s\p{Z}\p{Cf}\u115F\u1160\u2800\u3164\uFFA0]/u;

/** The text without what cannot be seen at its ends; empty when nothing of it can be seen. */
export function trimInvisible(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && invisible.test(text.charAt(start))) start++;
  while (end > start && invisible.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Two names that look the same are the same: composed letters, plain spaces, nothing invisible. */
export function plainName(name: string): string {
  return trimInvisible(
    name
      .normalize('NFC')
      .replaceAll(/\p{Zs}/gu, ' ')
      .replaceAll(/\p{Cf}/gu, ''),
  );
}
