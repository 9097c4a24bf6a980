/** The one owner of retries: what an error asks for, how often it is tried again, how long to wait. */
import { FactoryError, toFactoryError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import { messages } from './messages.ts';

/**
 * What an error asks for:
 * - `retry`: transient; `withRetries` waits and tries again; what it means when that is of no use, the pipeline's policy says.
 * - `pauseJob`: would hit every image and the user can mend it (key, credit, budget, network, disk).
 * - `failJob`: the job's own settings cause it (model gone, parameter refused).
 * - `failItem`: concerns this one prompt or image.
 * - `stop`: this process must stop working without failing anything (cancelled, lease lost).
 */
export type Reaction = 'retry' | 'pauseJob' | 'failJob' | 'failItem' | 'stop';

const reactions: Record<ErrorCode, Reaction> = {
  'input.invalid': 'failItem',
  'settings.invalid': 'failJob',
  'key.missing': 'pauseJob',
  notFound: 'failItem',
  ambiguous: 'failItem',
  busy: 'stop',
  untrusted: 'stop',
  noFolder: 'stop',
  conflict: 'failItem',
  cancelled: 'stop',
  'store.newer': 'stop',
  'store.unavailable': 'stop',
  'store.readOnly': 'stop',
  'store.foreign': 'stop',
  'store.damaged': 'failItem',
  'lease.lost': 'stop',
  'budget.exceeded': 'pauseJob',
  'disk.full': 'pauseJob',
  'disk.unwritable': 'pauseJob',
  'network.unreachable': 'retry',
  'network.timeout': 'retry',
  'network.proxy': 'pauseJob',
  'answer.lost': 'failItem',
  'provider.auth': 'pauseJob',
  'provider.credit': 'pauseJob',
  'provider.rateLimited': 'retry',
  'provider.unavailable': 'retry',
  'provider.modelGone': 'failJob',
  'provider.parameter': 'failJob',
  'provider.retired': 'pauseJob',
  'provider.badAnswer': 'retry',
  'content.refused': 'failItem',
  'content.flagged': 'failItem',
  'image.invalid': 'failItem',
  'image.missing': 'failItem',
  'image.tooLarge': 'failItem',
  'image.blockedAddress': 'failItem',
  'export.failed': 'failItem',
  unexpected: 'failItem',
};

/** The longest wait that is honoured when a provider asks for one; a longer one pauses the job. */
export const longestWaitMs = 120_000;
const longestBackoffMs = 30_000;
const shortestAskedWaitMs = 250;
/** A provider that is still busy after this long pauses the job instead of waiting for ever. */
const longestRateLimitMs = 20 * 60_000;

export function reactionOf(error: FactoryError): Reaction {
  if (error.code === 'provider.rateLimited' && (error.retryAfterMs ?? 0) > longestWaitMs) return 'pauseJob';
  return reactions[error.code];
}

/** True for errors that a later try may not meet. */
export function isTransient(error: unknown): error is FactoryError {
  return error instanceof FactoryError && reactionOf(error) === 'retry';
}

/**
 * True where a request may have reached the provider and no usable answer came back. A paid call whose answer
 * is lost is never sent again by itself: it is asked for (`recover`), or ends as `answer.lost`. Calls of text
 * models may be sent again: they cannot be asked for and cost fractions of a cent.
 */
export function isAnswerLost(error: unknown): error is FactoryError {
  if (!(error instanceof FactoryError)) return false;
  if (error.code === 'network.unreachable' || error.code === 'network.timeout') return !error.notSent;
  return error.code === 'provider.badAnswer';
}

export interface Wait {
  error: FactoryError;
  waitMs: number;
  /** 1-based number of the retry that follows; unchanged by waits that the provider asked for. */
  retry: number;
  /** True when the provider asked for the wait, which uses no attempt. */
  asked: boolean;
}

export interface RetryOptions {
  /** Retries after the first try (`generation.retryAttempts`). */
  attempts: number;
  /** `generation.retryBackoffMs`. */
  firstWaitMs: number;
  signal: AbortSignal;
  onWait?: (wait: Wait) => void;
  /** False for an error that must not be answered by sending again, whatever its code. */
  mayResend?: (error: FactoryError) => boolean;
  /** 0 (inclusive) to 1 (exclusive). */
  random?: () => number;
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Calls until it succeeds, the error is permanent, or the attempts are used up; then throws the last error.
 * An unreadable answer is asked for once more at most.
 */
export async function withRetries<T>(
  call: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const random = options.random ?? Math.random;
  const sleep = options.sleep ?? waitFor;
  let retries = 0;
  let badAnswers = 0;
  let waits = 0;
  let waitedForProvider = 0;
  for (let attempt = 1; ; attempt++) {
    if (options.signal.aborted) throw cancelled();
    try {
      return await call(attempt);
    } catch (thrown) {
      const error = toFactoryError(thrown);
      if (reactionOf(error) !== 'retry' || options.mayResend?.(error) === false) throw error;
      if (error.code === 'provider.badAnswer' && ++badAnswers > 1) throw error;
      const asked = error.code === 'provider.rateLimited' || error.retryAfterMs !== undefined;
      if (!asked && ++retries > options.attempts) throw error;
      const step = asked ? waits++ : retries - 1;
      // A provider that says "too many" is never hammered, even where the first wait is set to nothing.
      const firstWaitMs = asked ? Math.max(shortestAskedWaitMs, options.firstWaitMs) : options.firstWaitMs;
      const waitMs = error.retryAfterMs ?? backoff(firstWaitMs, step, random());
      if (waitMs > longestWaitMs) throw error;
      if (asked && (waitedForProvider += waitMs) > longestRateLimitMs) throw error;
      options.onWait?.({ error, waitMs, retry: Math.max(1, retries), asked });
      await sleep(waitMs, options.signal);
    }
  }
}

/** Doubling from the first wait, ±30 %, at most 30 s. `random` is 0 to 1. */
export function backoff(firstWaitMs: number, step: number, random: number): number {
  const base = Math.min(longestBackoffMs, firstWaitMs * 2 ** Math.min(step, 16));
  return Math.round(Math.min(longestBackoffMs, base * (0.7 + 0.6 * random)));
}

export function cancelled(): FactoryError {
  return new FactoryError('cancelled', messages.cancelled());
}

/** Resolves after `ms`; rejects with `cancelled` as soon as the signal is aborted. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(cancelled());
    };
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}

/**
 * How long the answer's headers ask to wait, in milliseconds: `retry-after-ms`, `retry-after` in seconds or
 * as an HTTP date, then OpenAI's `x-ratelimit-reset-*` (`1s`, `6m0s`, `120ms`). Undefined without any.
 */
export function retryAfterOf(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const exact = Number.parseFloat(headers['retry-after-ms'] ?? '');
  if (Number.isFinite(exact) && exact >= 0) return Math.ceil(exact);
  const after = headers['retry-after']?.trim();
  if (after !== undefined && after !== '') {
    const seconds = Number(after);
    if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
    const date = Date.parse(after);
    if (Number.isFinite(date)) return Math.max(0, date - now);
  }
  const resets = ['requests', 'tokens'].flatMap((kind) => {
    // Only an exhausted allowance is worth waiting for.
    if (Number(headers[`x-ratelimit-remaining-${kind}`] ?? '1') > 0) return [];
    const duration = goDuration(headers[`x-ratelimit-reset-${kind}`]);
    return duration === null ? [] : [duration];
  });
  return resets.length === 0 ? undefined : Math.max(...resets);
}

function goDuration(text: string | undefined): number | null {
  if (text === undefined || !/^(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s)){1,4}$/.test(text)) return null;
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d{1,9}(?:\.\d{1,9})?)(h|ms|m|s)/g)) {
    total += Number(amount) * (units[unit ?? ''] ?? 0);
  }
  return Math.ceil(total);
}
