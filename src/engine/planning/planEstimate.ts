/** The most that a job may cost, by the prices that the budget reserves before each call. */
import { addCost, noCost } from '../model/money.ts';
import type { Cost, MicroUsd } from '../model/money.ts';
import type { Stage } from '../model/status.ts';
import { sizeOf } from '../pipeline/imageRequest.ts';
import { planOf, steps } from '../pipeline/pipeline.ts';
import { newImage } from '../pipeline/pipelineImage.ts';
import { priceList } from '../providers/prices.ts';
import type { PriceList } from '../providers/prices.ts';
import { imageSizes } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';

/** Without retries: a call that failed is rarely billed, and the budget counts those that are. */
export function estimateCost(settings: Settings, generations: number, variations: number): Cost {
  const prices = priceList(settings);
  const images = generations * variations;
  let cost = times(prices.text('prompt'), generations);
  // As many generations of each size as there are: a whole job is priced at once.
  const turns = Math.max(1, Math.min(imageSizes(settings).length, generations));
  for (let turn = 0; turn < turns; turn += 1) {
    const { width, height } = sizeOf(settings, turn);
    const share = Math.ceil((generations - turn) / turns);
    cost = addCost(cost, times(prices.images(variations, width, height), share));
  }
  return addCost(cost, priceOfImages(settings, images));
}

/** What the steps cost that every new image has before it. */
function priceOfImages(settings: Settings, images: number): Cost {
  const plan = [...planOf(newImage, { settings, retry: null })];
  return priceOfSteps(priceList(settings), new Map(plan.map((stage) => [stage, images])));
}

/** The most that steps cost for so many images each. */
export function priceOfSteps(prices: PriceList, images: ReadonlyMap<Stage, number>): Cost {
  return steps
    .map(({ stage, price }) => (price ? times(price(prices), images.get(stage) ?? 0) : noCost))
    .reduce(addCost, noCost);
}

/** What is left of a job: its slots by generation, with the prompts that are still to be written. */
export function estimateSlots(
  settings: Settings,
  generations: readonly { generation: number; images: number; hasPrompt: boolean }[],
): Cost {
  const prices = priceList(settings);
  const images = generations.reduce((sum, one) => sum + one.images, 0);
  const prompts = generations.filter(({ hasPrompt }) => !hasPrompt).length;
  const imageCalls = generations.map((one) => {
    const { width, height } = sizeOf(settings, one.generation);
    return times(prices.images(one.images, width, height), 1);
  });
  return [times(prices.text('prompt'), prompts), ...imageCalls, priceOfImages(settings, images)].reduce(
    addCost,
    noCost,
  );
}

/** The price of so many calls; unknown when the price is. */
function times(price: MicroUsd | null, count: number): Cost {
  if (count === 0) return noCost;
  return price === null ? { microUsd: 0, unknown: true } : { microUsd: price * count, unknown: false };
}
