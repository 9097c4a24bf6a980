/** The most that a job may cost, by the prices that the budget reserves before each call. */
import { addCost, noCost } from '../model/money.ts';
import type { Cost, MicroUsd } from '../model/money.ts';
import type { Providers } from '../providers/provider.ts';
import { readDimensions } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';

/** What `estimate` asks of the providers: their prices. */
export type Prices = {
  text: Pick<Providers['text'], 'worstPrice'>;
  image: Pick<Providers['image'], 'worstPrice' | 'maxPerRequest'>;
  background: Pick<NonNullable<Providers['background']>, 'worstPrice'> | null;
};

/** Without retries: a call that failed is rarely billed, and the budget counts those that are. */
export function estimateCost(
  prices: Prices,
  settings: Settings,
  generations: number,
  variations: number,
): Cost {
  const images = generations * variations;
  let cost = times(prices.text.worstPrice('prompt'), generations);
  const sizes = readDimensions(settings['runware.dimensions']).values;
  const turns = Math.max(1, Math.min(sizes.length, generations));
  for (let turn = 0; turn < turns; turn += 1) {
    const size = sizes[turn] ?? { width: 1024, height: 1024 };
    const share = Math.ceil((generations - turn) / turns);
    for (let left = variations; left > 0; left -= prices.image.maxPerRequest) {
      const count = Math.min(left, prices.image.maxPerRequest);
      cost = addCost(cost, times(prices.image.worstPrice({ count, ...size }), share));
    }
  }
  if (settings['ai.qualityCheck'])
    cost = addCost(cost, times(prices.text.worstPrice('qualityCheck'), images));
  if (settings['processing.removeBackground'] && prices.background !== null) {
    cost = addCost(cost, times(prices.background.worstPrice(), images));
  }
  if (settings['ai.metadata']) cost = addCost(cost, times(prices.text.worstPrice('metadata'), images));
  return cost;
}

function times(price: MicroUsd | null, count: number): Cost {
  if (count === 0) return noCost;
  return price === null ? { microUsd: 0, unknown: true } : { microUsd: price * count, unknown: false };
}
