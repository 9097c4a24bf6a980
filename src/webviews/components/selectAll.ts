/** "Select All (X/Y)": how many of how many are chosen, and the way to choose them all or none. */
import type { TemplateResult } from 'lit';
import { html } from 'lit';
import { formatNumber } from '../format.ts';

/** `ask` chooses all, or none where all are chosen; the box follows what comes of it. */
export function renderSelectAll(chosen: number, length: number, ask: () => void): TemplateResult {
  const all = chosen > 0 && chosen >= length;
  const label = `Select All (${formatNumber(chosen)}/${formatNumber(length)})`;
  // The toolkit takes the first words for the name, and leaves it when they change.
  return html`<vscode-checkbox
    aria-label=${label}
    ?disabled=${length === 0}
    .checked=${all}
    .indeterminate=${chosen > 0 && !all}
    @click=${(event: Event) => {
      event.preventDefault();
      if (length > 0) ask();
    }}
    >${label}</vscode-checkbox
  >`;
}
