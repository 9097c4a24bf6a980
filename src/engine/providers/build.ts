/** The providers of a job, built from its settings, the addresses and the keys. */
import { FactoryError } from '../model/errors.ts';
import type { Settings } from '../settings/settings.ts';
import type { Account } from './account.ts';
import { download } from './download.ts';
import { createHttp } from './http.ts';
import { createOpenAiImage } from './openaiImage.ts';
import { createOpenAiText } from './openaiText.ts';
import { createPiapi } from './piapi.ts';
import type { PictureWork } from './pictureWork.ts';
import type {
  BackgroundRemover,
  CallContext,
  Endpoints,
  ImageModel,
  KeyedProvider,
  KeySource,
  ProviderName,
  Providers,
} from './provider.ts';
import { serviceNames } from './provider.ts';
import type { ProxyEnvironment } from './proxy.ts';
import { createRedactor } from './redaction.ts';
import { createRemoveBg } from './removeBg.ts';
import { createRunware } from './runware.ts';
import { createRunwareBackground } from './runwareBackground.ts';
import type { SampleProvider } from './sample.ts';

export interface ProviderOptions {
  endpoints: Endpoints;
  keys: KeySource;
  pictures: PictureWork;
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
  return [...new Set(names)].filter((name): name is KeyedProvider => name !== 'sample');
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
    service: serviceNames[provider],
    endpoint: options.endpoints[provider],
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
    (provider: ProviderName) =>
    (url: string, kind: 'raster' | 'svg', context: CallContext): Promise<Uint8Array> => {
      if (provider === 'sample') {
        throw new FactoryError('unexpected', 'The sample provider names no addresses.');
      }
      const endpoint = options.endpoints[provider];
      const own = provider === 'runware' && new URL(endpoint).hostname.endsWith('.runware.ai');
      const domain = own ? 'runware.ai' : null;
      return download(
        url,
        kind,
        { http, service: serviceNames[provider], endpoint, domain, redact, now },
        context,
      );
    };
  const fetchRaster =
    (provider: KeyedProvider) =>
    (url: string, context: CallContext): Promise<Uint8Array> =>
      fetchFrom(provider)(url, 'raster', context);

  const images: Record<ProviderName, () => Promise<ImageModel>> = {
    runware: () => Promise.resolve(createRunware(accountOf('runware'), settings)),
    openai: () => Promise.resolve(createOpenAiImage(accountOf('openai'), settings)),
    piapi: () =>
      Promise.resolve(createPiapi(accountOf('piapi'), settings, options.pictures, fetchRaster('piapi'))),
    sample: async () => (await sampleProvider()).image,
    removebg: () => Promise.reject(new FactoryError('settings.invalid', 'Remove.bg makes no images.')),
  };
  const removers: Record<Settings['provider.backgroundRemoval'], () => Promise<BackgroundRemover>> = {
    runware: () => Promise.resolve(createRunwareBackground(accountOf('runware'), fetchRaster('runware'))),
    removebg: () =>
      Promise.resolve(
        createRemoveBg(accountOf('removebg'), settings['processing.removeBgSize'], options.pictures),
      ),
    sample: async () => (await sampleProvider()).background,
  };

  const text =
    settings['provider.text'] === 'sample'
      ? (await sampleProvider()).text
      : createOpenAiText(accountOf('openai'), settings['openai.model'], options.pictures);
  return {
    text,
    image: await images[settings['provider.image']](),
    background: settings['processing.removeBackground']
      ? await removers[settings['provider.backgroundRemoval']]()
      : null,
    download: fetchFrom(settings['provider.image']),
    close: () => http.close(),
  };
}

/** Loaded when a job asks for it: it draws, and its drawings are large. */
async function sampleProvider(): Promise<SampleProvider> {
  const { createSampleProvider } = await import('./sample.ts');
  return createSampleProvider();
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
      throw new FactoryError(
        'provider.auth',
        `The ${serviceNames[provider]} API key holds spaces or other characters that no key has. Set it again.`,
        { provider },
      );
    }
    keys.set(provider, key);
  }
  return keys;
}

function keyMissing(provider: KeyedProvider): FactoryError {
  return new FactoryError(
    'key.missing',
    `There is no ${serviceNames[provider]} API key. Set one, or choose another provider.`,
    { provider },
  );
}
