/**
 * What a command may spend: the command is the consent, and says on stderr what it costs at most. Who sits at a
 * terminal is asked where VS Code would ask too, unless `--yes` was given (B4, I8).
 */
import { formatCost } from '../engine/model/money.ts';
import { agreed, sumOfPlans, unasked } from '../engine/planning/consent.ts';
import type { Consent, Priced } from '../engine/planning/consent.ts';
import { defaultHostSettings } from '../engine/settings/settings.ts';
import type { CommandContext } from './context.ts';
import { line } from './terminal.ts';
import { counted } from './words.ts';

/** "free of charge", "at most $0.06 (estimate, prices of 2026-05-01)" */
export function costText(plans: readonly (Priced & { pricesAsOf: string })[]): string {
  const sum = sumOfPlans(plans);
  if (sum.microUsd === 0 && !sum.unknown) return 'free of charge';
  const asOf = `estimate, prices of ${plans[0]?.pricesAsOf ?? ''}`;
  if (!sum.unknown) return `at most ${formatCost(sum)} (${asOf})`;
  return `at least ${formatCost({ ...sum, unknown: false })}, not every price is known (${asOf})`;
}

/** What is left to do, and what it costs. */
export function sayEstimate(
  { terminal }: CommandContext,
  plans: readonly (Priced & { pricesAsOf: string })[],
): void {
  const images = plans.reduce((sum, plan) => sum + plan.images, 0);
  line(terminal.err, `Plan: ${counted(images, 'image')}, ${costText(plans)}`);
}

/** A consent for each plan; null when the user said no. */
export async function consentTo(
  { line: given, terminal }: CommandContext,
  plans: readonly Priced[],
): Promise<Consent[] | null> {
  const free = unasked(plans, defaultHostSettings()['budget.confirmAbove']);
  if (free !== null) return free;
  if (terminal.ask === null || given.flags.has('yes')) return agreed(plans);
  if (await terminal.ask('Go on? [y/N] ')) return agreed(plans);
  line(terminal.err, 'Nothing was started, and nothing is paid.');
  return null;
}
