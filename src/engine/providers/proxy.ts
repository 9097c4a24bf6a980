/** HTTP proxies of companies: which one is meant for an address, and the tunnel through it. */
import { request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { FactoryError } from '../model/errors.ts';
import { hostOf } from './addresses.ts';
import { messages } from './messages.ts';
import type { Value } from '../model/message.ts';

export interface ProxyEnvironment {
  httpsProxy?: string | undefined;
  noProxy?: string | undefined;
}

/** The proxy settings among the variables of a process, in either spelling. */
export function proxyEnvironment(variables: Readonly<Record<string, string | undefined>>): ProxyEnvironment {
  const read = (name: string): string | undefined =>
    variables[name.toLowerCase()] ?? variables[name] ?? undefined;
  return { httpsProxy: read('HTTPS_PROXY') ?? read('HTTP_PROXY'), noProxy: read('NO_PROXY') };
}

/** The proxy for an address, or null for the direct way. */
export function proxyFor(url: URL, environment: ProxyEnvironment): URL | null {
  const text = environment.httpsProxy?.trim() ?? '';
  if (text === '' || url.protocol !== 'https:') return null;
  const host = url.hostname.toLowerCase();
  const direct = (environment.noProxy ?? '').split(/[\s,]+/).some((entry) => {
    const name = entry
      .toLowerCase()
      .replace(/:\d+$/, '')
      .replace(/^\*?\./, '');
    return name === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)));
  });
  if (direct) return null;
  try {
    const proxy = new URL(text.includes('://') ? text : `http://${text}`);
    return proxy.protocol === 'http:' || proxy.protocol === 'https:' ? proxy : null;
  } catch {
    throw new FactoryError('network.proxy', messages.proxyNotAnUrl(), {
      notSent: true,
    });
  }
}

/** An agent whose connection goes through the proxy (CONNECT) and is secured end to end. */
export function createTunnel(proxy: URL, target: URL, connectMs: number, service: string): HttpsAgent {
  const agent = new HttpsAgent({ keepAlive: false });
  const port = target.port === '' ? '443' : target.port;
  const credentials =
    proxy.username === ''
      ? {}
      : {
          'proxy-authorization': `Basic ${Buffer.from(
            `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`,
          ).toString('base64')}`,
        };
  agent.createConnection = (_options, callback) => {
    const req = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      host: hostOf(proxy),
      port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
      method: 'CONNECT',
      path: `${target.hostname}:${port}`,
      headers: { host: `${target.hostname}:${port}`, ...credentials },
      timeout: connectMs,
      agent: false,
    });
    const fail = (reason: Value): void => {
      req.destroy();
      const error = new FactoryError(
        'network.proxy',
        messages.proxyRefuses({ host: proxy.host, service, reason }),
        { notSent: true },
      );
      callback?.(error, undefined as unknown as Socket);
    };
    req.once('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        fail(messages.proxyAnswered({ status: response.statusCode ?? 0 }));
        return;
      }
      const secured = tlsConnect({ socket, servername: target.hostname }, () => callback?.(null, secured));
      secured.once('error', (error: Error) => callback?.(error, secured));
    });
    req.once('timeout', () => fail(messages.noProxyAnswer()));
    req.once('error', (error) => fail(error.message));
    req.end();
    return undefined;
  };
  return agent;
}
