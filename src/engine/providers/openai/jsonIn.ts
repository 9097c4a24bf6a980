/** Models that are asked for JSON sometimes write around it. */

const fence = '```';

/** The JSON object in a text: alone, in a fence, or after some words. Undefined when there is none. */
export function jsonIn(text: string): unknown {
  const candidates = [text, fenced(text), firstObject(text)];
  for (const candidate of candidates) {
    try {
      const value: unknown = JSON.parse(candidate.trim());
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // The next form is tried.
    }
  }
  return undefined;
}

function fenced(text: string): string {
  const start = text.indexOf(fence);
  const end = start < 0 ? -1 : text.indexOf(fence, start + fence.length);
  return end < 0 ? '' : text.slice(start + fence.length, end).replace(/^json/i, '');
}

function firstObject(text: string): string {
  const start = text.indexOf('{');
  if (start < 0) return '';
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{') depth++;
    else if (c === '}' && --depth === 0) return text.slice(start, i + 1);
  }
  return '';
}
