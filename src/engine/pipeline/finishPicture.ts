/** Steps "trim", "enhance", "convert": one pass over the pixels (P9). */
import { imageTypes } from '../images/sniff.ts';
import type { ImageType } from '../images/sniff.ts';
import { finish } from '../images/transform.ts';
import type { FinishPlan } from '../images/transform.ts';
import { isVisible } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { markPicture } from './markPicture.ts';
import type { Marked } from './markPicture.ts';
import { readOriginal, readStored } from './picture.ts';
import type { Picture } from './picture.ts';
import { hardStages } from './policy.ts';
import type { Work } from './work.ts';

/** The finished bytes of the cutout, or of the original where there is none. Fails with `image.…`; `image.missing` where the original is gone. */
export async function finishPicture(work: Work, picture: Picture, useCutout: boolean): Promise<Marked> {
  const cutout = useCutout && picture.cutoutPath !== null ? await readStored(work, picture.cutoutPath) : null;
  const original = await readOriginal(work, picture).catch((error: unknown) => {
    // A cutout can be delivered without it: what the provider wrote is then lost.
    if (cutout === null) throw error;
    return cutout;
  });
  const plan = {
    ...finishPlan(work.settings, typeOf(picture.originalPath ?? ''), cutout !== null),
    // Made from the original's bytes; of use only where they are delivered as they are.
    thumbnail: cutout === null ? await thumbnailOf(work, picture) : null,
  };
  const finished = await finish(cutout ?? original, plan, work.gate.cut);
  return markPicture(finished, { original, cutout }, work.settings['metadata.embed']);
}

async function thumbnailOf(work: Work, picture: Picture): Promise<Uint8Array | null> {
  if (picture.thumbnailPath === null || picture.path !== null) return null;
  return readStored(work, picture.thumbnailPath).catch(() => null);
}

function finishPlan(
  settings: Settings,
  sourceType: ImageType,
  backgroundRemoved: boolean,
): Omit<FinishPlan, 'thumbnail'> {
  const format = settings['processing.convertFormat'];
  const quality = format === 'webp' ? 'processing.webpQuality' : 'processing.jpgQuality';
  return {
    sourceType,
    backgroundRemoved,
    trim: settings['processing.trimTransparent'] && isVisible('processing.trimTransparent', settings),
    enhance: settings['processing.enhance']
      ? { sharpening: settings['processing.sharpening'], saturation: settings['processing.saturation'] }
      : null,
    convert: settings['processing.convert']
      ? { format, quality: settings[quality], background: settings['processing.jpgBackground'] }
      : null,
    hard: hardStages(settings),
  };
}

/** The type of an original, by the ending that its content gave it. */
export function typeOf(originalPath: string): ImageType {
  return imageTypes.find((type) => originalPath.endsWith(`.${type}`)) ?? 'png';
}
