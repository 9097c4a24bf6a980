/**
 * The one way to the network, on node:https and node:http, so that it behaves the same in the extension
 * host (whose `fetch` is another one) and on the command line.
 */
import type { LookupFunction } from 'node:net';
import { lookup as systemLookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { FactoryError } from '../model/errors.ts';
import { hostOf, isLoopbackUrl, isPrivateAddress } from './addresses.ts';
import { seconds, sendError, timeoutError, unreachable } from './httpErrors.ts';
import { createTunnel, proxyFor, type ProxyEnvironment } from './proxy.ts';
import { cancelled } from './retry.ts';
import { messages } from './messages.ts';
import { inWords } from '../model/message.ts';
import type { Message } from '../model/message.ts';

export interface HttpRequest {
  url: string;
  method: 'GET' | 'POST';
  /** Whom a person reads in messages: "Runware", "the image host". */
  service: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array | string | null | undefined;
  signal: AbortSignal;
  /** From the start to the last byte of the answer, in milliseconds. */
  timeoutMs: number;
  /** The longest answer that is read; default 8 MB. */
  maxBytes?: number;
  /** Without a byte for this long the answer counts as stalled; default 30 s; 0 only counts the whole time. */
  stallMs?: number;
  /**
   * A connection of its own. A kept-alive connection may be closed by the server at the very moment of
   * sending, which looks like a lost answer: calls that are paid and cannot be asked for avoid that.
   */
  fresh?: boolean;
  /** Refuses hosts that resolve to an address inside a private network. */
  publicOnly?: boolean;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  headers: Record<string, string>;
  body: Buffer;
}

export interface Http {
  /**
   * Sends one request and reads its whole answer, whatever its status says; follows no redirect.
   * Fails with `network.unreachable`, `network.timeout`, `network.proxy` (with `notSent` where nothing can
   * have reached the server), `image.blockedAddress`, `image.tooLarge` (the answer is longer than `maxBytes`),
   * `provider.badAnswer` (a status that no protocol knows), `cancelled`.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes the connections that are kept for the next call. */
  close(): void;
}

export interface HttpOptions {
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, for hosts that are not this machine. */
  environment?: ProxyEnvironment;
  /** How names become addresses; the system's resolver unless told. */
  lookup?: LookupFunction;
  /** For DNS, connection and TLS together; default 15 s. */
  connectMs?: number;
}

const defaultMaxBytes = 8 * 1024 * 1024;
const defaultStallMs = 30_000;
const defaultConnectMs = 15_000;

export function createHttp(options: HttpOptions = {}): Http {
  const keepAlive = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' as const };
  const agents = { http: new HttpAgent(keepAlive), https: new HttpsAgent(keepAlive) };
  // A kept connection was checked when it was made: checked and unchecked ones are never mixed.
  const publicAgents = { http: new HttpAgent(keepAlive), https: new HttpsAgent(keepAlive) };
  const lookup = options.lookup ?? systemLookup;
  const connectMs = options.connectMs ?? defaultConnectMs;

  const open = (url: URL, request: HttpRequest): ClientRequest => {
    const secure = url.protocol === 'https:';
    const proxy = isLoopbackUrl(url) ? null : proxyFor(url, options.environment ?? {});
    const pool = request.publicOnly === true ? publicAgents : agents;
    const agent = request.fresh === true ? false : pool[secure ? 'https' : 'http'];
    const common = {
      method: request.method,
      headers: { 'accept-encoding': 'identity', ...request.headers, ...lengthOf(request.body) },
      lookup: request.publicOnly === true ? publicLookup(lookup, request.service) : lookup,
    };
    if (proxy !== null) {
      return httpsRequest(url, { ...common, agent: createTunnel(proxy, url, connectMs, request.service) });
    }
    return secure ? httpsRequest(url, { ...common, agent }) : httpRequest(url, { ...common, agent });
  };

  return {
    async request(request) {
      const url = checkedUrl(request);
      if (request.signal.aborted) throw cancelled();
      return send(open(url, request), url, request, connectMs);
    },
    close() {
      for (const agent of [agents.http, agents.https, publicAgents.http, publicAgents.https]) agent.destroy();
    },
  };
}

function lengthOf(body: HttpRequest['body']): Record<string, string> {
  return body === undefined || body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function checkedUrl(request: HttpRequest): URL {
  let url: URL;
  try {
    url = new URL(request.url);
  } catch {
    throw new FactoryError('settings.invalid', messages.notAnUrl({ service: request.service }));
  }
  if (url.username !== '' || url.password !== '') {
    throw new FactoryError('settings.invalid', messages.userInUrl({ service: request.service }));
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackUrl(url))) {
    throw new FactoryError('settings.invalid', messages.notHttps({ service: request.service }));
  }
  if (request.publicOnly === true && !isLoopbackUrl(url)) {
    const host = hostOf(url);
    // Literal addresses are never looked up, so they are checked here.
    if (/^[\d.]+$|:/.test(host) && isPrivateAddress(host)) throw blocked(request.service, host);
  }
  return url;
}

function blocked(service: string, host: string): FactoryError {
  return new FactoryError('image.blockedAddress', messages.privateAddress({ service, host }));
}

/** Resolves names and refuses private results at the moment of connecting, so that no second answer can differ. */
function publicLookup(lookup: LookupFunction, service: string): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error !== null) {
        callback(error, address, family);
        return;
      }
      const addresses = typeof address === 'string' ? [address] : address.map((one) => one.address);
      if (addresses.length === 0 || addresses.some((one) => isPrivateAddress(one))) {
        callback(blocked(service, hostname), address, family);
        return;
      }
      callback(null, address, family);
    });
  };
}

function send(req: ClientRequest, url: URL, request: HttpRequest, connectMs: number): Promise<HttpAnswer> {
  const { service, signal, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    /** True once bytes may have reached the server. */
    let sent = false;
    let finished = false;
    let stall: NodeJS.Timeout | undefined;
    const finish = (act: () => void): void => {
      if (finished) return;
      finished = true;
      clearTimeout(connectTimer);
      clearTimeout(wholeTimer);
      clearTimeout(stall);
      signal.removeEventListener('abort', abort);
      act();
    };
    const fail = (error: FactoryError): void => {
      finish(() => {
        reject(error);
        req.destroy();
      });
    };
    const abort = (): void => fail(cancelled());
    const timedOut = (what: Message): void => fail(timeoutError(service, url, what, !sent));
    const connectTimer = setTimeout(
      () => fail(unreachable(service, url, messages.noConnection({ time: seconds(connectMs) }), true)),
      Math.min(connectMs, timeoutMs),
    );
    const wholeTimer = setTimeout(
      () => timedOut(messages.doesNotAnswer({ time: seconds(timeoutMs) })),
      timeoutMs,
    );
    signal.addEventListener('abort', abort, { once: true });

    const connected = (): void => {
      clearTimeout(connectTimer);
      sent = true;
    };
    req.on('socket', (socket) => {
      // A kept connection and a tunnel are secured already; one whose name was not found is destroyed already.
      const securing = 'secureConnecting' in socket && socket.secureConnecting === true;
      if (req.reusedSocket || !(socket.connecting || socket.destroyed || securing)) {
        connected();
        return;
      }
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    });
    req.on('error', (error) => fail(sendError(error, service, url, !sent)));
    req.on('response', (response) => {
      const status = response.statusCode ?? 0;
      // Nothing that reads answers knows such a one; what stands in its body is no answer either.
      if (status < 200 || status > 599) {
        fail(new FactoryError('provider.badAnswer', messages.oddStatus({ service, status })));
        return;
      }
      const stallMs = request.stallMs ?? defaultStallMs;
      const watch = (): void => {
        clearTimeout(stall);
        if (stallMs > 0)
          stall = setTimeout(() => timedOut(messages.stoppedSending({ time: seconds(stallMs) })), stallMs);
      };
      watch();
      readBody(response, request.maxBytes ?? defaultMaxBytes, watch).then(
        (body) => finish(() => resolve({ status, headers: flat(response), body })),
        (error: unknown) =>
          fail(error instanceof FactoryError ? error : sendError(error, service, url, false)),
      );
    });
    req.end(request.body ?? undefined);
  });

  function readBody(response: IncomingMessage, maxBytes: number, onBytes: () => void): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        onBytes();
        length += chunk.length;
        if (length > maxBytes) {
          reject(
            new FactoryError(
              'image.tooLarge',
              messages.answerTooLarge({ service, megabytes: Math.round(maxBytes / 1024 / 1024) }),
            ),
          );
          return;
        }
        chunks.push(chunk);
      });
      response.on('end', () => {
        // A body shorter than its declared length arrives as `aborted`, never as `end`.
        if (response.complete) resolve(Buffer.concat(chunks, length));
        else reject(new Error(inWords(messages.answerCut())));
      });
      response.on('error', reject);
      response.on('close', () => reject(new Error(inWords(messages.closedInAnswer()))));
    });
  }
}

function flat(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
