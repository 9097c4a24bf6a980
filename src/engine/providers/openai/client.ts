/** The OpenAI SDK on our own network access: no hidden retries, no environment variables, errors of ours. */
import type OpenAI from 'openai';
import { FactoryError, toFactoryError } from '../../model/errors.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { Message } from '../../model/message.ts';
import { baseUrl, serviceWords, type Account } from '../account.ts';
import { shutdownNotice } from '../modelFacts.ts';
import { openaiImageModel } from './imageModels.ts';
import { textModel } from './textModels.ts';
import type { HttpRequest } from '../http.ts';
import type { CallContext } from '../provider.ts';
import { cancelled, retryAfterOf } from '../retry.ts';
import { messages } from '../messages.ts';

/** True for OpenAI itself; compatible servers take fewer parameters. */
export function isOpenAiItself(account: Account): boolean {
  return new URL(baseUrl(account, '/v1')).hostname === 'api.openai.com';
}

interface CallOptions {
  context: CallContext;
  /** The model that the message names. */
  model: string;
  /** Paid calls that cannot be asked for take a connection of their own. */
  fresh: boolean;
  maxBytes: number;
}

/** Only these headers of the SDK go out: an environment variable can add others to its requests. */
const sentHeaders = ['authorization', 'content-type', 'accept', 'user-agent'];

/**
 * Runs one call of the SDK. `call` is given a client and the options of the request; what it returns is the
 * SDK's parsed body, which callers check again. Fails with our errors only.
 */
export async function callOpenAi<T>(
  account: Account,
  options: CallOptions,
  call: (client: OpenAI, request: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const { context } = options;
  // The SDK has an error of its own for this.
  if (context.signal.aborted) throw cancelled();
  const { default: Client, APIError } = await import('openai');
  const started = account.now();
  /** The SDK hides why a connection failed: the real reason is kept here. */
  const failed: { error?: FactoryError } = {};
  const client = new Client({
    apiKey: account.key,
    adminAPIKey: null,
    baseURL: baseUrl(account, '/v1'),
    organization: null,
    project: null,
    webhookSecret: null,
    defaultHeaders: {},
    defaultQuery: {},
    maxRetries: 0,
    // Ours ends first.
    timeout: context.timeoutMs + 60_000,
    logLevel: 'off',
    fetch: async (input, init) => {
      try {
        const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
        const path = new URL(url).pathname;
        const answer = await account.http.request({
          url,
          method: init?.method?.toUpperCase() === 'GET' ? 'GET' : 'POST',
          service: account.service,
          headers: Object.fromEntries(
            [...new Headers(init?.headers)].filter(([name]) => sentHeaders.includes(name)),
          ),
          body: bodyOf(init?.body),
          signal: context.signal,
          timeoutMs: context.timeoutMs,
          maxBytes: options.maxBytes,
          fresh: options.fresh,
        });
        context.debug(
          `openai ${path} ${options.model}: HTTP ${answer.status}, ${answer.body.length} bytes, ` +
            `${account.now() - started} ms, request ${answer.headers['x-request-id'] ?? '-'}`,
        );
        return new Response(new Uint8Array(answer.body), {
          status: answer.status === 204 ? 200 : answer.status,
          headers: answer.headers,
        });
      } catch (error) {
        failed.error = toFactoryError(error);
        throw error;
      }
    },
  });
  try {
    return await call(client, { signal: context.signal });
  } catch (error) {
    if (failed.error !== undefined) throw failed.error;
    if (error instanceof APIError && typeof error.status === 'number') {
      throw apiError(account, options.model, {
        status: error.status,
        code: error.code ?? null,
        type: error.type ?? null,
        parameter: error.param ?? null,
        message: wordsOf(error.error) ?? error.message,
        headers: Object.fromEntries((error.headers as Headers | undefined) ?? []),
      });
    }
    if (error instanceof SyntaxError) {
      throw new FactoryError('provider.badAnswer', messages.unreadable({ service: account.service }));
    }
    throw error;
  }
}

/** The service's own id of a request; the SDK hides it in its answers. */
export function requestIdOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('_request_id' in answer)) return null;
  return typeof answer._request_id === 'string' ? answer._request_id : null;
}

function bodyOf(body: unknown): HttpRequest['body'] {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? body : null;
}

function wordsOf(body: unknown): string | null {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null || !('message' in body)) return null;
  return typeof body.message === 'string' ? body.message : null;
}

interface ApiFailure {
  status: number;
  code: string | null;
  type: string | null;
  parameter: string | null;
  message: string;
  headers: Record<string, string>;
}

/** A 400 that names a parameter; adapters drop optional ones once. */
export class ParameterRefused extends FactoryError {
  readonly parameter: string;
  constructor(parameter: string, told: Message, provider: string) {
    super('provider.parameter', told, { provider, httpStatus: 400 });
    this.parameter = parameter;
  }
}

const quotaCodes = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'billing_hard_limit_reached',
]);
const contentCodes = /^(moderation_blocked|content_policy_violation|content_filter)$/;
const tooLongCodes = /^(context_length_exceeded|string_above_max_length)$/;
const imageCodes =
  /^(image_too_large|image_parse_error|invalid_image|invalid_image_format|invalid_base64_image)$/;
const knownParameters =
  /\b(response_format|max_completion_tokens|max_tokens|reasoning_effort|output_format|background|quality|size|detail|n)\b/;

function apiError(account: Account, model: string, failure: ApiFailure): FactoryError {
  const { status, message } = failure;
  const code = failure.code ?? failure.type ?? `status ${status}`;
  const says = serviceWords(account, message);
  const retryAfterMs = retryAfterOf(failure.headers, account.now());
  const make = (kind: ErrorCode, told: Message): FactoryError =>
    new FactoryError(kind, told, {
      provider: account.provider,
      httpStatus: status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  const { service } = account;
  const noCredit = messages.noCreditOrLimit({ service, code, says });

  if (status === 401) return make('provider.auth', messages.keyInvalid({ service, code, says }));
  if (status === 402) return make('provider.credit', noCredit);
  if (status === 403) {
    return make('provider.modelGone', messages.modelNotAllowed({ service, model, code, says }));
  }
  if (status === 404) return make('provider.modelGone', notThere(account, model, code, says));
  if (status === 429) {
    return quotaCodes.has(failure.code ?? '') || quotaCodes.has(failure.type ?? '')
      ? make('provider.credit', noCredit)
      : make('provider.rateLimited', messages.rateLimitedFor({ service, code, says }));
  }
  if (status === 408 || status === 409 || status >= 500) {
    return make(
      'provider.unavailable',
      messages.noAnswer({ service, code: `status ${status}, ${code}`, says }),
    );
  }
  if (contentCodes.test(failure.code ?? '')) {
    return make('content.refused', messages.contentRefused({ service, code, says }));
  }
  if (tooLongCodes.test(failure.code ?? '')) {
    return make('input.invalid', messages.textTooLong({ model, code, says }));
  }
  if (imageCodes.test(failure.code ?? '') || status === 413) {
    return make('image.tooLarge', messages.imageNotTaken({ service, code, says }));
  }
  const parameter = parameterOf(failure);
  if (status === 400 && parameter !== null) {
    return new ParameterRefused(
      parameter,
      messages.parameterRefused({ service, parameter, model, code, says }),
      account.provider,
    );
  }
  return make('input.invalid', messages.requestRefusedFor({ service, model, status, code, says }));
}

/** The top-level parameter that a 400 complains about. */
function parameterOf(failure: ApiFailure): string | null {
  if (failure.parameter !== null && failure.parameter !== '') {
    // `messages[0].content[1].image_url.detail` is about `detail`.
    if (/\.detail$/.test(failure.parameter)) return 'detail';
    if (/^messages\b/.test(failure.parameter)) return null;
    return /^[\w-]+/.exec(failure.parameter)?.[0] ?? null;
  }
  return knownParameters.exec(failure.message)?.[1] ?? null;
}

function notThere(account: Account, model: string, code: string, says: string): Message {
  const facts = textModel(model).goneOn === null ? openaiImageModel(model) : textModel(model);
  const notice = shutdownNotice(facts, account.now());
  const { service } = account;
  return notice === null
    ? messages.modelNotThere({ service, model, code, says })
    : messages.modelEnded({ service, model, code, notice, says });
}
