/** What the settings choose: providers, their models and sizes, by whatever keys the chosen provider reads them. */
import type { ImagePurpose, ProviderDescriptor } from '../providers/descriptor.ts';
import { descriptors, trialProvider, type ProviderName } from '../providers/registry.ts';
import { parseDimensions, type Size } from './grammar.ts';
import type { SettingKey, Settings } from './schema.ts';
import { isVisible } from './visibility.ts';

/** Does not compile where a descriptor names a setting that is not declared. */
const known: readonly ProviderDescriptor<SettingKey>[] = descriptors;
const byName = new Map(known.map((descriptor) => [descriptor.name, descriptor]));

function descriptor(name: ProviderName): ProviderDescriptor<SettingKey> {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`There is no provider ${name}.`);
  return found;
}

/** The setting by which the chosen image provider is told something; null where it takes no such thing. */
export function imageSetting(settings: Settings, purpose: ImagePurpose): SettingKey | null {
  return descriptor(settings['provider.image']).roles.image?.reads[purpose] ?? null;
}

function textOf(settings: Settings, key: SettingKey | null | undefined): string | null {
  const value = key === null || key === undefined ? null : settings[key];
  return typeof value === 'string' ? value.trim() : null;
}

/** The name of the model that makes the images. */
export function imageModelOf(settings: Settings): string {
  const name = settings['provider.image'];
  return textOf(settings, imageSetting(settings, 'model')) ?? descriptor(name).roles.image?.model ?? name;
}

/** A model of the provider that makes vector images, as an example; null where none is known. */
export function vectorExampleOf(provider: Settings['provider.image']): string | null {
  return descriptor(provider).roles.image?.vectorExample ?? null;
}

export function imageQualityOf(settings: Settings): string | undefined {
  return textOf(settings, imageSetting(settings, 'quality')) ?? undefined;
}

/** The name of the model that writes, checks and describes. */
export function textModelOf(settings: Settings): string {
  const name = settings['provider.text'];
  return textOf(settings, descriptor(name).roles.text?.model) ?? name;
}

/** The sizes that generations take in turn; none where the provider takes none, or where they are unreadable. */
export function imageSizes(settings: Settings): Size[] {
  return parseDimensions(textOf(settings, imageSetting(settings, 'sizes')) ?? '').values;
}

/** The background remover with what changes its result: equal keys, equal cutouts. */
export function cutoutKey(settings: Settings): string {
  const name = settings['provider.backgroundRemoval'];
  const reads = descriptor(name).roles.backgroundRemoval?.reads ?? [];
  return [name, ...reads.map((key) => String(settings[key]))].join(' ');
}

/** Everything by the provider for trying out: free, without key and network. */
export const trialSettings = {
  'provider.image': trialProvider('image'),
  'provider.text': trialProvider('text'),
  'provider.backgroundRemoval': trialProvider('backgroundRemoval'),
} as const satisfies Partial<Settings>;

/** What an image is told of the model beyond the prompt, as far as it is set and in use. */
export function setImageOptions(settings: Settings, purposes: readonly ImagePurpose[]): SettingKey[] {
  return purposes
    .map((purpose) => imageSetting(settings, purpose))
    .filter((key) => key !== null)
    .filter((key) => isVisible(key, settings) && isSet(settings[key]));
}

function isSet(value: Settings[SettingKey]): boolean {
  return value !== null && value !== false && (typeof value !== 'string' || value.trim() !== '');
}
