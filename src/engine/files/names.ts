/** Names of files that every system takes: what a delivery, an export, an archive or the trash calls a file goes through here. */
import { extname } from 'node:path';
import { trimEnd } from '../model/trimEnd.ts';

/** Names that Windows keeps for devices, whatever follows their first dot. */
const deviceNames = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/** Bytes of UTF-8 in a slug at most: the longest file name on common disks is 255. */
const maxSlugBytes = 120;

/** Bytes of UTF-8 in a safe name at most: a number and a second ending may follow. */
const maxNameBytes = 200;
const maxEndingBytes = 20;

/** A label as part of a file name: letters and digits of every script stay, all else becomes a hyphen. */
export function slug(label: string): string {
  const hyphenated = label
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}_]+/gu, '-')
    .replace(/^[-\p{M}]+/u, '');
  const kept = trimEnd(cut(trimEnd(hyphenated, '-'), maxSlugBytes), '-');
  if (kept === '') return 'job';
  return deviceNames.test(kept) ? `_${kept}` : kept;
}

/**
 * A name from outside as the name of one file, on every system: no folders, no device, no stream of another file,
 * nothing that cannot be seen or turns the reading around. A safe name stays as it is.
 */
export function safeName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const plain = last
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^ +/, '');
  const ended = trimEnd(plain, '. ');
  const ending = extname(ended);
  const kept = Buffer.byteLength(ending) > maxEndingBytes ? '' : ending;
  const stem = cut(ended.slice(0, ended.length - kept.length), maxNameBytes - Buffer.byteLength(kept));
  const whole = trimEnd(stem + kept, '. ');
  if (whole === '') return 'file';
  return deviceNames.test(whole) ? `_${whole}` : whole;
}

/** As much of a text as fits, in whole characters as people see them, so that no accent is cut from its letter. */
function cut(text: string, mostBytes: number): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  let kept = '';
  let bytes = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > mostBytes) break;
    kept += segment;
  }
  return kept;
}

/** Safe names that differ even where capitals do not: `cat.png`, `Cat-2.png`. */
export function uniqueNames(): (wanted: string) => string {
  const taken = new Set<string>();
  return (wanted) => {
    const safe = safeName(wanted);
    for (let number = 1; ; number += 1) {
      const name = numbered(safe, number);
      const key = name.normalize('NFC').toUpperCase().toLowerCase();
      if (taken.has(key)) continue;
      taken.add(key);
      return name;
    }
  };
}

/** `image.webp`, `image-2.webp`, `image-3.webp` … */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const extension = extname(name);
  return `${name.slice(0, name.length - extension.length)}-${number}${extension}`;
}

/** The name of a delivered file; generation and variation are 0-based, and 1-based in the name. */
export function deliveredName(
  label: string,
  jobShort: string,
  generation: number,
  variation: number,
  extension: string,
): string {
  const g = String(generation + 1).padStart(4, '0');
  const v = String(variation + 1).padStart(2, '0');
  return `${slug(label)}_${slug(jobShort)}_${g}-${v}.${extension}`;
}

/** Of the file with an image's thumbnail. */
export function thumbnailName(imageId: string): string {
  return `${imageId}.webp`;
}
