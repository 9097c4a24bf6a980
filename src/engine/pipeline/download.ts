/** Step "download": the provider's bytes, whole, checked and looked at once (P6). */
import { join } from 'node:path';
import { toStored } from '../files/inside.ts';
import { thumbnailName } from '../files/names.ts';
import { acceptImage } from '../images/sniff.ts';
import { workOnPixels } from '../images/pixelPool.ts';
import { FactoryError, isFactoryError } from '../model/errors.ts';
import { firstOfImage, isAhead, stageAfter } from '../model/status.ts';
import type { VisionImage } from '../providers/provider.ts';
import { withRetries } from '../providers/retry.ts';
import { imageRequest } from './imageRequest.ts';
import { isToFetch, originalStem, readOriginal, readStored } from './pipelineImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import type { Step } from './step.ts';
import { callContextFor } from './pipelineContext.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

/** What the vision calls are sent; null where none will be made. */
type Look = VisionImage | null;

export const arrival: Step<'download'> = {
  stage: 'download',
  asks: 'image',
  applies: (image, { retry }) =>
    retry === null ? isAhead('download', image.nextStage ?? firstOfImage) : isToFetch(image),
  async run(walk) {
    const { context, image, looks } = walk;
    walk.seen = await context.limits.download(() => download(context, image, looks));
    return 'next';
  },
  onFailure: {},
  afterStop: true,
};

/**
 * Stores the original, its thumbnail and its facts. Downloading costs nothing, so it goes on after a stop.
 * Fails with `image.…`, `notFound` (its time is over), or as `Providers.download` after its retries.
 */
async function download(context: PipelineContext, image: PipelineImage, needsLook: boolean): Promise<Look> {
  const started = performance.now();
  const stored = image.originalPath;
  const bytes = stored === null ? await fetched(context, image) : await readStored(context, stored);
  const { type, width, height } = acceptImage(bytes);
  const { look, small } = await lookAt(context, bytes, needsLook);
  let originalPath = stored;
  if (originalPath === null) {
    const file = join(context.folders.temp, `${originalStem(context, image)}.${type}`);
    await context.files.write(file, bytes);
    originalPath = toStored(context.files.root, file);
  }
  const thumbnailPath = await writeThumbnail(context, image, small);
  await context.journal.write((db) =>
    context.journal.change(db, image, {
      originalPath,
      thumbnailPath,
      width,
      height,
      bytes: bytes.length,
      nextStage: stageAfter('download'),
      timings: { download: performance.now() - started },
    }),
  );
  return look;
}

export function writeThumbnail(
  { files }: PipelineContext,
  { id }: Pick<PipelineImage, 'id'>,
  bytes: Uint8Array,
): Promise<string> {
  return files.writeThumbnail(thumbnailName(id), bytes);
}

/** The image for the vision calls, made anew from the original (after a restart, for a retry). */
export async function loadVisionImage(context: PipelineContext, image: PipelineImage): Promise<VisionImage> {
  const { look } = await lookAt(context, await readOriginal(context, image), true);
  if (look === null) throw new FactoryError('image.invalid', messages.noLook());
  return look;
}

async function lookAt(
  context: PipelineContext,
  bytes: Uint8Array,
  needsLook: boolean,
): Promise<{ look: Look; small: Uint8Array }> {
  const signal = context.gate.cut;
  if (!needsLook) return { look: null, small: await workOnPixels('thumbnail', { bytes }, signal) };
  const maxSide = context.settings['ai.maxImageSide'];
  const seen = await workOnPixels('inspect', { bytes, maxSide }, signal);
  return { look: { ...seen.visionImage, detail: context.settings['ai.imageDetail'] }, small: seen.thumbnail };
}

async function fetched(context: PipelineContext, image: PipelineImage): Promise<Uint8Array> {
  if (image.sourceUrl === null) {
    throw new FactoryError('image.invalid', messages.noAddress());
  }
  try {
    return await fetchWithRetries(context, image, image.sourceUrl);
  } catch (error) {
    // Addresses live for a while only: the provider may name a new one, once.
    if (!isFactoryError(error, 'notFound')) throw error;
    const address = await newAddress(context, image);
    if (address === null) throw error;
    await context.journal.write((db) => context.journal.change(db, image, { sourceUrl: address }));
    return fetchWithRetries(context, image, address);
  }
}

function fetchWithRetries(context: PipelineContext, image: PipelineImage, url: string): Promise<Uint8Array> {
  const { settings, providers, journal, gate } = context;
  const kind = context.vector ? 'svg' : 'raster';
  return withRetries(() => providers.download(url, kind, callContextFor(context, image.id)), {
    attempts: settings['generation.retryAttempts'],
    firstWaitMs: settings['generation.retryBackoffMs'],
    signal: gate.cut,
    onWait: ({ error, waitMs }) =>
      journal.debug(image.id, `download: ${error.code}: ${error.message} Next try in ${waitMs} ms.`),
  });
}

async function newAddress(context: PipelineContext, image: PipelineImage): Promise<string | null> {
  const { image: imageModel } = context.providers;
  const callId = image.unfinished.callId;
  if (!imageModel.recoverable || callId === null) return null;
  const asked = context.journal.callOf(callId);
  if (asked === null) return null;
  const request = imageRequest(context, image, asked.request, callId);
  const found = await imageModel.recover(request, asked.recoveryKey, callContextFor(context, image.id));
  if (found.state !== 'found') return null;
  const same =
    found.result.images.find(
      (one) => one.providerImageId !== null && one.providerImageId === image.providerImageId,
    ) ?? (found.result.images.length === 1 ? found.result.images[0] : undefined);
  return same?.source.kind === 'url' ? same.source.url : null;
}
