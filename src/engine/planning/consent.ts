/**
 * What a person agreed to pay for. Every call of the engine that costs takes a consent, and only a plan of the engine
 * becomes one: unasked where the policy lets it, else by the answer to a question that named the sum (B4, B7).
 */
import { FactoryError } from '../model/errors.ts';
import { addCost, formatCost, fromUsd, noCost } from '../model/money.ts';
import type { Cost } from '../model/money.ts';
import { messages } from './messages.ts';

/** What a plan costs at most; what cannot be planned costs nothing, for it does not start. */
export interface Priced {
  images: number;
  estimate: Cost;
  problems?: readonly unknown[];
}

const offers = new WeakSet<Priced>();

/** Says of a plan that the engine made it. */
export function offered<P extends Priced>(plan: P): P {
  offers.add(plan);
  return plan;
}

/** For one run: how much it may cost. Nobody makes one but the functions below. */
export class Consent {
  readonly #images: number;
  readonly #most: Cost;

  constructor(plan: Priced) {
    if (!offers.has(plan)) throw new Error('Only a plan of the engine can be agreed to.');
    this.#images = plan.images;
    this.#most = costOf(plan);
  }

  /** Why what is planned by now is more than was agreed to; null when it is covered. */
  excess(plan: Priced): FactoryError | null {
    const now = costOf(plan);
    // Without a price, the number of images is all that was told.
    const unknown = now.unknown && (!this.#most.unknown || plan.images > this.#images);
    if (now.microUsd <= this.#most.microUsd && !unknown) return null;
    const amounts = { agreed: formatCost(this.#most), now: formatCost(now) };
    return new FactoryError('conflict', messages.costsMore(amounts));
  }

  /** Fails with `conflict` where it is more by now. */
  refuseMore(plan: Priced): void {
    const excess = this.excess(plan);
    if (excess !== null) throw excess;
  }
}

/** What several runs cost together. */
export function sumOfPlans(plans: readonly Priced[]): Cost {
  return plans.map(costOf).reduce(addCost, noCost);
}

/**
 * The consents where nothing needs to be asked, one for each plan; else null. Asked is when the sum reaches
 * `budget.confirmAbove` (USD), or is not known; what costs nothing just starts.
 */
export function unasked(plans: readonly Priced[], confirmAbove: number): Consent[] | null {
  const sum = sumOfPlans(plans);
  const asks = sum.unknown || (sum.microUsd > 0 && sum.microUsd >= fromUsd(confirmAbove));
  return asks ? null : agreed(plans);
}

/** The user was told the sum of these plans and said yes: a consent for each. For the one place of a face that asks. */
export function agreed(plans: readonly Priced[]): Consent[] {
  return plans.map((plan) => new Consent(plan));
}

function costOf({ estimate, problems = [] }: Priced): Cost {
  return problems.length > 0 ? noCost : estimate;
}
