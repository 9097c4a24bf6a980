/** The providers of a run: adapters, keys, addresses and the pixel work that some of them need. */
import type { PixelOperations } from '../providers/pixelOperations.ts';
import { buildProviders } from '../providers/build.ts';
import type { ProviderNeeds } from '../providers/build.ts';
import type { Providers } from '../providers/provider.ts';
import { proxyEnvironment } from '../providers/proxy.ts';
import { workOnPixels } from '../images/pixelPool.ts';
import { acceptImage } from '../images/sniff.ts';
import type { Settings } from '../settings/settings.ts';
import type { FactoryOptions } from './contract.ts';

/** Fails with `key.missing`, naming the provider. */
export function providersFor(
  options: FactoryOptions,
): (settings: Settings, needs: ProviderNeeds) => Promise<Providers> {
  return (settings, needs) =>
    buildProviders(
      settings,
      {
        endpoints: options.endpoints,
        keys: options.keys,
        images,
        environment: proxyEnvironment(options.environment ?? {}),
        ...(options.now === undefined ? {} : { now: options.now }),
      },
      needs,
    );
}

const images: PixelOperations = {
  sizeOf(bytes) {
    const { width, height } = acceptImage(bytes);
    return { width, height };
  },
  cutGrid: (bytes, signal) => workOnPixels('cutGrid', { bytes }, signal),
  shrink: (bytes, maxPixels, signal) => workOnPixels('shrink', { bytes, maxPixels }, signal),
};
