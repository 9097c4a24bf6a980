/** Whether a key works: the cheapest authenticated call of its provider. Nothing is paid. */
import { toFactoryError } from '../model/errors.ts';
import { bareAddress, type Account } from './account.ts';
import { keyTestOf } from './builders.ts';
import { createHttp } from './http.ts';
import type { ProxyEnvironment } from './proxy.ts';
import { createRedactor } from './redaction.ts';
import { labelOf, type KeyedProvider } from './registry.ts';
import { mapValues } from '../model/message.ts';
import type { Message } from '../model/message.ts';

export interface KeyTestOptions {
  key: string;
  /** Base address that the key belongs to. */
  endpoint: string;
  signal?: AbortSignal;
  environment?: ProxyEnvironment;
}

/** What is told holds no key. */
export interface KeyTestResult {
  ok: boolean;
  told: Message;
}

/** Never throws: what went wrong is told. */
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
    return {
      ok: true,
      told: mapValues(await call(account, options.signal ?? new AbortController().signal), redact),
    };
  } catch (error) {
    return { ok: false, told: mapValues(toFactoryError(error).told, redact) };
  } finally {
    http.close();
  }
}
