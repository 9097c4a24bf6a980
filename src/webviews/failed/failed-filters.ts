/** Filters and order of the review: prompt or id, reason, job, sort, cards or rows. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Host } from '../client.ts';
import { tell } from '../components/events.ts';
import { sortLabels } from '../components/filter-bar.ts';
import { filterStyles } from '../components/filters.styles.ts';
import type { ChosenJob, Layout } from '../components/galleryFilter.ts';
import { icon } from '../components/icon.ts';
import '../components/job-picker.ts';
import { baseStyles, fieldStyles, iconButtonStyles } from '../components/styles.ts';
import { reasonLabel, reasons } from './causes.ts';
import type { FailedFilter } from './failedFilter.ts';
import { isFailedFiltered, noFilters } from './failedFilter.ts';

const searchPauseMs = 150;

@customElement('gif-failed-filters')
export class FailedFilters extends LitElement {
  static override styles = [
    baseStyles,
    fieldStyles,
    iconButtonStyles,
    filterStyles,
    css`
      vscode-dropdown.reason {
        width: 226px;
      }
      gif-job-picker {
        flex: 0 1 170px;
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) value!: FailedFilter;
  @query('.search input') private search!: HTMLInputElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  /** Puts the focus into the search field, as Ctrl+F does. */
  focusSearch(): void {
    this.search.select();
  }

  #change(changes: Partial<FailedFilter>): void {
    clearTimeout(this.#timer);
    tell(this, 'filter-change', changes);
  }

  #onSearch = (event: Event): void => {
    const search = (event.target as HTMLInputElement).value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#change({ search }), searchPauseMs);
  };

  #layout(layout: Layout, label: string, name: 'layout' | 'list-flat'): TemplateResult {
    return html`<button
      class="icon"
      aria-label=${label}
      title=${label}
      aria-pressed=${this.value.layout === layout}
      @click=${() => this.#change({ layout })}
    >
      ${icon(name)}
    </button>`;
  }

  protected override render(): TemplateResult {
    const { reason, sort, search, job } = this.value;
    const choose = (event: Event): string => (event.target as HTMLInputElement).value;
    return html`
      <div class="search" role="search">
        ${icon('search')}
        <input
          class="field"
          type="search"
          aria-label="Search in prompt and id"
          placeholder="Search prompt or id"
          .value=${search}
          @input=${this.#onSearch}
        />
      </div>
      <vscode-dropdown
        class="reason"
        aria-label="Reason"
        .value=${reason}
        @change=${(event: Event) => this.#change({ reason: choose(event) })}
      >
        <vscode-option value="">All Reasons</vscode-option>
        ${reasons.map((value) => html`<vscode-option value=${value}>${reasonLabel(value)}</vscode-option>`)}
      </vscode-dropdown>
      <gif-job-picker
        .host=${this.host}
        .chosen=${job}
        @choose-job=${(event: CustomEvent<ChosenJob | null>) => this.#change({ job: event.detail })}
      ></gif-job-picker>
      <vscode-dropdown
        aria-label="Sort"
        .value=${sort}
        @change=${(event: Event) => this.#change({ sort: choose(event) as FailedFilter['sort'] })}
      >
        ${(Object.keys(sortLabels) as FailedFilter['sort'][]).map(
          (value) => html`<vscode-option value=${value}>${sortLabels[value]}</vscode-option>`,
        )}
      </vscode-dropdown>
      <div class="row" role="group" aria-label="Layout">
        ${this.#layout('grid', 'Grid View', 'layout')}${this.#layout('list', 'List View', 'list-flat')}
      </div>
      ${
        isFailedFiltered(this.value)
          ? html`<button
              class="icon"
              aria-label="Clear Filters"
              title="Clear Filters"
              @click=${() => this.#change(noFilters)}
            >
              ${icon('clear-all')}
            </button>`
          : nothing
      }
    `;
  }
}
