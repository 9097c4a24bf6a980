/** Filters and order of the job table: label or id, status, days, sort. */
import type { TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { jobStatuses, jobStatusLabels } from '../../engine/model/status.ts';
import { tell } from '../components/events.ts';
import { sortLabels } from '../components/filter-bar.ts';
import { filterStyles } from '../components/filters.styles.ts';
import { icon } from '../components/icon.ts';
import { baseStyles, fieldStyles, iconButtonStyles } from '../components/styles.ts';
import type { JobsFilter } from './jobsFilter.ts';
import { defaultJobsFilter, isJobsFiltered } from './jobsFilter.ts';

const searchPauseMs = 150;

@customElement('gif-jobs-filters')
export class JobsFilters extends LitElement {
  static override styles = [baseStyles, fieldStyles, iconButtonStyles, filterStyles];

  @property({ attribute: false }) value: JobsFilter = defaultJobsFilter;
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

  #change(changes: Partial<JobsFilter>): void {
    clearTimeout(this.#timer);
    tell(this, 'filter-change', changes);
  }

  #onSearch = (event: Event): void => {
    const search = (event.target as HTMLInputElement).value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#change({ search }), searchPauseMs);
  };

  #day(name: 'fromDay' | 'toDay', label: string): TemplateResult {
    return html`<input
      class="field ${this.value[name] === '' ? 'unset' : ''}"
      type="date"
      aria-label=${label}
      title=${label}
      .value=${this.value[name]}
      @change=${(event: Event) => this.#change({ [name]: (event.target as HTMLInputElement).value })}
    />`;
  }

  protected override render(): TemplateResult {
    const { status, sort, search } = this.value;
    const choose = (event: Event): string => (event.target as HTMLInputElement).value;
    return html`
      <div class="search" role="search">
        ${icon('search')}
        <input
          class="field"
          type="search"
          aria-label="Search in label and id"
          placeholder="Search label or id"
          .value=${search}
          @input=${this.#onSearch}
        />
      </div>
      <vscode-dropdown
        aria-label="Status"
        .value=${status}
        @change=${(event: Event) => this.#change({ status: choose(event) as JobsFilter['status'] })}
      >
        <vscode-option value="all">All</vscode-option>
        ${jobStatuses.map(
          (value) => html`<vscode-option value=${value}>${jobStatusLabels[value]}</vscode-option>`,
        )}
      </vscode-dropdown>
      <div class="days">
        ${this.#day('fromDay', 'From Date')}<span class="muted" aria-hidden="true">–</span>${this.#day(
          'toDay',
          'To Date',
        )}
      </div>
      <vscode-dropdown
        aria-label="Sort"
        .value=${sort}
        @change=${(event: Event) => this.#change({ sort: choose(event) as JobsFilter['sort'] })}
      >
        ${(Object.keys(sortLabels) as JobsFilter['sort'][]).map(
          (value) => html`<vscode-option value=${value}>${sortLabels[value]}</vscode-option>`,
        )}
      </vscode-dropdown>
      ${
        isJobsFiltered(this.value)
          ? html`<button
              class="icon"
              aria-label="Clear Filters"
              title="Clear Filters"
              @click=${() => {
                const { sort, pageSize } = this.value;
                this.#change({ ...defaultJobsFilter, sort, pageSize });
              }}
            >
              ${icon('clear-all')}
            </button>`
          : nothing
      }
    `;
  }
}
