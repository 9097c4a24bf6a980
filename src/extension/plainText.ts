/** Names and reasons from outside, for what VS Code shows: notifications, lists, trees, the status bar. */
import { withoutSteering } from '../engine/model/steering.ts';

/** A mark that nobody sees keeps the two signs apart. */
export function plainText(text: string): string {
  return withoutSteering(text, (char) => (char === '\n' ? char : ' ')).replace(/([\]$])\(/g, '$1\u2060(');
}
