/**
 * What a menu, a key or a click is about. The element that shows an image or a job says so in its own template, by
 * `data-vscode-context`; it shows that one thing for as long as it lives. Whoever acts asks here, at that moment:
 * nothing else remembers what was pointed at.
 */
import type { FailedSlot } from '../../engine/model/image.ts';
import type { JobSummary } from '../../engine/model/job.ts';
import type { ImageTile, MenuContext, Subject } from '../protocol.ts';
import type { Selection } from './selection.ts';
import { emptySelection, withChosen } from './selection.ts';

export function imageSubject({ id }: Pick<ImageTile, 'id'>): string {
  return JSON.stringify({ webviewSection: 'image', imageId: id } satisfies Subject);
}

export function jobSubject({ id, status }: Pick<JobSummary, 'id' | 'status'>): string {
  return JSON.stringify({ webviewSection: 'job', jobId: id, jobStatus: status } satisfies Subject);
}

/** The key of a row that shows a slot without an image. */
export function slotKey({ jobId, generation, variation }: FailedSlot): string {
  return `${jobId} ${generation} ${variation}`;
}

/** The element under the pointer, or with the focus, that says what it shows. The view itself is outside shadow roots. */
function bearerOf(event: Event): HTMLElement | null {
  const bears = (it: EventTarget): it is HTMLElement =>
    it instanceof HTMLElement &&
    it.dataset['vscodeContext'] !== undefined &&
    it.getRootNode() instanceof ShadowRoot;
  return event.composedPath().find(bears) ?? null;
}

function subjectOf(bearer: HTMLElement): Subject {
  return JSON.parse(bearer.dataset['vscodeContext'] ?? '') as Subject;
}

/** The image that an event is about, or null. */
export function imageOf(event: Event): string | null {
  const bearer = bearerOf(event);
  const subject = bearer === null ? null : subjectOf(bearer);
  return subject?.webviewSection === 'image' ? subject.imageId : null;
}

/** What is chosen in the list that has drawn this element; nothing where it is no list. */
function selectionAround(bearer: HTMLElement): Selection {
  const { host } = bearer.getRootNode() as ShadowRoot;
  return 'selection' in host ? (host.selection as Selection) : emptySelection;
}

/** What VS Code shows its menu for, and gives to the commands in it. */
export function menuContext(event: Event): Partial<MenuContext> {
  // A field has VS Code's own entries: Cut, Copy, Paste.
  const isField = (it: EventTarget): boolean =>
    it instanceof HTMLElement && it.matches('textarea, input:not([type=checkbox], [type=radio])');
  const own = event.composedPath().some(isField) ? {} : ({ preventDefaultContextMenuItems: true } as const);
  const bearer = bearerOf(event);
  if (bearer === null) return own;
  const subject = subjectOf(bearer);
  const id = subject.webviewSection === 'image' ? subject.imageId : subject.jobId;
  return { ...own, ...subject, ids: withChosen(id, selectionAround(bearer)) };
}
