/** The most that each call of a job is known to cost, without a key: for estimates, the budget and the adapters. */
import type { MicroUsd } from '../model/money.ts';
import type { Settings } from '../settings/settings.ts';
import { imageModelFacts, runwareBackgroundPrice, textModel, type ImageModelFacts } from './catalogue.ts';

export type TextCall = 'prompt' | 'qualityCheck' | 'metadata';

/** Generous sizes of one call in tokens: instructions and picture in, the longest answer out. */
const textTokens: Record<TextCall, { input: number; output: number }> = {
  prompt: { input: 3000, output: 1024 },
  qualityCheck: { input: 4000, output: 512 },
  metadata: { input: 5000, output: 1024 },
};

/** Null where the model's prices are not known. */
export function textCallPrice(model: string, call: TextCall): MicroUsd | null {
  const { inputPerToken, outputPerToken } = textModel(model);
  if (inputPerToken === null || outputPerToken === null) return null;
  return Math.ceil(textTokens[call].input * inputPerToken + textTokens[call].output * outputPerToken);
}

/** Null where the model's price is not known. */
export function picturesPrice(
  facts: ImageModelFacts | null,
  request: { count: number; width: number; height: number },
): MicroUsd | null {
  const price = facts?.price(request.width, request.height) ?? null;
  return price === null ? null : price * request.count;
}

/** The dearest known price of each call; null: not known, shown as "≥". */
export interface PriceList {
  text: (call: TextCall) => MicroUsd | null;
  images: (count: number, width: number, height: number) => MicroUsd | null;
  background: () => MicroUsd | null;
}

/** Prices of a job with these settings; needs no key. */
export function priceList(settings: Settings): PriceList {
  const provider = settings['provider.image'];
  const facts = imageModelFacts(
    provider,
    provider === 'openai' ? settings['openai.imageModel'] : settings['runware.model'],
    settings['openai.imageQuality'],
  );
  const removal = { sample: 0, runware: runwareBackgroundPrice, removebg: null };
  return {
    text: (call) =>
      settings['provider.text'] === 'sample' ? 0 : textCallPrice(settings['openai.model'], call),
    images: (count, width, height) =>
      provider === 'sample' ? 0 : picturesPrice(facts, { count, width, height }),
    background: () => removal[settings['provider.backgroundRemoval']],
  };
}
