/** Runware: an array of tasks to one address; refuses what the real one refuses. */
import { createHash, randomUUID } from 'node:crypto';
import { removalWithout, type RoleContract } from './contract.ts';
import { encoded, cutOutPng, sizeOf } from './images.ts';
import { modelOf, wrongWith, type Refusal, type Task } from './runwareChecks.ts';
import type { CallKind, Fault } from './script.ts';
import { json, type Fake, type Reply, type ServiceDefinition, type Understood } from './service.ts';
import { asRecord, canPay, charge, publish, type State, type StoredTask, textFrom } from './state.ts';

const kinds: Record<string, CallKind> = {
  imageInference: 'image',
  vectorize: 'vectorize',
  removeBackground: 'removeBackground',
  getResponse: 'poll',
  getTaskDetails: 'recover',
  accountManagement: 'account',
};

/** Its codes say more than its statuses; a page is a gateway's, behind which the task may be at work. */
const codes = {
  'status 400': 'provider.parameter',
  'status 404': 'provider.parameter',
  'status 422': 'provider.parameter',
  'a page with status 502': 'network.unreachable',
} as const satisfies RoleContract['codes'];

export const runware: Fake = {
  endpoint: (api) => `${api}/v1`,
  answers: ({ url }) => url === '/v1',
  key: (random) => random(),
  service,
  contract: {
    image: {
      settings: { 'runware.advancedEnabled': true, 'runware.checkNsfw': true },
      refuses: { status: 400, code: 'contentPolicyViolation' },
      cost: 'known',
      // An answer without images leaves slots empty, which are asked for again.
      codes: { ...codes, 'JSON of another shape': null },
    },
    backgroundRemoval: {
      codes,
      refuses: { status: 400, code: 'contentPolicyViolation' },
      cost: 'known',
      without: removalWithout,
    },
  },
};

function service(state: State): ServiceDefinition {
  const errorReply = (status: number, refusal: Refusal, task: Task | null): Reply =>
    json(status, {
      errors: [
        {
          ...refusal,
          parameter: refusal.parameter ?? '',
          taskType: task?.['taskType'] ?? '',
          taskUUID: task?.['taskUUID'],
        },
      ],
    });

  return {
    service: 'runware',
    understand: (request, bytes): Understood => {
      const tasks = parse(bytes);
      const task = tasks?.[0] ?? null;
      const taskType = textFrom(task?.['taskType']);
      const understood: Understood = {
        kind: kinds[taskType] ?? 'account',
        task: typeof task?.['taskUUID'] === 'string' ? task['taskUUID'] : null,
        text: textFrom(task?.['positivePrompt']),
        body: task === null ? null : withoutImages(task),
        refusal: null,
        work: () => json(200, { data: [] }),
      };
      const refuse = (status: number, refusal: Refusal): Understood => ({
        ...understood,
        refusal: errorReply(status, refusal, task),
      });
      if (request.url !== '/v1' || request.method !== 'POST') {
        return refuse(404, { code: 'notFound', message: 'There is no such endpoint.' });
      }
      if (request.headers.authorization !== `Bearer ${state.keys.runware}`) {
        return refuse(401, {
          code: 'invalidApiKey',
          message: 'Invalid API key. Get one at https://my.runware.ai/signup.',
          parameter: 'apiKey',
        });
      }
      if (tasks === null) return refuse(400, { code: 'invalidJSON', message: 'The body is not JSON.' });
      if (task === null || tasks.length !== 1) {
        return refuse(400, { code: 'arrayTooSmall', message: 'The body must be an array of one task.' });
      }
      const wrong = wrongWith(task);
      if (wrong !== null) return refuse(400, wrong);
      const makes = !['getResponse', 'getTaskDetails', 'accountManagement'].includes(taskType);
      return {
        ...understood,
        ...(makes ? { accept: (fault: Fault | null) => accept(state, task, fault, errorReply) } : {}),
        work: (fault) => work(state, task, fault, errorReply),
      };
    },
    error: (status, code, message, parameter, understood) =>
      errorReply(
        status,
        {
          code: code === '' ? codeOf(status) : code,
          message,
          ...(parameter === undefined ? {} : { parameter }),
        },
        asRecord(understood.body),
      ),
  };
}

function codeOf(status: number): string {
  const codes: Record<number, string> = {
    401: 'invalidApiKey',
    402: 'insufficientCredits',
    403: 'forbidden',
    408: 'timeoutProvider',
    429: 'providerRateLimitExceeded',
    503: 'serviceUnavailable',
    504: 'timeoutProvider',
  };
  return codes[status] ?? (status >= 500 ? 'internalServerError' : 'invalidRequest');
}

function parse(bytes: Buffer): Task[] | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(value) ? value.map(asRecord) : [];
  } catch {
    return null;
  }
}

/** Images in a task are named by their size only. */
function withoutImages(task: Task): Task {
  if (task['inputs'] === undefined) return task;
  const length = textFrom(asRecord(task['inputs'])['image']).length;
  return { ...task, inputs: { image: `<${length} characters>` } };
}

type ErrorReply = (status: number, refusal: Refusal, task: Task | null) => Reply;

async function work(state: State, task: Task, fault: Fault | null, errorReply: ErrorReply): Promise<Reply> {
  const id = textFrom(task['taskUUID']);
  switch (task['taskType']) {
    case 'accountManagement':
      return json(200, {
        data: [
          {
            taskType: 'accountManagement',
            taskUUID: id,
            balance: {
              amount: (state.options.credit?.runware ?? 12_340_000) / 1e6,
              freeBalance: 0,
              currency: 'USD',
            },
            apiKeys: [{ name: 'main', key: state.keys.runware }],
          },
        ],
      });
    case 'getResponse':
      return response(state, id);
    case 'getTaskDetails':
      return details(state, id, errorReply, task);
    default:
      return start(state, task, fault);
  }
}

function priceOf(task: Task): number {
  return task['taskType'] === 'removeBackground' ? 600 : (modelOf(textFrom(task['model']))?.microUsd ?? 1900);
}

/** Notes the task, so that it can be asked about while it is at work. */
function accept(state: State, task: Task, fault: Fault | null, errorReply: ErrorReply): Reply | null {
  const id = textFrom(task['taskUUID']);
  if (state.tasks.has(id)) {
    const message = 'A task with this UUID exists.';
    return errorReply(400, { code: 'conflictTaskUUID', message, parameter: 'taskUUID' }, task);
  }
  if (!canPay(state, 'runware', priceOf(task) * Number(task['numberResults'] ?? 1))) {
    const message = 'Insufficient credits. Top up your balance.';
    return errorReply(402, { code: 'insufficientCredits', message }, task);
  }
  state.tasks.set(id, {
    id,
    request: withoutImages(task),
    async: task['deliveryMethod'] === 'async',
    pollsLeft: fault?.do === 'stay' ? fault.polls : (state.options.polls ?? 1),
    answer: null,
  });
  return null;
}

async function start(state: State, task: Task, fault: Fault | null): Promise<Reply> {
  const id = textFrom(task['taskUUID']);
  const stored = state.tasks.get(id);
  if (stored === undefined) throw new Error(`The task ${id} was not accepted.`);
  const price = priceOf(task);
  const answer =
    fault?.do === 'fail'
      ? failed(task, fault.code, fault.message)
      : await results(state, task, Number(task['numberResults'] ?? 1), price, fault);
  if (answer.data.length > 0) {
    charge(state, {
      service: 'runware',
      kind: kinds[textFrom(task['taskType'])] ?? 'image',
      task: id,
      key: keyOf(task),
      microUsd: price * answer.data.length,
      images: answer.data.length,
    });
  }
  stored.answer = answer;
  if (stored.async) return json(200, { data: [{ taskType: task['taskType'], taskUUID: id }] });
  return answered(answer);
}

function answered(answer: NonNullable<StoredTask['answer']>): Reply {
  const { data, errors } = answer;
  const status = data.length === 0 && errors.length > 0 ? 400 : 200;
  return json(status, { ...(data.length > 0 ? { data } : {}), ...(errors.length > 0 ? { errors } : {}) });
}

function keyOf(task: Task): string {
  if (task['taskType'] !== 'removeBackground') return textFrom(task['positivePrompt']);
  return createHash('sha256')
    .update(textFrom(asRecord(task['inputs'])['image']))
    .digest('hex');
}

function failed(task: Task, code: string, message: string): NonNullable<StoredTask['answer']> {
  const { taskType, taskUUID } = task;
  return { data: [], errors: [{ code, message, status: 'error', parameter: '', taskType, taskUUID }] };
}

async function results(
  state: State,
  task: Task,
  count: number,
  price: number,
  fault: Fault | null,
): Promise<NonNullable<StoredTask['answer']>> {
  const { taskType, taskUUID } = task;
  const missing = fault?.do === 'partial' ? Math.min(fault.missing, count) : 0;
  const items: Record<string, unknown>[] = [];
  for (let i = 0; i < count - missing; i++) items.push(await item(state, task, i, price, fault));
  // The order says nothing.
  items.sort(() => state.random() - 0.5);
  const errors =
    fault?.do === 'partial' && fault.code !== undefined
      ? Array.from({ length: missing }, () => ({
          code: fault.code,
          message: fault.message ?? 'Scripted failure.',
          parameter: '',
          taskType,
          taskUUID,
        }))
      : [];
  return { data: items, errors };
}

async function item(
  state: State,
  task: Task,
  index: number,
  price: number,
  fault: Fault | null,
): Promise<Record<string, unknown>> {
  const imageUUID = randomUUID();
  const format = textFrom(task['outputFormat'], 'JPG') as 'PNG' | 'JPG' | 'WEBP' | 'SVG';
  const seed =
    typeof task['seed'] === 'number' ? task['seed'] + index : 1 + Math.floor(state.random() * 2 ** 31);
  const result: Record<string, unknown> = {
    taskType: task['taskType'],
    taskUUID: task['taskUUID'],
    imageUUID,
    status: 'success',
    ...(task['includeCost'] === true ? { cost: price / 1e6 } : {}),
  };
  if (task['taskType'] === 'removeBackground') {
    const source = Buffer.from(
      textFrom(asRecord(task['inputs'])['image']).replace(/^data:[^,]*,/, ''),
      'base64',
    );
    const size = sizeOf(source) ?? { width: 64, height: 64 };
    const as = fault?.do === 'cutout' ? fault.as : 'good';
    result['imageBase64Data'] = cutOutPng({ ...size, key: keyOf(task) }, as).toString('base64');
    return result;
  }
  const spec = {
    width: Number(task['width'] ?? 1024),
    height: Number(task['height'] ?? 1024),
    key: `${textFrom(task['positivePrompt'])}#${seed}`,
    format,
  };
  if (task['taskType'] === 'imageInference') {
    result['seed'] = seed;
    if (asRecord(task['safety'])['checkContent'] === true) result['NSFWContent'] = fault?.do === 'flag';
  }
  if (task['outputType'] === 'base64Data')
    result['imageBase64Data'] = (await encoded(spec, format)).toString('base64');
  else result['imageURL'] = publish(state, spec, imageUUID);
  return result;
}

function response(state: State, id: string): Reply {
  const task = state.tasks.get(id);
  // Synchronous tasks leave nothing to fetch here.
  if (task === undefined || !task.async) return json(200, { data: [] });
  if (task.answer === null || task.pollsLeft !== 0) {
    if (task.answer !== null && task.pollsLeft > 0) task.pollsLeft--;
    return json(200, {
      data: [{ taskType: 'getResponse', taskUUID: id, status: 'processing', progress: 30 }],
    });
  }
  return answered(task.answer);
}

/** Every task that was accepted, whatever its delivery. */
function details(state: State, id: string, errorReply: ErrorReply, asked: Task): Reply {
  const task = state.tasks.get(id);
  if (task === undefined) {
    return errorReply(
      404,
      { code: 'taskFailedOrNotFound', message: 'There is no such task.', parameter: 'taskUUID' },
      asked,
    );
  }
  const ready = task.answer !== null && (!task.async || task.pollsLeft === 0);
  if (task.async && task.pollsLeft > 0) task.pollsLeft--;
  return json(200, {
    data: [
      {
        taskType: 'getTaskDetails',
        taskUUID: id,
        request: task.request,
        ...(ready ? { response: task.answer } : { status: 'processing' }),
      },
    ],
  });
}
