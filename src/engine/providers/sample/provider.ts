/** The embedded provider: real images without a key, a network or a price. The same request gives the same answer. */
import { workOnPixels } from '../../images/pixelPool.ts';
import type {
  BackgroundRemover,
  Billed,
  GeneratedImage,
  ImageModel,
  ImageRequest,
  TextModel,
} from '../provider.ts';
import { sample } from './descriptor.ts';
import { cutOut } from './cutout.ts';
import { measureQuality } from './judge.ts';
import { drawScene } from './scene.ts';
import { hashOf } from './shapes.ts';
import { describeFromPrompt, promptFromRow } from './texts.ts';

export interface SampleProvider {
  text: TextModel;
  image: ImageModel;
  background: BackgroundRemover;
}

/** All three roles of the sample provider. Each call keeps the limits of the image engine and costs nothing. */
export function createSampleProvider(): SampleProvider {
  return { text: sampleText, image: sampleImages, background: sampleBackground };
}

const name = 'sample';
const free = <T>(value: T): Billed<T> => ({ value, costMicroUsd: 0, requestId: null });

/** Writing takes no time; an abort is a rejection all the same. */
function written<T>(signal: AbortSignal, write: () => T): Promise<Billed<T>> {
  return new Promise((resolve) => {
    signal.throwIfAborted();
    resolve(free(write()));
  });
}

const sampleText: TextModel = {
  name,
  writePrompt: ({ instructions, row }, { signal }) => written(signal, () => promptFromRow(row, instructions)),
  checkQuality: async (_instructions, image, { signal }) => free(await measureQuality(image.bytes, signal)),
  describe: (_instructions, prompt, _image, { signal }) => written(signal, () => describeFromPrompt(prompt)),
  worstPrice: () => 0,
};

const sampleImages: ImageModel = {
  name,
  model: 'sample-drawings-1',
  maxPerRequest: sample.roles.image.maxPerRequest,
  recoverable: true,
  generate: async (request, { signal, debug }) => {
    const images: GeneratedImage[] = [];
    for (let index = 0; index < request.count; index += 1) {
      const seed = seedOf(request, index);
      const scene = drawScene(request.prompt, seed, request.width, request.height);
      const bytes = await workOnPixels('drawPng', { svg: scene.svg }, signal);
      debug(`Drew ${scene.motifs.join(' and ')} with seed ${seed}.`);
      images.push({
        source: { kind: 'bytes', bytes },
        providerImageId: null,
        seed,
        costMicroUsd: 0,
        flagged: false,
      });
    }
    return { images, failures: [], requestId: null };
  },
  // What was not answered was not kept, and drawing it again costs nothing.
  recover: () => Promise.resolve({ state: 'notFound' }),
  worstPrice: () => 0,
};

const sampleBackground: BackgroundRemover = {
  name,
  recoverable: true,
  remove: async (image, _requestId, { signal }) => free({ bytes: await cutOut(image, signal) }),
  recover: () => Promise.resolve({ state: 'notFound' }),
  worstPrice: () => 0,
};

/** Without a seed the prompt gives one, so that a job run again looks the same. */
function seedOf({ seed, prompt }: ImageRequest, index: number): number {
  return ((seed ?? hashOf(prompt)) + index) % 2 ** 31;
}
