/** Whom a retry or an approval will call, known before anything is sent: only their keys must be there. */
import { isFactoryError } from '../model/errors.ts';
import { hasCutout } from '../pipeline/pipeline.ts';
import { toPicture } from '../pipeline/picture.ts';
import type { Picture } from '../pipeline/picture.ts';
import type { ProviderNeeds } from '../providers/build.ts';
import type { Settings } from '../settings/settings.ts';
import { getImageWork } from '../store/images.ts';
import { readEach } from '../store/readEach.ts';
import type { Reader, Store } from '../store/store.ts';
import type { ImageRun } from './runContext.ts';
import { planOf } from './runImages.ts';

/** What these images of one job still need; images that are gone need nothing. */
export async function needsOfImages(
  store: Store,
  imageIds: readonly string[],
  settings: Settings,
  run: Pick<ImageRun, 'kind' | 'regenerateMetadata' | 'runId'>,
): Promise<ProviderNeeds> {
  const all = await readEach(store, imageIds, (db, id) => {
    const picture = pictureOf(db, id);
    return picture === null ? nobody : needsOf(picture, settings, run);
  });
  return {
    text: all.some((needs) => needs.text),
    image: all.some((needs) => needs.image),
    background: all.some((needs) => needs.background),
  };
}

const nobody: ProviderNeeds = { text: false, image: false, background: false };

function needsOf(
  picture: Picture,
  settings: Settings,
  run: Pick<ImageRun, 'kind' | 'regenerateMetadata' | 'runId'>,
): ProviderNeeds {
  const plan = planOf(picture, settings, run);
  return {
    text: plan.qualityCheck || plan.describe,
    // A download itself needs no key, but when the address is gone its provider is asked for a new one.
    image: plan.download,
    background: plan.removeBackground && !hasCutout({ settings }, picture),
  };
}

function pictureOf(db: Reader, id: string): Picture | null {
  try {
    return toPicture(getImageWork(db, id));
  } catch (error) {
    if (isFactoryError(error, 'notFound')) return null;
    throw error;
  }
}
