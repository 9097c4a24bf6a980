/** What Runware refuses before a task exists. */
import { sizeOf } from './images.ts';
import { asRecord, textFrom, uuidV4 } from './state.ts';

export type Task = Record<string, unknown>;
export interface Refusal {
  code: string;
  message: string;
  parameter?: string | string[];
}

/** Fields per task; anything else is `unsupportedParameter`. */
const always = ['taskType', 'taskUUID'];
const output = ['outputType', 'outputFormat', 'outputQuality', 'ttl', 'includeCost', 'deliveryMethod'];
const common = [...always, 'model', 'positivePrompt', 'width', 'height', ...output];
const fields: Record<string, string[]> = {
  imageInference: [...common, 'numberResults', 'safety'],
  vectorize: common,
  removeBackground: [...always, 'model', 'inputs', ...output, 'settings'],
  getResponse: always,
  getTaskDetails: always,
  accountManagement: [...always, 'operation'],
};
const diffusionFields = ['negativePrompt', 'lora', 'CFGScale', 'steps', 'scheduler', 'seed'];

const vectorSizes =
  '1024x1024 1536x768 768x1536 1280x832 832x1280 1216x896 896x1216 1152x896 896x1152 832x1344 1280x896 896x1280 1344x768 768x1344';

export interface Model {
  step: number;
  min: number;
  max: number;
  extra: string[];
  microUsd: number;
  task: 'imageInference' | 'vectorize';
}

export function modelOf(id: string): Model | null {
  const diffusion: Model = {
    step: 64,
    min: 128,
    max: 2048,
    extra: diffusionFields,
    microUsd: 1900,
    task: 'imageInference',
  };
  if (/^(gone|nosuch):/.test(id)) return null;
  if (/@vector$/.test(id)) return { ...diffusion, step: 1, extra: [], microUsd: 80_000, task: 'vectorize' };
  if (id === 'openai:gpt-image@2')
    return { ...diffusion, step: 16, min: 480, max: 3840, extra: [], microUsd: 53_000 };
  if (/^bfl:/.test(id)) return { ...diffusion, step: 16, extra: ['seed'], microUsd: 30_000 };
  if (/^runware:400@/.test(id)) return { ...diffusion, step: 16, microUsd: 800 };
  // A community checkpoint whose sampler is fixed.
  if (id === 'civitai:1@fixed') return { ...diffusion, step: 8, extra: ['negativePrompt', 'seed'] };
  return /^(runware:10[01]@1)$/.test(id) ? diffusion : { ...diffusion, step: 8 };
}

/** What the service refuses a task for; null when it takes it. */
export function wrongWith(task: Task): Refusal | null {
  const type = textFrom(task['taskType']);
  const known = fields[type];
  if (known === undefined)
    return { code: 'unsupportedTaskType', message: `Unknown task type "${type}".`, parameter: 'taskType' };
  if (!uuidV4.test(textFrom(task['taskUUID']))) {
    return { code: 'invalidTaskUUID', message: 'taskUUID must be a UUIDv4.', parameter: 'taskUUID' };
  }
  const makes = type === 'imageInference' || type === 'vectorize';
  const model = makes ? modelOf(textFrom(task['model'])) : null;
  if (makes && model === null) {
    return {
      code: 'invalidModel',
      message: `The model ${textFrom(task['model'])} does not exist.`,
      parameter: 'model',
    };
  }
  const allowed = type === 'imageInference' ? [...known, ...(model?.extra ?? [])] : known;
  const extra = Object.keys(task).filter((name) => !allowed.includes(name));
  if (extra.length > 0) {
    return {
      code: 'unsupportedParameter',
      message: `The parameter ${String(extra[0])} is not supported for the selected model.`,
      parameter: extra.length === 1 ? String(extra[0]) : extra,
    };
  }
  if (type === 'removeBackground') return wrongWithInput(task);
  if (model === null) return null;
  if (model.task !== type) {
    return { code: 'invalidModel', message: `The model takes the task ${model.task}.`, parameter: 'model' };
  }
  return wrongWithImage(task, model);
}

function wrongWithImage(task: Task, model: Model): Refusal | null {
  const prompt = task['positivePrompt'];
  if (typeof prompt !== 'string' || prompt.length < 2 || prompt.length > 3000) {
    return {
      code: 'invalidPositivePrompt',
      message: 'positivePrompt must have 2 to 3000 characters.',
      parameter: 'positivePrompt',
    };
  }
  const { width, height } = task;
  if ((width === undefined) !== (height === undefined)) {
    return {
      code: 'missingDimensionParameters',
      message: 'width and height belong together.',
      parameter: ['width', 'height'],
    };
  }
  for (const [name, side] of [
    ['width', width],
    ['height', height],
  ] as const) {
    const fits =
      Number.isInteger(side) &&
      Number(side) >= model.min &&
      Number(side) <= model.max &&
      Number(side) % model.step === 0;
    if (!fits) {
      return {
        code: `invalid${name === 'width' ? 'Width' : 'Height'}`,
        message: `${name} must be ${model.min} to ${model.max} in steps of ${model.step}.`,
        parameter: name,
      };
    }
  }
  if (model.task === 'vectorize' && !vectorSizes.split(' ').includes(`${String(width)}x${String(height)}`)) {
    return { code: 'invalidWidth', message: 'This size is not offered.', parameter: ['width', 'height'] };
  }
  const results = task['numberResults'] ?? 1;
  if (!Number.isInteger(results) || Number(results) < 1 || Number(results) > 20) {
    return {
      code: 'invalidNumberResults',
      message: 'numberResults must be 1 to 20.',
      parameter: 'numberResults',
    };
  }
  const formats = model.task === 'vectorize' ? ['SVG'] : ['JPG', 'PNG', 'WEBP'];
  if (!formats.includes(textFrom(task['outputFormat'], 'JPG'))) {
    return {
      code: 'invalidOutputFormat',
      message: `outputFormat must be ${formats.join(', ')}.`,
      parameter: 'outputFormat',
    };
  }
  if (!['URL', 'base64Data', 'dataURI'].includes(textFrom(task['outputType'], 'URL'))) {
    return { code: 'invalidOutputType', message: 'outputType is not known.', parameter: 'outputType' };
  }
  if (!['sync', 'async'].includes(textFrom(task['deliveryMethod'], 'sync'))) {
    return {
      code: 'invalidDeliveryMethod',
      message: 'deliveryMethod is not known.',
      parameter: 'deliveryMethod',
    };
  }
  return wrongWithOptions(task);
}

function wrongWithOptions(task: Task): Refusal | null {
  const inRange = (name: string, min: number, max: number): boolean =>
    task[name] === undefined || (typeof task[name] === 'number' && task[name] >= min && task[name] <= max);
  if (!inRange('steps', 1, 100))
    return { code: 'invalidSteps', message: 'steps must be 1 to 100.', parameter: 'steps' };
  if (!inRange('CFGScale', 0, 50))
    return { code: 'invalidCFGScale', message: 'CFGScale must be 0 to 50.', parameter: 'CFGScale' };
  if (!inRange('seed', 1, Number.MAX_SAFE_INTEGER))
    return { code: 'invalidSeed', message: 'seed must be positive.', parameter: 'seed' };
  const safety = Object.keys(asRecord(task['safety']));
  if (safety.some((name) => name !== 'checkContent')) {
    return { code: 'unsupportedParameter', message: 'safety takes checkContent.', parameter: 'safety' };
  }
  const lora = task['lora'] ?? [];
  const badLora =
    !Array.isArray(lora) ||
    lora
      .map(asRecord)
      .some((one) => typeof one['model'] !== 'string' || Math.abs(Number(one['weight'] ?? 1)) > 4);
  return badLora
    ? { code: 'invalidLora', message: 'lora needs model and weight −4 to 4.', parameter: 'lora' }
    : null;
}

function wrongWithInput(task: Task): Refusal | null {
  const image = asRecord(task['inputs'])['image'];
  const bytes =
    typeof image === 'string' ? Buffer.from(image.replace(/^data:[^,]*,/, ''), 'base64') : Buffer.alloc(0);
  return sizeOf(bytes) === null
    ? { code: 'invalidInputImage', message: 'inputs.image is no picture.', parameter: 'inputs.image' }
    : null;
}
