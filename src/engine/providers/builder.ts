/** What calls a provider, made by `build.ts` of its folder. The type asks for each role that the descriptor names. */
import type { Settings } from '../settings/settings.ts';
import type { Account } from './account.ts';
import type { PixelOperations } from './pixelOperations.ts';
import type { BackgroundRemover, CallContext, ImageModel, TextModel } from './provider.ts';
import type { DescriptorOf, KeyedProvider, ProviderName } from './registry.ts';
import type { Message } from '../model/message.ts';

export interface Tools {
  settings: Settings;
  images: PixelOperations;
}

export interface ServiceTools extends Tools {
  account: Account;
  /** Fetches an image from an address that the service named. */
  download: (url: string, context: CallContext) => Promise<Uint8Array>;
}

interface Made {
  /** Also what the role `vision` is answered by. */
  text: TextModel;
  image: ImageModel;
  backgroundRemoval: BackgroundRemover;
}

type Makes<R extends keyof Made, T> = { readonly [Name in R]: (tools: T) => Made[Name] };
type ToolsOf<N> = N extends KeyedProvider ? ServiceTools : Tools;

/** The cheapest authenticated call, in words for people; fails with `provider.auth` when the key is refused. */
export interface KeyTest {
  readonly testKey: (account: Account, signal: AbortSignal) => Promise<Message>;
}

export type Builder<N extends ProviderName> = Makes<
  Extract<keyof DescriptorOf<N>['roles'], keyof Made>,
  ToolsOf<N>
> &
  (N extends KeyedProvider ? KeyTest : unknown);

/** Any of them, for those who do not care which. */
export type AnyBuilder = Partial<Makes<keyof Made, ServiceTools> & KeyTest>;
