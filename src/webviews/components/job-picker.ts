/** Choosing a job by typing part of its label: a text field with a list that the host searches. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Host } from '../client.ts';
import { isCancelled } from '../client.ts';
import { send, emitWritten } from './events.ts';
import type { ChosenJob } from './galleryFilter.ts';
import { icon } from './icon.ts';
import { bringIntoView } from './scroll.ts';
import { baseStyles, fieldStyles, iconButtonStyles } from './styles.ts';

const listed = 20;

@customElement('factory-job-picker')
export class JobPicker extends LitElement {
  static override styles = [
    baseStyles,
    fieldStyles,
    iconButtonStyles,
    css`
      :host {
        position: relative;
        display: inline-block;
        min-width: 0;
      }
      input.field {
        width: 100%;
        padding-right: 26px;
      }
      .clear {
        position: absolute;
        top: 2px;
        right: 2px;
      }
      .options {
        position: absolute;
        z-index: 20;
        top: calc(100% + 2px);
        left: 0;
        width: max(100%, 240px);
        max-height: 300px;
        margin: 0;
        padding: 2px 0;
        overflow: auto;
        list-style: none;
        border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
        background: var(--vscode-dropdown-listBackground, var(--vscode-dropdown-background));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow);
      }
      .option {
        padding: 3px 8px;
        cursor: pointer;
      }
      .option[aria-selected='true'] {
        background: var(--vscode-list-activeSelectionBackground);
        color: var(--vscode-list-activeSelectionForeground);
      }
      .none {
        padding: 3px 8px;
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) chosen: ChosenJob | null = null;
  @state() private text: string | null = null;
  /** Null until the answer is there: a list of before would move under the pointer when it comes. */
  @state() private found: readonly ChosenJob[] | null = null;
  @state() private at = 0;
  #asking: AbortController | null = null;

  async #search(text: string): Promise<void> {
    if (this.text === null) this.found = null;
    this.text = text;
    this.#asking?.abort();
    this.#asking = new AbortController();
    try {
      const filter = text.trim() === '' ? {} : { search: text.trim() };
      const page = { limit: listed };
      const jobs = await this.host.request(
        'jobs.page',
        { filter, sort: 'newest', page },
        this.#asking.signal,
      );
      this.found = jobs.items.map(({ id, label }) => ({ id, label }));
      this.at = 0;
    } catch (error) {
      if (!isCancelled(error)) send(this, 'view-error', error);
    }
  }

  #choose(job: ChosenJob | null): void {
    this.#asking?.abort();
    this.text = null;
    this.chosen = job;
    emitWritten(this, 'choose-job', job);
  }

  #onKey(event: KeyboardEvent): void {
    if (this.text === null) {
      if (event.key === 'ArrowDown') void this.#search('');
      return;
    }
    const found = this.found ?? [];
    if (event.key === 'ArrowDown') this.at = Math.max(0, Math.min(this.at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') this.at = Math.max(this.at - 1, 0);
    else if (event.key === 'Enter') {
      const job = found[this.at];
      if (job !== undefined) this.#choose(job);
    } else if (event.key === 'Escape') this.text = null;
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  protected override updated(): void {
    const option = this.renderRoot.querySelector('[aria-selected="true"]');
    if (option !== null) bringIntoView(option, 'nearest');
  }

  protected override render(): TemplateResult {
    const { found } = this;
    const open = this.text !== null && found !== null;
    return html`
      <input
        class="field"
        role="combobox"
        aria-label="Job"
        aria-expanded=${open}
        aria-controls="options"
        aria-autocomplete="list"
        aria-activedescendant=${open && found.length > 0 ? `option-${this.at}` : nothing}
        placeholder="All Jobs"
        autocomplete="off"
        .value=${this.text ?? this.chosen?.label ?? ''}
        @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()}
        @click=${() => (this.text === null ? void this.#search('') : undefined)}
        @input=${(event: InputEvent) => void this.#search((event.target as HTMLInputElement).value)}
        @keydown=${this.#onKey}
        @blur=${() => (this.text = null)}
      />
      ${
        this.chosen === null
          ? nothing
          : html`<button
              class="icon clear"
              aria-label="Show All Jobs"
              title="Show All Jobs"
              @click=${() => this.#choose(null)}
            >
              ${icon('close')}
            </button>`
      }
      <ul id="options" class="options" role="listbox" aria-label="Jobs" ?hidden=${!open}>
        ${repeat(
          found ?? [],
          (job) => job.id,
          (job, index) =>
            html`<li
              id="option-${index}"
              class="option ellipsis"
              role="option"
              aria-selected=${index === this.at}
              @mousedown=${(event: MouseEvent) => {
                event.preventDefault();
                this.#choose(job);
              }}
            >
              ${job.label}
            </li>`,
        )}
        ${
          open && found.length === 0
            ? html`<li class="none muted" role="option" aria-selected="false" aria-disabled="true">
                No job has this in its label or id
              </li>`
            : nothing
        }
      </ul>
    `;
  }
}
