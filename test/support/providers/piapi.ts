/** A task API in the style of PiAPI: create, ask, four images or one grid. */
import { randomUUID } from 'node:crypto';
import type { Fault } from './script.ts';
import { json, type Fake, type Reply, type ServiceDefinition, type Understood } from './service.ts';
import { asRecord, canPay, charge, publish, type State, type StoredTask, textFrom } from './state.ts';

const priceMicroUsd = 70_000;

export const piapi: Fake = {
  endpoint: (api) => api,
  answers: ({ url = '' }) => url.startsWith('/api/'),
  key: (random) => `${random()}${random()}`,
  service,
  contract: {
    image: {
      refuses: { status: 400, message: 'The prompt was blocked by moderation' },
      cost: 'unknown',
      lostForGood: true,
      codes: {
        'status 400': 'provider.parameter',
        'status 404': 'notFound',
        'status 422': 'provider.parameter',
      },
      without: { 'flagged content': 'it refuses instead of flagging' },
    },
  },
};

function service(state: State): ServiceDefinition {
  const refused = (status: number, message: string): Reply =>
    json(status, {
      code: status,
      message,
      data: { task_id: '', status: 'failed', error: { code: 0, message: '' } },
    });

  return {
    service: 'piapi',
    understand: (request, bytes): Understood => {
      const id = /^\/api\/v1\/task\/([^/?]+)$/.exec(request.url ?? '')?.[1] ?? null;
      const body = parse(bytes);
      const input = asRecord(body['input']);
      const understood: Understood = {
        kind: id === null ? 'image' : 'poll',
        task: id,
        text: textFrom(input['prompt']),
        body,
        refusal: null,
        work: () => refused(404, 'not found'),
      };
      if (request.headers['x-api-key'] !== state.keys.piapi) {
        return {
          ...understood,
          kind: id === null ? 'image' : 'account',
          refusal: refused(401, 'Invalid API key'),
        };
      }
      if (id !== null && request.method === 'GET')
        return { ...understood, work: () => status(state, id, refused) };
      if (request.url !== '/api/v1/task' || request.method !== 'POST') {
        return { ...understood, refusal: refused(404, 'not found') };
      }
      const wrong = wrongWith(body, input);
      if (wrong !== null) return { ...understood, refusal: refused(400, wrong) };
      return { ...understood, work: (fault) => create(state, body, input, fault, refused) };
    },
    error: (code, _name, message) => refused(code, message),
  };
}

function parse(bytes: Buffer): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(bytes.toString('utf8')));
  } catch {
    return {};
  }
}

function wrongWith(body: Record<string, unknown>, input: Record<string, unknown>): string | null {
  const unknown = [
    ...Object.keys(body).filter((name) => !['model', 'task_type', 'input', 'config'].includes(name)),
    ...Object.keys(input).filter(
      (name) => !['prompt', 'aspect_ratio', 'process_mode', 'skip_prompt_check'].includes(name),
    ),
  ];
  if (unknown.length > 0) return `invalid request: unknown field ${String(unknown[0])}`;
  if (body['model'] !== 'midjourney') return 'invalid model';
  if (body['task_type'] !== 'imagine') return 'invalid task_type';
  if (typeof input['prompt'] !== 'string' || input['prompt'].trim() === '') return 'invalid prompt';
  if (!/^\d+:\d+$/.test(textFrom(input['aspect_ratio']))) return 'invalid aspect_ratio';
  return ['relax', 'fast', 'turbo'].includes(textFrom(input['process_mode'])) ? null : 'invalid process_mode';
}

type Refused = (status: number, message: string) => Reply;

function create(
  state: State,
  body: Record<string, unknown>,
  input: Record<string, unknown>,
  fault: Fault | null,
  refused: Refused,
): Reply {
  if (!canPay(state, 'piapi', priceMicroUsd)) return refused(402, 'insufficient credits to create the task');
  const id = randomUUID();
  const prompt = textFrom(input['prompt']);
  charge(state, {
    service: 'piapi',
    kind: 'image',
    task: id,
    key: prompt,
    microUsd: priceMicroUsd,
    images: 4,
  });
  const task: StoredTask = {
    id,
    request: body,
    async: true,
    pollsLeft: fault?.do === 'stay' ? fault.polls : (state.options.polls ?? 1),
    answer:
      fault?.do === 'fail'
        ? { data: [], errors: [{ code: 10_000, message: fault.message, raw_message: fault.code }] }
        : { data: [images(state, prompt, textFrom(input['aspect_ratio']), fault)], errors: [] },
  };
  state.tasks.set(id, task);
  return json(200, { code: 200, message: 'success', data: dataOf(task, 'pending') });
}

function images(state: State, prompt: string, ratio: string, fault: Fault | null): Record<string, unknown> {
  const count = fault?.do === 'partial' ? 3 - fault.missing : 4;
  const side = state.options.imageSize ?? 256;
  const [w = 1, h = 1] = ratio.split(':').map(Number);
  const width = Math.round(side * Math.min(1, w / h));
  const height = Math.round(side * Math.min(1, h / w));
  const address = (name: string, scale: number): string =>
    publish(
      state,
      { width: width * scale, height: height * scale, key: `${prompt}#${name}`, format: 'PNG' },
      randomUUID(),
    );
  const grid = address('grid', 2);
  return state.options.grid === true
    ? { image_url: grid, image_urls: null, temporary_image_urls: null, actions: [], progress: 100 }
    : {
        image_url: grid,
        image_urls: null,
        temporary_image_urls: ['1', '2', '3', '4'].slice(0, count).map((name) => address(name, 1)),
        actions: ['reroll', 'upscale1'],
        progress: 100,
      };
}

function dataOf(task: StoredTask, status: string): Record<string, unknown> {
  const done = status === 'Completed' || status === 'Failed';
  return {
    task_id: task.id,
    model: 'midjourney',
    task_type: 'imagine',
    status,
    config: {},
    input: task.request['input'],
    output: done ? (task.answer?.data[0] ?? null) : null,
    meta: { usage: { type: 'point', frozen: 0, consume: priceMicroUsd } },
    detail: null,
    logs: [],
    error: (done ? task.answer?.errors[0] : undefined) ?? {
      code: 0,
      raw_message: '',
      message: '',
      detail: null,
    },
  };
}

function status(state: State, id: string, refused: Refused): Reply {
  const task = state.tasks.get(id);
  if (task === undefined) return refused(404, 'task not found');
  const waiting = task.pollsLeft !== 0;
  if (task.pollsLeft > 0) task.pollsLeft--;
  const failed = (task.answer?.errors.length ?? 0) > 0;
  const word = waiting ? 'processing' : failed ? 'Failed' : 'Completed';
  return json(200, { code: 200, message: 'success', data: dataOf(task, word) });
}
