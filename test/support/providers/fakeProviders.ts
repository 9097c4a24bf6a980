/** Starts the fake providers in this process: `const fake = await startFakeProviders({…}); …; await fake.close()`. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { forEachKeyed, keyedProviders, keyVariable } from '../../../src/engine/providers/registry.ts';
import { fakeEndpoints, fakes } from './fakes.ts';
import { imageHost } from './imageHost.ts';
import type { CallKind, FakeOptions, FakeProviders, Fault, Service } from './script.ts';
import { serve, type ServiceDefinition } from './service.ts';
import { createState, type State } from './state.ts';

export type { Call, CallKind, Charge, FakeOptions, FakeProviders, Fault } from './script.ts';

export async function startFakeProviders(options: FakeOptions = {}): Promise<FakeProviders> {
  // New for every start.
  const random = (): string => randomUUID().replaceAll('-', '');
  const state = createState(
    options,
    forEachKeyed((provider) => fakes[provider].key(random)),
  );
  const closing = new AbortController();
  const pause = pauseUntil(closing.signal);
  const services = {
    ...forEachKeyed((provider) => fakes[provider].service(state)),
    images: imageHost(state),
  };
  const answer = (
    definition: ServiceDefinition,
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    serve(state, definition, request, response, pause).catch((error: unknown) => {
      if (closing.signal.aborted) return;
      // A fault of the fake itself must be seen, not taken for one of a provider.
      response.writeHead(599);
      response.end(error instanceof Error ? String(error.stack) : String(error));
    });
  };
  const api = createServer((request, response) => answer(services[serviceOf(request)], request, response));
  const images = createServer((request, response) => answer(services.images, request, response));
  state.ports.api = await listen(api, options.ports?.api ?? 0);
  state.ports.images = await listen(images, options.ports?.images ?? 0);
  return handleOf(state, async () => {
    closing.abort();
    await Promise.all([stop(api), stop(images)]);
  });
}

/** One port for all services: their paths tell them apart. Nobody's path is the business of the first. */
function serviceOf(request: IncomingMessage): Exclude<Service, 'images'> {
  return keyedProviders.find((provider) => fakes[provider].answers(request)) ?? 'openai';
}

async function listen(server: Server, port: number): Promise<number> {
  server.keepAliveTimeout = 30_000;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function pauseUntil(signal: AbortSignal): (ms: number) => Promise<void> {
  return (ms) =>
    new Promise((resolve, reject) => {
      if (ms <= 0) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        reject(new Error('The server is closing.'));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', end);
        resolve();
      }, ms);
      signal.addEventListener('abort', end, { once: true });
    });
}

const ofMoney: readonly CallKind[] = ['image', 'vectorize', 'removeBackground'];

function handleOf(state: State, close: () => Promise<void>): FakeProviders {
  const api = `http://127.0.0.1:${state.ports.api}`;
  const matches =
    (filter: { service?: Service; kind?: CallKind } = {}) =>
    (entry: { service: Service; kind: CallKind }): boolean =>
      (filter.service === undefined || entry.service === filter.service) &&
      (filter.kind === undefined || entry.kind === filter.kind);
  return {
    endpoints: fakeEndpoints(api),
    keys: state.keys,
    environment: Object.fromEntries(
      keyedProviders.map((provider) => [keyVariable(provider), state.keys[provider]]),
    ),
    ports: state.ports,
    script: (...faults: Fault[]) => {
      state.faults.unshift(...faults.map((fault) => ({ fault, seen: 0, used: 0 })));
      return Promise.resolve();
    },
    clearFaults: () => {
      state.faults = [];
      return Promise.resolve();
    },
    change: (options) => {
      state.options = { ...state.options, ...options };
      const held = [...state.held];
      state.held.clear();
      for (const look of held) look();
      return Promise.resolve();
    },
    calls: (filter) => Promise.resolve(state.calls.filter(matches(filter))),
    charges: (filter) => Promise.resolve(state.charges.filter(matches(filter))),
    paidTwice: () => {
      const first = new Set<string>();
      const twice = state.charges.filter((entry) => {
        if (!ofMoney.includes(entry.kind)) return false;
        const key = `${entry.service} ${entry.kind} ${entry.key}`;
        const seen = first.has(key);
        first.add(key);
        return seen;
      });
      return Promise.resolve(twice);
    },
    waitForCalls: (kind, count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (state.calls.filter((call) => call.kind === kind).length < count) return;
          state.onCall.delete(check);
          resolve();
        };
        state.onCall.add(check);
        check();
      }),
    close,
  };
}
