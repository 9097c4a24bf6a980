/** Runware's protocol: arrays of tasks to one address, and answers that mix results and errors. */
import { z } from 'zod';
import { FactoryError } from '../../model/errors.ts';
import { fromUsd, plausibleCost } from '../../model/money.ts';
import { baseUrl, jsonOf, type Account } from '../account.ts';
import type { CallContext, GeneratedImage, GenerationResult } from '../provider.ts';
import { retryAfterOf, waitFor, isTransient } from '../retry.ts';
import { runwareError, runwareErrorItem, type RunwareErrorItem } from './errors.ts';
import { messages } from './messages.ts';

const resultItem = z.looseObject({
  taskUUID: z.string().optional(),
  taskType: z.string().optional(),
  status: z.string().optional(),
  imageUUID: z.string().nullish().catch(null),
  imageURL: z.string().nullish(),
  imageBase64Data: z.string().nullish(),
  imageDataURI: z.string().nullish(),
  // What is only told beside an image is left out when it is odd; the image is there and paid.
  seed: z.number().nullish().catch(null),
  NSFWContent: z.boolean().nullish().catch(null),
  /** USD. */
  cost: z.number().nullish().catch(null),
  response: z.unknown().optional(),
});
export type RunwareItem = z.output<typeof resultItem>;

const envelope = z.looseObject({
  data: z.array(resultItem).default([]),
  errors: z.array(runwareErrorItem).default([]),
  error: runwareErrorItem.optional(),
});

export interface RunwareAnswer {
  status: number;
  items: RunwareItem[];
  errors: RunwareErrorItem[];
  retryAfterMs: number | undefined;
  requestId: string | null;
}

/** Images in JSON: twenty of them, base64, at most. */
const maxAnswerBytes = 192 * 1024 * 1024;

export type RunwareTask = Record<string, unknown> & { taskType: string; taskUUID: string };

/**
 * Sends one task and reads its answer, whatever its status. An answer that is not Runware's JSON is
 * `provider.badAnswer`, or `provider.unavailable` with an error status.
 */
export async function postTask(
  account: Account,
  task: RunwareTask,
  context: CallContext,
): Promise<RunwareAnswer> {
  const started = account.now();
  const answer = await account.http.request({
    url: baseUrl(account, '/v1'),
    method: 'POST',
    service: account.service,
    headers: {
      authorization: `Bearer ${account.key}`,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify([task]),
    signal: context.signal,
    timeoutMs: context.timeoutMs,
    maxBytes: maxAnswerBytes,
  });
  const requestId = answer.headers['x-request-id'] ?? null;
  context.debug(
    `runware ${task.taskType} ${task.taskUUID}: HTTP ${answer.status}, ${answer.body.length} bytes, ${account.now() - started} ms`,
  );
  const retryAfterMs = retryAfterOf(answer.headers, account.now());
  const parsed = envelope.safeParse(jsonOf(answer.body));
  if (!parsed.success) {
    if (answer.status >= 500) {
      // A gateway speaks here, not Runware: the task may be at work behind it, and asking is free.
      throw new FactoryError('network.unreachable', messages.unreachable({ status: answer.status }), {
        httpStatus: answer.status,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    }
    if (answer.status >= 400) {
      throw runwareError(null, {
        account,
        model: typeof task['model'] === 'string' ? task['model'] : '',
        status: answer.status,
        retryAfterMs,
      });
    }
    throw new FactoryError('provider.badAnswer', messages.unreadable(), {
      httpStatus: answer.status,
    });
  }
  const { data, errors, error } = parsed.data;
  return {
    status: answer.status,
    items: data,
    errors: error === undefined ? errors : [...errors, error],
    retryAfterMs,
    requestId,
  };
}

/** The first error of an answer as an error of ours. */
export function errorOf(account: Account, model: string, answer: RunwareAnswer): FactoryError {
  return runwareError(answer.errors[0] ?? null, {
    account,
    model,
    status: answer.status,
    retryAfterMs: answer.retryAfterMs,
  });
}

/** The items of one task that hold an image, without repetitions. */
export function imagesOf(items: readonly RunwareItem[], taskUUID: string): RunwareItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    if (item.taskUUID !== undefined && item.taskUUID !== taskUUID) return false;
    const source = item.imageURL ?? item.imageBase64Data ?? item.imageDataURI;
    if (typeof source !== 'string' || source === '') return false;
    const key = item.imageUUID ?? source;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

export function errorsOf(errors: readonly RunwareErrorItem[], taskUUID: string): RunwareErrorItem[] {
  return errors.filter((error) => error.taskUUID === undefined || error.taskUUID === taskUUID);
}

/** Base64 of an item, or of its data URI; null for an address. */
export function bytesOf(item: RunwareItem): Uint8Array | null {
  const text = item.imageBase64Data ?? item.imageDataURI?.replace(/^data:[^,]*,/, '');
  return typeof text === 'string' && text !== '' ? Buffer.from(text, 'base64') : null;
}

export function costOf(item: RunwareItem): number | null {
  return typeof item.cost === 'number' ? plausibleCost(fromUsd(item.cost)) : null;
}

function generatedImage(item: RunwareItem): GeneratedImage {
  const bytes = bytesOf(item);
  return {
    source: bytes === null ? { kind: 'url', url: item.imageURL ?? '' } : { kind: 'bytes', bytes },
    providerImageId: item.imageUUID ?? null,
    seed: item.seed ?? null,
    costMicroUsd: costOf(item),
    flagged: item.NSFWContent === true,
  };
}

/** Images and failures of one task; throws the first error when there is no image at all. */
export function resultOf(
  account: Account,
  model: string,
  answer: RunwareAnswer,
  taskUUID: string,
): GenerationResult {
  const images = imagesOf(answer.items, taskUUID).map(generatedImage);
  const errors = errorsOf(answer.errors, taskUUID);
  if (images.length === 0 && (errors.length > 0 || answer.status >= 400))
    throw errorOf(account, model, answer);
  const failures = errors.map((item) => {
    const error = runwareError(item, { account, model, status: 200, retryAfterMs: answer.retryAfterMs });
    return { code: item.code, message: error.message, error };
  });
  return { images, failures, requestId: answer.requestId };
}

/** How often a running task is asked about, in milliseconds. */
export interface Polling {
  everyMs: number;
}

/**
 * Asks for an asynchronous task until all its images and errors are there. Asking costs nothing, so
 * transient failures of the asking itself are asked again until the time is over (`network.timeout`).
 */
export async function awaitTask(
  account: Account,
  taskUUID: string,
  expected: number,
  polling: Polling,
  context: CallContext,
): Promise<RunwareAnswer> {
  const deadline = account.now() + context.timeoutMs;
  for (let poll = 0; ; poll++) {
    // Long tasks are asked less often: up to ten times the interval.
    await waitFor(Math.min(polling.everyMs * Math.min(10, 1.15 ** poll), 10_000), context.signal);
    const left = deadline - account.now();
    if (left <= 0) throw stillRunning(taskUUID);
    try {
      const answer = await askResponse(account, taskUUID, { ...context, timeoutMs: Math.min(30_000, left) });
      // The asking failed, not the task: with these, error items say nothing about it.
      if (answer.status >= 500 || [401, 402, 403, 429].includes(answer.status)) {
        throw errorOf(account, '', answer);
      }
      const finished = imagesOf(answer.items, taskUUID).length + errorsOf(answer.errors, taskUUID).length;
      if (finished >= expected || (finished > 0 && !isRunning(answer, taskUUID))) return answer;
      if (answer.status >= 400) throw errorOf(account, '', answer);
    } catch (error) {
      if (!isTransient(error)) throw error;
      context.debug(`runware getResponse ${taskUUID}: ${error.message}`);
      if (error.retryAfterMs !== undefined) {
        await waitFor(Math.min(error.retryAfterMs, Math.max(0, deadline - account.now())), context.signal);
      }
    }
  }
}

export function askResponse(
  account: Account,
  taskUUID: string,
  context: CallContext,
): Promise<RunwareAnswer> {
  return postTask(account, { taskType: 'getResponse', taskUUID }, context);
}

/** True while an item of the task says that it is at work. */
export function isRunning(answer: RunwareAnswer, taskUUID: string): boolean {
  return answer.items.some(
    (item) =>
      (item.taskUUID === undefined || item.taskUUID === taskUUID) &&
      /^(processing|pending|queued|running)$/i.test(item.status ?? ''),
  );
}

function stillRunning(taskUUID: string): FactoryError {
  return new FactoryError('network.timeout', messages.overdue({ task: taskUUID }));
}

const details = z.looseObject({
  data: z.array(resultItem).optional(),
  errors: z.array(runwareErrorItem).optional(),
});

/** What getTaskDetails says of a task: its answer, that it runs, or that there is none. */
export async function askDetails(
  account: Account,
  taskUUID: string,
  context: CallContext,
): Promise<RunwareAnswer | 'running' | 'notFound'> {
  const answer = await postTask(account, { taskType: 'getTaskDetails', taskUUID }, context);
  const failure = answer.errors[0];
  if (failure !== undefined && answer.items.length === 0) {
    const error = errorOf(account, '', answer);
    if (error.code === 'notFound') return 'notFound';
    throw error;
  }
  if (answer.status >= 400) throw errorOf(account, '', answer);
  const item = answer.items.find((one) => one.taskUUID === undefined || one.taskUUID === taskUUID);
  if (item === undefined) return 'notFound';
  const response = details.safeParse(item.response);
  const items = [...(response.data?.data ?? []), ...imagesOf(answer.items, taskUUID)];
  const errors = [...(response.data?.errors ?? []), ...answer.errors];
  if (items.length === 0 && errors.length === 0) return 'running';
  const found: RunwareAnswer = { ...answer, items, errors };
  return imagesOf(items, taskUUID).length === 0 && isRunning(found, taskUUID) ? 'running' : found;
}
