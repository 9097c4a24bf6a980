/**
 * What is known of a provider without calling it. Data and pure look-ups only: descriptors lie below the settings,
 * which take keys, choices and addresses from them, and reach every face, the views included. What calls the
 * provider is its builder (`builder.ts`).
 */
import type { MicroUsd } from '../model/money.ts';
import type { SettingDefinition } from '../model/settingDefinition.ts';
import type { ImageModelFacts, TextModelFacts } from './modelFacts.ts';

/** What a provider can be chosen for. */
export type Role = 'text' | 'vision' | 'image' | 'backgroundRemoval';

/** `Key` is a setting's key; the schema checks that each exists. */
export interface ProviderDescriptor<Key extends string = string> {
  /** As settings, rows and the command line call it; also the name of its folder. */
  readonly name: string;
  /** The service as people read it. */
  readonly label: string;
  /** In the middle of a sentence, where that differs from the label. */
  readonly inSentence?: string;
  /** In a list to choose from, where that differs from the label. */
  readonly choice?: string;
  /** Null for a provider without key and network. */
  readonly access: ServiceAccess | null;
  /** For trying the product: free, offline, and marked by this word wherever its images are shown. */
  readonly trialBadge?: string;
  readonly roles: {
    readonly text?: ChatRole<Key>;
    readonly vision?: ChatRole<Key>;
    readonly image?: ImageRole<Key>;
    readonly backgroundRemoval?: BackgroundRole<Key>;
  };
  /** Settings that it brings along, in the order of the forms. Others may read them too, by naming them in `reads`. */
  readonly settings: Readonly<Record<string, SettingDefinition>>;
  /** The setting to look at when the account or the model is the trouble. */
  readonly remedy: Key | null;
  /** The day when its prices and shutdown dates were last read, `YYYY-MM-DD`. */
  readonly pricesAsOf: string;
  readonly retirement?: Retirement;
}

export interface ServiceAccess {
  /** Stands in for a key that is not stored. */
  readonly variable: string;
  /** As the rows of keys call it, where that is not "<label> API Key". */
  readonly keyLabel?: string;
  readonly endpoint: {
    readonly default: string;
    /** "Base URL of …". */
    readonly of: string;
  };
  /** The service's own images lie below this domain; compatible services may name any public host. */
  readonly imageDomain?: string;
}

export interface ChatRole<Key extends string> {
  /** The setting that names the model; null where there is nothing to choose. */
  readonly model: Key | null;
  /** Null without a catalogue. */
  readonly facts: ((model: string) => TextModelFacts) | null;
  /** The dearest known price of one call, where there is no catalogue. */
  readonly price: MicroUsd | null;
}

/** What an image provider may read from the settings beside its own. */
export type ImagePurpose =
  | 'model'
  | 'quality'
  | 'sizes'
  | 'format'
  | 'negativePrompt'
  | 'lora'
  | 'advanced'
  | 'seed'
  | 'pollingInterval';

export interface ImageRole<Key extends string> {
  /** Shared settings are shown and used for every provider that reads them. */
  readonly reads: Readonly<Partial<Record<ImagePurpose, Key>>>;
  /** What makes the images where no setting names a model. */
  readonly model: string;
  /** Null without a catalogue. */
  readonly facts: ((model: string, quality: string) => ImageModelFacts) | null;
  /** The dearest known price of one image, where there is no catalogue. */
  readonly price: MicroUsd | null;
  /** The most images of one request, where there is no catalogue. */
  readonly maxPerRequest: number;
  /** A model that makes vector images, as an example for people. */
  readonly vectorExample?: string;
  /** Takes flags out of a prompt that mean something to this provider only. */
  readonly withoutFlags?: (prompt: string) => string;
}

export interface BackgroundRole<Key extends string> {
  /** Settings that change the result. */
  readonly reads: readonly Key[];
  /** The dearest known price of one image. */
  readonly price: MicroUsd | null;
}

/** Announced by the service for its own host: services that speak like it go on under addresses of their own. */
export interface Retirement {
  /** The moment that was announced, with its offset; people are told its date. */
  readonly at: string;
  /** What ends. */
  readonly what: string;
  readonly host: string;
}
