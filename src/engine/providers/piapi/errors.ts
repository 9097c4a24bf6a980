/** What a PiAPI-style service means by its errors: it has few codes, so its words decide. */
import { FactoryError } from '../../model/errors.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { Message } from '../../model/message.ts';
import { serviceWords, type Account } from '../account.ts';
import { messages } from '../messages.ts';

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
  const says = serviceWords(account, words);
  const make = (code: ErrorCode, told: Message): FactoryError =>
    new FactoryError(code, told, {
      provider: account.provider,
      httpStatus: status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  if (status === 401 || status === 403) {
    return make('provider.auth', messages.keyInvalid({ service, code: `status ${status}`, says }));
  }
  if (status === 402 || (status < 500 && creditWords.test(words)))
    return noCredit(account, `status ${status}`, words);
  if (status === 404) return make('notFound', messages.taskUnknown({ service, status, says }));
  if (status === 429) return make('provider.rateLimited', messages.rateLimited({ service, says }));
  if (status >= 500 || status === 408)
    return make('provider.unavailable', messages.noAnswer({ service, code: `status ${status}`, says }));
  if (contentWords.test(words)) return make('content.refused', messages.promptRefusedOnly({ service, says }));
  return make(
    promptWords.test(words) ? 'input.invalid' : 'provider.parameter',
    messages.requestRefused({ service, status, says }),
  );
}

/** An answer that says "error" to the creation of a task: there is no task, so it may be sent again. */
export function refusedTask(error: FactoryError): FactoryError {
  return new FactoryError(error.code, error.told, {
    notSent: true,
    ...(error.httpStatus === undefined ? {} : { httpStatus: error.httpStatus }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

function noCredit(account: Account, code: string, words: string): FactoryError {
  return new FactoryError(
    'provider.credit',
    messages.noCredit({ service: account.service, code, says: serviceWords(account, words) }),
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
      messages.promptRefused({ service: account.service, name, says: serviceWords(account, words) }),
    );
  }
  return new FactoryError(
    promptWords.test(words) ? 'input.invalid' : 'provider.unavailable',
    messages.notMade({ service: account.service, name, says: serviceWords(account, words) }),
  );
}
