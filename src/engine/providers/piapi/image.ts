/** Midjourney images by a task API in the style of PiAPI: create a task, ask until it is done. */
import { z } from 'zod';
import { FactoryError, isFactoryError } from '../../model/errors.ts';
import { parseAspectRatios } from '../../settings/settings.ts';
import type { Settings } from '../../settings/settings.ts';
import { guarded, jsonOf, withoutRecovery, type Account } from '../account.ts';
import { refusedTask, statusError, taskError } from './errors.ts';
import type { PixelOperations } from '../pixelOperations.ts';
import { piapi } from './descriptor.ts';
import { withMidjourneyVersion } from './promptFlags.ts';
import type {
  CallContext,
  GeneratedImage,
  GenerationResult,
  ImageModel,
  ImageRequest,
  Recovered,
} from '../provider.ts';
import { isAnswerLost, isTransient, retryAfterOf, waitFor } from '../retry.ts';
import { messages } from '../messages.ts';

export type PiapiSettings = Pick<
  Settings,
  | 'midjourney.processMode'
  | 'midjourney.aspectRatios'
  | 'midjourney.version'
  | 'generation.pollingIntervalSeconds'
>;

const { model, maxPerRequest } = piapi.roles.image;

const taskShape = z.looseObject({
  code: z.number().nullish(),
  message: z.string().nullish(),
  data: z
    .looseObject({
      task_id: z.string().nullish(),
      status: z.string().nullish(),
      output: z
        .looseObject({
          image_url: z.string().nullish(),
          image_urls: z.array(z.string()).nullish(),
          temporary_image_urls: z.array(z.string()).nullish(),
        })
        .nullish()
        .catch(null),
      error: z
        .looseObject({
          code: z.union([z.number(), z.string()]).nullish(),
          message: z.string().nullish(),
          raw_message: z.string().nullish(),
        })
        .nullish()
        .catch(null),
      meta: z
        .looseObject({ usage: z.looseObject({}).nullish() })
        .nullish()
        .catch(null),
    })
    .nullish(),
});
type Task = NonNullable<z.output<typeof taskShape>['data']>;

export function createPiapi(
  account: Account,
  settings: PiapiSettings,
  images: PixelOperations,
  download: (url: string, context: CallContext) => Promise<Uint8Array>,
): ImageModel {
  const ratios = parseAspectRatios(settings['midjourney.aspectRatios']).values;
  const everyMs = settings['generation.pollingIntervalSeconds'] * 1000;

  const create = async (request: ImageRequest, context: CallContext): Promise<string> => {
    const input = {
      prompt: withMidjourneyVersion(request.prompt, settings['midjourney.version']),
      aspect_ratio: ratios[request.generation % Math.max(1, ratios.length)] ?? '1:1',
      process_mode: settings['midjourney.processMode'],
      skip_prompt_check: false,
    };
    const body = {
      model,
      task_type: 'imagine',
      input,
      config: { service_mode: '', webhook_config: { endpoint: '', secret: '' } },
    };
    try {
      const task = await call(account, 'POST', '/api/v1/task', JSON.stringify(body), context);
      if (isFailed(task)) throw failureOf(account, task);
      if (typeof task.task_id === 'string' && task.task_id !== '') return task.task_id;
      throw new FactoryError('provider.badAnswer', messages.noTaskName({ service: account.service }));
    } catch (error) {
      if (isAnswerLost(error)) throw withoutRecovery(account, messages.requestForImages(), error);
      if (isFactoryError(error) && error.httpStatus !== undefined) throw refusedTask(error);
      throw error;
    }
  };

  /** Asks until the task is done. Asking is free: transient failures are asked again until the time is over. */
  const finished = async (taskId: string, context: CallContext): Promise<Task> => {
    const deadline = account.now() + context.timeoutMs;
    for (;;) {
      await waitFor(everyMs, context.signal);
      const left = deadline - account.now();
      if (left <= 0) {
        throw new FactoryError(
          'network.timeout',
          messages.taskOverdue({ service: account.service, task: taskId }),
        );
      }
      try {
        const task = await ask(taskId, { ...context, timeoutMs: Math.min(30_000, left) });
        if (isDone(task)) return task;
      } catch (error) {
        if (!isTransient(error)) throw error;
        context.debug(`piapi task ${taskId}: ${error.message}`);
        if (error.retryAfterMs !== undefined) {
          await waitFor(Math.min(error.retryAfterMs, Math.max(0, deadline - account.now())), context.signal);
        }
      }
    }
  };

  const ask = (taskId: string, context: CallContext): Promise<Task> =>
    call(account, 'GET', `/api/v1/task/${encodeURIComponent(taskId)}`, null, context);

  const resultOf = async (
    task: Task,
    request: ImageRequest,
    context: CallContext,
  ): Promise<GenerationResult> => {
    if (isFailed(task)) throw failureOf(account, task);
    const usage = task.meta?.usage;
    if (usage) context.debug(`piapi task ${task.task_id ?? ''}: usage ${JSON.stringify(usage)}`);
    const images = await imagesOf(task, context);
    if (images.length === 0) {
      throw new FactoryError('provider.badAnswer', messages.taskEmpty({ service: account.service }));
    }
    return { images: images.slice(0, request.count), failures: [], requestId: task.task_id ?? null };
  };

  const imagesOf = async (task: Task, context: CallContext): Promise<GeneratedImage[]> => {
    const { output } = task;
    const separate = [output?.image_urls, output?.temporary_image_urls].find(
      (urls) => (urls ?? []).length > 0,
    );
    if (separate) return separate.map((url) => image({ kind: 'url', url }));
    const grid = output?.image_url ?? '';
    if (grid === '') return [];
    const quarters = await images.cutGrid(await download(grid, context), context.signal);
    return quarters.map((bytes) => image({ kind: 'bytes', bytes }));
  };

  const recover = async (taskId: string, request: ImageRequest, context: CallContext): Promise<Recovered> => {
    // Only the service's own id finds a task: without one the request was never acknowledged.
    if (taskId === request.requestId) return { state: 'cannotAsk' };
    try {
      const task = await ask(taskId, context);
      if (!isDone(task)) return { state: 'running' };
      return { state: 'found', result: await resultOf(task, request, context) };
    } catch (error) {
      if (!isFactoryError(error)) throw error;
      if (error.code === 'notFound') return { state: 'notFound' };
      if (error.code !== 'content.refused' && error.code !== 'input.invalid') throw error;
      const failure = { code: error.code, message: error.message, error };
      return { state: 'found', result: { images: [], failures: [failure], requestId: taskId } };
    }
  };

  return {
    name: 'piapi',
    model,
    maxPerRequest,
    recoverable: true,
    generate: (request, context, onAccepted) =>
      guarded(account, context, async (clean) => {
        const taskId = await create(request, clean);
        onAccepted(taskId);
        return resultOf(await finished(taskId, clean), request, clean);
      }),
    recover: (request, recoveryKey, context) =>
      guarded(account, context, (clean) => recover(recoveryKey, request, clean)),
    worstPrice: () => null,
  };
}

function image(source: GeneratedImage['source']): GeneratedImage {
  return { source, providerImageId: null, seed: null, costMicroUsd: null, flagged: false };
}

function statusOf(task: Task): string {
  return (task.status ?? '').toLowerCase();
}

function errorCodeOf(task: Task): string {
  const code = task.error?.code ?? 0;
  return code === 0 || code === '0' || code === '' ? '' : String(code);
}

function isFailed(task: Task): boolean {
  return statusOf(task) === 'failed' || errorCodeOf(task) !== '';
}

function isDone(task: Task): boolean {
  return statusOf(task) === 'completed' || isFailed(task);
}

/** Sends one call and returns the task of its answer. */
async function call(
  account: Account,
  method: 'GET' | 'POST',
  path: string,
  body: string | null,
  context: CallContext,
): Promise<Task> {
  const started = account.now();
  const answer = await account.http.request({
    url: `${account.endpoint}${path}`,
    method,
    service: account.service,
    headers: { 'x-api-key': account.key, 'content-type': 'application/json', accept: 'application/json' },
    body,
    signal: context.signal,
    timeoutMs: context.timeoutMs,
    fresh: method === 'POST',
  });
  context.debug(`piapi ${method} ${path}: HTTP ${answer.status}, ${account.now() - started} ms`);
  const parsed = taskShape.safeParse(jsonOf(answer.body));
  const words = parsed.data?.data?.error?.message || parsed.data?.message || '';
  const status =
    answer.status === 200 && (parsed.data?.code ?? 200) >= 400 ? (parsed.data?.code ?? 200) : answer.status;
  if (status >= 300) {
    throw statusError(account, status, words, retryAfterOf(answer.headers, account.now()));
  }
  const task = parsed.data?.data;
  if (!task) throw new FactoryError('provider.badAnswer', messages.unreadable({ service: account.service }));
  return task;
}

function failureOf(account: Account, task: Task): FactoryError {
  const words = [task.error?.message, task.error?.raw_message].filter(Boolean).join(' ');
  return taskError(account, errorCodeOf(task), words);
}
