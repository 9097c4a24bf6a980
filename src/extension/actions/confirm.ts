/** The one question before everything that costs: what will be made, and what it costs at most. */
import { l10n } from 'vscode';
import type { RemoverChange } from '../../engine/factory.ts';
import { inWords } from '../../engine/model/message.ts';
import type { Cost } from '../../engine/model/money.ts';
import { addCost, formatCost, noCost } from '../../engine/model/money.ts';
import { together } from '../../engine/providers/retirement.ts';
import type { RetirementPlan } from '../../engine/providers/retirement.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { showInformationMessage } from '../messages.ts';

/** Asked when the estimate reaches the amount of the settings, or is not known; what costs nothing just starts. */
export function mustConfirm(session: WorkspaceSession, estimate: Cost): boolean {
  if (estimate.unknown) return true;
  return estimate.microUsd > 0 && estimate.microUsd >= session.configuration.confirmAbove() * 1_000_000;
}

export function estimateLine(plan: { estimate: Cost; pricesAsOf: string }): string {
  if (plan.estimate.unknown) {
    const known = formatCost({ ...plan.estimate, unknown: false });
    return l10n.t('Estimate: at least {0}; not every price is known. Prices of {1}.', known, plan.pricesAsOf);
  }
  return l10n.t('Estimate: at most {0}, by prices of {1}.', formatCost(plan.estimate), plan.pricesAsOf);
}

/** What a question says beside what it asks. */
export interface Priced extends RetirementPlan {
  images: number;
  estimate: Cost;
  pricesAsOf: string;
}

/** What several plans do together; prices are of one day. */
export function sumOf(plans: readonly Priced[]): Priced {
  return {
    images: plans.reduce((sum, { images }) => sum + images, 0),
    estimate: plans.map(({ estimate }) => estimate).reduce(addCost, noCost),
    pricesAsOf: plans[0]?.pricesAsOf ?? '',
    ...together(plans),
  };
}

/** Yes, no, or with another service than the one that has ended: then it is asked anew, for that has its own price. */
export type Answer = boolean | RemoverChange;

export interface Words {
  question: string;
  yes: string;
  /** Where a service has ended: the same with another one. */
  with: (label: string) => string;
}

/** True when nothing needs to be asked, or the user said yes. */
export async function confirmCost(session: WorkspaceSession, plan: Priced, words: Words): Promise<Answer> {
  return mustConfirm(session, plan.estimate) || plan.instead.length > 0 ? askCost(plan, words) : true;
}

/** Asks whatever it costs. */
export async function askCost(plan: Priced, words: Words): Promise<Answer> {
  const items: { title: string; answer: Answer }[] = [
    ...plan.instead.map(({ label, changes }) => ({ title: words.with(label), answer: changes })),
    { title: words.yes, answer: true },
  ];
  const detail = [estimateLine(plan), ...plan.warnings.map(inWords)].join('\n');
  const chosen = await showInformationMessage(words.question, { modal: true, detail }, ...items);
  return chosen?.answer ?? false;
}
