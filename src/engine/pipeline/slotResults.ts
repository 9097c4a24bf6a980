/** What an answer of the image provider holds for the slots that it was asked for, and its bytes on the disk. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { toStored } from '../files/inside.ts';
import { imageTypes, sniffType } from '../images/sniff.ts';
import type { MicroUsd } from '../model/money.ts';
import type { GeneratedImage, GenerationResult } from '../providers/provider.ts';
import { isTransient } from '../providers/retry.ts';
import type { CallRequest } from './imageRequest.ts';
import type { SlotResults, OpenCall } from './records.ts';
import { lostAnswer } from './paidCall.ts';
import type { Answer } from './paidCall.ts';
import { originalStem } from './pipelineImage.ts';
import { closeGateFor, failureOf } from './policy.ts';
import type { Source } from './policy.ts';
import type { PipelineContext } from './pipelineContext.ts';

/** Which slots an answer fills, fails and leaves open; closes the gate for a failure that ends the run. */
export function slotResultsOf(
  context: PipelineContext,
  call: Source,
  request: CallRequest,
  answer: Answer<GenerationResult>,
  callId: string,
  files: ReadonlyMap<number, string>,
): Omit<SlotResults, 'timings'> {
  const { variations, imageIds } = request;
  const { images } = answer.value;
  const kept = images.slice(0, variations.length);
  // Some providers make more images than were asked for: those that are kept bear the cost of all.
  const upTo = (n: number): number => Math.floor(((answer.costMicroUsd ?? 0) * n) / kept.length);
  const shareOf = (image: GeneratedImage, index: number): MicroUsd | null => {
    if (answer.costMicroUsd === null) return null;
    return kept.length === images.length ? image.costMicroUsd : upTo(index + 1) - upTo(index);
  };
  const rest = variations.slice(kept.length);
  const failures = answer.value.failures
    .filter(({ error }) => !isTransient(error) && !closeGateFor(context, error, call))
    .slice(0, rest.length)
    .map(({ error }, index) => ({ variation: rest[index] ?? 0, failure: failureOf(error, 'generate') }));
  return {
    callId,
    images: kept.map((image, index) => ({
      id: imageIds[index] ?? randomUUID(),
      variation: variations[index] ?? 0,
      providerImageId: image.providerImageId,
      seed: image.seed,
      flagged: image.flagged,
      url: image.source.kind === 'url' ? image.source.url : null,
      file: files.get(index) ?? null,
      costMicroUsd: shareOf(image, index),
    })),
    failures,
    missing: rest.slice(failures.length),
  };
}

/** Writes the bytes that came inside an answer; stored paths by their place in the answer. */
export async function saveImages(
  context: PipelineContext,
  generation: number,
  request: CallRequest,
  images: readonly GeneratedImage[],
): Promise<Map<number, string>> {
  const files = new Map<number, string>();
  for (const [index, { source }] of images.slice(0, request.variations.length).entries()) {
    if (source.kind !== 'bytes') continue;
    // What is no image fails the download step of its own image, not those beside it.
    const type = sniffType(source.bytes) ?? 'png';
    const file = join(context.folders.temp, `${stemOf(context, generation, request, index)}.${type}`);
    await context.files.write(file, source.bytes);
    files.set(index, toStored(context.files.root, file));
  }
  return files;
}

/**
 * Images that lay on the disk when a process died before their rows were written: all that is left of an
 * answer that nobody can be asked for. Null when there are none.
 */
export async function slotResultsOnDisk(
  context: PipelineContext,
  generation: number,
  open: OpenCall,
): Promise<SlotResults | null> {
  const names = new Set(await context.files.list(context.folders.temp));
  const slotResults: SlotResults = { callId: open.id, images: [], failures: [], missing: [], timings: {} };
  for (const [index, variation] of open.request.variations.entries()) {
    const stem = stemOf(context, generation, open.request, index);
    const name = imageTypes.map((type) => `${stem}.${type}`).find((candidate) => names.has(candidate));
    if (name === undefined) {
      const failure = failureOf(lostAnswer(context.providers.image.name, 'generate'), 'generate');
      slotResults.failures.push({ variation, failure });
    } else {
      slotResults.images.push({
        id: open.request.imageIds[index] ?? randomUUID(),
        variation,
        providerImageId: null,
        seed: null,
        flagged: false,
        url: null,
        file: toStored(context.files.root, join(context.folders.temp, name)),
        costMicroUsd: null,
      });
    }
  }
  return slotResults.images.length === 0 ? null : slotResults;
}

function stemOf(context: PipelineContext, generation: number, request: CallRequest, index: number): string {
  const id = request.imageIds[index] ?? '';
  return originalStem(context, {
    id,
    generation,
    variation: request.variations[index] ?? 0,
  });
}
