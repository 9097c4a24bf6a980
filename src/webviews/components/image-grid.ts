/**
 * A grid or list of images of any length: only the rows in sight are in the page. It scrolls with the element that it
 * is given, has one tab stop, and is worked by arrows, Home, End, Page keys, Space and Enter as VS Code's own lists.
 */
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { countOf } from '../format.ts';
import { emitWritten } from './events.ts';
import type { Layout } from './galleryFilter.ts';
import { gridStyles } from './image-grid.styles.ts';
import { movedTo } from './gridKeys.ts';
import { renderListHead, renderListRow, renderTile } from './imageTile.ts';
import type { ImageSource } from './imageSource.ts';
import type { Anchor, Selection } from './selection.ts';
import { emptySelection, extend, placeOf, toggle, withChosen } from './selection.ts';
import { baseStyles } from './styles.ts';
import { imageOf } from './subject.ts';
import { columnsFor, maxTiles, topOfRow, windowOf } from './virtualWindow.ts';

const leastTile = 148;
const gap = 8;
const captionHeight = 24;
const listRowHeight = 56;
const edge = 16;

@customElement('factory-image-grid')
export class ImageGrid extends LitElement {
  static override styles = [baseStyles, gridStyles];

  @property({ attribute: false }) source!: ImageSource;
  /** The element that scrolls. */
  @property({ attribute: false }) scroller!: HTMLElement;
  @property() layout: Layout = 'grid';
  @property({ attribute: false }) selection: Selection = emptySelection;
  /** Height of what sticks to the top of the scroller, in CSS pixels. */
  @property({ type: Number }) covered = 0;
  /** Counts up when the source changed. */
  @property({ type: Number }) revision = 0;
  @property() label = 'Images';
  @property({ type: Number }) now = Date.now();

  /** Position that Tab comes to and keys move. */
  @state() private active = 0;
  @query('.list') private list!: HTMLElement;

  #width = 0;
  #height = 0;
  #columns = 1;
  #tile = leastTile;
  #first = 0;
  #end = 0;
  #offset = 0;
  #total = 0;
  #focusAfterUpdate = false;
  #hadFocus = false;
  /** The image under the keys, so that a refreshed list keeps it. */
  #activeId: string | null = null;
  #observer = new ResizeObserver(() => this.#measure());
  #onScroll = (): void => {
    if (this.#place()) this.requestUpdate();
  };

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
    if (this.hasUpdated) this.#attach();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
    this.scroller.removeEventListener('scroll', this.#onScroll);
  }

  /** Puts the focus on the active image, as when a dialog over it closes. */
  focusActive(): void {
    this.#focusAfterUpdate = true;
    this.#reveal(this.active);
    this.requestUpdate();
  }

  /** Makes a position the active one and brings it into sight. */
  activate(index: number): void {
    this.active = Math.max(0, Math.min(index, this.source.length - 1));
    this.#activeId = this.source.at(this.active)?.id ?? null;
    this.#reveal(this.active);
  }

  get #rowHeight(): number {
    return this.layout === 'list' ? listRowHeight : this.#tile + captionHeight + gap;
  }
  get #rows(): number {
    return Math.ceil(this.source.length / this.#columns);
  }

  #attach(): void {
    this.scroller.addEventListener('scroll', this.#onScroll, { passive: true });
    this.#observer.observe(this.scroller);
  }

  #measure(): void {
    const width = this.clientWidth;
    const height = this.scroller.clientHeight;
    if (width === 0 || height === 0) return;
    const keepRow = this.#first;
    const changed = width !== this.#width || height !== this.#height;
    const firstIndex = keepRow * this.#columns;
    const oldColumns = this.#columns;
    this.#width = width;
    this.#height = height;
    if (!changed) return;
    this.#layoutColumns();
    this.#place();
    // Wider or narrower rows hold other images: the first one in sight stays the first one in sight.
    if (oldColumns !== this.#columns && firstIndex > 0 && this.scroller.scrollTop > 0) {
      this.#scrollToRow(Math.floor(firstIndex / this.#columns) + 1);
    }
    this.requestUpdate();
  }

  #layoutColumns(): void {
    if (this.layout === 'list') {
      this.#columns = 1;
      return;
    }
    const width = this.#width - 2 * edge;
    // Two columns in the narrowest side panel too.
    const least = Math.min(leastTile, Math.floor((width - gap) / 2));
    const { columns, tile } = columnsFor(width, this.#height, least, gap, captionHeight);
    this.#columns = columns;
    this.#tile = tile;
  }

  /** Top of the view in the list's own pixels; negative while something stands above the list. */
  #top(): number {
    return this.scroller.getBoundingClientRect().top - this.list.getBoundingClientRect().top;
  }

  /** Works out the rows in sight; true when they differ from those in the page. */
  #place(): boolean {
    if (!this.hasUpdated || this.#height === 0) return false;
    const perScreen = Math.ceil(this.#height / this.#rowHeight) + 1;
    const spare = Math.floor((maxTiles / this.#columns - perScreen) / 2);
    const input = {
      rows: this.#rows,
      rowHeight: this.#rowHeight,
      top: this.#top(),
      height: this.#height,
      overscan: Math.max(0, Math.min(2, spare)),
    };
    const { first, end, offset, total } = windowOf(input);
    const same =
      first === this.#first && end === this.#end && offset === this.#offset && total === this.#total;
    this.#first = first;
    this.#end = end;
    this.#offset = offset;
    this.#total = total;
    return !same;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('layout')) this.#layoutColumns();
    if (this.#activeId !== null && this.source.at(this.active)?.id !== this.#activeId) {
      const moved = this.source.indexOf(this.#activeId);
      if (moved >= 0) this.active = moved;
      else this.#activeId = this.source.at(this.active)?.id ?? null;
    }
    this.active = Math.max(0, Math.min(this.active, this.source.length - 1));
    this.#hadFocus = this.matches(':focus-within');
    this.#place();
    if (this.#height > 0) this.source.ensure(this.#first * this.#columns, this.#end * this.#columns);
  }

  protected override firstUpdated(): void {
    this.#attach();
    this.#measure();
  }

  protected override updated(): void {
    this.list.style.height = `${this.#total}px`;
    this.style.setProperty('--tile', `${this.#tile}px`);
    this.style.setProperty('--columns', String(this.#columns));
    // The list may have become taller or shorter than when the rows were worked out.
    if (this.#place()) this.requestUpdate();
    // The element that had the focus may be gone: its image has moved to another row, or another is in its place.
    const lost = this.#hadFocus && !this.matches(':focus-within');
    if (!this.#focusAfterUpdate && !lost) return;
    const tile = this.renderRoot.querySelector<HTMLElement>(`[data-index="${this.active}"]`);
    if (tile === null) return;
    this.#focusAfterUpdate = false;
    tile.focus({ preventScroll: true });
  }

  #scrollToRow(row: number): void {
    const above = this.#top() - this.scroller.scrollTop;
    const rowTop = topOfRow(row, this.#rows, this.#rowHeight, this.#height);
    this.scroller.scrollTop = rowTop - above - this.covered;
  }

  /** Scrolls no more than needed for the row of a position to be in sight. */
  #reveal(index: number): void {
    const row = Math.floor(index / this.#columns);
    const above = this.#top() - this.scroller.scrollTop;
    const rowTop = topOfRow(row, this.#rows, this.#rowHeight, this.#height) - above;
    const { scrollTop } = this.scroller;
    const bottom = rowTop + this.#rowHeight;
    if (rowTop - this.covered < scrollTop) this.scroller.scrollTop = rowTop - this.covered;
    else if (bottom > scrollTop + this.#height) this.scroller.scrollTop = bottom - this.#height;
    if (this.#place()) this.requestUpdate();
  }

  #select(selection: Selection): void {
    this.selection = selection;
    emitWritten(this, 'selection-change', selection);
  }

  #onClick(event: MouseEvent): void {
    const id = imageOf(event);
    const index = this.#indexOf(event);
    if (id === null || index === null) return;
    this.#beActive(id, index);
    this.#focusAfterUpdate = true;
    const onCheck = event.composedPath().some((e) => e instanceof Element && e.classList.contains('check'));
    if (event.shiftKey) void this.#extendTo({ id, index });
    else if (event.ctrlKey || event.metaKey || onCheck) this.#select(toggle(this.selection, id, index));
    else emitWritten(this, 'open-image', { id, index });
    this.requestUpdate();
  }

  #indexOf(event: Event): number | null {
    for (const element of event.composedPath()) {
      if (element instanceof HTMLElement && element.dataset['index'] !== undefined) {
        return Number(element.dataset['index']);
      }
    }
    return null;
  }

  async #extendTo(to: Anchor): Promise<void> {
    const from = this.selection.anchor ?? to;
    const ids = await this.source.idsBetween(placeOf(from, this.source), to.index);
    this.#select(extend(this.selection, ids, from));
  }

  #onFocusIn(event: FocusEvent): void {
    const index = this.#indexOf(event);
    if (index !== null) this.#beActive(imageOf(event), index);
  }

  #beActive(id: string | null, index: number): void {
    this.#activeId = id;
    this.active = index;
  }

  #onKeyDown(event: KeyboardEvent): void {
    const { active: index } = this;
    const id = imageOf(event);
    const moved = movedTo(event, {
      active: index,
      last: this.source.length - 1,
      columns: this.#columns,
      rowsPerPage: Math.floor(this.#height / this.#rowHeight) - 1,
    });
    if (moved !== null) {
      event.preventDefault();
      this.activate(moved);
      this.#focusAfterUpdate = true;
      if (event.shiftKey && this.#activeId !== null) {
        if (this.selection.anchor === null && id !== null) {
          this.selection = { ...this.selection, anchor: { id, index } };
        }
        void this.#extendTo({ id: this.#activeId, index: this.active });
      }
      this.requestUpdate();
      return;
    }
    if (id === null) return;
    switch (event.key) {
      case ' ':
        this.#select(toggle(this.selection, id, index));
        break;
      case 'Enter':
        emitWritten(this, 'open-image', { id, index });
        break;
      case 'Delete':
        emitWritten(this, 'delete-images', withChosen(id, this.selection));
        break;
      case 'Escape':
        if (this.selection.ids.size === 0) return;
        this.#select(emptySelection);
        break;
      case 'a':
      case 'A':
        if (!(event.ctrlKey || event.metaKey)) return;
        emitWritten(this, 'select-all');
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #renderRow(row: number): TemplateResult {
    const start = row * this.#columns;
    const end = Math.min(start + this.#columns, this.source.length);
    // Each row has a place of its own, so that scrolling draws only the rows that come.
    const place = `top: ${this.#offset + (row - this.#first) * this.#rowHeight}px`;
    const render = this.layout === 'list' ? renderListRow : renderTile;
    const cells = repeat(
      this.source.keys(start, end),
      (key) => key,
      (_key, column) => {
        const index = start + column;
        const tile = this.source.at(index);
        const selected = tile !== undefined && this.selection.ids.has(tile.id);
        return render({ tile, index, column, active: index === this.active, selected, now: this.now, place });
      },
    );
    return this.layout === 'list'
      ? html`${cells}`
      : html`<div class="tiles" role="row" aria-rowindex=${row + 1} .style=${place}>${cells}</div>`;
  }

  protected override render(): TemplateResult {
    const rows = Array.from({ length: Math.max(0, this.#end - this.#first) }, (_, i) => this.#first + i);
    return html`
      ${this.layout === 'list' && this.source.length > 0 ? renderListHead() : nothing}
      <div
        class="list ${this.layout} ${this.selection.ids.size > 0 ? 'choosing' : ''}"
        role="grid"
        aria-label=${this.label}
        aria-description=${countOf(this.source.length, 'image')}
        aria-multiselectable="true"
        aria-rowcount=${this.#rows}
        aria-colcount=${this.#columns}
        @click=${this.#onClick}
        @keydown=${this.#onKeyDown}
        @focusin=${this.#onFocusIn}
      >
        <div class="rows" role="rowgroup">
          ${repeat(
            rows,
            (row) => row,
            (row) => this.#renderRow(row),
          )}
        </div>
      </div>
    `;
  }
}
