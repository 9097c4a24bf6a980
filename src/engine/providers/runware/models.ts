/** The models of Runware that are known. */
import type { MicroUsd } from '../../model/money.ts';
import { eachPrice, perMegapixel, unknownPrice, type ImageModelFacts, type SizeRule } from '../modelFacts.ts';

/** Removes backgrounds: Bria RMBG 2.0, open. */
export const runwareBackgroundModel = 'runware:110@1';

/** Removing a background, dearest known. */
export const runwareBackgroundPrice: MicroUsd = 600;

const maxSafeSeed = Number.MAX_SAFE_INTEGER;

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
  { ...partner, id: 'google:nano-banana@2-lite', name: 'Nano Banana 2 Lite', price: eachPrice(33_600) },
  { ...vector, id: 'recraft:v4@vector', name: 'Recraft V4 Vector', price: eachPrice(80_000) },
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
