/** Whether the picture without its background is there already. */
import { removerInWords } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { Picture } from './picture.ts';

/** What made a cutout: the same wish finds the same file. */
export function cutoutWish(settings: Settings): string {
  return removerInWords(settings);
}

/** True when the cutout that these settings ask for is there already, paid for by an earlier try. */
export function hasCutout(settings: Settings, picture: Picture): boolean {
  return picture.cutoutPath !== null && picture.unfinished.cutoutBy === cutoutWish(settings);
}
