/** What every adapter is given, its service's address and key with it; and what all of them do with an answer. */
import { FactoryError, toFactoryError } from '../model/errors.ts';
import { inWords, mapValues } from '../model/message.ts';
import type { Message } from '../model/message.ts';
import { trimEnd } from '../model/trimEnd.ts';
import type { Http } from './http.ts';
import type { CallContext } from './provider.ts';
import type { KeyedProvider } from './registry.ts';
import { quotedForMessage, type Redact } from './redaction.ts';
import { messages } from './messages.ts';

export interface Account {
  provider: KeyedProvider;
  /** As people read it. */
  service: string;
  /** Base address without a slash at its end. */
  endpoint: string;
  /** Sent to this endpoint only. */
  key: string;
  http: Http;
  redact: Redact;
  /** The clock, for announced waits and ends of service. */
  now: () => number;
}

/** An address of the settings as `Account.endpoint` has it. */
export function bareAddress(endpoint: string): string {
  return trimEnd(endpoint.trim(), '/');
}

/** Where the calls of a service begin: `path` is added where only a host is given. */
export function baseUrl({ endpoint }: Pick<Account, 'endpoint'>, path: string): string {
  return /^[a-z]+:\/\/[^/]+$/i.test(endpoint) ? `${endpoint}${path}` : endpoint;
}

/**
 * Runs one call of an adapter: its debug rows and every error that leaves it are redacted, and errors say
 * which provider they are of. Causes are dropped, because those of libraries hold headers and bodies.
 */
export async function guarded<T>(
  account: Account,
  context: CallContext,
  call: (context: CallContext) => Promise<T>,
): Promise<T> {
  const debug = (message: string): void => context.debug(account.redact(message));
  try {
    return await call({ ...context, debug });
  } catch (thrown) {
    const error = toFactoryError(thrown);
    throw new FactoryError(error.code, mapValues(error.told, account.redact), {
      provider: error.provider ?? account.provider,
      problems: error.problems,
      notSent: error.notSent,
      ...(error.stage === undefined ? {} : { stage: error.stage }),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.httpStatus === undefined ? {} : { httpStatus: error.httpStatus }),
    });
  }
}

/** ` It says: "…"`, or nothing when the service gave no words. */
export function serviceWords(account: Account, words: string | null | undefined): string {
  const text = quotedForMessage(account.redact, words ?? '');
  return text === '' ? '' : ` ${inWords(messages.says({ text }))}`;
}

/** For providers that cannot be asked: a lost answer ends the request, because it may be billed. */
export function withoutRecovery(account: Account, what: Message, error: FactoryError): FactoryError {
  return new FactoryError(
    'answer.lost',
    messages.answerLost({ service: account.service, what, message: error.message }),
    { provider: account.provider },
  );
}

/** A body as JSON; `null` when it is none. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
