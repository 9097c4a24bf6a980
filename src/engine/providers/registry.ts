/**
 * Every provider's descriptor: the only place that lists them (`builders.ts` has what calls them). Lies below the
 * settings and reaches the views, so nothing of Node comes in here.
 */
import type { SettingDefinition, SettingSection } from '../model/settingDefinition.ts';
import type { ProviderDescriptor, Role } from './descriptor.ts';
import { openai } from './openai/descriptor.ts';
import { piapi } from './piapi/descriptor.ts';
import { removebg } from './removebg/descriptor.ts';
import { runware } from './runware/descriptor.ts';
import { sample } from './sample/descriptor.ts';

/** In the order in which people meet them. */
export const descriptors = [openai, runware, removebg, piapi, sample] as const;

/** Chosen unless the settings say otherwise, and first wherever one is chosen. */
export const defaultProviders = {
  text: 'openai',
  image: 'runware',
  backgroundRemoval: 'runware',
} as const satisfies Partial<Record<Role, ProviderName>>;

type Descriptor = (typeof descriptors)[number];
export type ProviderName = Descriptor['name'];
export type DescriptorOf<N extends ProviderName> = Extract<Descriptor, { name: N }>;
/** Providers that need a key. */
export type KeyedProvider = Exclude<Descriptor, { access: null }>['name'];
export type ProviderFor<R extends Role> = Extract<Descriptor, { roles: Record<R, unknown> }>['name'];

/** Base URLs, from machine-scoped settings or the command line. */
export type Endpoints = Record<KeyedProvider, string>;

/** Asks for a key when it is needed; null when there is none. Keys are never kept by the engine. */
export type KeySource = (provider: KeyedProvider) => Promise<string | null>;

const byName = new Map<string, ProviderDescriptor>(
  descriptors.map((descriptor) => [descriptor.name, descriptor]),
);

export function descriptorOf(provider: ProviderName): ProviderDescriptor {
  const descriptor = byName.get(provider);
  if (descriptor === undefined) throw new Error(`There is no provider ${provider}.`);
  return descriptor;
}

export function isKeyed(provider: ProviderName): provider is KeyedProvider {
  return descriptorOf(provider).access !== null;
}

export const keyedProviders: readonly KeyedProvider[] = descriptors.map(({ name }) => name).filter(isKeyed);

/** A service as people read it: "OpenAI". */
export function labelOf(provider: KeyedProvider): string {
  return descriptorOf(provider).label;
}

/** A provider's name in a sentence, also of one that is no longer known. */
export function inSentence(provider: string): string {
  const descriptor = byName.get(provider);
  return descriptor?.inSentence ?? descriptor?.label ?? provider;
}

/** The provider for trying out that can do something. */
export function trialProvider<R extends keyof typeof defaultProviders>(role: R): ProviderFor<R> {
  const name = providersFor(role).find((candidate) => trialBadge(candidate) !== null);
  if (name === undefined) throw new Error(`No provider for trying out has the role ${role}.`);
  return name;
}

/** The word that marks what a provider for trying out made; null for all others. */
export function trialBadge(provider: string): string | null {
  return byName.get(provider)?.trialBadge ?? null;
}

/** The setting to look at when a provider's account or model is the trouble. */
export function remedyOf(provider: string | null): string | null {
  return provider === null ? null : (byName.get(provider)?.remedy ?? null);
}

export function accessOf(provider: KeyedProvider): NonNullable<ProviderDescriptor['access']> {
  const { access } = descriptorOf(provider);
  if (access === null) throw new Error(`${provider} takes no key.`);
  return access;
}

/** The environment variable that stands in for a key. */
export function keyVariable(provider: KeyedProvider): string {
  return accessOf(provider).variable;
}

/** As rows and buttons call a provider's key. */
export function keyLabel(provider: KeyedProvider): string {
  return accessOf(provider).keyLabel ?? `${labelOf(provider)} API Key`;
}

/** Something for each keyed provider. */
export function forEachKeyed<T>(make: (provider: KeyedProvider) => T): Record<KeyedProvider, T> {
  return Object.fromEntries(keyedProviders.map((provider) => [provider, make(provider)])) as Record<
    KeyedProvider,
    T
  >;
}

/** Who can do something, the default first. */
export function providersFor<R extends keyof typeof defaultProviders>(role: R): ProviderFor<R>[] {
  const names = descriptors.filter(({ roles }) => role in roles).map(({ name }) => name as ProviderFor<R>);
  const first: string = defaultProviders[role];
  return [...names.filter((name) => name === first), ...names.filter((name) => name !== first)];
}

/** The choice between them, for a form. */
export function choicesFor<R extends keyof typeof defaultProviders>(
  role: R,
): { value: ProviderFor<R>; label: string }[] {
  return providersFor(role).map((value) => {
    const { choice, label } = descriptorOf(value);
    return { value, label: choice ?? label };
  });
}

/** Image providers that read a setting: it is shown for them alone. */
export function imageProvidersReading(key: string): ProviderFor<'image'>[] {
  return providersFor('image').filter((name) =>
    Object.values(descriptorOf(name).roles.image?.reads ?? {}).includes(key),
  );
}

type Merged<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
type BroughtSettings = Merged<Descriptor['settings']>;
export type ProviderSettings<S extends SettingSection> = {
  [K in keyof BroughtSettings as BroughtSettings[K] extends { section: S } ? K : never]: BroughtSettings[K];
};

/** The settings that providers bring to a section, those of the default image provider first. */
export function providerSettings<S extends SettingSection>(section: S): ProviderSettings<S> {
  const names = new Set<ProviderName>([defaultProviders.image, ...descriptors.map(({ name }) => name)]);
  const entries = [...names]
    .flatMap((name) => Object.entries(descriptorOf(name).settings))
    .filter(([, definition]) => definition.section === section)
    .map(([key, definition]) => [key, shared(key, definition)]);
  return Object.fromEntries(entries) as ProviderSettings<S>;
}

/** What one provider brings and others read is shown for all of them. */
function shared(key: string, definition: SettingDefinition): SettingDefinition {
  const readers = imageProvidersReading(key);
  return readers.length < 2
    ? definition
    : { ...definition, when: { ...definition.when, 'provider.image': readers } };
}

/** The addresses of the services as settings. */
export type EndpointKey = `endpoints.${KeyedProvider}`;
export function endpointSettings<T>(
  make: (service: { label: string; default: string; of: string }) => T,
): Record<EndpointKey, T> {
  const entries = keyedProviders.map((provider) => [
    `endpoints.${provider}`,
    make({ label: labelOf(provider), ...accessOf(provider).endpoint }),
  ]);
  return Object.fromEntries(entries) as Record<EndpointKey, T>;
}
