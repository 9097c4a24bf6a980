/** IPTC-IIM: the data sets of a JPEG, and the XMP properties that say the same in every format. */
import type { Packet, PropertyName, PropertyValue } from './xmp.ts';
import { isNamed } from './xmp.ts';

const signature = '8BIM';
const iptcResource = 0x0404;

/** The IPTC among the resources that Photoshop keeps in a file. */
export function iptcOfResources(resources: Buffer): Buffer | null {
  for (let at = 0; at + 12 <= resources.length;) {
    if (resources.toString('latin1', at, at + 4) !== signature) return null;
    const id = resources.readUInt16BE(at + 4);
    const name = resources[at + 6] ?? 0;
    const size = at + 6 + name + 1 + ((name + 1) % 2);
    if (size + 4 > resources.length) return null;
    const start = size + 4;
    const end = start + resources.readUInt32BE(size);
    if (end > resources.length) return null;
    if (id === iptcResource) return resources.subarray(start, end);
    at = end + ((end - start) % 2);
  }
  return null;
}

export function resourcesOfIptc(iptc: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.write(signature, 'latin1');
  head.writeUInt16BE(iptcResource, 4);
  head.writeUInt32BE(iptc.length, 8);
  return Buffer.concat([head, iptc, Buffer.alloc(iptc.length % 2)]);
}

/** Number of the data set in record 2, and where XMP keeps the same (IPTC Core). */
const asXmp: readonly (readonly [number, PropertyName, 'text' | 'alt' | 'seq' | 'bag' | 'date'])[] = [
  [5, 'dc:title', 'alt'],
  [15, 'photoshop:Category', 'text'],
  [20, 'photoshop:SupplementalCategories', 'bag'],
  [25, 'dc:subject', 'bag'],
  [40, 'photoshop:Instructions', 'text'],
  [55, 'photoshop:DateCreated', 'date'],
  [80, 'dc:creator', 'seq'],
  [85, 'photoshop:AuthorsPosition', 'text'],
  [90, 'photoshop:City', 'text'],
  [95, 'photoshop:State', 'text'],
  [101, 'photoshop:Country', 'text'],
  [103, 'photoshop:TransmissionReference', 'text'],
  [105, 'photoshop:Headline', 'text'],
  [110, 'photoshop:Credit', 'text'],
  [115, 'photoshop:Source', 'text'],
  [116, 'dc:rights', 'alt'],
  [120, 'dc:description', 'alt'],
  [122, 'photoshop:CaptionWriter', 'text'],
];

/** What the data sets say and the packet does not. */
export function missingInXmp(
  packet: Packet | null,
  iptc: Uint8Array | null,
): Partial<Record<PropertyName, PropertyValue>> {
  const sets = iptc === null ? new Map<number, string[]>() : dataSets(Buffer.from(iptc));
  const found: Partial<Record<PropertyName, PropertyValue>> = {};
  for (const [number, name, kind] of asXmp) {
    const texts = (sets.get(number) ?? []).filter((text) => text.trim() !== '');
    const [first] = texts;
    if (first === undefined || packet?.properties.some((property) => isNamed(property, name)) === true)
      continue;
    if (kind === 'alt') found[name] = { alt: first };
    else if (kind === 'seq') found[name] = { seq: texts };
    else if (kind === 'bag') found[name] = { bag: texts };
    else found[name] = kind === 'date' ? first.replace(/^(\d{4})(\d{2})(\d{2})$/u, '$1-$2-$3') : first;
  }
  return found;
}

/** The texts of record 2 by number. */
function dataSets(bytes: Buffer): Map<number, string[]> {
  const sets = new Map<number, Buffer[]>();
  let utf8 = false;
  for (let at = 0; at + 5 <= bytes.length && bytes[at] === 0x1c;) {
    const [record, number] = [bytes[at + 1] ?? 0, bytes[at + 2] ?? 0];
    const length = bytes.readUInt16BE(at + 3);
    const end = at + 5 + length;
    // Longer than a data set of texts may be.
    if (length > 32_767 || end > bytes.length) break;
    const value = bytes.subarray(at + 5, end);
    if (record === 1 && number === 90) utf8 = value.toString('latin1') === '\x1b%G';
    if (record === 2) sets.set(number, [...(sets.get(number) ?? []).slice(0, 500), value]);
    at = end;
  }
  return new Map([...sets].map(([number, values]) => [number, values.map((value) => textOf(value, utf8))]));
}

/** Many writers forget to say that their texts are UTF-8. */
function textOf(value: Buffer, utf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !utf8 }).decode(value);
  } catch {
    return value.toString('latin1');
  }
}
