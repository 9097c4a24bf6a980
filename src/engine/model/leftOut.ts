/** What a finished export could not take along: dialog, message and terminal say the same. */
import type { Message } from './message.ts';
import { messages } from './messages.ts';

/** Null when everything that was asked for is in it. */
export function leftOutMessage(what: 'images' | 'jobs', count: number): Message | null {
  if (count === 0) return null;
  if (what === 'jobs') return count === 1 ? messages.jobLeftOut() : messages.jobsLeftOut({ count });
  return count === 1 ? messages.imageLeftOut() : messages.imagesLeftOut({ count });
}
