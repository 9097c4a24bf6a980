/** OpenAI's chat completions, images and models, as strict as the real ones about what they take. */
import { createHash } from 'node:crypto';
import { chatWithout } from './contract.ts';
import { partsOf, textOf, wrongWithChat, wrongWithImages, type Body, type Refusal } from './openaiChecks.ts';
import { png } from './images.ts';
import type { CallKind, Fault } from './script.ts';
import { json, type Fake, type Reply, type ServiceDefinition, type Understood } from './service.ts';
import { asRecord, canPay, charge, type State, textFrom } from './state.ts';

/** Another key would not help: the account may not use the model. */
const forbidden = { 'status 403': 'provider.modelGone' } as const;

export const openai: Fake = {
  endpoint: (api) => `${api}/v1`,
  answers: ({ url = '' }) => url.startsWith('/v1/'),
  key: (random) => `sk-proj-${random()}${random()}`,
  service,
  contract: {
    text: {
      refuses: { status: 400, code: 'content_policy_violation' },
      cost: 'known',
      codes: forbidden,
      without: chatWithout,
    },
    vision: {
      refuses: { status: 400, code: 'content_policy_violation' },
      cost: 'known',
      codes: forbidden,
      without: chatWithout,
    },
    image: {
      refuses: { status: 400, code: 'moderation_blocked' },
      cost: 'known',
      lostForGood: true,
      codes: forbidden,
      without: { 'flagged content': 'it refuses instead of flagging' },
    },
  },
};

function service(state: State): ServiceDefinition {
  const errorReply = ({ status, code, message, type, param }: Refusal): Reply =>
    json(
      status,
      { error: { message, type: type ?? typeOf(status), param: param ?? null, code } },
      status === 429 ? { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '120ms' } : {},
    );

  return {
    service: 'openai',
    understand: (request, bytes): Understood => {
      const body = parse(bytes);
      const path = (request.url ?? '').split('?')[0];
      const kind =
        path === '/v1/models' ? 'account' : path === '/v1/images/generations' ? 'image' : chatKind(body);
      const understood: Understood = {
        kind,
        task: null,
        text: kind === 'image' ? textFrom(body['prompt']) : textOf(body),
        body: withoutImages(body),
        refusal: null,
        work: () => json(404, {}),
      };
      const refuse = (refusal: Refusal): Understood => ({ ...understood, refusal: errorReply(refusal) });
      const given = request.headers.authorization ?? '';
      if (given !== `Bearer ${state.keys.openai}`) {
        const key = given.replace('Bearer ', '');
        return refuse({
          status: 401,
          code: 'invalid_api_key',
          // The real one echoes the key, masked.
          message: `Incorrect API key provided: ${key.slice(0, 8)}${'*'.repeat(8)}${key.slice(-4)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
        });
      }
      if (path === '/v1/models') return { ...understood, work: () => json(200, models) };
      if (path === '/v1/images/generations') {
        const wrong = wrongWithImages(body);
        return wrong === null
          ? { ...understood, work: (fault) => makeImages(state, body, fault, errorReply) }
          : refuse(wrong);
      }
      if (path !== '/v1/chat/completions') {
        return refuse({
          status: 404,
          code: null,
          message: `Invalid URL (${request.method ?? ''} ${path ?? ''})`,
        });
      }
      const wrong = wrongWithChat(state, body);
      return wrong === null
        ? { ...understood, work: (fault) => answer(state, body, chatKind(body), fault, errorReply) }
        : refuse(wrong);
    },
    error: (status, code, message, parameter) =>
      errorReply({
        status,
        code: code === '' ? defaultCode(status) : code,
        message,
        param: parameter ?? null,
        ...(code === 'insufficient_quota' ? { type: code } : {}),
      }),
  };
}

const models = {
  object: 'list',
  data: [
    { id: 'gpt-6-luna', object: 'model' },
    { id: 'gpt-4o', object: 'model', shutdown_date: '2027-01-14' },
    { id: 'gpt-image-2', object: 'model' },
  ],
};

function typeOf(status: number): string {
  if (status === 429) return 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function defaultCode(status: number): string | null {
  const codes: Record<number, string> = {
    401: 'invalid_api_key',
    403: 'unsupported_country_region_territory',
    404: 'model_not_found',
    429: 'rate_limit_exceeded',
    503: 'server_is_overloaded',
  };
  return codes[status] ?? null;
}

function parse(bytes: Buffer): Body {
  try {
    return asRecord(JSON.parse(bytes.toString('utf8')));
  } catch {
    return {};
  }
}

/** What is asked for: by the schema's name, else by the words that describe the answer. */
function chatKind(body: Body): CallKind {
  const schema = textFrom(asRecord(asRecord(body['response_format'])['json_schema'])['name']);
  if (schema === 'quality_check') return 'qualityCheck';
  if (schema === 'metadata' || schema === 'prompt') return schema;
  const text = textOf(body);
  if (text.includes('"passed"')) return 'qualityCheck';
  return text.includes('"tags"') ? 'metadata' : 'prompt';
}

function withoutImages(body: Body): unknown {
  return JSON.parse(
    JSON.stringify(body, (_key, value: unknown) =>
      typeof value === 'string' && value.startsWith('data:') ? `<${value.length} characters>` : value,
    ),
  );
}

type ErrorReply = (refusal: Refusal) => Reply;

const noQuota: Refusal = {
  status: 429,
  code: 'insufficient_quota',
  type: 'insufficient_quota',
  message: 'You exceeded your current quota, please check your plan and billing details.',
};

function answer(
  state: State,
  body: Body,
  kind: CallKind,
  fault: Fault | null,
  errorReply: ErrorReply,
): Reply {
  const text = textOf(body);
  const images = partsOf(body).filter((part) => part.type === 'image_url');
  const prompt_tokens = Math.ceil(text.length / 4) + images.length * 85;
  const { content, refusal, finish_reason } = say(state, body, kind, fault);
  const completion_tokens = Math.max(1, Math.ceil((content ?? refusal ?? '').length / 4));
  const microUsd = Math.ceil(prompt_tokens * 0.1 + completion_tokens * 0.5);
  if (!canPay(state, 'openai', microUsd)) return errorReply(noQuota);
  const key = createHash('sha256').update(JSON.stringify(body['messages'])).digest('hex');
  charge(state, { service: 'openai', kind, task: null, key, microUsd, images: 0 });
  return json(200, {
    id: `chatcmpl-${state.calls.length}`,
    object: 'chat.completion',
    created: 1_790_000_000,
    model: body['model'],
    choices: [{ index: 0, message: { role: 'assistant', content, refusal }, finish_reason }],
    usage: {
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
      prompt_tokens_details: { cached_tokens: 0 },
    },
  });
}

interface Said {
  content: string | null;
  refusal: string | null;
  finish_reason: string;
}

function say(state: State, body: Body, kind: CallKind, fault: Fault | null): Said {
  const plain = (content: string): Said => ({ content, refusal: null, finish_reason: 'stop' });
  switch (fault?.do) {
    case 'refuse':
      return { content: null, refusal: "I'm sorry, I can't help with that.", finish_reason: 'stop' };
    case 'length':
      return { content: '{"prompt": "A picture that never', refusal: null, finish_reason: 'length' };
    case 'filter':
      return { content: '', refusal: null, finish_reason: 'content_filter' };
    case 'say':
      return plain(fault.text);
    case 'verdict':
      return plain(JSON.stringify({ passed: fault.passed, reason: fault.reason }));
    default: {
      const value = JSON.stringify(valueFor(state, body, kind));
      const format = asRecord(body['response_format'])['type'];
      // Without a format models like to talk around their answer.
      return plain(
        format === undefined ? `Here it is:\n\`\`\`json\n${value}\n\`\`\`\nAnything else?` : value,
      );
    }
  }
}

function valueFor(state: State, body: Body, kind: CallKind): unknown {
  const parts = partsOf(body);
  const asked = parts.find((part, i) => i > 0 && part.type === 'text')?.text ?? '';
  if (kind === 'qualityCheck')
    return { passed: true, reason: 'The picture is sharp and shows what was asked for.' };
  if (kind === 'metadata') {
    const words = asked.match(/[\p{L}]{4,}/gu) ?? [];
    const tags = [...new Set(words.slice(-12).map((word) => word.toLowerCase()))];
    return { title: `Picture of ${tags[0] ?? 'something'}`, description: asked.slice(-200), tags };
  }
  // A model never writes the same twice: the number keeps prompts of equal rows apart.
  const number = state.calls.filter((call) => call.kind === 'prompt').length;
  return { prompt: `${asked.replace(/\s+/g, ' ').slice(-1200)} (take ${number})` };
}

function makeImages(state: State, body: Body, fault: Fault | null, errorReply: ErrorReply): Reply {
  const n = Number(body['n'] ?? 1) - (fault?.do === 'partial' ? fault.missing : 0);
  const prompt = textFrom(body['prompt']);
  const size = body['size'] === undefined || body['size'] === 'auto' ? '1024x1024' : textFrom(body['size']);
  const [width = 1024, height = 1024] = size.split('x').map(Number);
  const input_tokens = Math.ceil(prompt.length / 4);
  const output_tokens = 200 * n;
  const microUsd = input_tokens * 5 + output_tokens * 30;
  if (!canPay(state, 'openai', microUsd)) return errorReply(noQuota);
  charge(state, { service: 'openai', kind: 'image', task: null, key: prompt, microUsd, images: n });
  const number = state.charges.length;
  const cutOut = body['background'] === 'transparent';
  return json(200, {
    created: 1_790_000_000,
    background: body['background'],
    output_format: body['output_format'] ?? 'png',
    size,
    data: Array.from({ length: n }, (_, i) => ({
      b64_json: png({ width, height, key: `${prompt}#${number}.${i}`, cutOut }).toString('base64'),
    })),
    usage: {
      input_tokens,
      output_tokens,
      total_tokens: input_tokens + output_tokens,
      input_tokens_details: { text_tokens: input_tokens, image_tokens: 0 },
    },
  });
}
