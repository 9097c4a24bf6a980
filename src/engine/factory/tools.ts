/** The session as plans see it: who can be called, with which keys, at what time. */
import type { ReplacementTools } from '../planning/replacements.ts';
import type { FactorySession } from './factorySession.ts';

export function toolsOf({ options, now }: FactorySession): ReplacementTools {
  return { endpoints: options.endpoints, keys: options.keys, now };
}
