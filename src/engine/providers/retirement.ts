/** Services that end on an announced day: what is said of one before and after, and who does its work then. */
import { withoutRepeats } from '../model/message.ts';
import type { Message } from '../model/message.ts';
import type { Settings } from '../settings/settings.ts';
import type { Retirement } from './descriptor.ts';
import { choicesFor, descriptorOf, isKeyed, trialBadge } from './registry.ts';
import type { Endpoints, ProviderName } from './registry.ts';
import { messages } from './messages.ts';

const removerKey = 'provider.backgroundRemoval';
const removers = choicesFor('backgroundRemoval');
export type RemoverChange = Pick<Settings, typeof removerKey>;

/** Another remover than the one that has ended, with the change that takes it. */
export interface Replacement {
  /** As in the settings. */
  label: string;
  changes: RemoverChange;
}

/** Where a retirement has not come, or does not concern this address, null; else what ended and its date, in words. */
export function endOf(account: {
  provider: ProviderName;
  endpoint: string;
  now: () => number;
}): string | null {
  const { retirement } = descriptorOf(account.provider);
  if (retirement === undefined || !endsAt(retirement, account.endpoint)) return null;
  return hasEnded(retirement, account.now()) ? `${retirement.what} on ${dateOf(retirement)}` : null;
}

function hasEnded({ at }: Retirement, now: number): boolean {
  return now >= Date.parse(at);
}

/** As it was announced; at that moment it is another day in parts of the world. */
function dateOf({ at }: Retirement): string {
  return at.slice(0, 10);
}

/** False at the address of a service that only speaks like the one that ends. */
function endsAt({ host }: Retirement, endpoint: string): boolean {
  return URL.canParse(endpoint) && new URL(endpoint).hostname === host;
}

export interface RetirementNotice {
  /** The setting that names the service. */
  key: typeof removerKey;
  ended: boolean;
  told: Message;
}

/**
 * What a person should know about the remover of these settings; null when it goes on, or is not used. Without
 * endpoints it is not known whether the address is that of a compatible service, and the message says so.
 */
export function removerNotice(
  settings: Settings,
  now: number,
  endpoints: Endpoints | null,
): RetirementNotice | null {
  const remover = settings[removerKey];
  const { retirement } = descriptorOf(remover);
  if (retirement === undefined || !settings['processing.removeBackground']) return null;
  const endpoint = isKeyed(remover) ? endpoints?.[remover] : undefined;
  if (endpoint !== undefined && !endsAt(retirement, endpoint)) return null;
  const ended = hasEnded(retirement, now);
  const name = removers.find(({ value }) => value === remover)?.label ?? remover;
  const values = { name, what: retirement.what, day: dateOf(retirement) };
  const notice = ended ? messages.removerEnded(values) : messages.removerEnds(values);
  const told = endpoint === undefined ? messages.compatibleGoOn({ notice }) : notice;
  return { key: removerKey, ended, told };
}

/** The removers to go on with; whose service ends as well, or who is for trying things out, is none of them. */
export function otherRemovers(): Replacement[] {
  return removers
    .filter(({ value }) => descriptorOf(value).retirement === undefined && trialBadge(value) === null)
    .map(({ value, label }) => ({ label, changes: { [removerKey]: value } }));
}

/** What can be offered for an error: the other removers where a service has ended, else nothing. */
export function replacementsFor(error: { code: string } | null): Replacement[] {
  return error?.code === 'provider.retired' ? otherRemovers() : [];
}

/** What a plan says of services that end, and whom it offers in place of one that has. */
export interface RetirementPlan {
  warnings: Message[];
  instead: Replacement[];
}

/** Of several plans: each thing once, and offered is only what all of them need. */
export function together(plans: readonly RetirementPlan[]): RetirementPlan {
  return {
    warnings: withoutRepeats(plans.flatMap(({ warnings }) => warnings)),
    instead: plans.every(({ instead }) => instead.length > 0) ? (plans[0]?.instead ?? []) : [],
  };
}
