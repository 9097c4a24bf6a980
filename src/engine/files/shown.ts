/** Which files of a workspace a view may load: asked for every image of a page, so at once and with what was seen last. */
import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isFactoryError } from '../model/errors.ts';
import type { Place } from './heldFolder.ts';
import { createPlaces } from './places.ts';
import type { FilesOptions } from './places.ts';

export interface Shown {
  /** True for a folder of images that no link of the workspace leads to; it need not be there. */
  folder: (path: string) => boolean;
  /** Absolute place of a path as the store keeps it; null where nothing may be shown. */
  file: (stored: string) => string | null;
}

/** A page is answered within it; a folder that is exchanged later is found by the next one. */
const seenForMs = 500;

export function createShown(options: FilesOptions): Shown {
  const { root, placeOf, fileOf } = createPlaces(options);
  const seen = new Map<string, { plain: boolean; until: number }>();

  const isPlain = ({ base, way }: Place): boolean => {
    const path = join(base, ...way);
    const now = performance.now();
    const known = seen.get(path);
    if (known !== undefined && known.until > now) return known.plain;
    if (seen.size > 1000) seen.clear();
    const plain = hasNoLink(base, way);
    seen.set(path, { plain, until: now + seenForMs });
    return plain;
  };

  return {
    folder(path) {
      const place = placeOf(path);
      return place !== null && place !== 'protected' && isPlain(place);
    },
    file(stored) {
      try {
        const { place, name } = fileOf(stored);
        if (!isPlain(place)) return null;
        const stats = lstatSync(join(place.base, ...place.way, name), { throwIfNoEntry: false });
        return stats === undefined || stats.isFile() ? resolve(root, stored) : null;
      } catch (error) {
        if (isFactoryError(error, 'input.invalid') || (error instanceof Error && 'code' in error))
          return null;
        throw error;
      }
    },
  };
}

/** What is not there has none. */
function hasNoLink(base: string, way: readonly string[]): boolean {
  let path = base;
  for (const name of way) {
    path = join(path, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return true;
    if (!stats.isDirectory()) return false;
  }
  return true;
}
