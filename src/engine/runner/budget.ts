/** The budget of a job: what is spent and what calls in flight may still cost stay within it. */
import { FactoryError } from '../model/errors.ts';
import { formatCost } from '../model/money.ts';
import type { MicroUsd } from '../model/money.ts';
import type { Budget } from '../pipeline/pipelineContext.ts';
import { messages } from './messages.ts';

export interface BudgetState {
  /** Null: no limit. */
  limit: MicroUsd | null;
  /** Settled calls, and the worst price of those whose answer was lost. */
  spent: MicroUsd;
  /** Worst prices of calls that an earlier run has sent and that are still to be asked for. */
  reserved: MicroUsd;
}

/**
 * Reserves the worst price before a call and settles it after. When only calls in flight stand in the way,
 * it waits for one of them: they usually cost less than their worst price. Prices that nobody knows reserve nothing.
 */
export function createBudget(state: BudgetState): Budget {
  let spent = state.spent;
  let { reserved } = state;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };

  return {
    async reserve(worst, signal) {
      const price = worst ?? 0;
      const { limit } = state;
      // An unknown price cannot be reserved: such a call goes out as long as anything of the budget is left.
      const fits = (taken: MicroUsd): boolean =>
        limit === null || worst === 0 || (worst === null ? taken < limit : taken + worst <= limit);
      while (limit !== null && !fits(spent + reserved)) {
        if (reserved === 0 || !fits(spent)) throw exceeded(limit, spent, worst);
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          signal.addEventListener('abort', wake, { once: true });
        });
        signal.removeEventListener('abort', wake);
        if (signal.aborted) throw new FactoryError('cancelled', messages.ending());
      }
      reserved += price;
    },
    settle(worst, cost) {
      const price = worst ?? 0;
      reserved -= price;
      spent += cost ?? price;
      wake();
    },
  };
}

function exceeded(limit: MicroUsd, spent: MicroUsd, worst: MicroUsd | null): FactoryError {
  const money = (microUsd: MicroUsd): string => formatCost({ microUsd, unknown: false });
  const amounts = { spent: money(spent), limit: money(limit) };
  return new FactoryError(
    'budget.exceeded',
    worst === null ? messages.unknownPrice(amounts) : messages.overBudget({ ...amounts, next: money(worst) }),
  );
}
