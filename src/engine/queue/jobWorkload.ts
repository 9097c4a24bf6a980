/** What a job that stands still has yet to ask of whom, and what that costs at most. */
import { addCost } from '../model/money.ts';
import type { Cost } from '../model/money.ts';
import { planOf } from '../pipeline/pipeline.ts';
import { estimateSlots } from '../planning/planEstimate.ts';
import { readRemainingWork } from '../runner/remainingWork.ts';
import type { Settings } from '../settings/settings.ts';
import type { Store } from '../store/store.ts';
import { estimateImages, workloadIn } from './imageWorkload.ts';

/** Images that are not made or not finished. */
export async function remainingOf(
  store: Store,
  jobId: string,
  settings: Settings,
): Promise<{ images: number; estimate: Cost }> {
  const { generations, images } = await readRemainingWork(store, jobId, () => true);
  const workload = workloadIn(images.map((image) => planOf(image, { settings, retry: null })));
  const slots = generations.map(({ generation, planned, prompt }) => ({
    generation,
    images: planned.length,
    hasPrompt: prompt !== null,
  }));
  return {
    images: images.length + slots.reduce((sum, { images }) => sum + images, 0),
    estimate: addCost(estimateSlots(settings, slots), estimateImages(settings, workload)),
  };
}
