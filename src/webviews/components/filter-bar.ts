/** Filters and order of images: status, job, days, words, sort, grid or list. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ImageSort } from '../../engine/model/image.ts';
import type { ImageStatus } from '../../engine/model/status.ts';
import { imageStatusLabels } from '../../engine/model/status.ts';
import type { Host } from '../client.ts';
import { tell } from './events.ts';
import { icon } from './icon.ts';
import type { ChosenJob, GalleryFilter, Layout } from './galleryFilter.ts';
import { clearedFilter, defaultFilter, isFiltered } from './galleryFilter.ts';
import './job-picker.ts';
import { baseStyles, fieldStyles, iconButtonStyles } from './styles.ts';

const statusOrder: readonly ImageStatus[] = [
  'approved',
  'qcFailed',
  'failed',
  'pending',
  'processing',
  'retryPending',
  'retryFailed',
];
export const sortLabels: Record<ImageSort, string> = {
  newest: 'Newest First',
  oldest: 'Oldest First',
  name: 'Name',
};

const searchDelayMs = 120;

@customElement('gif-filter-bar')
export class FilterBar extends LitElement {
  static override styles = [
    baseStyles,
    fieldStyles,
    iconButtonStyles,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
      }
      .search {
        position: relative;
        flex: 1 1 180px;
        max-width: 420px;
      }
      .search input {
        width: 100%;
        padding-left: 26px;
      }
      .search .codicon {
        position: absolute;
        top: 5px;
        left: 6px;
        color: var(--vscode-descriptionForeground);
        pointer-events: none;
      }
      vscode-dropdown {
        width: 124px;
      }
      gif-job-picker {
        flex: 1 1 130px;
        max-width: 200px;
      }
      .days {
        display: flex;
        align-items: center;
        gap: 4px;
      }
      input[type='date'] {
        width: 118px;
        color-scheme: light dark;
      }
      :host-context(.vscode-dark) input[type='date'],
      :host-context(.vscode-high-contrast:not(.vscode-high-contrast-light)) input[type='date'] {
        color-scheme: dark;
      }
      :host-context(.vscode-light) input[type='date'] {
        color-scheme: light;
      }
      input[type='date'].unset:not(:focus) {
        color: var(--vscode-input-placeholderForeground);
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) value: GalleryFilter = defaultFilter;
  /** False where the images are those of one job anyway. */
  @property({ type: Boolean }) jobs = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  /** Puts the focus into the search field, as Ctrl+F does. */
  focusSearch(): void {
    this.renderRoot.querySelector<HTMLInputElement>('.search input')?.select();
  }

  #change(change: Partial<GalleryFilter>): void {
    clearTimeout(this.#timer);
    this.value = { ...this.value, ...change };
    tell(this, 'filter-change', this.value);
  }

  #onSearch(event: InputEvent): void {
    const search = (event.target as HTMLInputElement).value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#change({ search }), searchDelayMs);
  }

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
    const { status, sort, search } = this.value;
    const choose = (event: Event): string => (event.target as HTMLInputElement).value;
    return html`
      <div class="search">
        ${icon('search')}
        <input
          class="field"
          type="search"
          aria-label="Search in prompt, title, description and tags"
          placeholder="Search prompt, title, description, tags"
          .value=${search}
          @input=${this.#onSearch}
        />
      </div>
      <vscode-dropdown
        aria-label="Status"
        .value=${status}
        @change=${(event: Event) => this.#change({ status: choose(event) as GalleryFilter['status'] })}
      >
        ${statusOrder.map(
          (value) => html`<vscode-option value=${value}>${imageStatusLabels[value]}</vscode-option>`,
        )}
        <vscode-option value="all">All</vscode-option>
      </vscode-dropdown>
      ${
        this.jobs
          ? html`<gif-job-picker
              .host=${this.host}
              .chosen=${this.value.job}
              @choose-job=${(event: CustomEvent<ChosenJob | null>) => this.#change({ job: event.detail })}
            ></gif-job-picker>`
          : nothing
      }
      <div class="days">
        ${this.#day('fromDay', 'From Date')}<span class="muted" aria-hidden="true">–</span>${this.#day(
          'toDay',
          'To Date',
        )}
      </div>
      <vscode-dropdown
        aria-label="Sort"
        .value=${sort}
        @change=${(event: Event) => this.#change({ sort: choose(event) as ImageSort })}
      >
        ${(Object.keys(sortLabels) as ImageSort[]).map(
          (value) => html`<vscode-option value=${value}>${sortLabels[value]}</vscode-option>`,
        )}
      </vscode-dropdown>
      <div class="row" role="group" aria-label="Layout">
        ${this.#layout('grid', 'Grid View', 'layout')}${this.#layout('list', 'List View', 'list-flat')}
      </div>
      ${
        isFiltered(this.value)
          ? html`<button
              class="icon"
              aria-label="Clear Filters"
              title="Clear Filters"
              @click=${() => this.#change(clearedFilter)}
            >
              ${icon('clear-all')}
            </button>`
          : nothing
      }
    `;
  }
}
