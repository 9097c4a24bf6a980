/** Events that elements send up to their view. */
import type { ViewName, ViewTarget } from '../protocol.ts';

export interface ViewEvents {
  /** Something failed: the view shows it, with a remedy. */
  'view-error': unknown;
  /** Said to screen readers, politely. */
  'view-announce': string;
  'view-open': { view: ViewName; target?: ViewTarget };
}

export function send<K extends keyof ViewEvents>(from: EventTarget, name: K, detail: ViewEvents[K]): void {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

/** An event of one element for its parent. */
export function emitWritten(from: EventTarget, name: string, detail?: unknown): void {
  from.dispatchEvent(new CustomEvent(name, { detail }));
}

/** Whether the event comes from a field that takes text, whose keys are its own. */
export function isTyping(event: Event): boolean {
  return event.composedPath().some((e) => e instanceof HTMLElement && e.matches('input, textarea'));
}
