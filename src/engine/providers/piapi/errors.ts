/** What a PiAPI-style service means by its errors: it has few codes, so its words decide. */
import { FactoryError } from '../../model/errors.ts';
import type { ErrorCode } from '../../model/errors.ts';
import { itSays, type Account } from '../account.ts';

const creditWords = /insufficient|not enough|credit|balance|quota/i;
const contentWords = /banned|moderat|sensitive|nsfw|inappropriate|content policy|prohibited|blocked/i;
const promptWords = /prompt|parameter|invalid/i;

/** An answer with an error status, by its number and its words. */
export function statusError(
  account: Account,
  status: number,
  words: string,
  retryAfterMs: number | undefined,
): FactoryError {
  const { service } = account;
  const make = (code: ErrorCode, text: string): FactoryError =>
    new FactoryError(code, text + itSays(account, words), {
      provider: account.provider,
      httpStatus: status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  if (status === 401 || status === 403) {
    return make(
      'provider.auth',
      `${service} refused the key (status ${status}). Set a valid key, then resume.`,
    );
  }
  if (status === 402 || (status < 500 && creditWords.test(words)))
    return noCredit(account, `status ${status}`, words);
  if (status === 404) return make('notFound', `${service} does not know this task (status 404).`);
  if (status === 429) return make('provider.rateLimited', `${service} has too many requests at the moment.`);
  if (status >= 500 || status === 408)
    return make('provider.unavailable', `${service} could not answer (status ${status}).`);
  if (contentWords.test(words))
    return make('content.refused', `${service} refused this prompt. Change the prompt.`);
  return make(
    promptWords.test(words) ? 'input.invalid' : 'provider.parameter',
    `${service} refused the request (status ${status}).`,
  );
}

/** An answer that says "error" to the creation of a task: there is no task, so it may be sent again. */
export function refusedTask(error: FactoryError): FactoryError {
  return new FactoryError(error.code, error.message, {
    notSent: true,
    ...(error.httpStatus === undefined ? {} : { httpStatus: error.httpStatus }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

function noCredit(account: Account, code: string, words: string): FactoryError {
  return new FactoryError(
    'provider.credit',
    `The ${account.service} account has no credit left (${code}). Add credit there, then resume.${itSays(account, words)}`,
    { provider: account.provider },
  );
}

/** The reason of a task that failed after it was accepted; `code` is the service's own, or empty. */
export function taskError(account: Account, code: string, words: string): FactoryError {
  const name = code === '' ? 'failed' : code;
  if (creditWords.test(words)) return noCredit(account, name, words);
  if (contentWords.test(words)) {
    return new FactoryError(
      'content.refused',
      `${account.service} refused this prompt (${name}). Change the prompt.${itSays(account, words)}`,
    );
  }
  return new FactoryError(
    promptWords.test(words) ? 'input.invalid' : 'provider.unavailable',
    `${account.service} could not make the images (${name}).${itSays(account, words)}`,
  );
}
