/** What a person should know before paying, although the job may start. */
import { imageModelFacts, shutdownNotice, textModel } from '../providers/catalogue.ts';
import { limitsOf } from '../providers/limits.ts';
import { definitionOf, imageModelOf, isVisible, settingWarnings } from '../settings/settings.ts';
import type { SettingKey, Settings } from '../settings/settings.ts';

export function planWarnings(settings: Settings, now: number): string[] {
  return [
    ...settingWarnings(settings, limitsOf),
    ...imageModelWarnings(settings, now),
    ...textModelWarnings(settings, now),
  ];
}

function imageModelWarnings(settings: Settings, now: number): string[] {
  const facts = imageModelFacts(settings['provider.image'], imageModelOf(settings));
  if (facts === null) return [];
  const warnings: string[] = [];
  if (!facts.known) {
    warnings.push(`${facts.id} is not in the list of models: its price and limits are not known here.`);
  }
  const notice = shutdownNotice(facts, now);
  if (notice !== null) warnings.push(notice);
  const ignored: SettingKey[] = [];
  if (!facts.negativePrompt && settings['generation.negativePrompt'].trim() !== '') {
    ignored.push('generation.negativePrompt');
  }
  if (!facts.lora && settings['runware.loraEnabled']) ignored.push('runware.loraEnabled');
  if (!facts.advanced && settings['runware.advancedEnabled']) ignored.push('runware.advancedEnabled');
  if (facts.maxSeed === null && settings['generation.seed'] !== null) ignored.push('generation.seed');
  const seen = ignored.filter((key) => isVisible(key, settings)).map((key) => definitionOf(key).label);
  if (seen.length > 0) warnings.push(`${facts.id} does not take: ${seen.join(', ')}. They are not sent.`);
  const raster = (
    ['processing.removeBackground', 'processing.enhance', 'processing.convert'] as const
  ).filter((key) => settings[key]);
  if (facts.output === 'vector' && raster.length > 0) {
    const steps = raster.map((key) => definitionOf(key).label).join(', ');
    warnings.push(`${facts.id} makes SVG, which is delivered as it is: ${steps} will be skipped.`);
  }
  return warnings;
}

function textModelWarnings(settings: Settings, now: number): string[] {
  if (settings['provider.text'] !== 'openai') return [];
  const facts = textModel(settings['openai.model'].trim());
  const notice = shutdownNotice(facts, now);
  const unknown = facts.known
    ? []
    : [`${facts.id} is not in the list of models: its price is not known here.`];
  return notice === null ? unknown : [...unknown, notice];
}
