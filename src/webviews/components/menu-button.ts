/** A button that opens a menu, worked as menus are: arrows, Home, End, Escape; the focus comes back. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { emitWritten } from './events.ts';
import type { IconName } from './icon.ts';
import { icon } from './icon.ts';
import { baseStyles, iconButtonStyles } from './styles.ts';

export interface MenuItem {
  id: string;
  label: string;
  icon?: IconName;
  disabled?: boolean;
  /** A line above it. */
  separated?: boolean;
}

@customElement('factory-menu-button')
export class MenuButton extends LitElement {
  static override styles = [
    baseStyles,
    iconButtonStyles,
    css`
      :host {
        position: relative;
        display: inline-flex;
      }
      .menu {
        position: absolute;
        z-index: 20;
        top: calc(100% + 4px);
        right: 0;
        min-width: 200px;
        padding: 4px 0;
        border: 1px solid var(--vscode-menu-border, var(--vscode-contrastBorder, transparent));
        border-radius: 5px;
        background: var(--vscode-menu-background);
        color: var(--vscode-menu-foreground);
        box-shadow: 0 2px 8px var(--vscode-widget-shadow);
      }
      .entry {
        display: flex;
        align-items: center;
        gap: 8px;
        width: calc(100% - 8px);
        margin: 0 4px;
        padding: 4px 8px;
        border: none;
        border-radius: 3px;
        background: none;
        color: inherit;
        font: inherit;
        text-align: left;
        white-space: nowrap;
        cursor: pointer;
      }
      .entry:focus,
      .entry:hover:not(:disabled) {
        background: var(--vscode-menu-selectionBackground);
        color: var(--vscode-menu-selectionForeground);
        outline: 1px solid var(--vscode-menu-selectionBorder, transparent);
        outline-offset: -1px;
      }
      .entry:disabled {
        color: var(--vscode-disabledForeground);
        cursor: default;
      }
      .line {
        height: 1px;
        margin: 4px 0;
        background: var(--vscode-menu-separatorBackground);
      }
    `,
  ];

  @property() label = 'More Actions';
  @property() icon: IconName = 'ellipsis';
  @property({ attribute: false }) items: readonly MenuItem[] = [];
  @state() private open = false;

  #onOutside = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.open = false;
  };

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pointerdown', this.#onOutside);
    window.addEventListener('blur', this.#onOutside);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.#onOutside);
    window.removeEventListener('blur', this.#onOutside);
  }

  get #entries(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.entry:not(:disabled)')];
  }

  async #show(last = false): Promise<void> {
    this.open = true;
    await this.updateComplete;
    const entries = this.#entries;
    (last ? entries.at(-1) : entries[0])?.focus();
  }

  #close(): void {
    this.open = false;
    this.renderRoot.querySelector<HTMLButtonElement>('button')?.focus();
  }

  #onButtonKey(event: KeyboardEvent): void {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    void this.#show(event.key === 'ArrowUp');
  }

  #onMenuKey(event: KeyboardEvent): void {
    const entries = this.#entries;
    const focused = this.shadowRoot?.activeElement;
    const at = entries.findIndex((entry) => entry === focused);
    const moves: Record<string, number> = {
      ArrowDown: (at + 1) % entries.length,
      ArrowUp: (at + entries.length - 1) % entries.length,
      Home: 0,
      End: entries.length - 1,
    };
    if (event.key === 'Escape') this.#close();
    else if (event.key === 'Tab') this.open = false;
    else if (moves[event.key] !== undefined) entries[moves[event.key] ?? 0]?.focus();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
  }

  #choose(item: MenuItem): void {
    this.#close();
    emitWritten(this, 'choose', item.id);
  }

  protected override render(): TemplateResult {
    return html`
      <button
        class="icon"
        aria-label=${this.label}
        title=${this.label}
        aria-haspopup="menu"
        aria-expanded=${this.open}
        @click=${() => (this.open ? this.#close() : void this.#show())}
        @keydown=${this.#onButtonKey}
      >
        ${icon(this.icon)}
      </button>
      ${
        this.open
          ? html`<div class="menu" role="menu" aria-label=${this.label} @keydown=${this.#onMenuKey}>
              ${repeat(
                this.items,
                (item) => item.id,
                (item) =>
                  html`${item.separated === true ? html`<div class="line" role="separator"></div>` : nothing}
                    <button
                      class="entry"
                      role="menuitem"
                      tabindex="-1"
                      ?disabled=${item.disabled === true}
                      @click=${() => this.#choose(item)}
                    >
                      ${item.icon === undefined ? nothing : icon(item.icon)} ${item.label}
                    </button>`,
              )}
            </div>`
          : nothing
      }
    `;
  }
}
