/** XMP that is too long for one segment of a JPEG: the rest lies in an extension, which the packet names by its hash. */
import { createHash } from 'node:crypto';
import { namespaceOf } from './xml.ts';
import type { XmlElement } from './xml.ts';
import { changedXmp, isNamed, packetAround, readXmp, spliced, withoutPadding } from './xmp.ts';
import type { Cut, Packet, Property, PropertyName } from './xmp.ts';

/** Bytes of a packet that one segment holds. */
export const mostPacketBytes = 65_502;

const extensionName: PropertyName = 'xmpNote:HasExtendedXMP';

/** The hash under which a packet has more to say elsewhere. */
export function extensionOf(packet: Packet | null): string | null {
  const named = packet?.properties.find((property) => isNamed(property, extensionName));
  return named === undefined || !/^[\dA-F]{32}$/u.test(named.text) ? null : named.text;
}

/** One packet of both; the packet alone where the extension cannot be read. */
export function joinXmp(packet: Packet, extension: Uint8Array | null): Buffer {
  const more = readXmp(extension);
  const alone = changedXmp(packet, { set: {}, drop: [extensionName] });
  const main = readXmp(alone);
  if (more === null || main === null || main.rdf.contentStart === main.rdf.end) return alone;
  const end = main.rdf.contentEnd;
  const text = more.descriptions.map((one) => standalone(more.text, one)).join('\n');
  return Buffer.from(spliced(main.text, [{ start: end, end, text: `${text}\n ` }]));
}

/** The description with the prefixes that it has from around it. */
function standalone(text: string, description: XmlElement): string {
  const source = text.slice(description.start, description.end);
  const missing = prefixesIn(source, description).filter(([prefix]) => !description.declared.has(prefix));
  const name = /^<[^\s/>]+/u.exec(source)?.[0] ?? '';
  return name + declarations(missing) + source.slice(name.length);
}

function prefixesIn(source: string, element: XmlElement): [string, string][] {
  const prefixes = new Set(
    Array.from(source.matchAll(/([\w.-]{1,64}):[\w.-]/gu), ([, prefix]) => prefix ?? ''),
  );
  return [...prefixes].sort().flatMap((prefix) => {
    const namespace = prefix === 'xml' || prefix === 'xmlns' ? null : namespaceOf(prefix, element);
    return namespace === null ? [] : [[prefix, namespace] as [string, string]];
  });
}

function declarations(prefixes: readonly (readonly [string, string])[]): string {
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return prefixes.map(([prefix, namespace]) => ` xmlns:${prefix}="${escaped(namespace)}"`).join('');
}

export interface SplitXmp {
  packet: Buffer;
  /** With the hash that the packet names it by; null where all fits. */
  extension: { guid: string; bytes: Buffer } | null;
}

/** A packet that fits; its longest properties go into the extension. Null where that is not possible. */
export function splitXmp(bytes: Uint8Array): SplitXmp | null {
  if (bytes.length <= mostPacketBytes) return { packet: Buffer.from(bytes), extension: null };
  const packet = readXmp(bytes);
  if (packet === null) return null;
  const text = withoutPadding(packet.text);
  if (Buffer.byteLength(text) <= mostPacketBytes) return { packet: Buffer.from(text), extension: null };
  const cuts: Cut[] = [];
  const moved: Property[] = [];
  // The note with the hash, and the description around it.
  let left = Buffer.byteLength(text) + 512;
  const longest = packet.properties.toSorted((a, b) => b.end - b.start - (a.end - a.start));
  for (const property of longest) {
    if (left <= mostPacketBytes) break;
    const { start, end } = property;
    cuts.push({ start, end, text: '' });
    moved.push(property);
    left -= Buffer.byteLength(packet.text.slice(start, end));
  }
  if (left > mostPacketBytes) return null;
  const extension = Buffer.from(
    extensionText(
      packet.text,
      moved.toSorted((a, b) => a.start - b.start),
    ),
  );
  const guid = createHash('md5').update(extension).digest('hex').toUpperCase();
  const main = readXmp(Buffer.from(spliced(packet.text, cuts)));
  return {
    packet: changedXmp(main, { set: { [extensionName]: guid } }),
    extension: { guid, bytes: extension },
  };
}

function extensionText(text: string, properties: readonly Property[]): string {
  const descriptions = properties.map(({ start, end, element, description }) => {
    const source = element === null ? asElement(text.slice(start, end)) : text.slice(start, end);
    const known = prefixesIn(source, element ?? description).filter(([prefix]) => prefix !== 'rdf');
    return `  <rdf:Description rdf:about=""${declarations(known)}>${source}</rdf:Description>\n`;
  });
  // An extension is a document without the instructions around a packet.
  const whole = packetAround(descriptions.join(''));
  const [start, end] = [whole.indexOf('<x:xmpmeta'), whole.lastIndexOf('<?xpacket')];
  return whole.slice(start, end).trimEnd();
}

/** `name="value"` as an element of the same text. */
function asElement(attribute: string): string {
  const name = /^[^\s=]+/u.exec(attribute)?.[0] ?? '';
  const quote = attribute.at(-1) ?? '"';
  const value = attribute.slice(attribute.indexOf(quote) + 1, -1).replaceAll('>', '&gt;');
  return `<${name}>${value}</${name}>`;
}
