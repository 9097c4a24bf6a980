/** What the catalogues say to the settings: which images a chosen model can make. */
import type { LimitsOf } from '../settings/settings.ts';
import { imageModelFacts } from './catalogue.ts';
import { checkSize } from './modelFacts.ts';

/** Null for providers without sizes of their own. */
export const limitsOf: LimitsOf = (provider, model) => {
  const facts = imageModelFacts(provider, model);
  if (facts === null) return null;
  return {
    vectorOnly: facts.output === 'vector',
    checkSize: (width, height) => checkSize(facts, width, height),
  };
};
