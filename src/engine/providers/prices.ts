/** The most that each call of a job is known to cost, without a key: for estimates, the budget and the adapters. */
import type { MicroUsd } from '../model/money.ts';
import { imageModelOf, imageQualityOf, textModelOf, type Settings } from '../settings/settings.ts';
import { imageModelFacts, textModelFacts } from './catalogue.ts';
import type { ImageModelFacts, TextModelFacts } from './modelFacts.ts';
import { descriptorOf } from './registry.ts';

export type TextCall = 'prompt' | 'qualityCheck' | 'metadata';

/** Generous sizes of one call in tokens: instructions and image in, the longest answer out. */
const textTokens: Record<TextCall, { input: number; output: number }> = {
  prompt: { input: 3000, output: 1024 },
  qualityCheck: { input: 4000, output: 512 },
  metadata: { input: 5000, output: 1024 },
};

/** Null where the model's prices are not known. */
export function textCallPrice(model: TextModelFacts, call: TextCall): MicroUsd | null {
  const { inputPerToken, outputPerToken } = model;
  if (inputPerToken === null || outputPerToken === null) return null;
  return Math.ceil(textTokens[call].input * inputPerToken + textTokens[call].output * outputPerToken);
}

/** Null where the model's price is not known. */
export function imagesPrice(
  facts: ImageModelFacts,
  request: { count: number; width: number; height: number },
): MicroUsd | null {
  return times(facts.price(request.width, request.height), request.count);
}

/** The dearest known price of each call; null: not known, shown as "≥". */
export interface PriceList {
  text: (call: TextCall) => MicroUsd | null;
  images: (count: number, width: number, height: number) => MicroUsd | null;
  background: () => MicroUsd | null;
}

/** Prices of a job with these settings; needs no key. */
export function priceList(settings: Settings): PriceList {
  const writer = settings['provider.text'];
  const maker = settings['provider.image'];
  const text = textModelFacts(writer, textModelOf(settings));
  const image = imageModelFacts(maker, imageModelOf(settings), imageQualityOf(settings));
  return {
    text: (call) =>
      text === null ? (descriptorOf(writer).roles.text?.price ?? null) : textCallPrice(text, call),
    images: (count, width, height) =>
      image === null
        ? times(descriptorOf(maker).roles.image?.price ?? null, count)
        : imagesPrice(image, { count, width, height }),
    background: () =>
      descriptorOf(settings['provider.backgroundRemoval']).roles.backgroundRemoval?.price ?? null,
  };
}

function times(price: MicroUsd | null, count: number): MicroUsd | null {
  return price === null ? null : price * count;
}
