/** Step "generate": from a prompt to rows of pictures that have arrived (P5). */
import { randomUUID } from 'node:crypto';
import { FactoryError, toFactoryError } from '../model/errors.ts';
import type { MicroUsd } from '../model/money.ts';
import type { GeneratedImage, GenerationResult } from '../providers/provider.ts';
import { arrivalsOf, arrivalsOnDisk, savePictures } from './arrivals.ts';
import { pay } from './calls.ts';
import { imageRequest } from './imageRequest.ts';
import type { CallRequest } from './imageRequest.ts';
import type { Generation, OpenCall } from './records.ts';
import { askAgain } from './lostAnswers.ts';
import type { Answer, Asked, PaidCall } from './paidCall.ts';
import type { Picture } from './picture.ts';
import { failureOf, judge } from './policy.ts';
import { writePrompt } from './writePrompt.ts';
import type { Work } from './work.ts';
import { messages } from './messages.ts';

export interface GenerationEvents {
  /** Its prompt is used or has failed: the next one may be written. May be called more than once. */
  onRequest(): void;
  onPicture(picture: Picture): void;
}

/** Brings every planned variation to an end: a picture, or a failed slot. Ends early when the run ends. */
export async function generate(
  work: Work,
  generation: Generation,
  openCalls: readonly OpenCall[],
  events: GenerationEvents,
): Promise<void> {
  const prompt = generation.prompt ?? (await promptOf(work, generation, events));
  if (prompt === null) return;
  const made = { ...generation, prompt };
  const planned = new Set(generation.planned);
  // What an earlier run has sent is asked for before anything is sent.
  const batches = openCalls.map((open) => {
    for (const variation of open.request.variations) planned.delete(variation);
    return requestBatch(work, made, open.request.variations, events, open);
  });
  const size = Math.max(1, work.providers.image.maxPerRequest);
  const rest = [...planned].sort((a, b) => a - b);
  for (let at = 0; at < rest.length; at += size) {
    batches.push(requestBatch(work, made, rest.slice(at, at + size), events, null));
  }
  await Promise.all(batches);
}

type Prompted = Generation & { prompt: string };

async function promptOf(
  work: Work,
  generation: Generation,
  events: GenerationEvents,
): Promise<string | null> {
  const source = { stage: 'prompt' as const, provider: work.providers.text.name, model: work.textModel };
  try {
    return await writePrompt(work, generation);
  } catch (thrown) {
    const error = toFactoryError(thrown);
    events.onRequest();
    if ((await judge(work, error, source)) === 'fail') {
      await work.journal.slotsFailed(generation.generation, generation.planned, failureOf(error, 'prompt'));
    }
    return null;
  }
}

/** One request, and further ones for pictures that are missing without a reason, at most `retryAttempts` times. */
async function requestBatch(
  work: Work,
  generation: Prompted,
  variations: readonly number[],
  events: GenerationEvents,
  open: OpenCall | null,
): Promise<void> {
  let missing = variations;
  let waiting = open;
  const { image } = work.providers;
  for (let topUps = 0; missing.length > 0; topUps++) {
    if (topUps > work.settings['generation.retryAttempts']) {
      const error = new FactoryError('provider.badAnswer', messages.fewerImages());
      await work.journal.slotsFailed(generation.generation, missing, failureOf(error, 'generate'));
      return;
    }
    try {
      missing = await results(work, generation, missing, waiting, events);
    } catch (thrown) {
      const error = toFactoryError(thrown);
      const source = { stage: 'generate' as const, provider: image.name, model: image.model };
      if ((await judge(work, error, source)) === 'fail') {
        await work.journal.slotsFailed(generation.generation, missing, failureOf(error, 'generate'));
      }
      return;
    }
    waiting = null;
  }
}

/** Makes one call and stores what it brings; resolves with the variations that are still without a result. */
async function results(
  work: Work,
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
  let pictures: Picture[] = [];
  let missing: readonly number[] = [];
  const call: PaidCall<GenerationResult> = {
    ...callOf(work, generation, request, events),
    keep: async (_id, answer) => {
      files = await savePictures(work, generation.generation, request, answer.value.images);
    },
    settle: (db, callId, answer, timings) => {
      const arrived = { ...arrivalsOf(work, call, request, answer, callId, files), timings };
      pictures = work.journal.received(db, generation, arrived);
      missing = arrived.missing;
    },
  };
  if (open !== null && call.ask === null && (await takeFromDisk(work, generation, open, events))) return [];
  if (open === null || (await askAgain(work, call, open)) === null) await pay(work, call);
  for (const picture of pictures) events.onPicture(picture);
  return missing;
}

function callOf(
  work: Work,
  generation: Prompted,
  request: CallRequest,
  events: GenerationEvents,
): Omit<PaidCall<GenerationResult>, 'keep' | 'settle'> {
  const { image } = work.providers;
  const asked = imageRequest(work, generation, request, '');
  return {
    stage: 'generate',
    provider: image.name,
    model: image.model,
    generation: generation.generation,
    imageId: null,
    count: asked.count,
    worst: image.worstPrice(asked),
    limiter: work.limits.image,
    request,
    cheap: false,
    ask: image.recoverable
      ? async (callId, recoveryKey, context): Promise<Asked<GenerationResult>> => {
          const found = await image.recover({ ...asked, requestId: callId }, recoveryKey, context);
          if (found.state !== 'found') return found;
          const failed = found.result.images.length === 0 ? found.result.failures[0] : undefined;
          if (failed !== undefined) return { state: 'failed', error: failed.error };
          return { state: 'found', answer: answerOf(found.result) };
        }
      : null,
    send: async (callId, context, onAccepted) => {
      events.onRequest();
      const result = await image.generate({ ...asked, requestId: callId }, context, onAccepted);
      const failed = result.images.length === 0 ? result.failures[0] : undefined;
      if (failed !== undefined) throw failed.error;
      return answerOf(result);
    },
  };
}

/** The cost of a call is that of all its pictures; unknown as soon as one of them is. */
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
  work: Work,
  generation: Prompted,
  open: OpenCall,
  events: GenerationEvents,
): Promise<boolean> {
  const arrived = await arrivalsOnDisk(work, generation.generation, open);
  if (arrived === null) return false;
  let pictures: Picture[] = [];
  await work.journal.write((db) => {
    work.journal.settleCall(db, open, 'answered', null, null);
    pictures = work.journal.received(db, generation, arrived);
  });
  work.budget.settle(open.reserved, null);
  for (const picture of pictures) events.onPicture(picture);
  return true;
}
