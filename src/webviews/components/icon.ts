/** Codicons by name; the font is loaded by each view's style sheet. */
import type { TemplateResult } from 'lit';
import { html } from 'lit';
import type { IconName } from './iconCodes.ts';
import { iconCodes } from './iconCodes.ts';

export type { IconName } from './iconCodes.ts';

/** Decoration only: the words beside it, or the label of its button, say what it means. */
export function icon(name: IconName, spin = false): TemplateResult {
  const glyph = String.fromCharCode(iconCodes[name]);
  return html`<span class=${spin ? 'codicon spin' : 'codicon'} aria-hidden="true">${glyph}</span>`;
}
