/** What the engine tells, as people read it; empty where it tells nothing. */
import { inWords } from '../../../src/engine/model/message.ts';
import type { Message } from '../../../src/engine/model/message.ts';

export function wordsOf(message: Message | null | undefined): string {
  return message === null || message === undefined ? '' : inWords(message);
}

/** Of a problem, a hint or a notice. */
export function said(one: { told: Message } | null | undefined): string {
  return wordsOf(one?.told);
}
