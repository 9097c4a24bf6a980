/** What OpenAI refuses a request for: unknown fields, retired models, schemas that are not strict. */
import { sizeOf } from './images.ts';
import { asRecord, textFrom, type State } from './state.ts';

export type Body = Record<string, unknown>;
export interface Refusal {
  status: number;
  code: string | null;
  message: string;
  type?: string;
  param?: string | null;
}

const chatFields = [
  'model',
  'messages',
  'response_format',
  'max_completion_tokens',
  'max_tokens',
  'reasoning_effort',
  'temperature',
  'top_p',
  'n',
  'seed',
  'stop',
  'user',
  'store',
  'service_tier',
  'verbosity',
  'prompt_cache_key',
  'safety_identifier',
];
const imageFields = [
  'model',
  'prompt',
  'n',
  'size',
  'quality',
  'background',
  'output_format',
  'output_compression',
  'moderation',
  'user',
  'stream',
  'partial_images',
];
const goneModels =
  /^(gpt-4|gpt-4-turbo|gpt-3\.5-turbo|o1|o3-mini|o4-mini|gpt-4\.1-nano|dall-e-[23]|gpt-image-1|missing-.*)$/;
const reasoningModels = /^(gpt-5|gpt-5-mini|gpt-5-nano|o3)$/;

export interface Part {
  type: string;
  text: string;
  image: Record<string, unknown>;
}

export function partsOf(body: Body): Part[] {
  const messages = Array.isArray(body['messages']) ? body['messages'].map(asRecord) : [];
  return messages.flatMap((message) => {
    const { content } = message;
    if (typeof content === 'string') return [{ type: 'text', text: content, image: {} }];
    if (!Array.isArray(content)) return [];
    return content.map(asRecord).map((part) => ({
      type: textFrom(part['type']),
      text: textFrom(part['text']),
      image: asRecord(part['image_url']),
    }));
  });
}

export function textOf(body: Body): string {
  return partsOf(body)
    .map((part) => part.text)
    .join('\n');
}

/** What the service refuses a chat for; null when it takes it. */
export function wrongWithChat(state: State, body: Body): Refusal | null {
  const unknown = Object.keys(body).find((name) => !chatFields.includes(name));
  if (unknown !== undefined) {
    return {
      status: 400,
      code: 'unknown_parameter',
      message: `Unknown parameter: '${unknown}'.`,
      param: unknown,
    };
  }
  const refused = state.options.chat?.refuses?.find((name) => name in body);
  if (refused !== undefined) {
    return {
      status: 400,
      code: 'unsupported_parameter',
      message: `Unsupported parameter: '${refused}' is not supported with this model.`,
      param: refused,
    };
  }
  const model = textFrom(body['model']);
  if (model === '' || goneModels.test(model)) return modelNotFound(model);
  if (reasoningModels.test(model) && 'max_tokens' in body) {
    return {
      status: 400,
      code: 'unsupported_parameter',
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      param: 'max_tokens',
    };
  }
  if (partsOf(body).length === 0) {
    return { status: 400, code: 'empty_array', message: "Invalid 'messages'.", param: 'messages' };
  }
  return wrongWithParts(body) ?? wrongWithFormat(state, asRecord(body['response_format']));
}

function modelNotFound(model: string): Refusal {
  return {
    status: 404,
    code: 'model_not_found',
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
  };
}

function wrongWithParts(body: Body): Refusal | null {
  for (const part of partsOf(body)) {
    if (part.type === 'text') continue;
    if (part.type !== 'image_url') {
      return {
        status: 400,
        code: 'invalid_value',
        message: `Invalid part type '${part.type}'.`,
        param: 'messages',
      };
    }
    if (
      !['low', 'high', 'original', 'auto', undefined].includes(part.image['detail'] as string | undefined)
    ) {
      return {
        status: 400,
        code: 'invalid_value',
        message: 'Invalid detail.',
        param: 'messages[1].content[1].image_url.detail',
      };
    }
    const url = textFrom(part.image['url']);
    const bytes = Buffer.from(url.replace(/^data:[^,]*,/, ''), 'base64');
    if (!url.startsWith('data:image/') || sizeOf(bytes) === null) {
      return {
        status: 400,
        code: 'invalid_image',
        message: 'The image data is not a valid picture.',
        param: 'messages',
      };
    }
  }
  return null;
}

function wrongWithFormat(state: State, format: Body): Refusal | null {
  const type = textFrom(format['type'], 'text');
  const understood: readonly string[] = state.options.chat?.formats ?? ['json_schema', 'json_object', 'text'];
  if (!understood.includes(type)) {
    return {
      status: 400,
      code: 'invalid_value',
      message: `'response_format.type' must be one of ${understood.join(', ')}`,
      param: 'response_format',
    };
  }
  if (type !== 'json_schema') return null;
  const schema = asRecord(format['json_schema']);
  const name = textFrom(schema['name']);
  const problem = /^[\w-]{1,64}$/.test(name)
    ? strictProblem(asRecord(schema['schema']))
    : 'the name is not valid';
  return problem === null
    ? null
    : {
        status: 400,
        code: 'invalid_json_schema',
        message: `Invalid schema: ${problem}.`,
        param: 'text.format.schema',
      };
}

/** The rules of strict schemas: every property required, no others, no limits in words that servers refuse. */
function strictProblem(schema: Body): string | null {
  const banned = [
    'pattern',
    'format',
    'minimum',
    'maximum',
    'minItems',
    'maxItems',
    'minLength',
    'maxLength',
  ];
  const found = banned.find((word) => word in schema);
  if (found !== undefined) return `'${found}' is not permitted`;
  if (schema['type'] === 'array') return strictProblem(asRecord(schema['items']));
  if (schema['type'] !== 'object') return null;
  const properties = asRecord(schema['properties']);
  if (schema['additionalProperties'] !== false) return "'additionalProperties' must be false";
  const required = JSON.stringify([...((schema['required'] ?? []) as string[])].sort());
  if (required !== JSON.stringify(Object.keys(properties).sort()))
    return "'required' must name every property";
  return (
    Object.values(properties)
      .map(asRecord)
      .map(strictProblem)
      .find((one) => one !== null) ?? null
  );
}

/** The same for a request for images. */
export function wrongWithImages(body: Body): Refusal | null {
  const unknown = Object.keys(body).find((name) => !imageFields.includes(name));
  if (unknown !== undefined) {
    return {
      status: 400,
      code: 'unknown_parameter',
      message: `Unknown parameter: '${unknown}'.`,
      param: unknown,
    };
  }
  const model = textFrom(body['model']);
  if (goneModels.test(model) || !/^gpt-image-/.test(model)) return modelNotFound(model);
  const invalid = (param: string, message: string): Refusal => ({
    status: 400,
    code: 'invalid_value',
    message,
    param,
  });
  const { prompt, n, size, quality, background } = body;
  if (typeof prompt !== 'string' || prompt === '' || prompt.length > 32_000) {
    return { ...invalid('prompt', 'Invalid prompt.'), code: 'string_above_max_length' };
  }
  if (n !== undefined && (!Number.isInteger(n) || Number(n) < 1 || Number(n) > 10))
    return invalid('n', "Invalid 'n'.");
  if (size !== undefined && size !== 'auto') {
    const [width, height] = textFrom(size).split('x').map(Number);
    const fits = [width, height].every(
      (side) => side !== undefined && side > 0 && side % 16 === 0 && side <= 3840,
    );
    if (!fits) return invalid('size', `Invalid size '${textFrom(size)}'.`);
  }
  if (!['auto', 'low', 'medium', 'high', undefined].includes(quality as string))
    return invalid('quality', 'Invalid quality.');
  if (!['auto', 'opaque', 'transparent', undefined].includes(background as string)) {
    return invalid('background', 'Invalid background.');
  }
  return null;
}
