/** Tabs of a view, worked as tabs are: arrows, Home and End choose, Tab goes on to the panel. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatNumber } from '../format.ts';
import { emitWritten } from './events.ts';
import { baseStyles } from './styles.ts';

export interface TabItem {
  id: string;
  label: string;
  /** Shown after the label where it is known. */
  count?: number | null;
}

@customElement('factory-tab-bar')
export class TabBar extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        flex: none;
      }
      [role='tablist'] {
        display: flex;
        flex-wrap: wrap;
        gap: 0 4px;
        padding: 0 8px;
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      button.plain {
        margin-bottom: -1px;
        padding: 6px 8px;
        border-bottom: 2px solid transparent;
        color: var(--vscode-panelTitle-inactiveForeground);
      }
      button.plain:hover {
        color: var(--vscode-panelTitle-activeForeground);
      }
      button.plain[aria-selected='true'] {
        /* In high contrast the title's own border has the colour of the line below all tabs. */
        border-bottom-color: var(--vscode-contrastActiveBorder, var(--vscode-panelTitle-activeBorder));
        color: var(--vscode-panelTitle-activeForeground);
      }
    `,
  ];

  @property() label = '';
  @property({ attribute: false }) items: readonly TabItem[] = [];
  @property() value = '';

  /** Puts the focus on the chosen tab. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.items.length - 1;
    const at = this.items.findIndex(({ id }) => id === this.value);
    const moves: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at <= 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const to = this.items[moves[event.key] ?? -1];
    if (to === undefined) return;
    event.preventDefault();
    emitWritten(this, 'choose-tab', to.id);
    // The view that listens draws the choice a moment later; the tab itself is there already.
    this.renderRoot.querySelectorAll<HTMLElement>('[role="tab"]')[this.items.indexOf(to)]?.focus();
  }

  protected override render(): TemplateResult {
    return html`<div role="tablist" aria-label=${this.label} @keydown=${this.#onKey}>
      ${this.items.map(({ id, label, count }) => {
        const chosen = id === this.value;
        return html`<button
          class="plain"
          role="tab"
          aria-selected=${chosen}
          tabindex=${chosen ? 0 : -1}
          @click=${() => emitWritten(this, 'choose-tab', id)}
        >
          ${label}${
            count === undefined || count === null
              ? nothing
              : html` <span class="number muted">${formatNumber(count)}</span>`
          }
        </button>`;
      })}
    </div>`;
  }
}
