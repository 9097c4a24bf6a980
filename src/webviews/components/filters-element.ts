/** What the bars of filters above lists share: search, days, sort, layout and the way back to no filter. */
import type { CSSResultGroup, TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { query } from 'lit/decorators.js';
import { emitWritten } from './events.ts';
import type { Layout } from './galleryFilter.ts';
import { icon } from './icon.ts';
import { baseStyles, fieldStyles, iconButtonStyles, searchStyles } from './styles.ts';

const sortLabels = { newest: 'Newest First', oldest: 'Oldest First', name: 'Name' } as const;
type Sort = keyof typeof sortLabels;

interface Fields {
  search: string;
  sort: Sort;
  /** Local days; empty: open. */
  fromDay?: string;
  toDay?: string;
  layout?: Layout;
}

/** While somebody types, the list is not asked anew for every letter. */
const searchPauseMs = 120;

/** What was chosen in a field. */
export function chosenIn(event: Event): string {
  return (event.target as HTMLInputElement).value;
}

/** Tells `filter-change` with what is to change. */
export abstract class FiltersElement<Filter extends Fields> extends LitElement {
  static override styles: CSSResultGroup = [
    baseStyles,
    fieldStyles,
    iconButtonStyles,
    searchStyles,
    css`
      /* Their lists open over what is below. */
      :host {
        position: relative;
        z-index: 10;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
      }
      .search {
        flex: 1 1 180px;
        max-width: 420px;
      }
      vscode-dropdown {
        width: 124px;
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
      /* Nothing but the layout buttons is narrower than its row there. */
      @media (max-width: 360px) {
        .days,
        vscode-dropdown,
        factory-job-picker {
          flex: 1 1 110px;
          max-width: none;
        }
        .days input[type='date'] {
          flex: 1 1 0;
        }
      }
      input[type='date'].unset:not(:focus) {
        color: var(--vscode-input-placeholderForeground);
      }
    `,
  ];

  abstract value: Filter;
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

  protected change(changes: Partial<Filter> | Partial<Fields>): void {
    clearTimeout(this.#timer);
    emitWritten(this, 'filter-change', changes);
  }

  #searchSoon(search: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.change({ search }), searchPauseMs);
  }

  /** `label` names the fields that are searched, `placeholder` in short. */
  protected renderSearch(label: string, placeholder: string): TemplateResult {
    return html`<div class="search" role="search">
      ${icon('search')}
      <input
        class="field"
        type="search"
        aria-label=${label}
        placeholder=${placeholder}
        .value=${this.value.search}
        @input=${(event: InputEvent) => this.#searchSoon(chosenIn(event))}
      />
    </div>`;
  }

  #renderDay(name: 'fromDay' | 'toDay', label: string): TemplateResult {
    const day = this.value[name] ?? '';
    return html`<input
      class="field ${day === '' ? 'unset' : ''}"
      type="date"
      aria-label=${label}
      title=${label}
      .value=${day}
      @change=${(event: Event) => this.change({ [name]: chosenIn(event) })}
    />`;
  }

  protected renderDays(): TemplateResult {
    return html`<div class="days">
      ${this.#renderDay('fromDay', 'From Date')}<span class="muted" aria-hidden="true">–</span
      >${this.#renderDay('toDay', 'To Date')}
    </div>`;
  }

  protected renderSort(): TemplateResult {
    return html`<vscode-dropdown
      aria-label="Sort"
      .value=${this.value.sort}
      @change=${(event: Event) => this.change({ sort: chosenIn(event) as Sort })}
    >
      ${Object.entries(sortLabels).map(
        ([value, label]) => html`<vscode-option value=${value}>${label}</vscode-option>`,
      )}
    </vscode-dropdown>`;
  }

  #renderLayout(layout: Layout, label: string, name: 'layout' | 'list-flat'): TemplateResult {
    return html`<button
      class="icon"
      aria-label=${label}
      title=${label}
      aria-pressed=${this.value.layout === layout}
      @click=${() => this.change({ layout })}
    >
      ${icon(name)}
    </button>`;
  }

  protected renderLayouts(): TemplateResult {
    return html`<div class="row" role="group" aria-label="Layout">
      ${this.#renderLayout('grid', 'Grid View', 'layout')}${this.#renderLayout('list', 'List View', 'list-flat')}
    </div>`;
  }

  /** Only where something is filtered. */
  protected renderClear(isFiltered: boolean, cleared: Partial<Filter>): TemplateResult | typeof nothing {
    if (!isFiltered) return nothing;
    return html`<button
      class="icon"
      aria-label="Clear Filters"
      title="Clear Filters"
      @click=${() => this.change(cleared)}
    >
      ${icon('clear-all')}
    </button>`;
  }
}
