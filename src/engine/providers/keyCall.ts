/** The calls that a key test is made of: authenticated, free, and refused in words. */
import { z } from 'zod';
import { FactoryError } from '../model/errors.ts';
import { jsonOf, serviceWords, type Account } from './account.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { messages } from './messages.ts';

const timeoutMs = 20_000;

export function bearer(account: Account): Record<string, string> {
  return { authorization: `Bearer ${account.key}`, accept: 'application/json' };
}

/** Sends one call; any answer but a good one, or one that is `alsoFine`, is an error. */
export async function keyCall(
  account: Account,
  call: Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body' | 'signal'>,
  alsoFine: readonly number[] = [],
): Promise<HttpAnswer> {
  const answer = await account.http.request({ ...call, service: account.service, timeoutMs });
  if (!alsoFine.includes(answer.status)) check(account, answer);
  return answer;
}

function check(account: Account, answer: HttpAnswer): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const words = wordsOf(jsonOf(answer.body));
  if (status === 401 || status === 403) throw keyRefused(account, status, words);
  const { service } = account;
  const says = serviceWords(account, words);
  throw new FactoryError('provider.unavailable', messages.answeredStatus({ service, status, says }));
}

export function keyRefused(account: Account, status: number, words: string): FactoryError {
  const { service } = account;
  const says = serviceWords(account, words);
  return new FactoryError('provider.auth', messages.keyRefused({ service, status, says }));
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
