/** The fake providers in place of the real ones: their addresses in the user's settings, their keys in the environment. */
import { ConfigurationTarget, workspace } from 'vscode';
import { startFakeProviders } from '../support/providers/fakeProviders.ts';
import type { FakeOptions, FakeProviders } from '../support/providers/fakeProviders.ts';
import type { TestApi } from '../../src/extension/extension.ts';
import { configure, expectSoon } from './host.ts';

export interface Fakes extends FakeProviders {
  /** Takes everything back. */
  end(): Promise<void>;
}

async function useEndpoints(endpoints: Record<string, string | undefined>): Promise<void> {
  const user = workspace.getConfiguration('genImageFactory');
  for (const [provider, address] of Object.entries(endpoints)) {
    await user.update(`endpoints.${provider}`, address, ConfigurationTarget.Global);
  }
}

/** Whether a cost is asked about is the user's own setting. */
async function confirmAbove(usd: number | undefined): Promise<void> {
  const user = workspace.getConfiguration('genImageFactory');
  await user.update('budget.confirmAbove', usd, ConfigurationTarget.Global);
}

/** Jobs use Runware and OpenAI from here on, and start without a question although they cost. */
export async function useFakes(api: TestApi, options: FakeOptions = {}): Promise<Fakes> {
  const fake = await startFakeProviders(options);
  await useEndpoints(fake.endpoints);
  await confirmAbove(1000);
  Object.assign(process.env, fake.environment);
  await configure({
    'provider.image': 'runware',
    'provider.text': 'openai',
    'runware.dimensions': '128x128',
    'generation.retryBackoffMs': 5,
  });
  await expectSoon(
    'the addresses of the fake providers',
    () => api.session.configuration.endpoints().runware === fake.endpoints.runware,
  );
  // Opened anew with them, unless it was not open.
  await expectSoon('a factory with the new addresses', async () => {
    await api.session.factory();
    return api.session.current() !== null;
  });
  return {
    ...fake,
    async end() {
      for (const name of Object.keys(fake.environment)) Reflect.deleteProperty(process.env, name);
      const none = Object.keys(fake.endpoints).map((provider) => [provider, undefined] as const);
      await useEndpoints(Object.fromEntries(none));
      await confirmAbove(undefined);
      await configure({
        'runware.dimensions': undefined,
        'generation.retryBackoffMs': undefined,
      });
      await fake.close();
    },
  };
}
