/** One provider in one role, ready to be called against its fake. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFactoryError, type ErrorCode, type FactoryError } from '../../../src/engine/model/errors.ts';
import type { MicroUsd } from '../../../src/engine/model/money.ts';
import type { Role } from '../../../src/engine/providers/descriptor.ts';
import type { CallContext, Providers, Recovered } from '../../../src/engine/providers/provider.ts';
import type { KeyedProvider } from '../../../src/engine/providers/registry.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import type { RoleContract } from '../../support/providers/contract.ts';
import { png } from '../../support/providers/images.ts';
import type { CallKind, Fault } from '../../support/providers/script.ts';
import { accepted, bench, request, type Bench } from './setup.ts';

const image = png({ width: 64, height: 64, key: 'cup' });
const vision = { bytes: image, mime: 'image/png', detail: 'low' } as const;

/** What one call of a role brought, as far as the roles have it in common. */
export interface Outcome {
  costMicroUsd: MicroUsd | null;
  requestId: string | null;
  /** Images, for the roles that make them. */
  images: number;
}

export interface RoleCalls {
  /** As the fakes call it. */
  kind: CallKind;
  choose: (provider: KeyedProvider) => Partial<Settings>;
  call: (providers: Providers, context: CallContext, id: string, count: number) => Promise<Outcome>;
  worst: (providers: Providers) => MicroUsd | null;
  recover: (providers: Providers, context: CallContext, id: string) => Promise<Recovered['state']>;
}

function remover({ background }: Providers): NonNullable<Providers['background']> {
  assert.ok(background);
  return background;
}

const neverAsked = (): Promise<never> => Promise.reject(new Error('Nobody asks for it.'));

export const roles: Record<Role, RoleCalls> = {
  text: {
    kind: 'prompt',
    choose: (provider) => ({ 'provider.text': provider }) as Partial<Settings>,
    call: async ({ text }, context) => ({
      ...(await text.writePrompt({ instructions: 'Describe a fox in the snow.', row: {} }, context)),
      images: 0,
    }),
    worst: ({ text }) => text.worstPrice('prompt'),
    recover: neverAsked,
  },
  vision: {
    kind: 'qualityCheck',
    choose: (provider) => ({ 'provider.text': provider }) as Partial<Settings>,
    call: async ({ text }, context) => ({
      ...(await text.checkQuality('Is it a cup?', vision, context)),
      images: 0,
    }),
    worst: ({ text }) => text.worstPrice('qualityCheck'),
    recover: neverAsked,
  },
  image: {
    kind: 'image',
    choose: (provider) => ({ 'provider.image': provider }) as Partial<Settings>,
    call: async ({ image }, context, requestId, count) => {
      const asked = request({ requestId, count, width: 512, height: 512 });
      const result = await image.generate(asked, context, accepted);
      const costs = result.images.map((one) => one.costMicroUsd);
      return {
        costMicroUsd: costs.includes(null) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
        requestId: result.requestId,
        images: result.images.length,
      };
    },
    worst: ({ image }) => image.worstPrice({ count: 1, width: 512, height: 512 }),
    recover: async ({ image }, context, requestId) =>
      (await image.recover(request({ requestId, width: 512, height: 512 }), requestId, context)).state,
  },
  backgroundRemoval: {
    kind: 'removeBackground',
    choose: (provider) =>
      ({
        'processing.removeBackground': true,
        'provider.backgroundRemoval': provider,
      }) as Partial<Settings>,
    call: async (providers, context, id) => ({
      ...(await remover(providers).remove(image, id, context)),
      images: 1,
    }),
    worst: (providers) => remover(providers).worstPrice(),
    recover: async (providers, context, id) => (await remover(providers).recover(id, context)).state,
  },
};

/** As every case of the contract is given it. */
export interface Trial extends Bench {
  provider: KeyedProvider;
  role: Role;
  contract: RoleContract;
  kind: CallKind;
  key: string;
  call: (context?: CallContext, id?: string, count?: number) => Promise<Outcome>;
  /** Scripts a fault for the calls of this role. */
  fault: (fault: Fault) => Promise<void>;
}

export async function trialOf(
  provider: KeyedProvider,
  role: Role,
  contract: RoleContract,
  options: Parameters<typeof bench>[2] = {},
  more: Partial<Settings> = {},
): Promise<Trial> {
  const { kind, choose, call } = roles[role];
  const made = await bench({ ...choose(provider), ...contract.settings, ...more }, {}, options);
  return {
    ...made,
    provider,
    role,
    contract,
    kind,
    key: made.fake.keys[provider],
    call: (context = made.context, id = randomUUID(), count = 1) => call(made.providers, context, id, count),
    fault: (fault) => made.fake.script({ service: provider, kind, ...fault }),
  };
}

export async function failure(promise: Promise<unknown>): Promise<FactoryError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(isFactoryError(error), String(error));
    return error;
  }
  return assert.fail('It came to a result.');
}

/** Fails with this code, as an error of this provider; null: comes to a result. */
export async function endsWith(
  trial: Trial,
  promise: Promise<unknown>,
  code: ErrorCode | null,
): Promise<void> {
  if (code === null) {
    await promise;
    return;
  }
  const error = await failure(promise);
  assert.equal(error.code, code, error.message);
  assert.equal(error.provider, trial.provider);
}
