/** The fake of each provider that has a service, and the addresses that stand for them. */
import { forEachKeyed, type Endpoints, type KeyedProvider } from '../../../src/engine/providers/registry.ts';
import { openai } from './openai.ts';
import { piapi } from './piapi.ts';
import { removebg } from './removeBg.ts';
import { runware } from './runware.ts';
import type { Fake } from './service.ts';

export const fakes: Readonly<Record<KeyedProvider, Fake>> = { openai, runware, removebg, piapi };

/** Addresses at which nothing answers, unless the fake servers listen at `api`. */
export function fakeEndpoints(api?: string): Endpoints {
  return forEachKeyed((provider) =>
    api === undefined ? 'http://127.0.0.1:9' : fakes[provider].endpoint(api),
  );
}
