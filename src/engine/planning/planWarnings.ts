/** What a person should know before paying, although the job may start. */
import { imageModelFacts, textModelFacts } from '../providers/catalogue.ts';
import type { ImagePurpose } from '../providers/descriptor.ts';
import { limitsOf } from '../providers/limits.ts';
import { shutdownNotice, type ImageModelFacts } from '../providers/modelFacts.ts';
import {
  definitionOf,
  imageModelOf,
  setImageOptions,
  settingWarnings,
  textModelOf,
} from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';

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
  const seen = setImageOptions(settings, untaken(facts)).map((key) => definitionOf(key).label);
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

/** What the model does not take. */
function untaken(facts: ImageModelFacts): ImagePurpose[] {
  return [
    ...(facts.negativePrompt ? [] : (['negativePrompt'] as const)),
    ...(facts.lora ? [] : (['lora'] as const)),
    ...(facts.advanced ? [] : (['advanced'] as const)),
    ...(facts.maxSeed === null ? (['seed'] as const) : []),
  ];
}

function textModelWarnings(settings: Settings, now: number): string[] {
  const facts = textModelFacts(settings['provider.text'], textModelOf(settings));
  if (facts === null) return [];
  const notice = shutdownNotice(facts, now);
  const unknown = facts.known
    ? []
    : [`${facts.id} is not in the list of models: its price is not known here.`];
  return notice === null ? unknown : [...unknown, notice];
}
