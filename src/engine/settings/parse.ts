/** From outside data (settings files, stored JSON, command line) to typed settings, with every bad value named. */
import type { Problem } from '../model/errors.ts';
import { checkValue, problemOf, shownValue } from './check.ts';
import {
  allSettingKeys,
  definitionOf,
  isSettingKey,
  settingKeys,
  settingsSchema,
  type AnySettingKey,
  type HostSettings,
  type Settings,
} from './schema.ts';
import { messages } from './messages.ts';

function copy(value: unknown): unknown {
  return Array.isArray(value) ? [...(value as unknown[])] : value;
}

/** A new object each time, so that a caller may change it. */
export function defaultSettings(): Settings {
  return Object.fromEntries(settingKeys.map((key) => [key, copy(settingsSchema[key].default)])) as Settings;
}

export function defaultHostSettings(): HostSettings {
  const keys = allSettingKeys.filter((key) => !isSettingKey(key));
  return Object.fromEntries(keys.map((key) => [key, settingsSchema[key].default])) as HostSettings;
}

/**
 * Reads a flat object of settings without the prefix. A value of the wrong type or range and an unknown key are
 * problems, and the value is taken from `base`; a missing key is not. Hidden settings are read and checked too.
 */
export function parseSettings(
  input: unknown,
  base: Settings = defaultSettings(),
): { settings: Settings; problems: Problem[] } {
  const settings: Record<string, unknown> = { ...base };
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const told = messages.settingsAre({ value: shownValue(input) });
    return { settings: settings as Settings, problems: [problemOf(null, told, messages.oneObject())] };
  }
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(input)) {
    const problem = isSettingKey(key) ? checkValue(key, value) : unknownKey(key);
    if (problem === null) settings[key] = copy(value);
    else problems.push(problem);
  }
  return { settings: settings as Settings, problems };
}

/** Says why a key cannot be set here, with the nearest known one. */
export function unknownKey(key: string): Problem {
  if (Object.hasOwn(settingsSchema, key)) {
    const told = key.startsWith('endpoints.')
      ? messages.belongsToComputer({ key })
      : messages.belongsToWindow({ key });
    return problemOf(key, told, null);
  }
  const near = nearest(key);
  const told = near === null ? messages.unknownKey({ key }) : messages.unknownKeyNear({ key, near });
  return problemOf(key, told, messages.knownKey());
}

function nearest(key: string): string | null {
  const wanted = key.toLowerCase();
  const scored = settingKeys
    .map((known) => ({ known, distance: editDistance(wanted, known.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (scored !== undefined && scored.distance <= Math.max(2, key.length / 4)) return scored.known;
  const tail = wanted.split('.').at(-1) ?? wanted;
  return settingKeys.find((known) => known.toLowerCase().split('.').at(-1) === tail) ?? null;
}

function editDistance(a: string, b: string): number {
  if (a.length > 80) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * One value from text, as typed on a command line. Lists are separated by commas or lines; an empty text unsets a
 * number that may be unset. Text that does not fit is returned as it is, for `checkValue` to name.
 */
export function valueFromText(key: AnySettingKey, text: string): unknown {
  const definition = definitionOf(key);
  switch (definition.kind) {
    case 'toggle':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'integer':
    case 'number':
      if (text.trim() === '' || text === 'null') return definition.default === null ? null : text;
      return /^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/iu.test(text.trim()) ? Number(text) : text;
    case 'choices':
    case 'lines':
      return text
        .split(/[,\n]/u)
        .map((item) => item.trim())
        .filter((item) => item !== '');
    default:
      return text;
  }
}
