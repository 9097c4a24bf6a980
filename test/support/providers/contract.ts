/**
 * What every provider owes in each of its roles, case by case (`test/unit/providers/contract.test.ts` runs them). A
 * fake says beside its service where its provider rightly differs, and why a case does not apply to it.
 */
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import type { Role } from '../../../src/engine/providers/descriptor.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';

/** A scripted status, and what it means unless a provider says otherwise. */
export const statusCases = {
  'status 400': 'input.invalid',
  'status 401': 'provider.auth',
  'status 402': 'provider.credit',
  'status 403': 'provider.auth',
  'status 404': 'provider.modelGone',
  'status 408': 'provider.unavailable',
  'status 422': 'input.invalid',
  'status 429': 'provider.rateLimited',
  'status 500': 'provider.unavailable',
  'status 503': 'provider.unavailable',
  'status 504': 'provider.unavailable',
} as const satisfies Record<string, ErrorCode>;

/** An answer that cannot be used: asked for again where that is safe, else lost for good. */
export const lostCases = {
  'a page instead of an answer': 'provider.badAnswer',
  'an empty answer': 'provider.badAnswer',
  'JSON of another shape': 'provider.badAnswer',
  'JSON that ends early': 'provider.badAnswer',
  'a body that is cut off': 'network.unreachable',
  'a connection that breaks before the work': 'network.unreachable',
  'a connection that breaks after the work': 'network.unreachable',
  'no answer in time': 'network.timeout',
} as const satisfies Record<string, ErrorCode>;

export const otherCases = [
  'answers',
  'leaves the key nowhere',
  'names the request',
  'knows what it cost',
  'has a worst price that covers the cost',
  'takes fields that it does not know',
  'takes an answer that trickles in',
  'keeps two calls apart',
  'a key that is missing',
  'a key with a line break',
  'a key that is wrong',
  'a status 429 with a time to wait',
  'a status 429 with a long time to wait',
  'a page with status 502',
  'the key in the words of an error',
  'endless words of an error',
  'an abort before the call',
  'an abort while it waits',
  'an address where nobody answers',
  'a redirect to another host',
  'refused content',
  'flagged content',
  'several images of one request',
  'fewer images than were asked for',
  'an answer that was lost is asked for',
  'an answer that nobody knows is asked for',
  'a second and third try',
] as const;

export type ContractCase = keyof typeof statusCases | keyof typeof lostCases | (typeof otherCases)[number];

export interface RoleContract {
  /** Beside what chooses the provider. */
  settings?: Partial<Settings>;
  /** What a case means here, where that differs; null: a result all the same. */
  codes?: Partial<Record<ContractCase, ErrorCode | null>>;
  /** Why a case does not apply. */
  without?: Partial<Record<ContractCase, string>>;
  /** How the service says that it refuses the content. */
  refuses: { status: number; code?: string; message?: string };
  /** The service names the cost of a call, or it is worked out from its answer. */
  cost: 'known' | 'unknown';
  /** A paid answer that did not arrive cannot be asked for. */
  lostForGood?: true;
}

export type Contract = Partial<Record<Role, RoleContract>>;

const noImages = 'the role makes no images';
const cheap = 'it is cheap enough to be asked anew';

/** What texts and verdicts have in common. */
export const chatWithout = {
  'flagged content': noImages,
  'several images of one request': noImages,
  'fewer images than were asked for': noImages,
  'an answer that was lost is asked for': cheap,
  'an answer that nobody knows is asked for': cheap,
} as const satisfies RoleContract['without'];

/** What a background removal has not: it is of one image. */
export const removalWithout = {
  'flagged content': 'the image is the user’s own',
  'several images of one request': 'one image comes of one image',
  'fewer images than were asked for': 'one image comes of one image',
} as const satisfies RoleContract['without'];
