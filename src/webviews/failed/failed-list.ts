/** Failed images as cards or rows, of any number: image, reason in plain words, prompt, and what can be done. */
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ImageStatus } from '../../engine/model/status.ts';
import { imageStatusLabel } from '../../engine/model/status.ts';
import { emitWritten } from '../components/events.ts';
import type { Layout } from '../components/galleryFilter.ts';
import type { IconName } from '../components/icon.ts';
import { icon } from '../components/icon.ts';
import { tileName } from '../components/imageTile.ts';
import type { ImageSource } from '../components/imageSource.ts';
import type { Selection } from '../components/selection.ts';
import { emptySelection, extend, placeOf, toggle, withChosen } from '../components/selection.ts';
import { baseStyles, iconButtonStyles } from '../components/styles.ts';
import { imageOf, imageSubject } from '../components/subject.ts';
import { topOfRow, windowOf } from '../components/virtualWindow.ts';
import { countOf } from '../format.ts';
import { failedListStyles } from './failed-list.styles.ts';
import type { ImageTile } from '../protocol.ts';

const cardWidth = 400;
const heights: Record<Layout, number> = { grid: 162, list: 60 };

/** `approveSoon`: by key, and so for a moment to be taken back. */
export type FailedAction = 'approve' | 'approveSoon' | 'retry' | 'delete';

/** What failed; a failed retry is named after the step, too, for its tab says already that it is one. */
export function statusOf(tile: ImageTile): string {
  const { status, failure } = tile;
  return imageStatusLabel(status === 'retryFailed' && failure !== null ? 'failed' : status, failure);
}

interface Look {
  icon: IconName;
  /** A class of the shared styles. */
  tone: string;
  spin: boolean;
}

/** Images that wait or are worked on are not called failures. */
const looks: Partial<Record<ImageStatus, Look>> & { failed: Look } = {
  failed: { icon: 'error', tone: 'fail', spin: false },
  retryPending: { icon: 'watch', tone: 'pending', spin: false },
  processing: { icon: 'loading', tone: 'running', spin: true },
};

/** Why it failed, in one sentence. */
export function failureReason(tile: ImageTile): string {
  if (tile.failure !== null) return tile.failure.reason;
  return tile.qcReason ?? '';
}

@customElement('factory-failed-list')
export class FailedList extends LitElement {
  static override styles = [baseStyles, iconButtonStyles, failedListStyles];

  @property({ attribute: false }) source!: ImageSource;
  /** The element that scrolls. */
  @property({ attribute: false }) scroller!: HTMLElement;
  @property() layout: Layout = 'grid';
  @property({ attribute: false }) selection: Selection = emptySelection;
  /** Counts up when the source changed. */
  @property({ type: Number }) revision = 0;
  /** Whether approve, retry and delete fit the tab: work that waits or runs is left alone. */
  @property({ attribute: false }) actionable = true;
  /** Position that Tab comes to and keys move, and the image there that had the focus, which it follows. */
  @state() private active = 0;
  #activeId: string | null = null;
  @query('.list') private list!: HTMLElement;

  #columns = 1;
  #first = 0;
  #end = 0;
  #offset = 0;
  #total = 0;
  #focusAfterUpdate = false;
  #hadFocus = false;
  #observer = new ResizeObserver(() => this.requestUpdate());
  #onScroll = (): void => {
    if (this.#place()) this.requestUpdate();
  };

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
    this.scroller.removeEventListener('scroll', this.#onScroll);
  }

  protected override firstUpdated(): void {
    this.scroller.addEventListener('scroll', this.#onScroll, { passive: true });
    this.requestUpdate();
  }

  get #rows(): number {
    return Math.ceil(this.source.length / this.#columns);
  }

  #top(): number {
    return this.scroller.getBoundingClientRect().top - this.list.getBoundingClientRect().top;
  }

  /** Works out the rows in sight; true when they differ from those in the page. */
  #place(): boolean {
    if (!this.hasUpdated) return false;
    const width = this.clientWidth - 32;
    this.#columns = this.layout === 'list' ? 1 : Math.max(1, Math.floor(width / cardWidth));
    const { first, end, offset, total } = windowOf({
      rows: this.#rows,
      rowHeight: heights[this.layout],
      top: this.#top(),
      height: this.scroller.clientHeight,
      overscan: 3,
    });
    const same =
      first === this.#first && end === this.#end && offset === this.#offset && total === this.#total;
    this.#first = first;
    this.#end = end;
    this.#offset = offset;
    this.#total = total;
    return !same;
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const moved = this.#activeId === null ? -1 : this.source.indexOf(this.#activeId);
    this.active = moved >= 0 ? moved : Math.max(0, Math.min(this.active, this.source.length - 1));
    // Where the image is gone, as after Approve, its place is the active one.
    if (this.#activeId !== null) this.#activeId = this.source.at(this.active)?.id ?? null;
    this.#hadFocus = this.matches(':focus-within');
    this.#place();
    this.source.ensure(this.#first * this.#columns, Math.max(this.#end, 1) * this.#columns);
  }

  protected override updated(): void {
    this.list.style.height = `${this.#total}px`;
    const rows = this.list.firstElementChild;
    if (rows instanceof HTMLElement) rows.style.transform = `translateY(${this.#offset}px)`;
    this.style.setProperty('--columns', String(this.#columns));
    if (this.#place()) this.requestUpdate();
    // The card that had the focus may be gone, or drawn anew in another row.
    if (this.#hadFocus && !this.matches(':focus-within')) this.#focusAfterUpdate = true;
    if (!this.#focusAfterUpdate) return;
    const card = this.renderRoot.querySelector<HTMLElement>(`[data-index="${this.active}"]`);
    if (card === null) return;
    this.#focusAfterUpdate = false;
    card.focus({ preventScroll: true });
  }

  /** Puts the focus back, as when a dialog over the list closes. */
  focusActive(): void {
    this.#focusAfterUpdate = true;
    this.requestUpdate();
  }

  #select(selection: Selection): void {
    this.selection = selection;
    emitWritten(this, 'selection-change', selection);
  }

  async #choose(id: string, index: number, range: boolean): Promise<void> {
    const { anchor } = this.selection;
    if (range && anchor !== null) {
      const ids = await this.source.idsBetween(placeOf(anchor, this.source), index);
      this.#select(extend(this.selection, ids, anchor));
    } else {
      this.#select(toggle(this.selection, id, index));
    }
  }

  #move(to: number): void {
    this.#beActive(Math.max(0, Math.min(this.source.length - 1, to)));
    const row = Math.floor(this.active / this.#columns);
    const height = heights[this.layout];
    const above = this.#top() - this.scroller.scrollTop;
    const top = topOfRow(row, this.#rows, height, this.scroller.clientHeight) - above;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + height > scrollTop + clientHeight) this.scroller.scrollTop = top + height - clientHeight;
    this.focusActive();
  }

  #beActive(index: number): void {
    this.active = index;
    this.#activeId = this.source.at(index)?.id ?? null;
  }

  #act(action: FailedAction, ids: readonly string[]): void {
    if (this.actionable) emitWritten(this, 'failed-action', { action, ids });
  }

  #onKey(event: KeyboardEvent): void {
    const { active } = this;
    const id = imageOf(event);
    const onCard = (event.composedPath()[0] as HTMLElement).classList.contains('card');
    if (!onCard || id === null || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== 'a') return;
      emitWritten(this, 'select-all');
      event.preventDefault();
      return;
    }
    const act = (action: FailedAction) => (): void => this.#act(action, withChosen(id, this.selection));
    const keys: Record<string, () => void> = {
      ArrowDown: () => this.#move(active + this.#columns),
      ArrowUp: () => this.#move(active - this.#columns),
      ArrowRight: () => this.#move(active + 1),
      ArrowLeft: () => this.#move(active - 1),
      Home: () => this.#move(0),
      End: () => this.#move(this.source.length - 1),
      ' ': () => void this.#choose(id, active, event.shiftKey),
      Enter: () => emitWritten(this, 'open-image', { id, index: active }),
      a: act('approveSoon'),
      r: act('retry'),
      Delete: act('delete'),
      Escape: () => this.#select(emptySelection),
    };
    // One letter may come as a capital, by Caps Lock or Shift.
    const meant = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (meant === undefined) return;
    event.preventDefault();
    meant();
  }

  /** Tab goes on from the active card to what it offers. */
  #renderButtons(tile: ImageTile, tabIndex: number): TemplateResult {
    const act = (action: FailedAction) => (event: Event) => {
      event.stopPropagation();
      this.#act(action, [tile.id]);
    };
    const busy = !this.actionable;
    const approve = tile.hasFile ? 'Approve (A)' : 'There is no file to approve';
    return html`<div class="buttons">
      <button
        class="small"
        aria-label="Approve"
        title=${approve}
        tabindex=${tabIndex}
        ?disabled=${busy || !tile.hasFile}
        @click=${act('approve')}
      >
        ${icon('check')}<span class="word">Approve</span>
      </button>
      <button
        class="small"
        aria-label="Retry"
        title="Retry (R)"
        tabindex=${tabIndex}
        ?disabled=${busy}
        @click=${act('retry')}
      >
        ${icon('refresh')}<span class="word">Retry</span>
      </button>
      <button
        class="icon"
        aria-label="Delete"
        title="Delete"
        tabindex=${tabIndex}
        ?disabled=${busy}
        @click=${act('delete')}
      >
        ${icon('trash')}
      </button>
    </div>`;
  }

  #renderCard(index: number): TemplateResult {
    const tile = this.source.at(index);
    const focusable = index === this.active ? 0 : -1;
    if (tile === undefined) {
      return html`<div
        class="card"
        role="gridcell"
        data-index=${index}
        tabindex=${focusable}
        aria-label="Loading"
      >
        <span></span>
        <div class="picture skeleton"></div>
      </div>`;
    }
    const status = statusOf(tile);
    const look = looks[tile.status] ?? looks.failed;
    const reason = failureReason(tile);
    const chosen = this.selection.ids.has(tile.id);
    const facts = `${tile.jobLabel} · ${tile.generation + 1}-${tile.variation + 1}`;
    const text = html`<div class="text">
      <span class="status ${look.tone}"
        >${icon(look.icon, look.spin)}<span class="ellipsis">${status}</span></span
      >
      <span class="clamp" dir="auto" title=${reason}>${reason}</span>
      ${
        this.layout === 'list'
          ? nothing
          : html`<span class="clamp muted" dir="auto" title=${tile.promptExcerpt}>${tile.promptExcerpt}</span>
              ${this.#renderButtons(tile, focusable)}`
      }
    </div>`;
    return html`<div
      class="card"
      role="gridcell"
      data-index=${index}
      tabindex=${focusable}
      aria-selected=${chosen ? 'true' : 'false'}
      aria-keyshortcuts="A R Delete"
      data-vscode-context=${imageSubject(tile)}
      @click=${(event: MouseEvent) => {
        this.#beActive(index);
        if (event.shiftKey || event.ctrlKey || event.metaKey)
          void this.#choose(tile.id, index, event.shiftKey);
        else emitWritten(this, 'open-image', { id: tile.id, index });
      }}
      @focus=${() => this.#beActive(index)}
    >
      <span class="check" @click=${(event: Event) => event.stopPropagation()}>
        <input
          type="checkbox"
          tabindex=${focusable}
          aria-label=${`Select ${tileName(tile)}`}
          .checked=${chosen}
          @click=${(event: MouseEvent) => void this.#choose(tile.id, index, event.shiftKey)}
        />
      </span>
      <div class="picture">
        ${
          tile.thumbnail === null
            ? icon('file-media')
            : html`<img src=${tile.thumbnail} alt="" decoding="async" draggable="false" />`
        }
      </div>
      ${text}
      ${
        this.layout === 'list'
          ? html`<div class="text">
                <span class="clamp" dir="auto">${tile.promptExcerpt}</span>
                <span class="clamp muted">${facts}</span>
              </div>
              ${this.#renderButtons(tile, focusable)}`
          : nothing
      }
    </div>`;
  }

  protected override render(): TemplateResult {
    const rows = Array.from({ length: Math.max(0, this.#end - this.#first) }, (_, i) => this.#first + i);
    return html`<div
      class="list ${this.layout}-layout"
      role="grid"
      aria-label="Failed images"
      aria-description=${countOf(this.source.length, 'image')}
      aria-multiselectable="true"
      aria-rowcount=${this.#rows}
      @keydown=${this.#onKey}
    >
      <div class="rows" role="rowgroup">
        ${repeat(
          rows,
          (row) => row,
          (row) => {
            const start = row * this.#columns;
            const count = Math.max(0, Math.min(this.#columns, this.source.length - start));
            return html`<div class="line" role="row" aria-rowindex=${row + 1}>
              ${repeat(
                this.source.keys(start, start + count),
                (key) => key,
                (_key, column) => this.#renderCard(start + column),
              )}
            </div>`;
          },
        )}
      </div>
    </div>`;
  }
}
