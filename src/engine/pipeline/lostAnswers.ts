/** Answers that were lost on the way, or with the process that waited for them: they are asked for by the call's id. */
import type { FactoryError } from '../model/errors.ts';
import type { MicroUsd } from '../model/money.ts';
import { reactionOf, waitFor, withRetries } from '../providers/retry.ts';
import type { OpenCall } from './records.ts';
import { saveAnswer, lostAnswer, retryOptions } from './paidCall.ts';
import type { Answer, PaidCall } from './paidCall.ts';
import { callContextFor } from './pipelineContext.ts';
import type { PipelineContext } from './pipelineContext.ts';

/**
 * The answer of a call that was sent by a run before this one; null when it may be sent anew. Asking is free,
 * so it goes on after a stop. Fails like `pay`.
 */
export async function recoverAnswer<T>(
  context: PipelineContext,
  call: PaidCall<T>,
  open: OpenCall,
): Promise<Answer<T> | null> {
  // What costs nothing is not worth asking for; another provider, which a retry may have chosen, knows nothing of it.
  const again = call.cheap || open.reserved === 0 || open.provider !== call.provider;
  if (call.ask === null || again) {
    await context.journal.write((db) => context.journal.settleCall(db, open, 'lost', null, null));
    context.budget.settle(open.reserved, null);
    if (again) return null;
    throw lostAnswer(call.provider, call.stage);
  }
  const found = await pollAnswer(context, call, open, false);
  if (!('error' in found)) return found.answer;
  if (found.error !== null && reactionOf(found.error) !== 'retry') throw found.error;
  return null;
}

/**
 * Polls until the provider knows what became of a call; `error` is null when it never got it. `arrived`: the
 * request certainly did reach the provider.
 */
export async function pollAnswer<T>(
  context: PipelineContext,
  call: PaidCall<T>,
  open: OpenCall,
  arrived: boolean,
): Promise<{ answer: Answer<T> } | { error: FactoryError | null }> {
  let cost: MicroUsd | null = null;
  try {
    const asked = await askedAnswer(context, call, open, arrived);
    if ('answer' in asked) cost = asked.answer.costMicroUsd;
    else cost = 0;
    return asked;
  } finally {
    context.budget.settle(open.reserved, cost);
  }
}

async function askedAnswer<T>(
  context: PipelineContext,
  call: PaidCall<T>,
  open: OpenCall,
  arrived: boolean,
): Promise<{ answer: Answer<T> } | { error: FactoryError | null }> {
  const { journal, gate } = context;
  const callContext = callContextFor(context, call.imageId);
  const started = performance.now();
  const deadline = context.now() + callContext.timeoutMs;
  const everyMs = context.settings['generation.pollingIntervalSeconds'] * 1000;
  const end = (state: 'failed' | 'notBilled' | 'lost'): Promise<void> =>
    journal.write((db) => journal.settleCall(db, open, state, 0, null));
  for (let poll = 0; ; poll++) {
    const asked = await withRetries(
      async () =>
        (await call.ask?.(open.id, open.recoveryKey, callContext)) ?? { state: 'cannotAsk' as const },
      { ...retryOptions(context, call), signal: gate.cut },
    );
    switch (asked.state) {
      case 'found':
        await saveAnswer(context, call, open, asked.answer, started);
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
        if (!arrived && poll === 0 && Math.abs(context.now() - open.sentAt) < everyMs) break;
        await end('notBilled');
        journal.debug(call.imageId, `${call.stage}: the provider never got ${open.id}; it is sent anew.`);
        return { error: null };
      case 'running':
        if (context.now() < deadline) break;
        await end('lost');
        throw lostAnswer(call.provider, call.stage);
      case 'cannotAsk':
        await end('lost');
        throw lostAnswer(call.provider, call.stage);
    }
    await waitFor(Math.min(everyMs * 1.5 ** poll, 10_000), gate.cut);
  }
}
