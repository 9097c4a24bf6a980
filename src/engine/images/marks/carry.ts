/** What goes on with an image whose pixels were made anew, and the mark that says how it came about. */
import { settledExif } from './exif.ts';
import { missingInXmp } from './iptc.ts';
import { readMarks, writeMarks } from './marks.ts';
import type { MarkChange, Marks } from './marks.ts';
import { usualDensity } from './types.ts';
import { changedXmp, propertyText, readXmp } from './xmp.ts';
import type { Packet, PropertyName, PropertyValue } from './xmp.ts';

/** How IPTC calls images that a trained model made. */
export const generated = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

const sourceType: PropertyName = 'Iptc4xmpExt:DigitalSourceType';

/** The disclosure of IPTC 2025.1, field by field. */
const disclosureNames: readonly PropertyName[] = [
  sourceType,
  'Iptc4xmpExt:AISystemUsed',
  'Iptc4xmpExt:AISystemVersionUsed',
  'Iptc4xmpExt:AIPromptInformation',
  'Iptc4xmpExt:AIPromptWriterName',
];

/** What describes the pixels as they were, and where their signature is kept. */
const outdated: readonly PropertyName[] = [
  'tiff:Orientation',
  'tiff:ImageWidth',
  'tiff:ImageLength',
  'tiff:XResolution',
  'tiff:YResolution',
  'tiff:ResolutionUnit',
  'exif:PixelXDimension',
  'exif:PixelYDimension',
  'xmp:Thumbnails',
  'dcterms:provenance',
];

type Values = Partial<Record<PropertyName, PropertyValue>>;

/** The mark that an image lacks; none where its maker has said something of the kind. */
function lacking(packet: Packet | null): Values {
  return (propertyText(packet, sourceType) ?? '') === '' ? { [sourceType]: generated } : {};
}

/** A packet that says that the image is generated, with all that was in it; null where there is nothing to add. */
export function disclosedXmp(xmp: Uint8Array | null): Uint8Array | null {
  const packet = readXmp(xmp);
  const set = lacking(packet);
  return Object.keys(set).length === 0 ? null : changedXmp(packet, { set });
}

/** The disclosure alone, for a drawing that is made anew from what draws; null where it says nothing. */
export function disclosureOf(xmp: Uint8Array, disclose: boolean): Uint8Array | null {
  const packet = readXmp(xmp);
  const set: Values = disclose ? lacking(packet) : {};
  for (const name of disclosureNames) {
    const text = propertyText(packet, name) ?? '';
    if (text !== '') set[name] = text;
  }
  return Object.keys(set).length === 0 ? null : changedXmp(null, { set });
}

/** What an image takes over from the one that it was made of. */
export interface Carrying {
  width: number;
  height: number;
  /** Whether it is said that the image is generated, where nobody said. */
  disclose?: boolean;
  /** A profile that goes with the pixels besides; left out: the one that they have. */
  icc?: Uint8Array;
}

/** The image with the marks of the one that it was made of. The same bytes where nothing can be written. */
export function withCarried(bytes: Uint8Array, from: Marks, carrying: Carrying): Uint8Array {
  const { width, height, disclose = false, icc } = carrying;
  const packet = readXmp(from.xmp);
  const set = { ...missingInXmp(packet, from.iptc), ...(disclose ? lacking(packet) : {}) };
  const density = from.density ?? readMarks(bytes).density;
  const exif = from.exif && settledExif(from.exif, { width, height, density: density ?? usualDensity });
  const rest: MarkChange = {
    ...(exif && { exif }),
    ...(from.iptc && { iptc: from.iptc }),
    ...(icc && { icc }),
    ...(density !== null && { density }),
  };
  const empty = packet === null && Object.keys(set).length === 0;
  const xmp = empty ? from.xmp : changedXmp(packet, { set, drop: outdated });
  const whole = writeMarks(bytes, { ...rest, ...(xmp && { xmp }) });
  // Too long for the format, in spite of everything: the disclosure at least.
  return whole ?? writeMarks(bytes, { ...rest, ...shortened(xmp) }) ?? bytes;
}

function shortened(xmp: Uint8Array | null): MarkChange {
  const short = xmp && disclosureOf(xmp, false);
  return short ? { xmp: short } : {};
}
