/**
 * Paid calls: none is sent before its row is on the disk and its worst price is reserved, none is sent again
 * while its answer can still be asked for, and each is settled together with what it brought.
 */
import { randomUUID } from 'node:crypto';
import { FactoryError, toFactoryError } from '../model/errors.ts';
import type { MicroUsd } from '../model/money.ts';
import { withRetries } from '../providers/retry.ts';
import type { OpenCall } from './records.ts';
import { pollAnswer } from './lostAnswers.ts';
import { saveAnswer, isLocalFailure, lostAnswer, retryOptions } from './paidCall.ts';
import type { Answer, PaidCall } from './paidCall.ts';
import { closeGateFor, isAmbiguous } from './policy.ts';
import { callContextFor } from './pipelineContext.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

/**
 * Calls until there is an answer. Fails with `cancelled` when the run ends first, with `answer.lost` when the
 * answer may exist and cannot be had, else with the provider's error after its retries.
 */
export async function pay<T>(context: PipelineContext, call: PaidCall<T>): Promise<Answer<T>> {
  /** A call whose answer could not even be asked for must not be followed by another. */
  let mayResend = true;
  const attempt = (): Promise<Answer<T>> =>
    call.limiter.run(async () => {
      const sent = await send(context, call);
      if ('answer' in sent) return sent.answer;
      mayResend = false;
      const found = await pollAnswer(context, call, sent.open, sent.error.httpStatus !== undefined);
      mayResend = true;
      if ('error' in found) throw found.error === null ? sent.error : found.error;
      return found.answer;
    }, context.gate.closed);
  return withRetries(attempt, {
    ...retryOptions(context, call),
    mayResend: () => mayResend,
  });
}

type Sent<T> = { answer: Answer<T> } | { open: OpenCall; error: FactoryError };

/** One attempt. Resolves with `open` when the answer is lost but can be asked for. */
async function send<T>(context: PipelineContext, call: PaidCall<T>): Promise<Sent<T>> {
  const { gate, budget, journal } = context;
  gate.check();
  await judged(context, call, () => budget.reserve(call.worst, gate.closed));
  /** What the reservation turns into; null: the worst price. Kept while the answer is asked for. */
  let cost: MicroUsd | null = 0;
  let asking = false;
  try {
    const open = await judged(context, call, () => openCall(context, call));
    cost = null;
    const started = performance.now();
    let answer: Answer<T> | null = null;
    try {
      answer = await call.send(open.id, callContextFor(context, call.imageId), (key) => {
        open.recoveryKey = key;
        journal.callAccepted(open.id, key);
      });
      await saveAnswer(context, call, open, answer, started);
      cost = answer.costMicroUsd;
      return { answer };
    } catch (thrown) {
      const error = toFactoryError(thrown);
      closeGateFor(context, error, call);
      if (answer !== null) {
        cost = isLocalFailure(error) ? null : answer.costMicroUsd;
        throw error;
      }
      const outcome = await afterFailure(context, call, open, error);
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
async function openCall<T>(context: PipelineContext, call: PaidCall<T>): Promise<OpenCall> {
  const { gate, journal } = context;
  const id = randomUUID();
  const { provider, stage, generation, imageId, worst, request } = call;
  const sentAt = context.now();
  const open = {
    id,
    provider,
    stage,
    generation,
    imageId,
    recoveryKey: id,
    reserved: worst,
    request,
    sentAt,
  };
  await journal.openCall(open, call);
  if (gate.halt === null) return open;
  await journal.write((db) => journal.settleCall(db, open, 'notBilled', 0, null));
  throw new FactoryError('cancelled', messages.ending());
}

interface Aftermath {
  cost: MicroUsd | null;
  lost: 'no' | 'ask' | 'forGood';
}

/** Settles the row of a call that failed, by what may have happened at the provider. */
async function afterFailure<T>(
  context: PipelineContext,
  call: PaidCall<T>,
  open: OpenCall,
  error: FactoryError,
): Promise<Aftermath> {
  const { journal } = context;
  const end = (state: 'failed' | 'lost' | 'notBilled', cost: MicroUsd | null): Promise<void> =>
    journal.write((db) => journal.settleCall(db, open, state, cost, null));
  if (isLocalFailure(error)) return { cost: null, lost: 'no' };
  if (error.code === 'cancelled') {
    // A cut-off image stays open and is asked for by the next run; nobody will ask for a text.
    if (call.cheap && context.gate.halt?.status !== 'interrupted') await end('lost', null);
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

/** Errors of what comes before a call (the budget, the disk) end the run like those of the call. */
async function judged<T, R>(context: PipelineContext, call: PaidCall<T>, step: () => Promise<R>): Promise<R> {
  try {
    return await step();
  } catch (thrown) {
    const error = toFactoryError(thrown);
    closeGateFor(context, error, call);
    throw error;
  }
}
