/** Steps "trim", "enhance", "convert": one pass over the pixels (P9). */
import type { ImageType } from '../images/sniff.ts';
import { workOnPixels } from '../images/pixelPool.ts';
import { receivedError } from '../images/pixelWire.ts';
import type { Marked } from '../images/pixels/markImage.ts';
import type { Dispensable, FinishPlan } from '../images/pixels/transform.ts';
import { isVisible, sameValue } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { hasCutout } from './cutout.ts';
import { processingOf } from './deliver.ts';
import { readOriginal, readStored, typeOf } from './pipelineImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import { asItIs, isHard } from './policy.ts';
import type { WayOn } from './policy.ts';
import { logSkipped } from './step.ts';
import type { Step, Walk } from './step.ts';
import type { PipelineContext } from './pipelineContext.ts';

/** What the pass knows to do without; nothing else of it can fail softly. */
const without: Readonly<Record<Dispensable, WayOn>> = { trim: asItIs, enhance: asItIs };

const parts = ['trim', 'enhance'] as const;

export const finishing: Step<'convert', (typeof parts)[number]> = {
  stage: 'convert',
  parts,
  applies: (image, { settings, retry }) => retry === null || !isFinished(image, settings),
  async run(walk) {
    // From here to its delivery the image's bytes are in memory.
    await walk.hold(walk.context.limits.finishing);
    if (walk.context.gate.halt !== null) return 'end';
    walk.finished = await finishImage(walk);
    logSkipped(walk, walk.finished.skipped);
    return 'next';
  },
  onFailure: without,
};

/** True for a delivered image whose file would come out the same. */
export function isFinished(image: PipelineImage, settings: Settings): boolean {
  if (image.path === null) return false;
  if (!image.softFailures.every(({ stage }) => stage === 'metadata')) return false;
  const wanted = processingOf(settings);
  const pixels = Object.keys(wanted).filter(
    (key) => !/^(?:ai|metadata)\./u.test(key) && key !== 'processing.failOnSteps',
  );
  return pixels.every((key) => sameValue(wanted[key], image.processing[key]));
}

/** True when the cutout itself is what could not be finished: with it a retry would fail for ever. */
export function isUnusableCutout({ cutoutPath, failure }: PipelineImage): boolean {
  if (cutoutPath === null || failure?.code !== 'image.invalid') return false;
  return [...parts, finishing.stage].some((stage) => stage === failure.stage);
}

/** The finished bytes of the cutout, or of the original where there is none. Fails with `image.…`; `image.missing` where the original is gone. */
async function finishImage({ context, image, partFailed }: Walk): Promise<Marked> {
  const useCutout = context.settings['processing.removeBackground'] && hasCutout(context.settings, image);
  const cutout = useCutout && image.cutoutPath !== null ? await readStored(context, image.cutoutPath) : null;
  const original = await readOriginal(context, image).catch((error: unknown) => {
    // A cutout can be delivered without it: what the provider wrote is then lost.
    if (cutout === null) throw error;
    return cutout;
  });
  const plan = {
    ...finishPlan(context.settings, typeOf(image.originalPath ?? ''), cutout !== null),
    // Made from the original's bytes; of use only where they are delivered as they are.
    thumbnail: cutout === null ? await thumbnailOf(context, image) : null,
  };
  const hard = parts.filter((part) => isHard(part, context.settings));
  const disclose = context.settings['metadata.embed'];
  const input = { original, cutout, plan, hard, disclose };
  const { failed, ...finished } = await workOnPixels('finish', input, context.gate.cut);
  for (const { stage, error } of failed) partFailed(stage, receivedError(error));
  return finished;
}

async function thumbnailOf(context: PipelineContext, image: PipelineImage): Promise<Uint8Array | null> {
  if (image.thumbnailPath === null || image.path !== null) return null;
  return readStored(context, image.thumbnailPath).catch(() => null);
}

function finishPlan(
  settings: Settings,
  sourceType: ImageType,
  backgroundRemoved: boolean,
): Omit<FinishPlan, 'thumbnail'> {
  const format = settings['processing.convertFormat'];
  const quality = format === 'webp' ? 'processing.webpQuality' : 'processing.jpgQuality';
  return {
    sourceType,
    backgroundRemoved,
    trim: settings['processing.trimTransparent'] && isVisible('processing.trimTransparent', settings),
    enhance: settings['processing.enhance']
      ? { sharpening: settings['processing.sharpening'], saturation: settings['processing.saturation'] }
      : null,
    convert: settings['processing.convert']
      ? { format, quality: settings[quality], background: settings['processing.jpgBackground'] }
      : null,
  };
}
