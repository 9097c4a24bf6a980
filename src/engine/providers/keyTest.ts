/** Whether a key works: the cheapest authenticated call of its provider. Nothing is paid. */
import { z } from 'zod';
import { FactoryError, toFactoryError } from '../model/errors.ts';
import { baseUrl, jsonOf, type Account } from './account.ts';
import { createHttp, type HttpAnswer } from './http.ts';
import type { KeyedProvider } from './provider.ts';
import { serviceNames } from './provider.ts';
import type { ProxyEnvironment } from './proxy.ts';
import { createRedactor, quoted } from './redaction.ts';
import { removeBgUrl } from './removeBg.ts';

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

const timeoutMs = 20_000;

/** Never throws: what went wrong is the message. */
export async function testKey(provider: KeyedProvider, options: KeyTestOptions): Promise<KeyTestResult> {
  const redact = createRedactor([options.key]);
  const http = createHttp({ environment: options.environment ?? {} });
  const account: Account = {
    provider,
    service: serviceNames[provider],
    endpoint: options.endpoint,
    key: options.key,
    http,
    redact,
    now: Date.now,
  };
  try {
    return {
      ok: true,
      message: redact(await calls[provider](account, options.signal ?? new AbortController().signal)),
    };
  } catch (error) {
    return { ok: false, message: redact(toFactoryError(error).message) };
  } finally {
    http.close();
  }
}

const calls: Record<KeyedProvider, (account: Account, signal: AbortSignal) => Promise<string>> = {
  openai: async (account, signal) => {
    const answer = await get(account, `${baseUrl(account.endpoint, '/v1')}/models`, bearer(account), signal);
    const models = z.looseObject({ data: z.array(z.unknown()) }).safeParse(jsonOf(answer.body));
    return models.success
      ? `The key works: ${models.data.data.length} models are available.`
      : 'The key works.';
  },
  runware: async (account, signal) => {
    const answer = await account.http.request({
      url: baseUrl(account.endpoint, '/v1'),
      method: 'POST',
      service: account.service,
      headers: { ...bearer(account), 'content-type': 'application/json' },
      body: JSON.stringify([
        { taskType: 'accountManagement', taskUUID: globalThis.crypto.randomUUID(), operation: 'getDetails' },
      ]),
      signal,
      timeoutMs,
    });
    check(account, answer);
    // The answer names keys of the account: only the balance is read.
    const balance = z
      .looseObject({
        data: z.array(
          z.looseObject({
            balance: z.union([z.number(), z.looseObject({ amount: z.number() }).transform((b) => b.amount)]),
          }),
        ),
      })
      .safeParse(jsonOf(answer.body)).data?.data[0]?.balance;
    return balance === undefined ? 'The key works.' : `The key works. Balance: $${balance.toFixed(2)}.`;
  },
  removebg: async (account, signal) => {
    const answer = await get(
      account,
      removeBgUrl(account.endpoint, 'account'),
      { 'x-api-key': account.key },
      signal,
    );
    const credits = z
      .looseObject({
        data: z.looseObject({
          attributes: z.looseObject({ credits: z.looseObject({ total: z.number() }) }),
        }),
      })
      .safeParse(jsonOf(answer.body)).data?.data.attributes.credits.total;
    return credits === undefined ? 'The key works.' : `The key works. Credits: ${credits}.`;
  },
  piapi: async (account, signal) => {
    // There is no call for this: a task that cannot exist is "not found" for a good key, refused for a bad one.
    const url = `${account.endpoint.replace(/\/+$/, '')}/api/v1/task/00000000-0000-4000-8000-000000000000`;
    const answer = await get(account, url, { 'x-api-key': account.key }, signal, [400, 404, 500]);
    const code = z.looseObject({ code: z.number() }).safeParse(jsonOf(answer.body)).data?.code;
    if (code === undefined)
      throw new FactoryError('provider.badAnswer', `${account.service} does not answer here.`);
    if (code === 401 || code === 403) throw refused(account, code, '');
    return 'The key works.';
  },
};

function bearer(account: Account): Record<string, string> {
  return { authorization: `Bearer ${account.key}`, accept: 'application/json' };
}

async function get(
  account: Account,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  alsoFine: readonly number[] = [],
): Promise<HttpAnswer> {
  const answer = await account.http.request({
    url,
    method: 'GET',
    service: account.service,
    headers,
    signal,
    timeoutMs,
  });
  if (!alsoFine.includes(answer.status)) check(account, answer);
  return answer;
}

function check(account: Account, answer: HttpAnswer): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const words = wordsOf(jsonOf(answer.body));
  if (status === 401 || status === 403) throw refused(account, status, quoted(account.redact, words));
  throw new FactoryError(
    'provider.unavailable',
    `${account.service} answered with status ${status}.${words === '' ? '' : ` It says: "${quoted(account.redact, words)}"`}`,
  );
}

function refused(account: Account, status: number, words: string): FactoryError {
  return new FactoryError(
    'provider.auth',
    `${account.service} refused the key (status ${status}).${words === '' ? '' : ` It says: "${words}"`} Set another one.`,
  );
}

const errorWords = z.union([
  z.looseObject({ error: z.looseObject({ message: z.string() }) }).transform((body) => body.error.message),
  z
    .looseObject({
      errors: z.array(z.looseObject({ message: z.string().optional(), title: z.string().optional() })).min(1),
    })
    .transform((body) => body.errors[0]?.message ?? body.errors[0]?.title ?? ''),
  z.looseObject({ message: z.string() }).transform((body) => body.message),
]);

function wordsOf(body: unknown): string {
  return errorWords.safeParse(body).data ?? '';
}
