/** Step "download": the provider's bytes, whole, checked and looked at once (P6). */
import { join } from 'node:path';
import { toStored, writeAtomically } from '../images/files.ts';
import { acceptImage } from '../images/sniff.ts';
import { inspect, thumbnail } from '../images/thumbnail.ts';
import { FactoryError, isFactoryError } from '../model/errors.ts';
import { firstOfImage, isAhead, stageAfter } from '../model/status.ts';
import type { CallContext, VisionImage } from '../providers/provider.ts';
import { withRetries } from '../providers/retry.ts';
import { imageRequest } from './imageRequest.ts';
import { isToFetch, originalStem, readOriginal, readStored } from './picture.ts';
import type { Picture } from './picture.ts';
import type { Step } from './step.ts';
import { timeoutMs } from './work.ts';
import type { Work } from './work.ts';
import { messages } from './messages.ts';

/** What the vision calls are sent; null where none will be made. */
type Look = VisionImage | null;

export const arrival: Step<'download'> = {
  stage: 'download',
  asks: 'image',
  applies: (picture, { retry }) =>
    retry === null ? isAhead('download', picture.nextStage ?? firstOfImage) : isToFetch(picture),
  async run(walk) {
    const { work, picture, looks } = walk;
    walk.seen = await work.limits.download(() => download(work, picture, looks));
    return 'next';
  },
  onFailure: {},
  afterStop: true,
};

/**
 * Stores the original, its thumbnail and its facts. Downloading costs nothing, so it goes on after a stop.
 * Fails with `image.…`, `notFound` (its time is over), or as `Providers.download` after its retries.
 */
async function download(work: Work, picture: Picture, needsLook: boolean): Promise<Look> {
  const started = performance.now();
  const stored = picture.originalPath;
  const bytes = stored === null ? await fetched(work, picture) : await readStored(work, stored);
  const { type, width, height } = acceptImage(bytes);
  const { look, small } = await lookAt(work, bytes, needsLook);
  let originalPath = stored;
  if (originalPath === null) {
    const file = join(work.folders.temp, `${originalStem(work, picture)}.${type}`);
    await writeAtomically(file, bytes);
    originalPath = toStored(work.root, file);
  }
  const thumbnailPath = await writeThumbnail(work, picture, small);
  await work.journal.write((db) =>
    work.journal.change(db, picture, {
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

export async function writeThumbnail(
  work: Work,
  picture: Pick<Picture, 'id'>,
  bytes: Uint8Array,
): Promise<string> {
  const file = join(work.folders.thumbnails, `${picture.id}.webp`);
  await writeAtomically(file, bytes);
  return toStored(work.root, file);
}

/** The picture for the vision calls, made anew from the original (after a restart, for a retry). */
export async function lookAgain(work: Work, picture: Picture): Promise<VisionImage> {
  const { look } = await lookAt(work, await readOriginal(work, picture), true);
  if (look === null) throw new FactoryError('image.invalid', messages.noLook());
  return look;
}

async function lookAt(
  work: Work,
  bytes: Uint8Array,
  needsLook: boolean,
): Promise<{ look: Look; small: Uint8Array }> {
  const signal = work.gate.cut;
  if (!needsLook) return { look: null, small: await thumbnail(bytes, signal) };
  const seen = await inspect(bytes, { maxSide: work.settings['ai.maxImageSide'], signal });
  return { look: { ...seen.visionImage, detail: work.settings['ai.imageDetail'] }, small: seen.thumbnail };
}

async function fetched(work: Work, picture: Picture): Promise<Uint8Array> {
  if (picture.sourceUrl === null) {
    throw new FactoryError('image.invalid', messages.noAddress());
  }
  try {
    return await fetchWithRetries(work, picture, picture.sourceUrl);
  } catch (error) {
    // Addresses live for a while only: the provider may name a new one, once.
    if (!isFactoryError(error, 'notFound')) throw error;
    const address = await newAddress(work, picture);
    if (address === null) throw error;
    await work.journal.write((db) => work.journal.change(db, picture, { sourceUrl: address }));
    return fetchWithRetries(work, picture, address);
  }
}

function fetchWithRetries(work: Work, picture: Picture, url: string): Promise<Uint8Array> {
  const { settings, providers, journal, gate } = work;
  const kind = work.vector ? 'svg' : 'raster';
  return withRetries(() => providers.download(url, kind, contextOf(work, picture)), {
    attempts: settings['generation.retryAttempts'],
    firstWaitMs: settings['generation.retryBackoffMs'],
    signal: gate.cut,
    onWait: ({ error, waitMs }) =>
      journal.debug(picture.id, `download: ${error.code}: ${error.message} Next try in ${waitMs} ms.`),
  });
}

async function newAddress(work: Work, picture: Picture): Promise<string | null> {
  const { image } = work.providers;
  const callId = picture.unfinished.callId;
  if (!image.recoverable || callId === null) return null;
  const asked = work.journal.callOf(callId);
  if (asked === null) return null;
  const request = imageRequest(work, picture, asked.request, callId);
  const found = await image.recover(request, asked.recoveryKey, contextOf(work, picture));
  if (found.state !== 'found') return null;
  const same =
    found.result.images.find(
      (one) => one.providerImageId !== null && one.providerImageId === picture.providerImageId,
    ) ?? (found.result.images.length === 1 ? found.result.images[0] : undefined);
  return same?.source.kind === 'url' ? same.source.url : null;
}

function contextOf(work: Work, picture: Picture): CallContext {
  return {
    signal: work.gate.cut,
    timeoutMs: timeoutMs(work.settings),
    debug: (message) => work.journal.debug(picture.id, message),
  };
}
