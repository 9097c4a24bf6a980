/** Steps "trim", "enhance", "convert": one pass over the pixels (P9). */
import type { ImageType } from '../images/sniff.ts';
import { finish } from '../images/transform.ts';
import type { Dispensable, FinishPlan } from '../images/transform.ts';
import { isVisible } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { hasCutout } from './cutout.ts';
import { processingOf } from './deliver.ts';
import { markPicture } from './markPicture.ts';
import type { Marked } from './markPicture.ts';
import { readOriginal, readStored, typeOf } from './picture.ts';
import type { Picture } from './picture.ts';
import { asItIs } from './policy.ts';
import type { WayOn } from './policy.ts';
import { logSkipped } from './step.ts';
import type { Step, Walk } from './step.ts';
import type { Work } from './work.ts';

/** What the pass knows to do without; nothing else of it can fail softly. */
const without: Readonly<Record<Dispensable, WayOn>> = { trim: asItIs, enhance: asItIs };

const parts = ['trim', 'enhance'] as const;

export const finishing: Step<'convert', (typeof parts)[number]> = {
  stage: 'convert',
  parts,
  applies: (picture, { settings, retry }) => retry === null || !isFinished(picture, settings),
  async run(walk) {
    // From here to its delivery the picture's bytes are in memory.
    await walk.hold(walk.work.limits.finishing);
    if (walk.work.gate.halt !== null) return 'end';
    walk.finished = await finishPicture(walk);
    logSkipped(walk, walk.finished.skipped);
    return 'next';
  },
  onFailure: without,
};

/** True for a delivered picture whose file would come out the same. */
export function isFinished(picture: Picture, settings: Settings): boolean {
  if (picture.path === null) return false;
  if (!picture.softFailures.every(({ stage }) => stage === 'metadata')) return false;
  const wanted = processingOf(settings);
  const pixels = Object.keys(wanted).filter(
    (key) => !/^(?:ai|metadata)\./u.test(key) && key !== 'processing.failOnSteps',
  );
  return pixels.every((key) => JSON.stringify(wanted[key]) === JSON.stringify(picture.processing[key]));
}

/** True when the cutout itself is what could not be finished: with it a retry would fail for ever. */
export function isSpoilt({ cutoutPath, failure }: Picture): boolean {
  if (cutoutPath === null || failure?.code !== 'image.invalid') return false;
  return [...parts, finishing.stage].some((stage) => stage === failure.stage);
}

/** The finished bytes of the cutout, or of the original where there is none. Fails with `image.…`; `image.missing` where the original is gone. */
async function finishPicture({ work, picture, partFailed }: Walk): Promise<Marked> {
  const useCutout = work.settings['processing.removeBackground'] && hasCutout(work.settings, picture);
  const cutout = useCutout && picture.cutoutPath !== null ? await readStored(work, picture.cutoutPath) : null;
  const original = await readOriginal(work, picture).catch((error: unknown) => {
    // A cutout can be delivered without it: what the provider wrote is then lost.
    if (cutout === null) throw error;
    return cutout;
  });
  const plan = {
    ...finishPlan(work.settings, typeOf(picture.originalPath ?? ''), cutout !== null),
    // Made from the original's bytes; of use only where they are delivered as they are.
    thumbnail: cutout === null ? await thumbnailOf(work, picture) : null,
  };
  const options = { onFailure: partFailed, signal: work.gate.cut };
  const finished = await finish(cutout ?? original, plan, options);
  return markPicture(finished, { original, cutout }, work.settings['metadata.embed']);
}

async function thumbnailOf(work: Work, picture: Picture): Promise<Uint8Array | null> {
  if (picture.thumbnailPath === null || picture.path !== null) return null;
  return readStored(work, picture.thumbnailPath).catch(() => null);
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
