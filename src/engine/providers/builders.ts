/** How each provider of `registry.ts` is called; loaded when a job or a key test asks for it. Node only. */
import type { AnyBuilder, Builder, KeyTest } from './builder.ts';
import type { KeyedProvider, ProviderName } from './registry.ts';

const builders: { readonly [N in ProviderName]: () => Promise<{ builder: Builder<N> }> } = {
  openai: () => import('./openai/build.ts'),
  runware: () => import('./runware/build.ts'),
  removebg: () => import('./removebg/build.ts'),
  piapi: () => import('./piapi/build.ts'),
  sample: () => import('./sample/build.ts'),
};

export async function builderOf(provider: ProviderName): Promise<AnyBuilder> {
  return (await builders[provider]()).builder;
}

export async function keyTestOf(provider: KeyedProvider): Promise<KeyTest['testKey']> {
  return (await builders[provider]()).builder.testKey;
}
