/** Money is counted in whole micro-dollars (1 USD = 1,000,000), so that sums are exact. */
export type MicroUsd = number;

/** A cost that may be incomplete: `unknown` says that at least one price is not known, so it is shown with "≥". */
export interface Cost {
  microUsd: MicroUsd;
  unknown: boolean;
}

export const noCost: Cost = { microUsd: 0, unknown: false };

export function addCost(a: Cost, b: Cost): Cost {
  return { microUsd: a.microUsd + b.microUsd, unknown: a.unknown || b.unknown };
}

export function toUsd(microUsd: MicroUsd): number {
  return microUsd / 1_000_000;
}

export function fromUsd(usd: number): MicroUsd {
  return Math.round(usd * 1_000_000);
}

/** More than any one call costs: whoever says so is mistaken. */
const mostOfOneCall: MicroUsd = 10_000_000_000;

/** A sum that a service told, or that follows from what it told; null where no call can cost that. */
export function plausibleCost(microUsd: MicroUsd): MicroUsd | null {
  return Number.isSafeInteger(microUsd) && microUsd >= 0 && microUsd <= mostOfOneCall ? microUsd : null;
}

/** "$0.06", "$0.0038" below one cent, "≥ $0.06" when some price is unknown, "< $0.0001" for next to nothing. */
export function formatCost(cost: Cost): string {
  const usd = toUsd(cost.microUsd);
  if (usd > 0 && usd < 0.0001 && !cost.unknown) return '< $0.0001';
  const digits = usd > 0 && usd < 0.01 ? 4 : 2;
  return `${cost.unknown ? '≥ ' : ''}$${usd.toFixed(digits)}`;
}
