/** What the catalogue says to the settings: which pictures a chosen model can make. */
import type { LimitsOf } from '../settings/settings.ts';
import { checkSize, openaiImageModel, runwareModel } from './catalogue.ts';

/** Null for providers without sizes of their own (Midjourney takes aspect ratios, the sample provider any size). */
export const limitsOf: LimitsOf = (provider, model) => {
  if (provider !== 'runware' && provider !== 'openai') return null;
  const facts = provider === 'runware' ? runwareModel(model) : openaiImageModel(model);
  return {
    vectorOnly: facts.output === 'vector',
    checkSize: (width, height) => checkSize(facts, width, height),
  };
};
