/**
 * Looks at SVG markup without a parser, in one pass from left to right: what its root element says, and whether it
 * has a size that a parser may be given.
 */
import { FactoryError } from '../model/errors.ts';
import { messages } from './messages.ts';

/** More is made to exhaust what reads or draws it. Large maps and engravings have a tenth of it. */
const maxElements = 50_000;
const maxAttributes = 250;

/** The attributes of the root element by name; null when the markup does not begin with an `svg` element. */
export function rootAttributes(text: string): ReadonlyMap<string, string> | null {
  const start = afterPrologue(text);
  if (start === null) return null;
  const name = /^<(?:[\w.-]{1,64}:)?svg(?=[\s/>])/.exec(text.slice(start, start + 80));
  return name === null ? null : attributesFrom(text, start + name[0].length);
}

/** Where the root element begins, after declarations, comments and one document type; null when none does. */
function afterPrologue(text: string): number | null {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let typed = false;
  for (;;) {
    while (isSpace(text.charCodeAt(at))) at++;
    let end: number;
    if (text.startsWith('<?', at)) end = endOf(text, '?>', at + 2);
    else if (text.startsWith('<!--', at)) end = endOf(text, '-->', at + 4);
    else if (!typed && /^<!DOCTYPE$/iu.test(text.slice(at, at + 9))) {
      typed = true;
      end = endOfDoctype(text, at + 9);
    } else return text.charAt(at) === '<' ? at : null;
    if (end < 0) return null;
    at = end;
  }
}

/** Behind the closing bracket of a document type, whose own declarations stand in square brackets. */
function endOfDoctype(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '>') return at + 1;
    if (character === '[') {
      const end = text.indexOf(']', at);
      if (end < 0) return -1;
      at = end;
    } else if (character === '"' || character === "'") {
      const end = text.indexOf(character, at + 1);
      if (end < 0) return -1;
      at = end;
    }
  }
  return -1;
}

/** The attributes of a tag, read from behind its name; what stands behind an end that never comes is left out. */
function attributesFrom(text: string, from: number): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  let at = from;
  while (at < text.length) {
    while (isSpace(text.charCodeAt(at))) at++;
    const start = at;
    while (at < text.length && !isSpace(text.charCodeAt(at)) && !'=>/'.includes(text.charAt(at))) at++;
    const name = text.slice(start, at);
    while (isSpace(text.charCodeAt(at))) at++;
    if (text.charAt(at) !== '=') {
      if (text.charAt(at) === '>' || name === '') return attributes;
      continue;
    }
    at++;
    while (isSpace(text.charCodeAt(at))) at++;
    const quote = text.charAt(at);
    const end = quote === '"' || quote === "'" ? text.indexOf(quote, at + 1) : -1;
    if (end < 0) return attributes;
    if (!attributes.has(name)) attributes.set(name, text.slice(at + 1, end));
    at = end + 1;
  }
  return attributes;
}

/**
 * Fails with `image.invalid` for markup that no drawing needs: entities, over 50,000 elements, over 250 attributes
 * of one element, a part that never ends. To be asked before the markup is parsed.
 */
export function checkMarkup(text: string): void {
  let elements = 0;
  let at = text.indexOf('<');
  while (at >= 0) {
    if (text.startsWith('<!--', at)) at = endOf(text, '-->', at + 4);
    else if (text.startsWith('<![CDATA[', at)) at = endOf(text, ']]>', at + 9);
    else if (text.startsWith('<?', at)) at = endOf(text, '?>', at + 2);
    else if (text.startsWith('<!', at)) {
      if (/^<!ENTITY$/iu.test(text.slice(at, at + 8))) {
        throw new FactoryError('image.invalid', messages.entities());
      }
      at += 2;
    } else {
      if (text.charAt(at + 1) !== '/' && ++elements > maxElements) {
        throw new FactoryError('image.invalid', messages.tooManyElements({ most: maxElements }));
      }
      at = endOfTag(text, at + 1);
    }
    if (at < 0) throw new FactoryError('image.invalid', messages.notWellFormed());
    at = text.indexOf('<', at);
  }
}

function endOfTag(text: string, from: number): number {
  let attributes = 0;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '>') return at + 1;
    if (character === '"' || character === "'") {
      at = text.indexOf(character, at + 1);
      if (at < 0) return -1;
      if (++attributes > maxAttributes) {
        throw new FactoryError('image.invalid', messages.tooManyAttributes({ most: maxAttributes }));
      }
    }
  }
  return -1;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? -1 : at + mark.length;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
