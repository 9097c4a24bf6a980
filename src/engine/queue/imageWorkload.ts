/** What a retry or an approval will ask of whom, known before anything is sent: for its keys and its price. */
import { isFactoryError } from '../model/errors.ts';
import type { Cost } from '../model/money.ts';
import type { Stage } from '../model/status.ts';
import { planOf, steps } from '../pipeline/pipeline.ts';
import type { Row } from '../pipeline/pipeline.ts';
import { toPipelineImage } from '../pipeline/pipelineImage.ts';
import type { Plan, Purpose, Retry } from '../pipeline/step.ts';
import type { ProviderNeeds } from '../providers/build.ts';
import { priceList } from '../providers/prices.ts';
import type { Settings } from '../settings/settings.ts';
import { getPipelineImage } from '../store/images.ts';
import { readEach } from '../store/readEach.ts';
import type { Reader, Store } from '../store/store.ts';
import { priceOfSteps } from '../planning/planEstimate.ts';

/** How many images still need each step; without those that need none. */
export type ImageWorkload = ReadonlyMap<Stage, number>;

/** Of images of one job; those that are gone or damaged need nothing. */
export async function workloadOf(
  store: Store,
  imageIds: readonly string[],
  settings: Settings,
  retry: Retry,
): Promise<ImageWorkload> {
  return workloadIn(await readEach(store, imageIds, (db, id) => planIn(db, id, { settings, retry })));
}

export function workloadIn(plans: readonly Plan[]): ImageWorkload {
  const workload = new Map<Stage, number>();
  for (const stage of plans.flatMap((plan) => [...plan])) workload.set(stage, (workload.get(stage) ?? 0) + 1);
  return workload;
}

function planIn(db: Reader, id: string, purpose: Purpose): Plan {
  try {
    return planOf(toPipelineImage(getPipelineImage(db, id)), purpose);
  } catch (error) {
    if (isFactoryError(error, 'notFound') || isFactoryError(error, 'store.damaged')) return new Set();
    throw error;
  }
}

/** A download itself needs no key, but when the address is gone its provider is asked for a new one. */
export function needsOf(workload: ImageWorkload): ProviderNeeds {
  const asked = (whom: NonNullable<Row['asks']>): boolean =>
    steps.some(({ asks, stage }) => asks === whom && workload.has(stage));
  return { text: asked('text'), image: asked('image'), background: asked('background') };
}

/** The most that it may cost, by the prices that the budget reserves before each call. */
export function estimateImages(settings: Settings, workload: ImageWorkload): Cost {
  return priceOfSteps(priceList(settings), workload);
}
