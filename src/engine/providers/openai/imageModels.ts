/** The image models of OpenAI that are known. */
import type { MicroUsd } from '../../model/money.ts';
import { perMegapixel, unknownPrice, type ImageModelFacts } from '../modelFacts.ts';

/** GPT Image prices of one megapixel by quality; `auto` may choose the dearest. */
const gptImagePrices: Record<string, MicroUsd> = { low: 6000, medium: 53_000, high: 211_000, auto: 211_000 };

/** USD per million tokens of the image API. */
export const openaiImageTokenPrices = { textInput: 5, imageInput: 8, output: 30 } as const;

const openaiImageGone: Record<string, { goneOn: string; replacement: string | null }> = {
  'dall-e-2': { goneOn: '2026-05-12', replacement: 'gpt-image-2.6-flare' },
  'dall-e-3': { goneOn: '2026-05-12', replacement: 'gpt-image-2.6-flare' },
  'gpt-image-1': { goneOn: '2026-10-23', replacement: 'gpt-image-2.6-flare' },
  'gpt-image-1.5': { goneOn: '2026-12-01', replacement: 'gpt-image-2.6-flare' },
  'gpt-image-1-mini': { goneOn: '2026-12-01', replacement: 'gpt-image-2.6-flare' },
  'chatgpt-image-latest': { goneOn: '2026-12-01', replacement: 'gpt-image-2.6-flare' },
};

const openaiImageModels = [
  'gpt-image-2',
  'gpt-image-2.5-sunburst',
  'gpt-image-2.5-flare',
  'gpt-image-2.6-sunburst',
  'gpt-image-2.6-flare',
];

/** Facts of an image model of OpenAI at a quality. */
export function openaiImageModel(id: string, quality: string = 'auto'): ImageModelFacts {
  const price = gptImagePrices[quality];
  return {
    id,
    name: id,
    known: openaiImageModels.includes(id) || id in openaiImageGone,
    output: 'raster',
    sizes: { kind: 'steps', min: 480, max: 3840, step: 16, maxAspect: 3 },
    negativePrompt: false,
    lora: false,
    advanced: false,
    maxSeed: null,
    maxResults: 10,
    maxPrompt: 32_000,
    delivery: 'sync',
    // Only this one has a published price per image.
    price: id === 'gpt-image-2' && price !== undefined ? perMegapixel(price) : unknownPrice,
    goneOn: openaiImageGone[id]?.goneOn ?? null,
    replacement: openaiImageGone[id]?.replacement ?? null,
  };
}
