/** Whether a key works: the cheapest authenticated call of its provider. Nothing is paid. */
import { toFactoryError } from '../model/errors.ts';
import { bareAddress, type Account } from './account.ts';
import { keyTestOf } from './builders.ts';
import { createHttp } from './http.ts';
import type { ProxyEnvironment } from './proxy.ts';
import { createRedactor } from './redaction.ts';
import { labelOf, type KeyedProvider } from './registry.ts';

export interface KeyTestOptions {
  key: string;
  /** Base address that the key belongs to. */
  endpoint: string;
  signal?: AbortSignal;
  environment?: ProxyEnvironment;
}

/** `message` is for people and holds no key. */
export interface KeyTestResult {
  ok: boolean;
  message: string;
}

/** Never throws: what went wrong is the message. */
export async function testKey(provider: KeyedProvider, options: KeyTestOptions): Promise<KeyTestResult> {
  const redact = createRedactor([options.key]);
  const http = createHttp({ environment: options.environment ?? {} });
  const account: Account = {
    provider,
    service: labelOf(provider),
    endpoint: bareAddress(options.endpoint),
    key: options.key,
    http,
    redact,
    now: Date.now,
  };
  try {
    const call = await keyTestOf(provider);
    return { ok: true, message: redact(await call(account, options.signal ?? new AbortController().signal)) };
  } catch (error) {
    return { ok: false, message: redact(toFactoryError(error).message) };
  } finally {
    http.close();
  }
}
