/**
 * Paid calls: none is sent before its row is on the disk and its worst price is reserved, none is sent again
 * while its answer can still be asked for, and each is settled together with what it brought.
 */
import { randomUUID } from 'node:crypto';
import { FactoryError, toFactoryError } from '../model/errors.ts';
import type { MicroUsd } from '../model/money.ts';
import type { Stage } from '../model/status.ts';
import type { Limiter } from '../providers/limiter.ts';
import type { CallContext } from '../providers/provider.ts';
import { reactionOf, waitFor, withRetries } from '../providers/retry.ts';
import type { Wait } from '../providers/retry.ts';
import type { Writer } from '../store/store.ts';
import type { CallRequest } from './imageRequest.ts';
import type { OpenCall, Timings } from './journal.ts';
import { closeGateFor, isAmbiguous } from './policy.ts';
import { timeoutMs } from './work.ts';
import type { Work } from './work.ts';

export interface Answer<T> {
  value: T;
  /** Null: unknown. */
  costMicroUsd: MicroUsd | null;
  requestId: string | null;
}

export type Asked<T> =
  | { state: 'found'; answer: Answer<T> }
  /** The provider worked on it and failed: nothing came of it, nothing is billed. */
  | { state: 'failed'; error: FactoryError }
  | { state: 'running' | 'notFound' | 'cannotAsk' };

export interface PaidCall<T> {
  stage: Stage;
  provider: string;
  model: string;
  generation: number | null;
  imageId: string | null;
  /** How many results are asked for. */
  count: number;
  worst: MicroUsd | null;
  limiter: Limiter;
  /** What must be known to use the answer after a crash. */
  request: CallRequest;
  send(callId: string, context: CallContext, onAccepted: (recoveryKey: string) => void): Promise<Answer<T>>;
  /** Asks for the answer of a call by its key; null where the provider cannot be asked. */
  ask: ((callId: string, recoveryKey: string, context: CallContext) => Promise<Asked<T>>) | null;
  /** True where the same question may be paid twice: texts and verdicts cost fractions of a cent. */
  cheap: boolean;
  /** Done with the answer before its row is settled (files are written); its result goes to `settle`. */
  keep?(callId: string, answer: Answer<T>): Promise<void>;
  /** In the transaction that settles the call; `timings` is how long the provider took. */
  settle(db: Writer, callId: string, answer: Answer<T>, timings: Timings): void;
}

/**
 * Calls until there is an answer. Fails with `cancelled` when the run ends first, with `answer.lost` when the
 * answer may exist and cannot be had, else with the provider's error after its retries.
 */
export async function pay<T>(work: Work, call: PaidCall<T>): Promise<Answer<T>> {
  /** A call whose answer could not even be asked for must not be followed by another. */
  let mayResend = true;
  const attempt = (): Promise<Answer<T>> =>
    call.limiter.run(async () => {
      const sent = await send(work, call);
      if ('answer' in sent) return sent.answer;
      mayResend = false;
      const found = await askUntilKnown(work, call, sent.open, sent.error.httpStatus !== undefined);
      mayResend = true;
      if ('error' in found) throw found.error === null ? sent.error : found.error;
      return found.answer;
    }, work.gate.closed);
  return withRetries(attempt, {
    ...retryOptions(work, call),
    mayResend: () => mayResend,
  });
}

/**
 * The answer of a call that was sent by a run before this one; null when it may be sent anew. Asking is free,
 * so it goes on after a stop. Fails like `pay`.
 */
export async function askAgain<T>(work: Work, call: PaidCall<T>, open: OpenCall): Promise<Answer<T> | null> {
  // What costs nothing is not worth asking for.
  const again = call.cheap || open.reserved === 0;
  if (call.ask === null || again) {
    await work.journal.write((db) => work.journal.settleCall(db, open, 'lost', null, null));
    work.budget.settle(open.reserved, null);
    if (again) return null;
    throw lostAnswer(call.provider, call.stage);
  }
  const found = await askUntilKnown(work, call, open, false);
  if (!('error' in found)) return found.answer;
  if (found.error !== null && reactionOf(found.error) !== 'retry') throw found.error;
  return null;
}

const longWaitMs = 10_000;

function retryOptions<T>(
  work: Work,
  call: PaidCall<T>,
): { attempts: number; firstWaitMs: number; signal: AbortSignal; onWait: (wait: Wait) => void } {
  return {
    attempts: work.settings['generation.retryAttempts'],
    firstWaitMs: work.settings['generation.retryBackoffMs'],
    signal: work.gate.closed,
    onWait: ({ error, waitMs, retry, asked }) => {
      const which = asked ? 'as the provider asks' : `retry ${retry}`;
      // Hidden waits look like a job that hangs.
      if (waitMs >= longWaitMs) {
        const seconds = Math.round(waitMs / 1000);
        work.journal.log('info', `${call.provider} does not answer as hoped; next try in ${seconds} s.`);
      }
      work.journal.debug(
        call.imageId,
        `${call.stage}: ${error.code}: ${error.message} Next try in ${waitMs} ms (${which}).`,
      );
    },
  };
}

type Sent<T> = { answer: Answer<T> } | { open: OpenCall; error: FactoryError };

/** One attempt. Resolves with `open` when the answer is lost but can be asked for. */
async function send<T>(work: Work, call: PaidCall<T>): Promise<Sent<T>> {
  const { gate, budget, journal } = work;
  gate.check();
  await judged(work, call, () => budget.reserve(call.worst, gate.closed));
  /** What the reservation turns into; null: the worst price. Kept while the answer is asked for. */
  let cost: MicroUsd | null = 0;
  let asking = false;
  try {
    const open = await judged(work, call, () => openCall(work, call));
    cost = null;
    const started = performance.now();
    try {
      const answer = await call.send(open.id, contextOf(work, call), (key) => {
        open.recoveryKey = key;
        journal.callAccepted(open.id, key);
      });
      await call.keep?.(open.id, answer);
      await settle(work, call, open, answer, started);
      cost = answer.costMicroUsd;
      return { answer };
    } catch (thrown) {
      const error = toFactoryError(thrown);
      closeGateFor(work, error, call);
      const outcome = await afterFailure(work, call, open, error);
      cost = outcome.cost;
      asking = outcome.lost === 'ask';
      if (asking) return { open, error };
      if (outcome.lost === 'forGood' && error.code !== 'answer.lost') {
        throw lostAnswer(call.provider, call.stage, error);
      }
      throw error;
    }
  } finally {
    if (!asking) budget.settle(call.worst, cost);
  }
}

/** The row of a call that is about to go out, on the disk. */
async function openCall<T>(work: Work, call: PaidCall<T>): Promise<OpenCall> {
  const { gate, journal } = work;
  const id = randomUUID();
  const { stage, generation, imageId, worst, request } = call;
  const sentAt = work.now();
  const open = { id, stage, generation, imageId, recoveryKey: id, reserved: worst, request, sentAt };
  await journal.openCall(open, call);
  if (gate.halt === null) return open;
  await journal.write((db) => journal.settleCall(db, open, 'notBilled', 0, null));
  throw new FactoryError('cancelled', 'The run is ending.');
}

interface Aftermath {
  cost: MicroUsd | null;
  lost: 'no' | 'ask' | 'forGood';
}

/** Settles the row of a call that failed, by what may have happened at the provider. */
async function afterFailure<T>(
  work: Work,
  call: PaidCall<T>,
  open: OpenCall,
  error: FactoryError,
): Promise<Aftermath> {
  const { journal } = work;
  const end = (state: 'failed' | 'lost' | 'notBilled', cost: MicroUsd | null): Promise<void> =>
    journal.write((db) => journal.settleCall(db, open, state, cost, null));
  // What the disk or the store refused was answered: it stays open, and is asked for or given up by the next run.
  if (/^(store|lease|disk)\./.test(error.code)) return { cost: null, lost: 'no' };
  if (error.code === 'cancelled') {
    // A cut-off picture stays open and is asked for by the next run; nobody will ask for a text.
    if (call.cheap && work.gate.halt?.status !== 'interrupted') await end('lost', null);
    return { cost: null, lost: 'no' };
  }
  if (error.notSent) {
    await end('notBilled', 0);
    return { cost: 0, lost: 'no' };
  }
  if (error.code === 'answer.lost') {
    await end('lost', null);
    return { cost: null, lost: 'forGood' };
  }
  if (!isAmbiguous(error, call.ask !== null)) {
    await end('failed', 0);
    return { cost: 0, lost: 'no' };
  }
  if (call.ask !== null) return { cost: null, lost: 'ask' };
  await end('lost', null);
  return { cost: null, lost: call.cheap ? 'no' : 'forGood' };
}

async function settle<T>(
  work: Work,
  call: PaidCall<T>,
  open: OpenCall,
  answer: Answer<T>,
  started: number,
): Promise<void> {
  const { journal } = work;
  const timings = { [call.stage]: performance.now() - started };
  await journal.write((db) => {
    journal.settleCall(db, open, 'answered', answer.costMicroUsd, answer.requestId);
    call.settle(db, open.id, answer, timings);
  });
  work.circuit.success(call);
}

/**
 * Polls until the provider knows what became of a call; `error` is null when it never got it. `arrived`: the
 * request certainly did reach the provider's door.
 */
async function askUntilKnown<T>(
  work: Work,
  call: PaidCall<T>,
  open: OpenCall,
  arrived: boolean,
): Promise<{ answer: Answer<T> } | { error: FactoryError | null }> {
  let cost: MicroUsd | null = null;
  try {
    const asked = await askedAnswer(work, call, open, arrived);
    if ('answer' in asked) cost = asked.answer.costMicroUsd;
    else cost = 0;
    return asked;
  } finally {
    work.budget.settle(open.reserved, cost);
  }
}

async function askedAnswer<T>(
  work: Work,
  call: PaidCall<T>,
  open: OpenCall,
  arrived: boolean,
): Promise<{ answer: Answer<T> } | { error: FactoryError | null }> {
  const { journal, gate } = work;
  const context = contextOf(work, call);
  const started = performance.now();
  const deadline = work.now() + context.timeoutMs;
  const everyMs = work.settings['generation.pollingIntervalSeconds'] * 1000;
  const end = (state: 'failed' | 'notBilled' | 'lost'): Promise<void> =>
    journal.write((db) => journal.settleCall(db, open, state, 0, null));
  for (let poll = 0; ; poll++) {
    const asked = await withRetries(
      async () => (await call.ask?.(open.id, open.recoveryKey, context)) ?? { state: 'cannotAsk' as const },
      { ...retryOptions(work, call), signal: gate.cut },
    );
    switch (asked.state) {
      case 'found':
        await call.keep?.(open.id, asked.answer);
        await settle(work, call, open, asked.answer, started);
        journal.debug(
          call.imageId,
          `${call.stage}: the lost answer of ${open.id} was found at the provider.`,
        );
        return { answer: asked.answer };
      case 'failed':
        await end('failed');
        return { error: asked.error };
      case 'notFound':
        // The request may still be on its way: an answer counts once it had time to arrive.
        if (!arrived && poll === 0 && Math.abs(work.now() - open.sentAt) < everyMs) break;
        await end('notBilled');
        journal.debug(call.imageId, `${call.stage}: the provider never got ${open.id}; it is sent anew.`);
        return { error: null };
      case 'running':
        if (work.now() < deadline) break;
        await end('lost');
        throw lostAnswer(call.provider, call.stage);
      case 'cannotAsk':
        await end('lost');
        throw lostAnswer(call.provider, call.stage);
    }
    await waitFor(Math.min(everyMs * 1.5 ** poll, 10_000), gate.cut);
  }
}

function contextOf<T>(work: Work, call: PaidCall<T>): CallContext {
  return {
    signal: work.gate.cut,
    timeoutMs: timeoutMs(work.settings),
    debug: (message) => work.journal.debug(call.imageId, message),
  };
}

/** Errors of what comes before a call (the budget, the disk) end the run like those of the call. */
async function judged<T, R>(work: Work, call: PaidCall<T>, step: () => Promise<R>): Promise<R> {
  try {
    return await step();
  } catch (thrown) {
    const error = toFactoryError(thrown);
    closeGateFor(work, error, call);
    throw error;
  }
}

/** The answer may exist and be billed, and cannot be had. */
export function lostAnswer(provider: string, stage: Stage, cause?: FactoryError): FactoryError {
  return new FactoryError(
    'answer.lost',
    `The answer of ${provider} was lost and may be billed. It was not sent again; check your usage there, then decide.`,
    { stage, provider, ...(cause && { cause }) },
  );
}
