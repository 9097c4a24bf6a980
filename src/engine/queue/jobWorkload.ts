/** What a job that stands still has yet to ask of whom, and what that costs at most. */
import { addCost } from '../model/money.ts';
import type { Cost } from '../model/money.ts';
import { placeKey } from '../model/slot.ts';
import type { SlotPlace } from '../model/slot.ts';
import { planOf } from '../pipeline/pipeline.ts';
import { estimateSlots } from '../planning/planEstimate.ts';
import { readRemainingWork } from '../runner/remainingWork.ts';
import type { Settings } from '../settings/settings.ts';
import { listGenerations } from '../store/generations.ts';
import { slotPlaces } from '../store/slots.ts';
import type { Store } from '../store/store.ts';
import { estimateImages, workloadIn } from './imageWorkload.ts';

/** Images that are not made or not finished; with `slots` only those, and what failed in them is made again. */
export async function remainingOf(
  store: Store,
  jobId: string,
  settings: Settings,
  slots: readonly SlotPlace[] | null = null,
): Promise<{ images: number; estimate: Cost }> {
  const named = new Set(slots?.map(placeKey));
  const wanted = (slot: SlotPlace): boolean => slots === null || named.has(placeKey(slot));
  const { generations, images } = await readRemainingWork(store, jobId, wanted);
  const workload = workloadIn(images.map((image) => planOf(image, { settings, retry: null })));
  const open = new Map(generations.map(({ generation, planned }) => [generation, planned.length]));
  const again = slots === null ? [] : store.read((db) => slotPlaces(db, jobId, 'failed')).filter(wanted);
  for (const { generation } of again) open.set(generation, (open.get(generation) ?? 0) + 1);
  const prompts = new Map(
    again.length === 0
      ? generations.map(({ generation, prompt }) => [generation, prompt] as const)
      : store.read((db) => listGenerations(db, jobId)).map(({ generation, prompt }) => [generation, prompt]),
  );
  const toMake = [...open].map(([generation, count]) => ({
    generation,
    images: count,
    hasPrompt: (prompts.get(generation) ?? null) !== null,
  }));
  return {
    images: images.length + toMake.reduce((sum, one) => sum + one.images, 0),
    estimate: addCost(estimateSlots(settings, toMake), estimateImages(settings, workload)),
  };
}
