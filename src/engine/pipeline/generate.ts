/** Step "generate": from a prompt to rows of images that have arrived (P5). */
import { randomUUID } from 'node:crypto';
import { FactoryError, toFactoryError } from '../model/errors.ts';
import type { MicroUsd } from '../model/money.ts';
import type { GeneratedImage, GenerationResult } from '../providers/provider.ts';
import { slotResultsOf, slotResultsOnDisk, saveImages } from './slotResults.ts';
import { pay } from './calls.ts';
import { imageRequest } from './imageRequest.ts';
import type { CallRequest } from './imageRequest.ts';
import type { OpenGeneration, OpenCall } from './records.ts';
import { recoverAnswer } from './lostAnswers.ts';
import type { Answer, LookupResult, PaidCall } from './paidCall.ts';
import type { PipelineImage } from './pipelineImage.ts';
import { failureOf, judgeFailure } from './policy.ts';
import { writePrompt } from './writePrompt.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

export interface GenerationEvents {
  /** Its prompt is used or has failed: the next one may be written. May be called more than once. */
  onRequest(): void;
  onImage(image: PipelineImage): void;
}

/** Brings every planned variation to an end: an image, or a failed slot. Ends early when the run ends. */
export async function generate(
  context: PipelineContext,
  generation: OpenGeneration,
  openCalls: readonly OpenCall[],
  events: GenerationEvents,
): Promise<void> {
  const prompt = generation.prompt ?? (await promptOf(context, generation, events));
  if (prompt === null) return;
  const made = { ...generation, prompt };
  const planned = new Set(generation.planned);
  // What an earlier run has sent is asked for before anything is sent.
  const batches = openCalls.map((open) => {
    for (const variation of open.request.variations) planned.delete(variation);
    return requestBatch(context, made, open.request.variations, events, open);
  });
  const size = Math.max(1, context.providers.image.maxPerRequest);
  const rest = [...planned].sort((a, b) => a - b);
  for (let at = 0; at < rest.length; at += size) {
    batches.push(requestBatch(context, made, rest.slice(at, at + size), events, null));
  }
  await Promise.all(batches);
}

type Prompted = OpenGeneration & { prompt: string };

async function promptOf(
  context: PipelineContext,
  generation: OpenGeneration,
  events: GenerationEvents,
): Promise<string | null> {
  const source = {
    stage: 'prompt' as const,
    provider: context.providers.text.name,
    model: context.textModel,
  };
  try {
    return await writePrompt(context, generation);
  } catch (thrown) {
    const error = toFactoryError(thrown);
    events.onRequest();
    if ((await judgeFailure(context, error, source)) === 'fail') {
      await context.journal.slotsFailed(
        generation.generation,
        generation.planned,
        failureOf(error, 'prompt'),
      );
    }
    return null;
  }
}

/** One request, and further ones for images that are missing without a reason, at most `retryAttempts` times. */
async function requestBatch(
  context: PipelineContext,
  generation: Prompted,
  variations: readonly number[],
  events: GenerationEvents,
  open: OpenCall | null,
): Promise<void> {
  let missing = variations;
  let waiting = open;
  const { image } = context.providers;
  for (let topUps = 0; missing.length > 0; topUps++) {
    if (topUps > context.settings['generation.retryAttempts']) {
      const error = new FactoryError('provider.badAnswer', messages.fewerImages());
      await context.journal.slotsFailed(generation.generation, missing, failureOf(error, 'generate'));
      return;
    }
    try {
      missing = await results(context, generation, missing, waiting, events);
    } catch (thrown) {
      const error = toFactoryError(thrown);
      const source = { stage: 'generate' as const, provider: image.name, model: image.model };
      if ((await judgeFailure(context, error, source)) === 'fail') {
        await context.journal.slotsFailed(generation.generation, missing, failureOf(error, 'generate'));
      }
      return;
    }
    waiting = null;
  }
}

/** Makes one call and stores what it brings; resolves with the variations that are still without a result. */
async function results(
  context: PipelineContext,
  generation: Prompted,
  variations: readonly number[],
  open: OpenCall | null,
  events: GenerationEvents,
): Promise<readonly number[]> {
  const request: CallRequest = open?.request ?? {
    variations: [...variations],
    imageIds: variations.map(() => randomUUID()),
  };
  let files: ReadonlyMap<number, string> = new Map();
  let images: PipelineImage[] = [];
  let missing: readonly number[] = [];
  const call: PaidCall<GenerationResult> = {
    ...callOf(context, generation, request, events),
    saveFiles: async (_id, answer) => {
      files = await saveImages(context, generation.generation, request, answer.value.images);
    },
    saveResult: (db, callId, answer, timings) => {
      const arrived = { ...slotResultsOf(context, call, request, answer, callId, files), timings };
      images = context.journal.received(db, generation, arrived);
      missing = arrived.missing;
    },
  };
  if (open !== null && call.ask === null && (await takeFromDisk(context, generation, open, events)))
    return [];
  if (open === null || (await recoverAnswer(context, call, open)) === null) await pay(context, call);
  for (const image of images) events.onImage(image);
  return missing;
}

function callOf(
  context: PipelineContext,
  generation: Prompted,
  request: CallRequest,
  events: GenerationEvents,
): Omit<PaidCall<GenerationResult>, 'saveFiles' | 'saveResult'> {
  const { image } = context.providers;
  const asked = imageRequest(context, generation, request, '');
  return {
    stage: 'generate',
    provider: image.name,
    model: image.model,
    generation: generation.generation,
    imageId: null,
    count: asked.count,
    worst: image.worstPrice(asked),
    limiter: context.limits.image,
    request,
    cheap: false,
    ask: image.recoverable
      ? async (callId, recoveryKey, callContext): Promise<LookupResult<GenerationResult>> => {
          const found = await image.recover({ ...asked, requestId: callId }, recoveryKey, callContext);
          if (found.state !== 'found') return found;
          const failed = found.result.images.length === 0 ? found.result.failures[0] : undefined;
          if (failed !== undefined) return { state: 'failed', error: failed.error };
          return { state: 'found', answer: answerOf(found.result) };
        }
      : null,
    send: async (callId, callContext, onAccepted) => {
      events.onRequest();
      const result = await image.generate({ ...asked, requestId: callId }, callContext, onAccepted);
      const failed = result.images.length === 0 ? result.failures[0] : undefined;
      if (failed !== undefined) throw failed.error;
      return answerOf(result);
    },
  };
}

/** The cost of a call is that of all its images; unknown as soon as one of them is. */
function answerOf(result: GenerationResult): Answer<GenerationResult> {
  return { value: result, costMicroUsd: sumOf(result.images), requestId: result.requestId };
}

function sumOf(images: readonly GeneratedImage[]): MicroUsd | null {
  let sum = 0;
  for (const { costMicroUsd } of images) {
    if (costMicroUsd === null) return null;
    sum += costMicroUsd;
  }
  return sum;
}

async function takeFromDisk(
  context: PipelineContext,
  generation: Prompted,
  open: OpenCall,
  events: GenerationEvents,
): Promise<boolean> {
  const slotResults = await slotResultsOnDisk(context, generation.generation, open);
  if (slotResults === null) return false;
  let images: PipelineImage[] = [];
  await context.journal.write((db) => {
    context.journal.settleCall(db, open, 'answered', null, null);
    images = context.journal.received(db, generation, slotResults);
  });
  context.budget.settle(open.reserved, null);
  for (const image of images) events.onImage(image);
  return true;
}
