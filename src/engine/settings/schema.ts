/**
 * Every setting, once. Types, validation, VS Code's configuration, forms, the as-run view and export columns
 * all come from here; keys are written without the prefix `genImageFactory.`.
 */
import type { SettingDefinition, ValueOf } from '../model/settingDefinition.ts';
import { featureSettings } from './features.ts';
import { fileSettings } from './files.ts';
import { generationSettings } from './generation.ts';
import { metadataSettings } from './metadata.ts';
import { parameterSettings } from './parameters.ts';
import { processingSettings } from './processing.ts';

export const settingsSchema = {
  ...fileSettings,
  ...parameterSettings,
  ...generationSettings,
  ...processingSettings,
  ...metadataSettings,
  ...featureSettings,
} as const satisfies Record<string, SettingDefinition>;

type Schema = typeof settingsSchema;
export type AnySettingKey = keyof Schema;

/** Keys of what a job is made of; the rest belongs to the machine or the user. */
export type SettingKey = {
  [K in AnySettingKey]: Schema[K]['scope'] extends 'resource' | 'start' ? K : never;
}[AnySettingKey];
export type HostSettingKey = Exclude<AnySettingKey, SettingKey>;

/** What a job is made of: flat, one entry per setting. */
export type Settings = { [K in SettingKey]: ValueOf<Schema[K]> };

/** What belongs to the machine or the user: service addresses, when to confirm. */
export type HostSettings = { [K in HostSettingKey]: ValueOf<Schema[K]> };

export const settingKeyPrefix = 'genImageFactory.';

export const allSettingKeys = Object.keys(settingsSchema) as readonly AnySettingKey[];

export const settingKeys: readonly SettingKey[] = allSettingKeys.filter(isSettingKey);

export function isSettingKey(key: string): key is SettingKey {
  if (!Object.hasOwn(settingsSchema, key)) return false;
  const { scope } = settingsSchema[key as AnySettingKey];
  return scope === 'resource' || scope === 'start';
}

/** The declaration of a setting, with its kind not narrowed to one key. */
export function definitionOf(key: AnySettingKey): SettingDefinition {
  return settingsSchema[key];
}
