/** An image on its way through the steps: its row, and what unfinished work on it has paid for. */
import { z } from 'zod';
import type { Files } from '../files/files.ts';
import { deliveredName } from '../files/names.ts';
import { imageTypes } from '../images/sniff.ts';
import type { ImageType } from '../images/sniff.ts';
import { FactoryError, isFactoryError } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import { shortId } from '../model/label.ts';
import { slotName } from '../model/slot.ts';
import type { SlotPlace } from '../model/slot.ts';
import { firstOfImage, stages } from '../model/status.ts';
import type { PipelineImageRecord } from '../store/rows/image.ts';
import { messages } from './messages.ts';

const failureShape = z.object({ stage: z.enum(stages), code: z.string(), reason: z.string() });

/** Kept in the row until the walk through the steps ends; then it becomes columns, or is forgotten. */
const unfinishedShape = z.object({
  /** The call that brought the image, to ask for its address again. */
  callId: z.string().nullable().catch(null),
  /** The provider's own content check flagged it. */
  flagged: z.boolean().catch(false),
  softFailures: z.array(failureShape).catch([]),
  metadata: z
    .object({ title: z.string(), description: z.string(), tags: z.array(z.string()) })
    .nullable()
    .catch(null),
  /** The run that paid for them: a retry may have been asked for new ones. */
  metadataRun: z.string().nullable().catch(null),
  /** Remover and size that made the cutout: others make another one. */
  cutoutBy: z.string().nullable().catch(null),
  /** The file that is about to be placed in the output folder. */
  placing: z
    .object({ name: z.string(), sha256: z.string(), sidecar: z.string().nullable().catch(null) })
    .nullable()
    .catch(null),
  /** The file that it replaces, to be removed once it lies there. */
  replaces: z.string().nullable().catch(null),
  replacesSidecar: z.string().nullable().catch(null),
});
export type Unfinished = z.output<typeof unfinishedShape>;

export const nothingUnfinished: Unfinished = unfinishedShape.parse({});

export function readUnfinished(value: unknown): Unfinished {
  const parsed = unfinishedShape.safeParse(value);
  return parsed.success ? parsed.data : nothingUnfinished;
}

export type PipelineImage = Pick<
  PipelineImageRecord,
  | 'seq'
  | 'id'
  | 'jobId'
  | 'generation'
  | 'variation'
  | 'status'
  | 'statusBefore'
  | 'failure'
  | 'softFailures'
  | 'nextStage'
  | 'prompt'
  | 'providerImageId'
  | 'sourceUrl'
  | 'qcPassed'
  | 'title'
  | 'timings'
  | 'processing'
  | 'originalPath'
  | 'cutoutPath'
  | 'path'
  | 'sidecarPath'
  | 'thumbnailPath'
> & { unfinished: Unfinished };

/** An image that has just been made: what it has before it is before every image of a new job. */
export const newImage: PipelineImage = {
  seq: 0,
  id: '',
  jobId: '',
  generation: 0,
  variation: 0,
  status: 'pending',
  statusBefore: null,
  failure: null,
  softFailures: [],
  nextStage: firstOfImage,
  prompt: '',
  providerImageId: null,
  sourceUrl: null,
  qcPassed: null,
  title: null,
  timings: {},
  processing: {},
  originalPath: null,
  cutoutPath: null,
  path: null,
  sidecarPath: null,
  thumbnailPath: null,
  unfinished: nothingUnfinished,
};

export function toPipelineImage(row: PipelineImageRecord): PipelineImage {
  return { ...row, unfinished: readUnfinished(row.unfinished) };
}

/** True when a person's retry has to bring the bytes anew: they never came, or are gone and can be had again. */
export function isToFetch({ originalPath, failure, sourceUrl }: PipelineImage): boolean {
  if (originalPath === null) return true;
  const lost = failure?.stage === 'download' || failure?.code === 'image.missing';
  return lost && sourceUrl !== null;
}

/** "Image 3-1": what rows of the log call an image, which may have neither title nor prompt yet. */
export function imageByPlace(place: SlotPlace): string {
  return `Image ${slotName(place)}`;
}

/** The type of an original, by the ending that its content gave it. */
export function typeOf(originalPath: string): ImageType {
  return imageTypes.find((type) => originalPath.endsWith(`.${type}`)) ?? 'png';
}

export function isDrawing(image: PipelineImage): boolean {
  return image.originalPath !== null && typeOf(image.originalPath) === 'svg';
}

/** Stem of the files that belong to one image in the temp folder; no two images share it. */
export function originalStem(
  work: { label: string; jobId: string },
  image: SlotPlace & { id: string },
): string {
  const name = deliveredName(work.label, shortId(work.jobId), image.generation, image.variation, '');
  return `${name.slice(0, -1)}_${shortId(image.id)}`;
}

/** The bytes of a file that a row names. Fails with `image.invalid` when it is gone. */
export function readStored({ files }: { files: Files }, stored: string): Promise<Uint8Array> {
  return readNamed(files, stored, 'image.invalid', messages.fileUnreadable({ stored }));
}

/** The bytes of the image as the provider made it. Fails with `image.missing` when they are gone. */
export async function readOriginal(
  { files }: { files: Files },
  { originalPath }: Pick<PipelineImage, 'originalPath'>,
): Promise<Uint8Array> {
  if (originalPath === null) throw new FactoryError('image.missing', messages.originalMissing());
  return readNamed(
    files,
    originalPath,
    'image.missing',
    messages.originalUnreadable({ stored: originalPath }),
  );
}

async function readNamed(
  files: Files,
  stored: string,
  code: 'image.invalid' | 'image.missing',
  told: Message,
): Promise<Uint8Array> {
  try {
    return await files.read(stored, 'picture');
  } catch (cause) {
    if (isFactoryError(cause)) throw cause;
    throw new FactoryError(code, told, { cause });
  }
}
