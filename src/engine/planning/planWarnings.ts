/** What a person should know before paying, although the job may start. */
import type { Message } from '../model/message.ts';
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
import { messages } from './messages.ts';

export function planWarnings(settings: Settings, now: number): Message[] {
  return [
    ...settingWarnings(settings, limitsOf),
    ...imageModelWarnings(settings, now),
    ...textModelWarnings(settings, now),
  ];
}

function imageModelWarnings(settings: Settings, now: number): Message[] {
  const facts = imageModelFacts(settings['provider.image'], imageModelOf(settings));
  if (facts === null) return [];
  const warnings: Message[] = [];
  if (!facts.known) {
    warnings.push(messages.modelUnknown({ model: facts.id }));
  }
  const notice = shutdownNotice(facts, now);
  if (notice !== null) warnings.push(notice);
  const seen = setImageOptions(settings, untaken(facts)).map((key) => definitionOf(key).label);
  if (seen.length > 0) warnings.push(messages.notSent({ model: facts.id, labels: seen.join(', ') }));
  const raster = (
    ['processing.removeBackground', 'processing.enhance', 'processing.convert'] as const
  ).filter((key) => settings[key]);
  if (facts.output === 'vector' && raster.length > 0) {
    const steps = raster.map((key) => definitionOf(key).label).join(', ');
    warnings.push(messages.makesDrawings({ model: facts.id, steps }));
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

function textModelWarnings(settings: Settings, now: number): Message[] {
  const facts = textModelFacts(settings['provider.text'], textModelOf(settings));
  if (facts === null) return [];
  const notice = shutdownNotice(facts, now);
  const unknown = facts.known ? [] : [messages.textModelUnknown({ model: facts.id })];
  return notice === null ? unknown : [...unknown, notice];
}
