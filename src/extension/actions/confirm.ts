/** The one question before everything that costs: what will be made, and what it costs at most. */
import { l10n } from 'vscode';
import type { Consent, RemoverChange } from '../../engine/factory.ts';
import { inWords } from '../../engine/model/message.ts';
import type { Cost } from '../../engine/model/money.ts';
import { formatCost } from '../../engine/model/money.ts';
import { agreed, sumOfPlans, unasked } from '../../engine/planning/consent.ts';
import type { Priced } from '../../engine/planning/consent.ts';
import { together } from '../../engine/providers/retirement.ts';
import type { RetirementPlan } from '../../engine/providers/retirement.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { showInformationMessage } from '../messages.ts';

function estimateLine(plan: { estimate: Cost; pricesAsOf: string }): string {
  if (plan.estimate.unknown) {
    const known = formatCost({ ...plan.estimate, unknown: false });
    return l10n.t('Estimate: at least {0}; not every price is known. Prices of {1}.', known, plan.pricesAsOf);
  }
  return l10n.t('Estimate: at most {0}, by prices of {1}.', formatCost(plan.estimate), plan.pricesAsOf);
}

/** What a question says of each plan beside what it asks. */
export interface Offer extends Priced, RetirementPlan {
  pricesAsOf: string;
}

/** Yes, with a consent for each plan; something else that the question offered; or null: no. */
export type Answer<T> = { consents: Consent[] } | { other: T } | null;

export interface Question<T> {
  question: string;
  yes: string;
  /** Lines before the estimate. */
  lines?: readonly string[];
  /** Where a service has ended and another can take its place: it is asked anew then, for that has its own price. */
  with?: (label: string) => string;
  others?: readonly { title: string; other: T }[];
}

/** Images of all plans that can start. */
export function imagesOf(plans: readonly Offer[]): number {
  return plans.filter(isPossible).reduce((sum, { images }) => sum + images, 0);
}

function isPossible({ problems = [] }: Offer): boolean {
  return problems.length === 0;
}

/** The way to a consent: asks once for the sum of all where the policy of the settings wants it, or a service has ended. */
export async function confirmCost<T = never>(
  session: WorkspaceSession,
  plans: readonly Offer[],
  words: Question<T>,
): Promise<Answer<T | RemoverChange>> {
  const consents = unasked(plans, session.configuration.confirmAbove());
  if (consents !== null && insteadOf(plans, words).length === 0) return { consents };
  return askCost(plans, words);
}

/** Asks whatever it costs. */
export async function askCost<T = never>(
  plans: readonly Offer[],
  words: Question<T>,
): Promise<Answer<T | RemoverChange>> {
  const items: { title: string; answer: Answer<T | RemoverChange> | 'yes' }[] = [
    ...insteadOf(plans, words).map(({ title, changes }) => ({ title, answer: { other: changes } })),
    { title: words.yes, answer: 'yes' },
    ...(words.others ?? []).map(({ title, other }) => ({ title, answer: { other } })),
  ];
  const possible = plans.filter(isPossible);
  const estimate = estimateLine({ estimate: sumOfPlans(plans), pricesAsOf: possible[0]?.pricesAsOf ?? '' });
  const detail = [...(words.lines ?? []), estimate, ...together(possible).warnings.map(inWords)].join('\n');
  const chosen = await showInformationMessage(words.question, { modal: true, detail }, ...items);
  if (chosen === undefined) return null;
  return chosen.answer === 'yes' ? { consents: agreed(plans) } : chosen.answer;
}

function insteadOf<T>(
  plans: readonly Offer[],
  { with: withOther }: Question<T>,
): { title: string; changes: RemoverChange }[] {
  if (withOther === undefined) return [];
  const { instead } = together(plans.filter(isPossible));
  return instead.map(({ label, changes }) => ({ title: withOther(label), changes }));
}

/** The same for one plan: its consent, another service, or null. */
export async function confirmOne(
  session: WorkspaceSession,
  plan: Offer,
  words: Question<never>,
): Promise<{ consent: Consent } | { other: RemoverChange } | null> {
  const answer = await confirmCost(session, [plan], words);
  if (answer === null || 'other' in answer) return answer;
  const [consent] = answer.consents;
  return consent === undefined ? null : { consent };
}
