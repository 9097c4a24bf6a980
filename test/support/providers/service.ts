/** How a fake service answers: read, count, check, fail on purpose, wait, work, charge, send. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Contract } from './contract.ts';
import type { Call, CallKind, Fault, Service } from './script.ts';
import { faultFor, type State } from './state.ts';

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body: Buffer | string;
}

/** What a service makes of a request before any fault. */
export interface Understood {
  kind: CallKind;
  task: string | null;
  text: string;
  body: unknown;
  /** A refusal for reasons of the request itself (key, unknown field): no fault, no work. */
  refusal: Reply | null;
  /** Takes the request on before the work begins: from here on it can be asked about. A reply refuses it. */
  accept?: (fault: Fault | null) => Reply | null;
  /** Does the work, takes the money and answers. `fault` is for effects on the content. */
  work: (fault: Fault | null) => Promise<Reply> | Reply;
}

export interface ServiceDefinition {
  service: Service;
  understand(request: IncomingMessage, body: Buffer): Promise<Understood> | Understood;
  /** A scripted error in the service's own words. */
  error(
    status: number,
    code: string,
    message: string,
    parameter: string | undefined,
    understood: Understood,
  ): Reply;
}

/** The stand-in of one provider. */
export interface Fake {
  /** What is told to the product, where the servers listen at `api`. */
  endpoint: (api: string) => string;
  /** One port for all services: is this request meant for this one? */
  answers: (request: IncomingMessage) => boolean;
  /** A key that is shaped like a real one, from random letters and digits. */
  key: (random: () => string) => string;
  service: (state: State) => ServiceDefinition;
  /** What the provider owes in each of its roles. */
  contract: Contract;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** Waits that end when the server closes. */
export type Pause = (ms: number) => Promise<void>;

/** Answers one request. */
export async function serve(
  state: State,
  definition: ServiceDefinition,
  request: IncomingMessage,
  response: ServerResponse,
  pause: Pause,
): Promise<void> {
  const { service } = definition;
  response.on('error', () => undefined);
  const body = await readBody(request);
  if (body === null) return;
  const understood = await definition.understand(request, body);
  const call = record(state, service, understood, request);
  if (understood.refusal !== null) {
    send(response, understood.refusal, call, null, pause);
    return;
  }
  const fault = faultFor(state, {
    service,
    kind: understood.kind,
    text: `${understood.text}\n${request.url ?? ''}`,
  });
  call.fault = fault?.do ?? null;
  const early = earlyReply(definition, understood, fault);
  if (early === 'break') {
    request.socket.destroy();
    return;
  }
  state.open[service]++;
  try {
    const capacity = state.options.capacity?.[service];
    const tooMany = capacity !== undefined && state.open[service] > capacity;
    if (early !== null || tooMany) {
      send(
        response,
        early ?? definition.error(429, 'rate_limit_exceeded', 'Too many requests.', undefined, understood),
        call,
        fault,
        pause,
      );
      return;
    }
    const refusal = understood.accept?.(fault) ?? null;
    if (refusal !== null) {
      send(response, refusal, call, fault, pause);
      return;
    }
    while (state.options.hold?.includes(understood.kind) === true) {
      await new Promise<void>((look) => state.held.add(look));
    }
    await pause(state.options.latency?.[understood.kind] ?? 0);
    const worked = await understood.work(fault);
    const reply = fault?.do === 'extra' ? withExtras(worked) : worked;
    if (fault?.do === 'reset') {
      request.socket.destroy();
      return;
    }
    if (fault?.do === 'hang') return;
    send(response, reply, call, fault, pause);
  } finally {
    state.open[service]--;
  }
}

function withExtras(reply: Reply): Reply {
  if (!/json/.test(reply.headers?.['content-type'] ?? '')) return reply;
  const body = JSON.stringify(JSON.parse(String(reply.body)), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value, newSince2027: [null, 1, 'x'] }
      : value,
  );
  return { ...reply, body };
}

/** The reply of a fault that stands in front of the work; `break` cuts the connection. */
function earlyReply(
  definition: ServiceDefinition,
  understood: Understood,
  fault: Fault | null,
): Reply | 'break' | null {
  switch (fault?.do) {
    case 'status': {
      const words = fault.message ?? 'Scripted failure.';
      const reply = definition.error(fault.status, fault.code ?? '', words, fault.parameter, understood);
      return { ...reply, headers: { ...reply.headers, ...fault.headers } };
    }
    case 'body':
      return {
        status: fault.status ?? 200,
        headers: { 'content-type': fault.contentType ?? 'text/html' },
        body: fault.body,
      };
    case 'redirect':
      return { status: fault.status ?? 302, headers: { location: fault.to }, body: '' };
    case 'flood':
      return { status: 200, headers: { 'content-type': 'image/png' }, body: Buffer.alloc(fault.bytes, 0x41) };
    case 'reset':
      return fault.when === 'before' ? 'break' : null;
    default:
      return null;
  }
}

function record(state: State, service: Service, understood: Understood, request: IncomingMessage): Call {
  const call: Call = {
    seq: state.calls.length,
    service,
    kind: understood.kind,
    at: Math.round(performance.now() - state.startedAt),
    status: 0,
    task: understood.task,
    text: understood.text.slice(0, 4000),
    body: understood.body,
    headers: Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        /authorization|api-key|cookie/.test(name) ? [] : [[name, String(value)]],
      ),
    ),
    fault: null,
  };
  state.calls.push(call);
  for (const listener of state.onCall) listener();
  return call;
}

function send(response: ServerResponse, reply: Reply, call: Call, fault: Fault | null, pause: Pause): void {
  call.status = reply.status;
  if (response.destroyed) return;
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  const headers = { 'x-request-id': `req_${call.seq}`, ...reply.headers };
  if (fault?.do === 'truncate') {
    const part = body.subarray(0, Math.floor(body.length * fault.share));
    if (fault.quietly === true) {
      response.writeHead(reply.status, { ...headers, 'content-length': part.length });
      response.end(part);
      return;
    }
    response.writeHead(reply.status, { ...headers, 'content-length': body.length });
    response.write(part, () => response.destroy());
    return;
  }
  response.writeHead(reply.status, { ...headers, 'content-length': body.length });
  if (fault?.do === 'slow') {
    void trickle(response, body, fault, pause);
    return;
  }
  response.end(body);
}

async function trickle(
  response: ServerResponse,
  body: Buffer,
  fault: Extract<Fault, { do: 'slow' }>,
  pause: Pause,
): Promise<void> {
  for (let at = 0; at < body.length; at += fault.bytes) {
    if (response.destroyed || at >= (fault.stopAfter ?? Infinity)) return;
    response.write(body.subarray(at, at + fault.bytes));
    await pause(fault.everyMs);
  }
  response.end();
}

/** Null when the client went away while it was sending. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}
