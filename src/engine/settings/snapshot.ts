/** The settings as a job ran with them, beside the settings of now. */
import { inWords } from '../model/message.ts';
import { definitionOf, settingKeys, type SettingKey, type Settings } from './schema.ts';
import { defaultSettings, parseSettings } from './parse.ts';
import { isVisible } from './visibility.ts';
import { messages } from './messages.ts';

/** A frozen copy of what a job is made of. Keys of services and their addresses are no settings of a job, so none are in it. */
export function snapshotOf(settings: Settings): Settings {
  const entries = settingKeys.map((key) => {
    const value: unknown = settings[key];
    return [key, Array.isArray(value) ? Object.freeze([...(value as unknown[])]) : value];
  });
  return Object.freeze(Object.fromEntries(entries)) as Settings;
}

/** What made a job's images: its snapshot, and before its first start what it will be started with. */
export function settingsAsRun<T>({ snapshot, settings }: { snapshot: T | null; settings: T }): T {
  return snapshot ?? settings;
}

/** Settings from a row of the store, which may come from an older version or another hand: bad values become defaults. */
export function storedSettings(json: unknown): Settings {
  return parseSettings(json, defaultSettings()).settings;
}

export interface SettingDifference {
  key: SettingKey;
  before: Settings[SettingKey];
  after: Settings[SettingKey];
}

/** Of two values of a setting. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The settings that differ, in the order of the schema. A setting that is hidden on both sides makes no difference. */
export function differences(before: Settings, after: Settings): SettingDifference[] {
  return settingKeys
    .filter((key) => !sameValue(before[key], after[key]))
    .filter((key) => isVisible(key, before) || isVisible(key, after))
    .map((key) => ({ key, before: before[key], after: after[key] }));
}

function optionLabel(key: SettingKey, value: string): string {
  const definition = definitionOf(key);
  if (!('options' in definition)) return value;
  return definition.options.find((option) => option.value === value)?.label ?? value;
}

/** An image provider as people read it everywhere; the sample provider is named as what it is. */
export function providerLabel(name: string): string {
  return optionLabel('provider.image', name);
}

/** A value as people read it in forms, the as-run view and exports. */
export function shownSetting(key: SettingKey, value: Settings[SettingKey]): string {
  const definition = definitionOf(key);
  const labelOf = (item: string): string => optionLabel(key, item);
  if (value === null) return inWords(messages.notSet());
  if (typeof value === 'boolean') return inWords(value ? messages.on() : messages.off());
  if (typeof value === 'string') return labelOf(value);
  if (typeof value === 'number')
    return definition.unit === undefined ? String(value) : `${value} ${definition.unit}`;
  return value.map(labelOf).join(', ');
}
