/** Characters that steer what shows a text, instead of being shown by it. */

/** Controls and escapes, marks that turn the direction of writing, and what some programs break a line at. */
const steering = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** The text with another in the place of each of them; with a space, it is on one line. */
export function withoutSteering(text: string, instead: string | ((char: string) => string) = ' '): string {
  return typeof instead === 'string'
    ? text.replaceAll(steering, instead)
    : text.replaceAll(steering, instead);
}
