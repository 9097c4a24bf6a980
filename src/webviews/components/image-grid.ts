/**
 * A grid or list of images of any length: only the rows in sight are in the page. It scrolls with the element that it
 * is given, has one tab stop, and is worked by arrows, Home, End, Page keys, Space and Enter as VS Code's own lists.
 */
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { countOf } from '../format.ts';
import { tell } from './events.ts';
import type { Layout } from './galleryFilter.ts';
import { gridStyles } from './image-grid.styles.ts';
import { renderListHead, renderListRow, renderTile } from './imageTile.ts';
import type { ImageSource } from './imageSource.ts';
import type { Selection } from './selection.ts';
import { emptySelection, extend, toggle } from './selection.ts';
import { baseStyles } from './styles.ts';
import { columnsFor, mostTiles, topOfRow, windowOf } from './virtualWindow.ts';

const leastTile = 148;
const gap = 8;
const captionHeight = 24;
const listRowHeight = 56;
const edge = 16;

@customElement('gif-image-grid')
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
    const spare = Math.floor((mostTiles / this.#columns - perScreen) / 2);
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
    if (this.#focusAfterUpdate) {
      const tile = this.renderRoot.querySelector<HTMLElement>(`[data-index="${this.active}"]`);
      if (tile !== null) {
        this.#focusAfterUpdate = false;
        tile.focus({ preventScroll: true });
      }
    }
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
    tell(this, 'selection-change', selection);
  }

  #onClick(event: MouseEvent): void {
    const index = this.#indexOf(event);
    const tile = index === null ? undefined : this.source.at(index);
    if (index === null || tile === undefined) return;
    this.active = index;
    this.#activeId = tile.id;
    this.#focusAfterUpdate = true;
    const onCheck = event.composedPath().some((e) => e instanceof Element && e.classList.contains('check'));
    if (event.shiftKey) void this.#extendTo(index);
    else if (event.ctrlKey || event.metaKey || onCheck) this.#select(toggle(this.selection, tile.id, index));
    else tell(this, 'open-image', { id: tile.id, index });
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

  async #extendTo(index: number): Promise<void> {
    const from = this.selection.anchor ?? this.active;
    this.#select(extend(this.selection, await this.source.idsBetween(from, index), from));
  }

  #onFocusIn(event: FocusEvent): void {
    const index = this.#indexOf(event);
    if (index === null) return;
    this.active = index;
    this.#activeId = this.source.at(index)?.id ?? null;
  }

  #onKeyDown(event: KeyboardEvent): void {
    const moved = this.#moved(event);
    if (moved !== null) {
      event.preventDefault();
      const from = this.active;
      this.activate(moved);
      this.#focusAfterUpdate = true;
      if (event.shiftKey) {
        if (this.selection.anchor === null) this.selection = { ...this.selection, anchor: from };
        void this.#extendTo(this.active);
      }
      this.requestUpdate();
      return;
    }
    const tile = this.source.at(this.active);
    if (tile === undefined) return;
    switch (event.key) {
      case ' ':
        this.#select(toggle(this.selection, tile.id, this.active));
        break;
      case 'Enter':
        tell(this, 'open-image', { id: tile.id, index: this.active });
        break;
      case 'Delete':
        tell(this, 'delete-images', this.selection.ids.size > 0 ? [...this.selection.ids] : [tile.id]);
        break;
      case 'Escape':
        if (this.selection.ids.size === 0) return;
        this.#select(emptySelection);
        break;
      case 'a':
      case 'A':
        if (!(event.ctrlKey || event.metaKey)) return;
        tell(this, 'select-all');
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #moved({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): number | null {
    if (altKey) return null;
    const last = this.source.length - 1;
    const columns = this.#columns;
    const page = Math.max(1, Math.floor(this.#height / this.#rowHeight) - 1) * columns;
    const rowStart = this.active - (this.active % columns);
    const within = (index: number): number => Math.max(0, Math.min(last, index));
    switch (key) {
      case 'ArrowRight':
        return columns === 1 ? null : within(this.active + 1);
      case 'ArrowLeft':
        return columns === 1 ? null : within(this.active - 1);
      case 'ArrowDown':
        return this.active + columns > last && rowStart + columns > last
          ? this.active
          : within(this.active + columns);
      case 'ArrowUp':
        return this.active - columns < 0 ? this.active : this.active - columns;
      case 'PageDown':
        return within(this.active + page);
      case 'PageUp':
        return within(this.active - page);
      case 'Home':
        return ctrlKey || metaKey || columns === 1 ? 0 : this.active === rowStart ? 0 : rowStart;
      case 'End': {
        const rowEnd = within(rowStart + columns - 1);
        return ctrlKey || metaKey || columns === 1 || this.active === rowEnd ? last : rowEnd;
      }
      default:
        return null;
    }
  }

  #onContextMenu(event: MouseEvent): void {
    const index = this.#indexOf(event);
    const tile = index === null ? undefined : this.source.at(index);
    const cell = event
      .composedPath()
      .find((e): e is HTMLElement => e instanceof HTMLElement && e.dataset['index'] !== undefined);
    if (tile === undefined || cell === undefined) return;
    const chosen = this.selection.ids.has(tile.id) ? [...this.selection.ids] : [tile.id];
    cell.dataset['vscodeContext'] = JSON.stringify({
      webviewSection: 'image',
      imageId: tile.id,
      jobId: tile.jobId,
      imageIds: chosen.slice(0, 1000),
      imageCount: chosen.length,
    });
  }

  #renderRow(row: number): TemplateResult {
    const start = row * this.#columns;
    const end = Math.min(start + this.#columns, this.source.length);
    const cells: TemplateResult[] = [];
    // Each row has a place of its own, so that scrolling draws only the rows that come.
    const place = `top: ${this.#offset + (row - this.#first) * this.#rowHeight}px`;
    const render = this.layout === 'list' ? renderListRow : renderTile;
    for (let index = start; index < end; index += 1) {
      const tile = this.source.at(index);
      cells.push(
        render({
          tile,
          index,
          column: index - start,
          active: index === this.active,
          selected: tile !== undefined && this.selection.ids.has(tile.id),
          now: this.now,
          place,
        }),
      );
    }
    return this.layout === 'list'
      ? html`${cells}`
      : html`<div class="tiles" role="row" aria-rowindex=${row + 1} .style=${place}>${cells}</div>`;
  }

  protected override render(): TemplateResult {
    const rows: number[] = [];
    for (let row = this.#first; row < this.#end; row += 1) rows.push(row);
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
        @contextmenu=${{ handleEvent: (e: MouseEvent) => this.#onContextMenu(e), capture: true }}
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
