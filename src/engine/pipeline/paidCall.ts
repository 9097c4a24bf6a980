/** What a paid call is made of, and what sending it and asking for its lost answer have in common. */
import { FactoryError, toFactoryError } from '../model/errors.ts';
import type { MicroUsd } from '../model/money.ts';
import type { Stage } from '../model/status.ts';
import type { Limiter } from '../providers/limiter.ts';
import { inSentence } from '../providers/registry.ts';
import type { CallContext } from '../providers/provider.ts';
import type { RetryOptions } from '../providers/retry.ts';
import type { Writer } from '../store/store.ts';
import type { CallFacts, OpenCall, Timings } from './records.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

export interface Answer<T> {
  value: T;
  /** Null: unknown. */
  costMicroUsd: MicroUsd | null;
  requestId: string | null;
}

export type LookupResult<T> =
  | { state: 'found'; answer: Answer<T> }
  /** The provider worked on it and failed: nothing came of it, nothing is billed. */
  | { state: 'failed'; error: FactoryError }
  | { state: 'running' | 'notFound' | 'cannotAsk' };

export interface PaidCall<T> extends CallFacts {
  limiter: Limiter;
  send(
    callId: string,
    callContext: CallContext,
    onAccepted: (recoveryKey: string) => void,
  ): Promise<Answer<T>>;
  /** Asks for the answer of a call by its key; null where the provider cannot be asked. */
  ask: ((callId: string, recoveryKey: string, callContext: CallContext) => Promise<LookupResult<T>>) | null;
  /** True where the same question may be paid twice: texts and verdicts cost fractions of a cent. */
  cheap: boolean;
  /** Done with the answer before the call is settled: its files are written. */
  saveFiles?(callId: string, answer: Answer<T>): Promise<void>;
  /** In the transaction that settles the call; `timings` is how long the provider took. */
  saveResult(db: Writer, callId: string, answer: Answer<T>, timings: Timings): void;
}

/**
 * Keeps what an answer brought and settles its call with it. An answer that cannot be used was paid all the
 * same; only what our own disk or store refuses leaves the call open, to be asked for by the next run.
 */
export async function saveAnswer<T>(
  context: PipelineContext,
  call: PaidCall<T>,
  open: OpenCall,
  answer: Answer<T>,
  started: number,
): Promise<void> {
  const { journal } = context;
  const timings = { [call.stage]: performance.now() - started };
  const settle = (db: Writer): void =>
    journal.settleCall(db, open, 'answered', answer.costMicroUsd, answer.requestId);
  try {
    await call.saveFiles?.(open.id, answer);
    await journal.write((db) => {
      settle(db);
      call.saveResult(db, open.id, answer, timings);
    });
  } catch (thrown) {
    const error = toFactoryError(thrown);
    if (!isLocalFailure(error)) await journal.write(settle);
    throw error;
  }
  context.circuit.success(call);
}

/** True for failures of this machine, which say nothing about the provider. */
export function isLocalFailure(error: FactoryError): boolean {
  return /^(store|lease|disk)\./.test(error.code);
}

const longWaitMs = 10_000;

export function retryOptions<T>(context: PipelineContext, call: PaidCall<T>): RetryOptions {
  return {
    attempts: context.settings['generation.retryAttempts'],
    firstWaitMs: context.settings['generation.retryBackoffMs'],
    signal: context.gate.closed,
    onWait: ({ error, waitMs, retry, asked }) => {
      // Hidden waits look like a job that hangs.
      if (waitMs >= longWaitMs) {
        const seconds = Math.round(waitMs / 1000);
        context.journal.log('info', messages.nextTry({ service: inSentence(call.provider), seconds }));
      }
      context.journal.debug(
        call.imageId,
        `${call.stage}: ${error.code}: ${error.message} Next try in ${waitMs} ms (${asked ? 'as the provider asks' : `retry ${retry}`}).`,
      );
    },
  };
}

/** The answer may exist and be billed, and cannot be had. */
export function lostAnswer(provider: string, stage: Stage, cause?: FactoryError): FactoryError {
  return new FactoryError('answer.lost', messages.answerLost({ service: inSentence(provider) }), {
    stage,
    provider,
    ...(cause && { cause }),
  });
}
