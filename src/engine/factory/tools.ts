/** The session as plans see it: who can be called, with which keys, at what time. */
import type { ReplacementTools } from '../planning/replacements.ts';
import type { Session } from './session.ts';

export function toolsOf({ options, now }: Session): ReplacementTools {
  return { endpoints: options.endpoints, keys: options.keys, now };
}
