/** Whom a question offers where the service of its settings has ended. */
import { keysNeeded } from '../providers/build.ts';
import type { Endpoints, KeySource } from '../providers/registry.ts';
import { otherRemovers, removerNotice } from '../providers/retirement.ts';
import type { Replacement, RetirementPlan } from '../providers/retirement.ts';
import type { Settings } from '../settings/settings.ts';

export interface ReplacementTools {
  endpoints: Endpoints;
  keys: KeySource;
  /** UTC ms. */
  now: () => number;
}

/** What a plan says of a service that ends, and whom it offers once it has: first those whose keys are there. */
export async function retirementOf(
  settings: Settings,
  { endpoints, keys, now }: ReplacementTools,
): Promise<RetirementPlan> {
  const notice = removerNotice(settings, now(), endpoints);
  if (notice === null) return { warnings: [], instead: [] };
  if (!notice.ended) return { warnings: [notice.told], instead: [] };
  const ready = async ({ changes }: Replacement): Promise<boolean> => {
    const needs = { text: false, image: false, background: true };
    const needed = await Promise.all(keysNeeded({ ...settings, ...changes }, needs).map(keys));
    return needed.every((key) => (key ?? '') !== '');
  };
  const others = await Promise.all(
    otherRemovers().map(async (other) => ({ other, ready: await ready(other) })),
  );
  const instead = others.sort((a, b) => Number(b.ready) - Number(a.ready)).map(({ other }) => other);
  return { warnings: [notice.told], instead };
}
