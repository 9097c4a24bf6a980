/** Providers of a job against the fake servers, as every test here needs them. */
import { randomUUID } from 'node:crypto';
import { cutGrid } from '../../../src/engine/images/pixels/transform.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { shrink } from '../../../src/engine/images/pixels/shrink.ts';
import { buildProviders } from '../../../src/engine/providers/build.ts';
import type { ProviderOptions } from '../../../src/engine/providers/build.ts';
import type { PixelOperations } from '../../../src/engine/providers/pixelOperations.ts';
import type { CallContext, ImageRequest, Providers } from '../../../src/engine/providers/provider.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { patience } from '../../support/patience.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeOptions, FakeProviders } from '../../support/providers/fakeProviders.ts';

export interface Bench {
  fake: FakeProviders;
  providers: Providers;
  /** Debug rows of all calls. */
  rows: string[];
  context: CallContext;
}

const open: { close(): unknown }[] = [];

/** Starts the servers and builds the providers; `closeAll` ends both. */
export async function bench(
  settings: Partial<Settings> = {},
  fakeOptions: FakeOptions = {},
  options: Partial<ProviderOptions> = {},
): Promise<Bench> {
  const fake = await startFakeProviders(fakeOptions);
  open.push(fake);
  const providers = await providersFor(fake, settings, options);
  const rows: string[] = [];
  return { fake, providers, rows, context: contextOf(rows) };
}

export const images: PixelOperations = { cutGrid, shrink, sizeOf: acceptImage };

export async function providersFor(
  fake: FakeProviders,
  settings: Partial<Settings> = {},
  options: Partial<ProviderOptions> = {},
): Promise<Providers> {
  const providers = await buildProviders(
    // Polls follow each other at once.
    { ...defaultSettings(), 'generation.pollingIntervalSeconds': 0.01, ...settings },
    {
      endpoints: fake.endpoints,
      keys: (provider) => Promise.resolve(fake.keys[provider]),
      images,
      ...options,
    },
  );
  open.push(providers);
  return providers;
}

export function contextOf(rows: string[] = [], timeoutMs = patience): CallContext {
  return { signal: new AbortController().signal, timeoutMs, debug: (message) => rows.push(message) };
}

export function request(values: Partial<ImageRequest> = {}): ImageRequest {
  return {
    requestId: randomUUID(),
    prompt: 'A red fox in the snow',
    generation: 0,
    count: 1,
    width: 256,
    height: 256,
    seed: null,
    ...values,
  };
}

export const accepted = (): void => undefined;

export async function closeAll(): Promise<void> {
  for (const one of open.splice(0).reverse()) await one.close();
}
