/** Images by Runware: raster by `imageInference`, SVG by `vectorize`. */
import { FactoryError, isFactoryError } from '../../model/errors.ts';
import { parseLora } from '../../settings/settings.ts';
import type { Settings } from '../../settings/settings.ts';
import { guarded, type Account } from '../account.ts';
import type { ImageModelFacts } from '../modelFacts.ts';
import { runwareModel } from './models.ts';
import { imagesPrice } from '../prices.ts';
import { withoutForeignFlags } from '../promptFlags.ts';
import type { CallContext, GenerationResult, ImageModel, ImageRequest, Recovered } from '../provider.ts';
import {
  askDetails,
  askResponse,
  awaitTask,
  errorsOf,
  isRunning,
  imagesOf,
  postTask,
  resultOf,
  type RunwareAnswer,
  type RunwareTask,
} from './tasks.ts';
import { messages } from '../messages.ts';

/** The settings that a Runware request is made of. */
export type RunwareSettings = Pick<
  Settings,
  | 'runware.model'
  | 'runware.format'
  | 'runware.loraEnabled'
  | 'runware.lora'
  | 'runware.advancedEnabled'
  | 'runware.cfgScale'
  | 'runware.steps'
  | 'runware.scheduler'
  | 'runware.checkNsfw'
  | 'generation.negativePrompt'
  | 'generation.pollingIntervalSeconds'
>;

/** Parameters that a model may refuse without harm to the rest: left out once, then for the whole run. */
const optionalParameters = [
  'negativePrompt',
  'lora',
  'CFGScale',
  'steps',
  'scheduler',
  'seed',
  'safety',
  'includeCost',
  'deliveryMethod',
];

export function createRunware(account: Account, settings: RunwareSettings): ImageModel {
  const facts = runwareModel(settings['runware.model']);
  const refused = new Set<string>();
  const polling = { everyMs: settings['generation.pollingIntervalSeconds'] * 1000 };

  const generate = async (request: ImageRequest, context: CallContext): Promise<GenerationResult> => {
    const prompt = withoutForeignFlags(account.provider, request.prompt);
    if (prompt.length > facts.maxPrompt) {
      throw new FactoryError(
        'input.invalid',
        messages.promptTooLong({ length: prompt.length, model: facts.id, most: facts.maxPrompt }),
      );
    }
    for (;;) {
      const task = taskOf(facts, settings, { ...request, prompt }, refused);
      const answer = await postTask(account, task, context);
      const named = answer.items.length === 0 ? refusedOptions(answer, task) : [];
      if (named.length > 0) {
        for (const name of named) refused.add(name);
        context.debug(`runware: the model ${facts.id} does not take ${named.join(', ')}; sent again without`);
        continue;
      }
      const whole = await completed(answer, task, request, context);
      return resultOf(account, facts.id, whole, request.requestId);
    }
  };

  /** The answer itself, or what asking brings after an acknowledgement or a clash of ids. */
  const completed = async (
    answer: RunwareAnswer,
    task: RunwareTask,
    request: ImageRequest,
    context: CallContext,
  ): Promise<RunwareAnswer> => {
    const id = request.requestId;
    if (answer.errors.some((error) => error.code === 'conflictTaskUUID')) {
      // The id was used before: its result is what was asked for, and nothing is paid again.
      const known = await askDetails(account, id, context);
      if (typeof known !== 'string') return { ...known, status: 200 };
      if (known === 'running') return awaitTask(account, id, request.count, polling, context);
    }
    const images = imagesOf(answer.items, id).length;
    const acknowledged = images === 0 && answer.errors.length === 0 && answer.items.length > 0;
    if ((acknowledged && task['deliveryMethod'] === 'async') || isRunning(answer, id)) {
      return awaitTask(account, id, request.count, polling, context);
    }
    return answer;
  };

  const recover = async (id: string, request: ImageRequest, context: CallContext): Promise<Recovered> => {
    if (facts.delivery === 'async') {
      const answer = await askResponse(account, id, context);
      const done = imagesOf(answer.items, id).length + errorsOf(answer.errors, id).length;
      if (imagesOf(answer.items, id).length > 0 && done >= request.count) return found(answer, id);
      if (isRunning(answer, id)) return { state: 'running' };
    }
    const answer = await askDetails(account, id, context);
    return typeof answer === 'string' ? { state: answer } : found(answer, id);
  };

  /** A task that ended without any image is an answer too: each image has failed. */
  const found = (answer: RunwareAnswer, id: string): Recovered => {
    try {
      return { state: 'found', result: resultOf(account, facts.id, { ...answer, status: 200 }, id) };
    } catch (error) {
      if (!isFactoryError(error)) throw error;
      const failure = { code: error.code, message: error.message, error };
      return { state: 'found', result: { images: [], failures: [failure], requestId: answer.requestId } };
    }
  };

  return {
    name: 'runware',
    model: facts.id,
    maxPerRequest: facts.maxResults,
    recoverable: true,
    generate: (request, context) => guarded(account, context, (clean) => generate(request, clean)),
    recover: (request, recoveryKey, context) =>
      guarded(account, context, (clean) => recover(recoveryKey, request, clean)),
    worstPrice: (request) => imagesPrice(facts, request),
  };
}

function taskOf(
  facts: ImageModelFacts,
  settings: RunwareSettings,
  request: ImageRequest,
  refused: ReadonlySet<string>,
): RunwareTask {
  const vector = facts.output === 'vector';
  const task: RunwareTask = {
    taskType: vector ? 'vectorize' : 'imageInference',
    taskUUID: request.requestId,
    model: facts.id,
    positivePrompt: request.prompt,
    width: request.width,
    height: request.height,
    outputType: 'URL',
    outputFormat: vector ? 'SVG' : settings['runware.format'].toUpperCase(),
    includeCost: true,
    deliveryMethod: facts.delivery,
  };
  if (facts.maxResults > 1) task['numberResults'] = request.count;
  if (!vector) Object.assign(task, rasterOptions(facts, settings, request));
  return Object.fromEntries(Object.entries(task).filter(([name]) => !refused.has(name))) as RunwareTask;
}

function rasterOptions(
  facts: ImageModelFacts,
  settings: RunwareSettings,
  request: ImageRequest,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const negative = settings['generation.negativePrompt'].trim();
  if (facts.negativePrompt && negative !== '') options['negativePrompt'] = negative;
  const lora = settings['runware.loraEnabled'] ? parseLora(settings['runware.lora']).values : [];
  if (facts.lora && lora.length > 0) options['lora'] = lora;
  if (request.seed !== null && facts.maxSeed !== null && request.seed >= 1 && request.seed <= facts.maxSeed) {
    options['seed'] = request.seed;
  }
  if (!settings['runware.advancedEnabled']) return options;
  if (facts.advanced) {
    if (settings['runware.cfgScale'] !== null) options['CFGScale'] = settings['runware.cfgScale'];
    if (settings['runware.steps'] !== null) options['steps'] = settings['runware.steps'];
    if (settings['runware.scheduler'].trim() !== '')
      options['scheduler'] = settings['runware.scheduler'].trim();
  }
  if (settings['runware.checkNsfw']) options['safety'] = { checkContent: true };
  return options;
}

/** Which optional parameters of the task the answer refuses as unsupported. */
function refusedOptions(answer: RunwareAnswer, task: RunwareTask): string[] {
  const named = answer.errors
    .filter((error) => error.code === 'unsupportedParameter' || error.code === 'unknownParameter')
    .flatMap((error) => error.parameter.map((name) => name.split('.')[0] ?? ''));
  return [...new Set(named)].filter((name) => optionalParameters.includes(name) && name in task);
}
