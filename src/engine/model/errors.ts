/** Errors of the engine: a code that callers decide on, and what people are told. */
import { inWords, spoken } from './message.ts';
import type { Message } from './message.ts';
import type { Stage } from './status.ts';
import { messages } from './messages.ts';

export const errorCodes = [
  /** Settings, keyword or prompt files that cannot be used; `problems` lists each. */
  'input.invalid',
  'settings.invalid',
  /** No key for a provider that the job needs. */
  'key.missing',
  'notFound',
  /** A short id that fits several rows; the message names them. */
  'ambiguous',
  /** Another run owns this workspace. */
  'busy',
  'untrusted',
  /** Nothing is open to work in. */
  'noFolder',
  /** The action does not fit the state of the job or image. */
  'conflict',
  'cancelled',
  'store.newer',
  'store.unavailable',
  'store.readOnly',
  /** It came from elsewhere and was not adopted. */
  'store.foreign',
  /** A row holds what it should not. It can be deleted. */
  'store.damaged',
  /** Another process took the lease over; this one must stop writing. */
  'lease.lost',
  'budget.exceeded',
  'disk.full',
  'disk.unwritable',
  'network.unreachable',
  'network.timeout',
  'network.proxy',
  /** The request went out, the answer never came, and the provider cannot be asked again. */
  'answer.lost',
  'provider.auth',
  'provider.credit',
  'provider.rateLimited',
  'provider.unavailable',
  'provider.modelGone',
  'provider.parameter',
  'provider.retired',
  'provider.badAnswer',
  /** The provider refused the content of this one prompt or image. */
  'content.refused',
  /** The provider delivered an image and flagged it (NSFW). */
  'content.flagged',
  'image.invalid',
  /** The file of an original is not there any more. */
  'image.missing',
  'image.tooLarge',
  'image.blockedAddress',
  'export.failed',
  'unexpected',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** One thing wrong with what the user gave: where, what, and what would be right. */
export interface Problem {
  /** Setting key, or null for a problem in a file. */
  key: string | null;
  /** Workspace-relative path of the file, or null. */
  file: string | null;
  /** 1-based; null where there is no position. */
  line: number | null;
  column: number | null;
  told: Message;
  /** The allowed values or range, or null. */
  allowed: Message | null;
}

/** The same for people and for other programs. */
export interface ProblemInWords extends Omit<Problem, 'told' | 'allowed'> {
  message: string;
  allowed: string | null;
}

export function problemInWords({ told, allowed, ...place }: Problem): ProblemInWords {
  return { ...place, message: inWords(told), allowed: allowed === null ? null : inWords(allowed) };
}

export interface FactoryErrorOptions {
  stage?: Stage;
  provider?: string;
  problems?: readonly Problem[];
  /** The provider's own answer time for the next try, in milliseconds. */
  retryAfterMs?: number;
  /** HTTP status, when there was one. */
  httpStatus?: number;
  /** False once the request may have reached the provider: sending again may be billed twice. */
  notSent?: boolean;
  cause?: unknown;
}

export class FactoryError extends Error {
  override readonly name = 'FactoryError';
  /** For whoever shows the error; `message` is the same in English. */
  readonly told: Message;
  readonly code: ErrorCode;
  readonly stage: Stage | undefined;
  readonly provider: string | undefined;
  readonly problems: readonly Problem[];
  readonly retryAfterMs: number | undefined;
  readonly httpStatus: number | undefined;
  readonly notSent: boolean;

  constructor(code: ErrorCode, told: Message, options: FactoryErrorOptions = {}) {
    super(inWords(told), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.told = told;
    this.stage = options.stage;
    this.provider = options.provider;
    this.problems = options.problems ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.httpStatus = options.httpStatus;
    this.notSent = options.notSent ?? false;
  }
}

export function isFactoryError(error: unknown, code?: ErrorCode): error is FactoryError {
  return error instanceof FactoryError && (code === undefined || error.code === code);
}

/** Any thrown value as a FactoryError; an abort becomes `cancelled`, the rest `unexpected`. */
export function toFactoryError(error: unknown): FactoryError {
  if (error instanceof FactoryError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new FactoryError('cancelled', messages.cancelled(), { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new FactoryError('unexpected', spoken(message), { cause: error });
}
