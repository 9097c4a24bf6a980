/** The one question before everything that costs: what will be made, and what it costs at most. */
import { l10n } from 'vscode';
import type { Cost } from '../../engine/model/money.ts';
import { formatCost } from '../../engine/model/money.ts';
import type { Session } from '../session.ts';
import { showInformationMessage } from '../messages.ts';

/** Asked when the estimate reaches the amount of the settings, or is not known; what costs nothing just starts. */
export function mustConfirm(session: Session, estimate: Cost): boolean {
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

/** True when nothing needs to be asked, or the user said yes. */
export async function confirmCost(
  session: Session,
  plan: { estimate: Cost; pricesAsOf: string },
  words: { question: string; details?: readonly string[]; yes: string },
): Promise<boolean> {
  if (!mustConfirm(session, plan.estimate)) return true;
  const detail = [estimateLine(plan), ...(words.details ?? [])].join('\n');
  const chosen = await showInformationMessage(words.question, { modal: true, detail }, words.yes);
  return chosen === words.yes;
}
