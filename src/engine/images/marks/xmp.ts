/** XMP packets: read, and changed in place, so that what others wrote stays as they wrote it. */
import { escapeXml, parseXml, unescapeXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

export const namespaces = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  dc: 'http://purl.org/dc/elements/1.1/',
  dcterms: 'http://purl.org/dc/terms/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  xmpNote: 'http://ns.adobe.com/xmp/note/',
} as const;
export type Prefix = keyof typeof namespaces;

/** `dc:title`, with the prefix that its namespace usually has; packets may use another. */
export type PropertyName = `${Prefix}:${string}`;

/** A text, or texts in a container: alternatives by language, an ordered list, a set. */
export type PropertyValue =
  string | { alt: string } | { seq: readonly string[] } | { bag: readonly string[] };

/** A property of a packet: an element, or an attribute of its description. */
export interface Property {
  namespace: string;
  name: string;
  start: number;
  end: number;
  /** Its text; of a container the first one. */
  text: string;
  element: XmlElement | null;
  description: XmlElement;
}

export interface Packet {
  text: string;
  rdf: XmlElement;
  descriptions: XmlElement[];
  properties: Property[];
}

/** A packet, or a document that holds one, of more bytes is not read: no mark needs them. */
export const mostXmpBytes = 5 * 1024 * 1024;

/** Null for what holds no XMP that can be read. */
export function readXmp(bytes: Uint8Array | null): Packet | null {
  if (bytes === null || bytes.length > mostXmpBytes) return null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  const root = parseXml(text);
  const rdf = root === null ? null : findRdf(root);
  if (rdf === null) return null;
  const descriptions = rdf.children.filter((child) => isRdf(child, 'Description'));
  return { text, rdf, descriptions, properties: descriptions.flatMap((one) => propertiesOf(text, one)) };
}

function findRdf(root: XmlElement): XmlElement | null {
  const open = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isRdf(next, 'RDF')) return next;
    open.push(...next.children.slice().reverse());
  }
  return null;
}

function isRdf(element: { namespace: string; name: string }, name: string): boolean {
  return element.namespace === namespaces.rdf && element.name === name;
}

function propertiesOf(text: string, description: XmlElement): Property[] {
  const attributes = description.attributes
    .filter(({ namespace }) => namespace !== namespaces.rdf && namespace !== '')
    .map((attribute) => ({ ...attribute, text: unescapeXml(attribute.raw), element: null, description }));
  const elements = description.children.map((element) => {
    const { namespace, name, start, end } = element;
    return { namespace, name, start, end, text: textOf(text, element), element, description };
  });
  return [...attributes, ...elements];
}

function textOf(text: string, element: XmlElement): string {
  const resource = element.attributes.find((attribute) => isRdf(attribute, 'resource'));
  if (resource !== undefined) return unescapeXml(resource.raw);
  let leaf = element;
  for (let child = leaf.children[0]; child !== undefined; child = leaf.children[0]) leaf = child;
  return unescapeXml(text.slice(leaf.contentStart, leaf.contentEnd)).trim();
}

/** The text of a property; null where the packet has none. */
export function propertyText(packet: Packet | null, name: PropertyName): string | null {
  const found = packet?.properties.find((property) => isNamed(property, name));
  return found === undefined ? null : found.text;
}

export function isNamed(property: { namespace: string; name: string }, wanted: PropertyName): boolean {
  const [prefix, name] = wanted.split(':') as [Prefix, string];
  return property.namespace === namespaces[prefix] && property.name === name;
}

export interface XmpChange {
  /** What others have under these names goes. */
  set: Readonly<Partial<Record<PropertyName, PropertyValue>>>;
  drop?: readonly PropertyName[];
}

/** The packet with a change; a new one without a packet. The same bytes where there is nothing to change. */
export function changedXmp(packet: Packet | null, { set, drop = [] }: XmpChange): Buffer {
  const values = Object.entries(set) as [PropertyName, PropertyValue][];
  const { text, rdf, descriptions, properties } = packet ?? emptyPacket;
  const gone = [...drop, ...values.map(([name]) => name)];
  const cuts: Cut[] = properties
    .filter((property) => gone.some((name) => isNamed(property, name)))
    .map(({ start, end }) => ({ start, end, text: '' }));
  if (values.length > 0) cuts.push(insertion(text, rdf, descriptions, values));
  return Buffer.from(cuts.length === 0 ? text : withoutPadding(spliced(text, cuts)));
}

export interface Cut {
  start: number;
  end: number;
  /** What comes in its place. */
  text: string;
}

export function spliced(text: string, cuts: readonly Cut[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const cut of cuts.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, cut.start), cut.text);
    at = cut.end;
  }
  return parts.join('') + text.slice(at);
}

/** A description of its own, so that nobody else's needs to be understood. */
function insertion(
  text: string,
  rdf: XmlElement,
  descriptions: readonly XmlElement[],
  values: readonly [PropertyName, PropertyValue][],
): Cut {
  const about = descriptions[0]?.attributes.find((attribute) => isRdf(attribute, 'about'))?.raw ?? '';
  const prefixes = [...new Set(values.map(([name]) => name.split(':')[0] as Prefix))];
  const declared = ['rdf' as const, ...prefixes].map((prefix) => ` xmlns:${prefix}="${namespaces[prefix]}"`);
  const lines = values.map(([name, value]) => `   <${name}>${content(value)}</${name}>\n`);
  const description = `  <rdf:Description rdf:about="${about.replaceAll('"', '&quot;')}"${declared.join('')}>\n${lines.join('')}  </rdf:Description>\n`;
  if (rdf.contentStart < rdf.end)
    return { start: rdf.contentEnd, end: rdf.contentEnd, text: `${description} ` };
  // It closes itself: it is opened.
  const tag = text.slice(rdf.start, rdf.end - 2);
  const name = /^<([^\s/>]+)/u.exec(tag)?.[1] ?? 'rdf:RDF';
  return { start: rdf.start, end: rdf.end, text: `${tag}>\n${description} </${name}>` };
}

function content(value: PropertyValue): string {
  if (typeof value === 'string') return escapeXml(value);
  if ('alt' in value) {
    return `<rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(value.alt)}</rdf:li></rdf:Alt>`;
  }
  const [kind, items] = 'seq' in value ? (['Seq', value.seq] as const) : (['Bag', value.bag] as const);
  return `<rdf:${kind}>${items.map((item) => `<rdf:li>${escapeXml(item)}</rdf:li>`).join('')}</rdf:${kind}>`;
}

/** Room that a writer left for changes in place is of no more use. */
export function withoutPadding(text: string): string {
  const end = text.lastIndexOf('<?xpacket');
  return end <= 0 ? text : `${text.slice(0, end).trimEnd()}\n${text.slice(end)}`;
}

/** A packet around the content of an `rdf:RDF`. */
export function packetAround(content: string): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="${namespaces.rdf}">
${content} </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;
}

const emptyPacket = readXmp(Buffer.from(packetAround(''))) as Packet;
