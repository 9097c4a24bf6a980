/**
 * What each known model takes, what it costs and how long it lives: data with a date, no code of Node.
 * A model that is not listed passes through with generic limits and an unknown price.
 */
import type { MicroUsd } from '../model/money.ts';

export { textModel, type TextModelFacts } from './catalogueText.ts';

/** The day when prices and shutdown dates were last read, `YYYY-MM-DD`. */
export const pricesAsOf = '2026-11-05';

/** Removes backgrounds at Runware: Bria RMBG 2.0, open, about $0.0006 a picture. */
export const runwareBackgroundModel = 'runware:110@1';

/** Which sizes a model makes: any multiple of `step` in a range, or one of a list. */
export type SizeRule =
  | { kind: 'steps'; min: number; max: number; step: number; maxAspect?: number }
  | { kind: 'list'; sizes: readonly string[] };

export interface ImageModelFacts {
  id: string;
  name: string;
  /** False for models that the catalogue does not list. */
  known: boolean;
  /** Vector models make SVG by their own task. */
  output: 'raster' | 'vector';
  sizes: SizeRule;
  negativePrompt: boolean;
  lora: boolean;
  /** CFG scale, steps and scheduler. */
  advanced: boolean;
  /** The largest seed; null where the model takes none. */
  maxSeed: number | null;
  maxResults: number;
  /** In characters. */
  maxPrompt: number;
  /** `sync` where the answer comes within about a minute. */
  delivery: 'sync' | 'async';
  /** The most one picture is known to cost, at the given size. */
  price: (width: number, height: number) => MicroUsd | null;
  /** The day on which the provider switches it off, `YYYY-MM-DD`; null when none is announced. */
  goneOn: string | null;
  replacement: string | null;
}

const maxSafeSeed = Number.MAX_SAFE_INTEGER;
const unknownPrice = (): null => null;
const flat = (microUsd: MicroUsd) => (): MicroUsd => microUsd;
/** A price seen for one megapixel, which grows with the pixels. */
const perMegapixel =
  (microUsd: MicroUsd) =>
  (width: number, height: number): MicroUsd =>
    Math.ceil(microUsd * Math.max(1, (width * height) / (1024 * 1024)));

const diffusion = {
  known: true,
  output: 'raster',
  sizes: { kind: 'steps', min: 128, max: 2048, step: 64 },
  negativePrompt: true,
  lora: true,
  advanced: true,
  maxSeed: maxSafeSeed,
  maxResults: 20,
  maxPrompt: 3000,
  delivery: 'sync',
  price: unknownPrice,
  goneOn: null,
  replacement: null,
} as const satisfies Omit<ImageModelFacts, 'id' | 'name'>;

/** Models of other makers behind Runware: fixed price, few parameters, slow enough to be asked for. */
const partner = {
  ...diffusion,
  negativePrompt: false,
  lora: false,
  advanced: false,
  maxSeed: null,
  maxResults: 4,
  delivery: 'async',
} as const satisfies Omit<ImageModelFacts, 'id' | 'name'>;

const vectorSizes = {
  kind: 'list',
  sizes: [
    '1024x1024',
    '1536x768',
    '768x1536',
    '1280x832',
    '832x1280',
    '1216x896',
    '896x1216',
    '1152x896',
    '896x1152',
    '832x1344',
    '1280x896',
    '896x1280',
    '1344x768',
    '768x1344',
  ],
} as const satisfies SizeRule;

const vector = {
  ...partner,
  output: 'vector',
  sizes: vectorSizes,
  maxResults: 1,
} as const satisfies Omit<ImageModelFacts, 'id' | 'name'>;

const gptImageSizes = {
  kind: 'steps',
  min: 480,
  max: 3840,
  step: 16,
  maxAspect: 3,
} as const satisfies SizeRule;
const flux2Sizes = { kind: 'steps', min: 128, max: 2048, step: 16 } as const satisfies SizeRule;

// Hosted models are billed by compute time: their prices are those of published runs at 1024x1024.
const runwareModels: readonly ImageModelFacts[] = [
  { ...diffusion, id: 'runware:101@1', name: 'FLUX.1 dev', price: perMegapixel(3800) },
  { ...diffusion, id: 'runware:100@1', name: 'FLUX.1 schnell', price: perMegapixel(1300) },
  { ...diffusion, id: 'runware:400@4', name: 'FLUX.2 klein 4B', sizes: flux2Sizes, price: perMegapixel(600) },
  { ...diffusion, id: 'runware:400@2', name: 'FLUX.2 klein 9B', sizes: flux2Sizes, price: perMegapixel(800) },
  { ...diffusion, id: 'runware:400@1', name: 'FLUX.2 dev', sizes: flux2Sizes },
  { ...diffusion, id: 'runware:z-image@turbo', name: 'Z-Image Turbo', lora: false, advanced: false },
  { ...partner, id: 'bfl:5@1', name: 'FLUX.2 pro', maxSeed: maxSafeSeed, price: perMegapixel(30_000) },
  { ...partner, id: 'bfl:6@1', name: 'FLUX.2 flex', maxSeed: maxSafeSeed, price: perMegapixel(60_000) },
  { ...partner, id: 'bfl:7@1', name: 'FLUX.2 max', maxSeed: maxSafeSeed },
  {
    ...partner,
    id: 'openai:gpt-image@2',
    name: 'GPT Image 2',
    sizes: gptImageSizes,
    maxPrompt: 32_000,
    price: perMegapixel(211_000),
  },
  {
    ...partner,
    id: 'openai:4@1',
    name: 'GPT Image 1.5',
    sizes: { kind: 'list', sizes: ['1024x1024', '1536x1024', '1024x1536'] },
    maxPrompt: 32_000,
    goneOn: '2026-12-01',
    replacement: 'openai:gpt-image@2',
  },
  {
    ...partner,
    id: 'google:4@2',
    name: 'Nano Banana Pro',
    maxSeed: 2_147_483_647,
    maxPrompt: 45_000,
    sizes: { kind: 'steps', min: 512, max: 6336, step: 8 },
    price: (width, height) => (width * height > 2048 * 2048 * 1.2 ? 244_000 : 138_000),
  },
  { ...partner, id: 'google:nano-banana@2-lite', name: 'Nano Banana 2 Lite', price: flat(33_600) },
  { ...vector, id: 'recraft:v4@vector', name: 'Recraft V4 Vector', price: flat(80_000) },
  { ...vector, id: 'recraft:v4-pro@vector', name: 'Recraft V4 Pro Vector' },
];

const generic = {
  known: false,
  name: '',
  sizes: { kind: 'steps', min: 128, max: 2048, step: 8 },
} as const;

/** Facts of a Runware model. Hosted and community checkpoints are diffusion models, the rest partners. */
export function runwareModel(id: string): ImageModelFacts {
  const known = runwareModels.find((model) => model.id === id);
  if (known !== undefined) return known;
  if (/@vector$|:vector\b|-vector\b/.test(id)) return { ...vector, ...generic, id, name: id };
  const hosted = /^(runware|civitai|rundiffusion):/.test(id);
  return { ...(hosted ? diffusion : partner), ...generic, id, name: id };
}

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
    ...partner,
    id,
    name: id,
    known: openaiImageModels.includes(id) || id in openaiImageGone,
    sizes: gptImageSizes,
    maxResults: 10,
    maxPrompt: 32_000,
    delivery: 'sync',
    // Only this one has a published price per picture.
    price: id === 'gpt-image-2' && price !== undefined ? perMegapixel(price) : unknownPrice,
    goneOn: openaiImageGone[id]?.goneOn ?? null,
    replacement: openaiImageGone[id]?.replacement ?? null,
  };
}

/** Removing a background at Runware, dearest known. */
export const runwareBackgroundPrice: MicroUsd = 600;

/** PiAPI's imagine task makes four pictures. */
export const midjourneyResults = 4;

/** The facts of an image model; null for providers without a catalogue. */
export function imageModelFacts(provider: string, model: string, quality = 'auto'): ImageModelFacts | null {
  if (provider === 'runware') return runwareModel(model);
  if (provider === 'openai') return openaiImageModel(model, quality);
  return null;
}

export type SizeVerdict =
  | { ok: true; warning: string | null }
  /** `allowed` says in words what would be right. */
  | { ok: false; allowed: string };

/** Whether a model makes pictures of this size (in pixels). */
export function checkSize(model: ImageModelFacts, width: number, height: number): SizeVerdict {
  const rule = model.sizes;
  if (rule.kind === 'list') {
    if (rule.sizes.includes(`${width}x${height}`)) return { ok: true, warning: null };
    return { ok: false, allowed: `one of ${rule.sizes.join(', ')}` };
  }
  const fits = [width, height].every(
    (side) => Number.isInteger(side) && side >= rule.min && side <= rule.max && side % rule.step === 0,
  );
  const longer = Math.max(width, height);
  const shorter = Math.min(width, height);
  if (!fits || (rule.maxAspect !== undefined && longer > shorter * rule.maxAspect)) {
    return { ok: false, allowed: sizeRuleInWords(rule) };
  }
  if (model.known) return { ok: true, warning: null };
  return {
    ok: true,
    warning: `The limits of model ${model.id} are not known here; ${width}x${height} may be refused by the provider.`,
  };
}

function sizeRuleInWords(rule: SizeRule): string {
  if (rule.kind === 'list') return `one of ${rule.sizes.join(', ')}`;
  const aspect = rule.maxAspect === undefined ? '' : `, at most ${rule.maxAspect}:1`;
  return `sides from ${rule.min} to ${rule.max} in multiples of ${rule.step}${aspect}`;
}

/** "gpt-4o is switched off on 2027-01-14; use gpt-6-luna instead.", or null when nothing is announced. */
export function shutdownNotice(
  model: Pick<ImageModelFacts, 'id' | 'goneOn' | 'replacement'>,
  now: number,
): string | null {
  if (model.goneOn === null) return null;
  const gone = now >= Date.parse(model.goneOn);
  const instead = model.replacement === null ? '' : ` Use ${model.replacement} instead.`;
  return gone
    ? `The provider switched ${model.id} off on ${model.goneOn}.${instead}`
    : `The provider switches ${model.id} off on ${model.goneOn}.${instead}`;
}
