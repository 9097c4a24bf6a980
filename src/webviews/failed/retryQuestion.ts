/** What Retry asks: with which settings, and whether to describe the images anew. */
import type { Settings } from '../../engine/settings/settings.ts';
import { defaultSettings, definitionOf, settingKeys } from '../../engine/settings/settings.ts';

export interface RetryChoice {
  original: boolean;
  regenerateMetadata: boolean;
}

/** The settings of the retry form, and nothing else, from a whole set. */
export function retrySettings(settings: Settings): Partial<Settings> {
  const keys = settingKeys.filter((key) => definitionOf(key).forms.includes('retry'));
  return Object.fromEntries(keys.map((key) => [key, settings[key]]));
}

/** What the form begins with: the job's own settings where all images are of one job, else the defaults. */
export function initialRetrySettings(job: Settings | null): Settings {
  return { ...defaultSettings(), ...job };
}
