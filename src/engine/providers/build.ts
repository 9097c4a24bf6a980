/** The providers of a job, built from its settings, the addresses and the keys. */
import { FactoryError } from '../model/errors.ts';
import type { Settings } from '../settings/settings.ts';
import { bareAddress, type Account } from './account.ts';
import type { AnyBuilder, ServiceTools } from './builder.ts';
import { builderOf } from './builders.ts';
import { fetchImage } from './download.ts';
import { createHttp } from './http.ts';
import type { PixelOperations } from './pixelOperations.ts';
import type { CallContext, Providers } from './provider.ts';
import type { ProxyEnvironment } from './proxy.ts';
import { createRedactor } from './redaction.ts';
import { accessOf, inSentence, isKeyed, labelOf } from './registry.ts';
import type { Endpoints, KeyedProvider, KeySource, ProviderName } from './registry.ts';
import { messages } from './messages.ts';

export interface ProviderOptions {
  endpoints: Endpoints;
  keys: KeySource;
  images: PixelOperations;
  /** Proxy variables of the process; see `proxyEnvironment`. */
  environment?: ProxyEnvironment;
  now?: () => number;
}

type ProviderSettings = Pick<
  Settings,
  'provider.image' | 'provider.text' | 'provider.backgroundRemoval' | 'processing.removeBackground'
>;

/** What a run will call; a retry that only cuts out backgrounds needs nobody else's key. */
export interface ProviderNeeds {
  text: boolean;
  image: boolean;
  /** Where the settings remove backgrounds at all. */
  background: boolean;
}

export const allNeeds: ProviderNeeds = { text: true, image: true, background: true };

/** The providers whose keys must be there before a run starts, each once. */
export function keysNeeded(settings: ProviderSettings, needs: ProviderNeeds = allNeeds): KeyedProvider[] {
  const names: ProviderName[] = [];
  if (needs.text) names.push(settings['provider.text']);
  if (needs.image) names.push(settings['provider.image']);
  if (needs.background && settings['processing.removeBackground']) {
    names.push(settings['provider.backgroundRemoval']);
  }
  return [...new Set(names)].filter(isKeyed);
}

/**
 * Builds what a run calls. Fails with `key.missing` naming the provider, before anything is sent. A provider
 * that is not needed is there by name, and a call of it fails with `key.missing`. Close the result when the run
 * has ended.
 */
export async function buildProviders(
  settings: Settings,
  options: ProviderOptions,
  needs: ProviderNeeds = allNeeds,
): Promise<Providers> {
  const now = options.now ?? Date.now;
  const keys = await readKeys(keysNeeded(settings, needs), options.keys);
  const redact = createRedactor([...keys.values()]);
  const http = createHttp({ environment: options.environment ?? {} });

  const accountOf = (provider: KeyedProvider): Account => ({
    provider,
    service: labelOf(provider),
    endpoint: bareAddress(options.endpoints[provider]),
    get key() {
      const key = keys.get(provider);
      if (key === undefined) throw keyMissing(provider);
      return key;
    },
    http,
    redact,
    now,
  });

  const fetchFrom =
    (provider: KeyedProvider) =>
    (url: string, kind: 'raster' | 'svg', context: CallContext): Promise<Uint8Array> => {
      const endpoint = options.endpoints[provider];
      const { imageDomain = null } = accessOf(provider);
      const own = imageDomain !== null && new URL(endpoint).hostname.endsWith(`.${imageDomain}`);
      const domain = own ? imageDomain : null;
      return fetchImage(
        url,
        kind,
        { http, service: labelOf(provider), endpoint, domain, redact, now },
        context,
      );
    };

  const toolsFor = (provider: ProviderName): ServiceTools => ({
    settings,
    images: options.images,
    get account() {
      return accountOf(keyed(provider));
    },
    download: (url, context) => fetchFrom(keyed(provider))(url, 'raster', context),
  });

  const make = async <R extends 'text' | 'image' | 'backgroundRemoval'>(
    role: R,
    provider: ProviderName,
  ): Promise<ReturnType<NonNullable<AnyBuilder[R]>>> => {
    const builder = await builderOf(provider);
    const made = builder[role]?.(toolsFor(provider));
    if (made === undefined) throw new FactoryError('settings.invalid', messages.noRole({ provider, role }));
    return made as ReturnType<NonNullable<AnyBuilder[R]>>;
  };

  return {
    text: await make('text', settings['provider.text']),
    image: await make('image', settings['provider.image']),
    background: settings['processing.removeBackground']
      ? await make('backgroundRemoval', settings['provider.backgroundRemoval'])
      : null,
    download: (url, kind, context) => fetchFrom(keyed(settings['provider.image']))(url, kind, context),
    close: () => http.close(),
  };
}

function keyed(provider: ProviderName): KeyedProvider {
  if (isKeyed(provider)) return provider;
  throw new FactoryError('unexpected', messages.noService({ provider: inSentence(provider) }));
}

async function readKeys(
  needed: readonly KeyedProvider[],
  source: KeySource,
): Promise<Map<KeyedProvider, string>> {
  const keys = new Map<KeyedProvider, string>();
  for (const provider of needed) {
    const key = (await source(provider))?.trim() ?? '';
    if (key === '') throw keyMissing(provider);
    // A header takes no line breaks; a key with them was copied wrongly.
    if (!/^[\x21-\x7e]+$/.test(key)) {
      throw new FactoryError('provider.auth', messages.oddKey({ provider: labelOf(provider) }), { provider });
    }
    keys.set(provider, key);
  }
  return keys;
}

function keyMissing(provider: KeyedProvider): FactoryError {
  return new FactoryError('key.missing', messages.noKey({ provider: labelOf(provider) }), { provider });
}
