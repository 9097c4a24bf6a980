/** XML read once from start to end, with the place of every part: small, so that a stranger's text cannot hold it up. */

export interface XmlElement {
  namespace: string;
  name: string;
  /** Of the whole element in the text, end tag included. */
  start: number;
  end: number;
  /** Of what is between its tags; empty for an element that closes itself. */
  contentStart: number;
  contentEnd: number;
  attributes: XmlAttribute[];
  children: XmlElement[];
  parent: XmlElement | null;
  /** Prefixes that it declares itself. */
  declared: ReadonlyMap<string, string>;
}

export interface XmlAttribute {
  namespace: string;
  name: string;
  /** From its name to the closing quote. */
  start: number;
  end: number;
  /** As written, with its entities. */
  raw: string;
}

const mostElements = 50_000;
const mostDepth = 256;
const mostAttributes = 1000;

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/** The root element; null for what is not well-formed, declares a document type, or is made to exhaust a reader. */
export function parseXml(text: string): XmlElement | null {
  let root: XmlElement | null = null;
  let open: XmlElement | null = null;
  const qualified: string[] = [];
  let elements = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const other = endOfOther(text, at);
    if (other === -1) return null;
    if (other !== null) {
      at = other;
      continue;
    }
    if (text[at + 1] === '/') {
      const close = text.indexOf('>', at);
      if (open === null || close === -1 || text.slice(at + 2, close).trimEnd() !== qualified.at(-1))
        return null;
      open.contentEnd = at;
      open.end = close + 1;
      at = open.end;
      qualified.pop();
      open = open.parent;
      continue;
    }
    const tag = startTag(text, at);
    elements += 1;
    if (tag === null || elements > mostElements || qualified.length >= mostDepth) return null;
    if (open === null && root !== null) return null;
    const element = elementOf(tag, at, open);
    if (element === null) return null;
    if (open === null) root = element;
    else open.children.push(element);
    at = tag.end;
    if (tag.closed) continue;
    open = element;
    qualified.push(tag.name);
  }
  return open === null ? root : null;
}

/** Where the content of the root element begins; null where it has none. */
export function rootContent(text: string): number | null {
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const other = endOfOther(text, at);
    if (other === null) {
      const tag = startTag(text, at);
      return tag === null || tag.closed ? null : tag.end;
    }
    if (other === -1) return null;
    at = other;
  }
  return null;
}

/** Where a comment, a CDATA section or an instruction ends; null where none begins, -1 where the text is unsound. */
function endOfOther(text: string, at: number): number | null {
  for (const [begin, end] of [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ] as const) {
    if (!text.startsWith(begin, at)) continue;
    const found = text.indexOf(end, at + begin.length);
    return found === -1 ? -1 : found + end.length;
  }
  return text[at + 1] === '!' ? -1 : null;
}

interface Tag {
  name: string;
  attributes: { name: string; raw: string; start: number; end: number }[];
  closed: boolean;
  end: number;
}

const namePattern = /[^\s=<>"'/]+/y;
const spacePattern = /\s*/y;
const equalsPattern = /\s*=\s*/y;

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function startTag(text: string, start: number): Tag | null {
  const name = match(namePattern, text, start + 1);
  if (name === null) return null;
  const attributes: Tag['attributes'] = [];
  for (let at = start + 1 + name.length; ;) {
    at += match(spacePattern, text, at)?.length ?? 0;
    if (text[at] === '>') return { name, attributes, closed: false, end: at + 1 };
    if (text[at] === '/')
      return text[at + 1] === '>' ? { name, attributes, closed: true, end: at + 2 } : null;
    const attribute = match(namePattern, text, at);
    const equals = attribute === null ? null : match(equalsPattern, text, at + attribute.length);
    if (attribute === null || equals === null || attributes.length >= mostAttributes) return null;
    const opening = at + attribute.length + equals.length;
    const quote = text[opening];
    const closing = quote === '"' || quote === "'" ? text.indexOf(quote, opening + 1) : -1;
    if (closing === -1) return null;
    const raw = text.slice(opening + 1, closing);
    if (raw.includes('<')) return null;
    attributes.push({ name: attribute, raw, start: at, end: closing + 1 });
    at = closing + 1;
  }
}

function elementOf(tag: Tag, start: number, parent: XmlElement | null): XmlElement | null {
  const declared = new Map<string, string>();
  for (const { name, raw } of tag.attributes) {
    if (name === 'xmlns') declared.set('', unescapeXml(raw));
    else if (name.startsWith('xmlns:')) declared.set(name.slice(6), unescapeXml(raw));
  }
  const element: XmlElement = {
    namespace: '',
    name: '',
    start,
    end: tag.end,
    contentStart: tag.end,
    contentEnd: tag.end,
    attributes: [],
    children: [],
    parent,
    declared,
  };
  const own = resolved(tag.name, element, true);
  if (own === null) return null;
  Object.assign(element, own);
  for (const attribute of tag.attributes) {
    if (attribute.name === 'xmlns' || attribute.name.startsWith('xmlns:')) continue;
    const name = resolved(attribute.name, element, false);
    if (name === null) return null;
    element.attributes.push({ ...attribute, ...name });
  }
  return element;
}

function resolved(
  qualified: string,
  element: XmlElement,
  byDefault: boolean,
): { namespace: string; name: string } | null {
  const colon = qualified.indexOf(':');
  if (colon === -1) return { namespace: byDefault ? (namespaceOf('', element) ?? '') : '', name: qualified };
  const namespace = namespaceOf(qualified.slice(0, colon), element);
  return namespace === null ? null : { namespace, name: qualified.slice(colon + 1) };
}

/** The namespace that a prefix stands for inside an element; null where nobody declared it. */
export function namespaceOf(prefix: string, element: XmlElement): string | null {
  if (prefix === 'xml') return xmlNamespace;
  for (let at: XmlElement | null = element; at !== null; at = at.parent) {
    const found = at.declared.get(prefix);
    if (found !== undefined) return found;
  }
  return null;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function unescapeXml(raw: string): string {
  return raw.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/giu, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return entities[name] ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
  });
}

/** For text and for values in quotes; what XML cannot hold is left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"]/gu, (char) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[char] ?? ''};`);
}
