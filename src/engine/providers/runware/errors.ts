/** Runware's error items as errors of ours, in the order in which its own client sorts its raw codes. */
import { z } from 'zod';
import { FactoryError } from '../../model/errors.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { Message } from '../../model/message.ts';
import { serviceWords, type Account } from '../account.ts';
import { messages } from './messages.ts';

export const runwareErrorItem = z.looseObject({
  code: z.string().catch('unknownError'),
  message: z.string().catch(''),
  parameter: z
    .union([z.string().transform((one) => [one]), z.array(z.string())])
    .catch([])
    .default([]),
  taskUUID: z.string().optional().catch(undefined),
});
export type RunwareErrorItem = z.output<typeof runwareErrorItem>;

const safety = new Set([
  'contentPolicyViolation',
  'providerContentPolicyViolation',
  'sensitiveContentDetected',
  'unsafeContentDetected',
  'nsfwContentDetected',
  'promptBlocked',
  'imageBlocked',
  'moderationFailed',
]);
const auth = new Set([
  'unauthorized',
  'forbidden',
  'tokenExpired',
  'accountSuspended',
  'organizationDisabled',
]);
const gone = new Set(['unknownModel', 'invalidModel', 'modelDisabled', 'modelNotFound']);
const server = new Set([
  'internalServerError',
  'serviceUnavailable',
  'unknownError',
  'inferenceError',
  'processingFailed',
  'taskFailed',
  'downloadFailed',
  'uploadFailed',
  'noAvailableServer',
  'modelUnavailable',
  'modelNotReady',
]);

function codeOf(raw: string, parameters: readonly string[], status: number): ErrorCode {
  if (/Credits|Quota|Balance/i.test(raw) || raw === 'paymentRequired') return 'provider.credit';
  if (/RateLimit/i.test(raw)) return 'provider.rateLimited';
  if (safety.has(raw)) return 'content.refused';
  if (/ApiKey/i.test(raw) || auth.has(raw)) return 'provider.auth';
  if (/Timeout/i.test(raw)) return 'provider.unavailable';
  if (gone.has(raw)) return 'provider.modelGone';
  if (raw === 'taskCancelled' || raw === 'taskFailedOrNotFound' || /(NotFound|Expired)$/.test(raw))
    return 'notFound';
  // A 4xx status that says more than the code does.
  if (status === 401 || status === 403) return 'provider.auth';
  if (status === 402) return 'provider.credit';
  if (status === 429) return 'provider.rateLimited';
  if (server.has(raw) || /^provider/.test(raw)) return 'provider.unavailable';
  if (raw === 'conflictTaskUUID') return 'conflict';
  // The prompt is this image's own; every other parameter is the same for all images.
  const ofPrompt = /Prompt/.test(raw) || parameters.some((name) => /prompt$/i.test(name));
  if (/^(invalid|missing|unsupported|conflict|duplicate|value|array|max)/.test(raw)) {
    return ofPrompt && !/^unsupported/.test(raw) ? 'input.invalid' : 'provider.parameter';
  }
  if (raw === 'unknownParameter' || raw === 'incompatibleParameters' || raw === 'transparentModelMismatch') {
    return 'provider.parameter';
  }
  if (status >= 500) return 'provider.unavailable';
  return status >= 400 ? 'provider.parameter' : 'provider.unavailable';
}

export interface RunwareFailureContext {
  account: Account;
  model: string;
  status: number;
  retryAfterMs: number | undefined;
}

/** One error item (or, without items, the status alone) as an error of ours. */
export function runwareError(item: RunwareErrorItem | null, context: RunwareFailureContext): FactoryError {
  const { account, model, status, retryAfterMs } = context;
  const raw = item?.code ?? '';
  const parameters = item?.parameter ?? [];
  const code = codeOf(raw, parameters, status);
  const name = raw === '' ? `status ${status}` : raw;
  const named = parameters.filter((one) => one !== '').join(', ');
  const says = serviceWords(account, item?.message);
  const words = { name, says };
  const told: Partial<Record<ErrorCode, Message>> = {
    'provider.auth': messages.keyRefused(words),
    'provider.credit': messages.noCredit(words),
    'provider.rateLimited': messages.rateLimited(words),
    'content.refused': messages.contentRefused(words),
    'provider.modelGone': messages.modelGone({ ...words, model }),
    'provider.unavailable': messages.unavailable(words),
    'provider.parameter':
      named === ''
        ? messages.requestRefused({ ...words, model })
        : messages.parameterRefused({ ...words, named, model }),
    'input.invalid': messages.promptRefused(words),
    conflict: messages.idTaken(words),
    notFound: messages.taskUnknown(words),
  };
  return new FactoryError(code, told[code] ?? messages.failed(words), {
    provider: account.provider,
    ...(status >= 400 ? { httpStatus: status } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
