/** The services that can take the place of one that has ended, each one click away. */
import type { TemplateResult } from 'lit';
import { html } from 'lit';
import { replacementsFor } from '../../engine/providers/retirement.ts';
import { emitWritten } from './events.ts';

/** Tells `resume` with the change; nothing where an error has another cause. */
export function renderReplacements(from: EventTarget, error: { code: string } | null): TemplateResult[] {
  return replacementsFor(error).map(
    ({ label, changes }) =>
      html`<button class="plain link" @click=${() => emitWritten(from, 'resume', changes)}>
        Resume with ${label}
      </button>`,
  );
}
