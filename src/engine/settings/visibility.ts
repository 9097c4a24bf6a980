/** Which settings matter under the present values: a hidden one keeps its value but is not used (S4). */
import { definitionOf, type AnySettingKey, type Settings } from './schema.ts';

/** True when its own condition holds and every setting that it depends on is itself visible. */
export function isVisible(key: AnySettingKey, settings: Settings): boolean {
  const { when } = definitionOf(key);
  if (when === undefined) return true;
  return Object.entries(when).every(([other, values]) => {
    const value: unknown = settings[other as keyof Settings];
    return values.some((allowed) => allowed === value) && isVisible(other as AnySettingKey, settings);
  });
}
