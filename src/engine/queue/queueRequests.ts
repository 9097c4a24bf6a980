/** What is written with a run about what it was asked to do. Rows are outside data: they are parsed when read. */
import { z } from 'zod';
import type { SlotPlace } from '../model/slot.ts';
import { parseSettings, isSettingKey } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';

/** How a retry or an approval works on its images. */
export interface ImageRunOptions {
  /** What differs from the settings that made them; empty for "original". */
  changes: Partial<Settings>;
  regenerateMetadata: boolean;
}

export function retryRequest({ changes, regenerateMetadata }: ImageRunOptions): Record<string, unknown> {
  return { settings: changes, regenerateMetadata };
}

const retryShape = z.object({
  settings: z.record(z.string(), z.unknown()).catch({}),
  regenerateMetadata: z.boolean().catch(false),
});

export function readRetryRequest(stored: Record<string, unknown>): ImageRunOptions {
  const read = retryShape.parse(stored);
  // Values that no setting may have are left out, as for a setting that was never changed.
  const { settings, problems } = parseSettings(read.settings);
  const bad = new Set(problems.map(({ key }) => key));
  const changed = Object.keys(read.settings)
    .filter(isSettingKey)
    .filter((key) => !bad.has(key))
    .map((key) => [key, settings[key]] as const);
  return {
    changes: Object.fromEntries(changed),
    regenerateMetadata: read.regenerateMetadata,
  };
}

const slotsShape = z.object({
  slots: z.array(z.object({ generation: z.number(), variation: z.number() })).catch([]),
});

export function slotsRequest(slots: readonly SlotPlace[]): Record<string, unknown> {
  return { slots: slots.map(({ generation, variation }) => ({ generation, variation })) };
}

export function readSlotsRequest(stored: Record<string, unknown>): SlotPlace[] {
  return slotsShape.parse(stored).slots;
}
