/** Marks as others read them: an npm package, and exiftool where it is installed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ExifReader from 'exifreader';

export interface Seen {
  title: string | undefined;
  keywords: string | undefined;
  sourceType: string | undefined;
  /** The four fields of IPTC 2025.1, in their order. */
  disclosure: (string | undefined)[];
  artist: string | undefined;
  profile: string | undefined;
  density: number | undefined;
  /** Title, keywords and author of IPTC-IIM. */
  iptc: (string | undefined)[];
}

type Tags = Record<string, { value?: unknown; description?: string } | { description: string }[] | undefined>;

const disclosureFields = ['AISystemUsed', 'AISystemVersionUsed', 'AIPromptInformation', 'AIPromptWriterName'];

const textOf = (tag: Tags[string]): string | undefined =>
  Array.isArray(tag) ? tag.map(({ description }) => description).join(', ') : tag?.description;

/** What the npm package reads. */
export async function readByPackage(bytes: Buffer): Promise<Seen> {
  const tags = await ExifReader.load(bytes, { expanded: true, async: true });
  const groups = tags as unknown as Record<string, Tags | undefined>;
  const xmp = groups['xmp'] ?? {};
  const iptc = groups['iptc'] ?? {};
  return {
    title: textOf(xmp['title']),
    keywords: textOf(xmp['subject']),
    sourceType: textOf(xmp['DigitalSourceType']),
    disclosure: disclosureFields.map((field) => textOf(xmp[field])),
    artist: textOf(groups['exif']?.['Artist']),
    profile: textOf(groups['icc']?.['ICC Description']),
    density: densityOf(groups),
    iptc: ['Object Name', 'Keywords', 'By-line'].map((field) => textOf(iptc[field])),
  };
}

function densityOf(groups: Record<string, Tags | undefined>): number | undefined {
  const number = (tag: Tags[string]): number | undefined => {
    const text = textOf(tag);
    return text === undefined ? undefined : Number(text);
  };
  const perMetre = number(groups['png']?.['Pixels Per Unit X']);
  if (perMetre !== undefined) return Math.round(perMetre * 0.0254);
  return number(groups['jfif']?.['XResolution']) ?? number(groups['exif']?.['XResolution']);
}

export const exiftoolVersion = ((): string | null => {
  try {
    return execFileSync('exiftool', ['-ver'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
})();

/** What exiftool reads, one call for all; and what it finds wrong with each file. */
export function readByExiftool(files: readonly { name: string; bytes: Uint8Array }[]): (Seen & {
  validate: string | undefined;
})[] {
  const folder = mkdtempSync(join(tmpdir(), 'factory-marks-'));
  try {
    const paths = files.map(({ name }, at) => join(folder, `${at}.${name}`));
    paths.forEach((path, at) => writeFileSync(path, files[at]?.bytes ?? ''));
    const args = ['-json', '-G1', '-validate', '-struct', '-all', '-charset', 'utf8', ...paths];
    const rows = JSON.parse(
      execFileSync('exiftool', args, { encoding: 'utf8', maxBuffer: 2 ** 26 }),
    ) as Record<string, unknown>[];
    return rows.map(seenIn);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seenIn(row: Record<string, unknown>): Seen & { validate: string | undefined } {
  const text = (key: string): string | undefined => {
    const value = row[key];
    if (Array.isArray(value)) return value.join(', ');
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const first = (...keys: string[]): string | undefined =>
    keys.map(text).find((value) => value !== undefined);
  const number = (value: string | undefined): number | undefined =>
    value === undefined ? undefined : Number(value);
  const perMetre = number(text('PNG-pHYs:PixelsPerUnitX'));
  return {
    title: text('XMP-dc:Title'),
    keywords: text('XMP-dc:Subject'),
    sourceType: text('XMP-iptcExt:DigitalSourceType'),
    disclosure: disclosureFields.map((field) =>
      first(`XMP-iptcExt:${field}`, `XMP-iptcExt:${field.replace('AI', 'Ai')}`),
    ),
    artist: text('IFD0:Artist'),
    profile: text('ICC_Profile:ProfileDescription'),
    density:
      perMetre === undefined
        ? number(first('JFIF:XResolution', 'IFD0:XResolution'))
        : Math.round(perMetre * 0.0254),
    iptc: ['IPTC:ObjectName', 'IPTC:Keywords', 'IPTC:By-line'].map(text),
    validate: text('ExifTool:Validate'),
  };
}
