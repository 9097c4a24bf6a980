/** Pages of a table: back, forth, the pages near by, and how long a page is. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { emitWritten } from '../components/events.ts';
import type { IconName } from '../components/icon.ts';
import { icon } from '../components/icon.ts';
import { baseStyles, fieldStyles, iconButtonStyles } from '../components/styles.ts';
import { formatNumber } from '../format.ts';
import type { PageSize } from './jobsFilter.ts';
import { pageSizes } from './jobsFilter.ts';

/** First, last, and the pages around the present one; null stands for those left out. */
function pagesShown(page: number, last: number): (number | null)[] {
  const near = [0, page - 1, page, page + 1, last].filter((each) => each >= 0 && each <= last);
  const pages = [...new Set(near)].sort((a, b) => a - b);
  return pages.flatMap((each, i) => (i > 0 && each > (pages[i - 1] ?? 0) + 1 ? [null, each] : [each]));
}

@customElement('factory-pager')
export class Pager extends LitElement {
  static override styles = [
    baseStyles,
    fieldStyles,
    iconButtonStyles,
    css`
      nav {
        display: flex;
        flex: none;
        flex-wrap: wrap;
        align-items: center;
        justify-content: flex-end;
        gap: 6px 10px;
        padding: 6px 16px;
        border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      button[aria-current='page'] {
        color: var(--vscode-foreground);
        font-weight: 600;
      }
    `,
  ];

  @property({ type: Number }) total = 0;
  /** 0-based. */
  @property({ type: Number }) page = 0;
  @property({ type: Number }) pageSize: PageSize = 25;

  #tell(page: number, pageSize: PageSize): void {
    emitWritten(this, 'page-change', { page, pageSize });
  }

  #step(label: string, to: number, last: number, name: IconName): TemplateResult {
    return html`<button
      class="icon"
      aria-label=${label}
      title=${label}
      ?disabled=${to < 0 || to > last}
      @click=${() => this.#tell(to, this.pageSize)}
    >
      ${icon(name)}
    </button>`;
  }

  protected override render(): TemplateResult {
    const { total, page, pageSize } = this;
    if (total === 0) return html`${nothing}`;
    const last = Math.max(0, Math.ceil(total / pageSize) - 1);
    const first = page * pageSize + 1;
    const until = Math.min(total, first + pageSize - 1);
    return html`<nav aria-label="Pages">
      <span class="muted number grow"
        >${formatNumber(first)}–${formatNumber(until)} of ${formatNumber(total)}</span
      >
      ${this.#step('Previous Page', page - 1, last, 'chevron-left')}
      ${repeat(
        pagesShown(page, last),
        (each, index) => each ?? `gap ${index}`,
        (each) =>
          each === null
            ? html`<span class="muted">…</span>`
            : html`<button
                class="plain link number"
                aria-label=${`Page ${each + 1}`}
                aria-current=${each === page ? 'page' : 'false'}
                @click=${() => this.#tell(each, pageSize)}
              >
                ${formatNumber(each + 1)}
              </button>`,
      )}
      ${this.#step('Next Page', page + 1, last, 'chevron-right')}
      <label class="row muted">
        Jobs per page
        <select
          class="field"
          @change=${(event: Event) =>
            this.#tell(0, Number((event.target as HTMLSelectElement).value) as PageSize)}
        >
          ${pageSizes.map(
            (size) => html`<option value=${size} ?selected=${size === pageSize}>${size}</option>`,
          )}
        </select>
      </label>
    </nav>`;
  }
}
