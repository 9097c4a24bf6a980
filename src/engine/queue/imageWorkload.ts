/** What a retry or an approval will ask of whom, known before anything is sent: for its keys and its price. */
import { isFactoryError } from '../model/errors.ts';
import { addCost, noCost } from '../model/money.ts';
import type { Cost } from '../model/money.ts';
import { hasCutout } from '../pipeline/pipeline.ts';
import { toPicture } from '../pipeline/picture.ts';
import type { ProviderNeeds } from '../providers/build.ts';
import { priceList } from '../providers/prices.ts';
import type { Settings } from '../settings/settings.ts';
import { getImageWork } from '../store/images.ts';
import { readEach } from '../store/readEach.ts';
import type { Reader, Store } from '../store/store.ts';
import { times } from '../planning/planEstimate.ts';
import type { ImageRun } from '../runner/runContext.ts';
import { isSpoilt, planOf } from '../runner/runImages.ts';

/** Images by the step that they still need. */
export interface ImageWorkload {
  download: number;
  qualityCheck: number;
  removeBackground: number;
  describe: number;
}

type Wish = Pick<ImageRun, 'kind' | 'regenerateMetadata' | 'runId'>;

/** Of images of one job; those that are gone need nothing. */
export async function workloadOf(
  store: Store,
  imageIds: readonly string[],
  settings: Settings,
  wish: Wish,
): Promise<ImageWorkload> {
  const steps = await readEach(store, imageIds, (db, id) => stepsOf(db, id, settings, wish));
  const count = (step: keyof ImageWorkload): number => steps.filter((one) => one?.[step] === true).length;
  return {
    download: count('download'),
    qualityCheck: count('qualityCheck'),
    removeBackground: count('removeBackground'),
    describe: count('describe'),
  };
}

function stepsOf(
  db: Reader,
  id: string,
  settings: Settings,
  wish: Wish,
): Record<keyof ImageWorkload, boolean> | null {
  try {
    const picture = toPicture(getImageWork(db, id));
    const { download, qualityCheck, removeBackground, describe } = planOf(picture, settings, wish);
    const cut = removeBackground && (isSpoilt(picture) || !hasCutout({ settings }, picture));
    return { download, qualityCheck, removeBackground: cut, describe };
  } catch (error) {
    if (isFactoryError(error, 'notFound')) return null;
    throw error;
  }
}

export function needsOf({
  download,
  qualityCheck,
  removeBackground,
  describe,
}: ImageWorkload): ProviderNeeds {
  return {
    text: qualityCheck + describe > 0,
    // A download itself needs no key, but when the address is gone its provider is asked for a new one.
    image: download > 0,
    background: removeBackground > 0,
  };
}

/** The most that it may cost, by the prices that the budget reserves before each call. */
export function estimateImages(settings: Settings, workload: ImageWorkload): Cost {
  const prices = priceList(settings);
  return [
    times(prices.text('qualityCheck'), workload.qualityCheck),
    times(prices.background(), workload.removeBackground),
    times(prices.text('metadata'), workload.describe),
  ].reduce(addCost, noCost);
}
