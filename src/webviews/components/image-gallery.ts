/** The gallery: filters, counts, the images, what is chosen, the viewer. Used alone and inside other views. */
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Host } from '../client.ts';
import { isCancelled } from '../client.ts';
import { countOf, formatNumber } from '../format.ts';
import type { DeleteResult } from '../../engine/factory.ts';
import { isTyping, send, emitWritten } from './events.ts';
import './empty-state.ts';
import type { FilterBar } from './filter-bar.ts';
import './filter-bar.ts';
import type { GalleryFilter } from './galleryFilter.ts';
import { clearedFilter, defaultFilter, isFiltered, toImageFilter } from './galleryFilter.ts';
import { icon } from './icon.ts';
import type { ImageGrid } from './image-grid.ts';
import './image-grid.ts';
import { galleryStyles } from './image-gallery.styles.ts';
import type { ImageViewer } from './image-viewer.ts';
import './image-viewer.ts';
import { ImageSource } from './imageSource.ts';
import type { Selection } from './selection.ts';
import { emptySelection, toggleAll, without } from './selection.ts';
import { renderSelectAll } from './selectAll.ts';
import { baseStyles, iconButtonStyles } from './styles.ts';

@customElement('factory-image-gallery')
export class ImageGallery extends LitElement {
  static override styles = [baseStyles, iconButtonStyles, galleryStyles];

  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) filter: GalleryFilter = defaultFilter;
  /** Only images of this job; the filter bar then has no job field. */
  @property() jobId: string | null = null;
  /** The element that scrolls, where the gallery is part of a longer page. */
  @property({ attribute: false }) outer: HTMLElement | null = null;
  /** Where to scroll to once the images are there, in CSS pixels. */
  @property({ type: Number }) startAt = 0;

  @state() private selection: Selection = emptySelection;
  /** `index`: the image's place when it was last in the list; null when it never was. */
  @state() private viewing: { id: string; index: number | null } | null = null;
  @state() private revision = 0;
  @state() private covered = 0;
  @query('.scroller') private own!: HTMLElement | null;
  @query('factory-image-grid') private grid!: ImageGrid | null;
  @query('factory-filter-bar') private bar!: FilterBar;
  @query('factory-image-viewer') private viewer!: ImageViewer;
  @query('.head') private head!: HTMLElement;

  #source: ImageSource | null = null;
  #stop: (() => void)[] = [];
  #observer = new ResizeObserver(() => (this.covered = this.outer === null ? 0 : this.head.offsetHeight));
  #lastDeleted: string | null = null;
  #onScroll = (): void => this.#hold();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#source = new ImageSource(this.host, {
      onChange: () => {
        this.revision += 1;
      },
      onError: (error) => send(this, 'view-error', error),
    });
    this.#source.setQuery(this.#query());
    this.#stop = [
      this.host.on('removed', ({ imageIds }) => {
        this.selection = without(this.selection, imageIds);
        if (this.viewing !== null && imageIds.includes(this.viewing.id)) this.#closeViewer();
      }),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#source?.dispose();
    this.#observer.disconnect();
    this.#scroller?.removeEventListener('scroll', this.#onScroll);
    for (const stop of this.#stop) stop();
  }

  get #scroller(): HTMLElement | null {
    return this.outer ?? this.own;
  }

  #query(): { filter: ReturnType<typeof toImageFilter>; sort: GalleryFilter['sort'] } {
    return { filter: toImageFilter(this.filter, this.jobId ?? undefined), sort: this.filter.sort };
  }

  /** Asks the store again, as after something went wrong. */
  reload(): void {
    this.#source?.refresh();
  }

  /** Opens the viewer at an image, wherever the list stands. */
  show(id: string): void {
    this.viewing = { id, index: null };
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.hasUpdated && (changed.has('filter') || changed.has('jobId'))) {
      const before = changed.get('filter');
      const { layout: _a, sort: _b, ...now } = this.filter;
      const { layout: _c, sort: _d, ...then } = before ?? this.filter;
      // What a filter hides must not stay chosen unseen.
      if (JSON.stringify(now) !== JSON.stringify(then)) this.selection = emptySelection;
      this.#source?.setQuery(this.#query());
    }
    this.#source?.hold(this.#isReading());
  }

  protected override firstUpdated(): void {
    this.#observer.observe(this.head);
    this.#scroller?.addEventListener('scroll', this.#onScroll, { passive: true });
    this.requestUpdate();
  }

  protected override updated(): void {
    this.style.setProperty('--covered', `${this.covered}px`);
    if (this.startAt > 0) void this.grid?.updateComplete.then(() => this.#restorePlace());
  }

  /** Goes back to where the reader was, once the list is as long as it was. */
  #restorePlace(): void {
    const scroller = this.#scroller;
    if (this.startAt === 0 || scroller === null || this.#source?.loaded !== true) return;
    scroller.scrollTop = this.startAt;
    const there = Math.abs(scroller.scrollTop - this.startAt) < 2;
    if (there || this.#source.counts !== null) this.startAt = 0;
  }

  /** True while something would move under the reader's eyes or hands. */
  #isReading(): boolean {
    const { grid } = this;
    const scroller = this.#scroller;
    if (this.selection.ids.size > 0 || this.viewing !== null) return true;
    if (grid === null || scroller === null) return false;
    const above = scroller.getBoundingClientRect().top - grid.getBoundingClientRect().top;
    return above > 24 || this.shadowRoot?.activeElement === grid;
  }

  #hold(): void {
    this.#source?.hold(this.#isReading());
    if (this.startAt === 0) emitWritten(this, 'gallery-scroll', this.#scroller?.scrollTop ?? 0);
  }

  #showFresh(): void {
    const scroller = this.#scroller;
    this.selection = emptySelection;
    if (scroller !== null && this.grid !== null) {
      const above = scroller.getBoundingClientRect().top - this.grid.getBoundingClientRect().top;
      scroller.scrollTop = this.outer === null ? 0 : scroller.scrollTop - Math.max(0, above + this.covered);
    }
    this.#source?.refresh();
  }

  async #selectAll(): Promise<void> {
    const { filter } = this.#query();
    try {
      const ids = await this.host.request('images.ids', { filter });
      this.selection = toggleAll(this.selection, ids);
      send(this, 'view-announce', `${countOf(this.selection.ids.size, 'image')} selected`);
    } catch (error) {
      if (!isCancelled(error)) send(this, 'view-error', error);
    }
  }

  async #delete(imageIds: readonly string[]): Promise<void> {
    try {
      const deleted: DeleteResult | null = await this.host.request('images.delete', { imageIds });
      if (deleted === null) return;
      this.#lastDeleted = deleted.trashId;
      this.selection = without(this.selection, imageIds);
      if (this.viewing !== null && imageIds.includes(this.viewing.id)) this.#closeViewer();
      send(this, 'view-announce', `${countOf(deleted.images, 'image')} deleted`);
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  async #undo(): Promise<void> {
    const trashId = this.#lastDeleted;
    if (trashId === null) return;
    this.#lastDeleted = null;
    try {
      const { images } = await this.host.request('trash.undo', { trashId });
      this.#source?.refresh();
      send(this, 'view-announce', `${countOf(images, 'image')} brought back`);
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  #export(ids: readonly string[]): void {
    this.dispatchEvent(
      new CustomEvent('export', {
        detail: { kind: 'images', images: { ids }, metadata: true },
        bubbles: true,
        composed: true,
      }),
    );
  }

  #step(by: number): void {
    if (this.viewing === null || this.#source === null) return;
    const found = this.#source.indexOf(this.viewing.id);
    const place = found >= 0 ? found : this.viewing.index;
    if (place === null) return;
    const index = place + by;
    const tile = this.#source.at(index);
    if (tile === undefined) return;
    this.#source.ensure(index - 2, index + 3);
    this.grid?.activate(index);
    this.viewing = { id: tile.id, index };
  }

  #closeViewer(): void {
    const { viewing } = this;
    if (viewing === null) return;
    this.viewing = null;
    void this.updateComplete.then(async () => {
      // Nothing behind an open dialog takes the focus, so the dialog closes first.
      await this.viewer.updateComplete;
      const index = this.#source?.indexOf(viewing.id) ?? -1;
      if (index >= 0) this.grid?.activate(index);
      this.grid?.focusActive();
    });
  }

  #onKey(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key === 'f') this.bar.focusSearch();
    else if (key === 'z' && this.#lastDeleted !== null && !isTyping(event)) void this.#undo();
    else return;
    event.preventDefault();
  }

  #renderCounts(): TemplateResult {
    const counts = this.#source?.counts;
    const shown = (value: number | undefined): string => (value === undefined ? '–' : formatNumber(value));
    const entry = (label: string, value: number | undefined, tone: string): TemplateResult =>
      html`<span>${label} <b class="number ${tone}">${shown(value)}</b></span>`;
    return html`<div class="counts" role="group" aria-label="Image counts">
      ${entry('Total', counts?.total, '')} ${entry('Pass', counts?.pass, 'pass')}
      ${entry('Fail', counts?.fail, 'fail')} ${entry('Pending', counts?.pending, 'pending')}
    </div>`;
  }

  /** `total` is what Select All takes: the whole filter, with the images that wait above. */
  #renderLine(total: number): TemplateResult {
    const chosen = this.selection.ids.size;
    return html`<div class="row line">
      ${renderSelectAll(chosen, total, () => void this.#selectAll())}
      ${
        chosen === 0
          ? nothing
          : html`<vscode-button @click=${() => this.#export([...this.selection.ids])}
                >Export ZIP</vscode-button
              >
              <vscode-button appearance="secondary" @click=${() => void this.#delete([...this.selection.ids])}
                >Delete Selected</vscode-button
              >
              <button
                class="icon"
                aria-label="Clear Selection"
                title="Clear Selection"
                @click=${() => (this.selection = emptySelection)}
              >
                ${icon('close')}
              </button>`
      }
      <span class="grow"></span>
      ${this.#renderCounts()}
    </div>`;
  }

  #renderEmpty(): TemplateResult {
    const others = (this.#source?.counts?.total ?? 0) > 0;
    if (isFiltered(this.filter) || others) {
      return html`<factory-empty-state
        class="empty"
        icon="search"
        heading="No images here"
        text=${
          others
            ? 'No image has this status with these filters. Others have another status.'
            : 'No image fits these filters.'
        }
      >
        <vscode-button
          @click=${() =>
            this.#change({ ...this.filter, ...(others ? { status: 'all' as const } : clearedFilter) })}
          >${others ? 'Show All Statuses' : 'Clear Filters'}</vscode-button
        >
      </factory-empty-state>`;
    }
    return html`<factory-empty-state
      class="empty"
      icon="file-media"
      heading="No images yet"
      text="Images appear here as a job makes them."
      ><slot name="empty"></slot
    ></factory-empty-state>`;
  }

  #change(filter: GalleryFilter): void {
    this.filter = filter;
    emitWritten(this, 'filter-change', filter);
  }

  #renderBody(source: ImageSource): TemplateResult {
    if (source.loaded && source.length === 0) return this.#renderEmpty();
    const scroller = this.#scroller;
    if (scroller === null) return html`${nothing}`;
    return html`<factory-image-grid
      .source=${source}
      .scroller=${scroller}
      .layout=${this.filter.layout}
      .selection=${this.selection}
      .covered=${this.covered}
      .revision=${this.revision}
      @selection-change=${(event: CustomEvent<Selection>) => (this.selection = event.detail)}
      @open-image=${(event: CustomEvent<{ id: string; index: number }>) => (this.viewing = event.detail)}
      @delete-images=${(event: CustomEvent<string[]>) => void this.#delete(event.detail)}
      @select-all=${() => void this.#selectAll()}
      @focusin=${() => this.#source?.hold(this.#isReading())}
      @focusout=${() => queueMicrotask(() => this.#source?.hold(this.#isReading()))}
    ></factory-image-grid>`;
  }

  protected override render(): TemplateResult {
    const source = this.#source;
    if (source === null) return html`${nothing}`;
    const { viewing } = this;
    const shown = viewing === null ? -1 : source.indexOf(viewing.id);
    const body = html`
      ${
        source.fresh === 0
          ? nothing
          : html`<div class="fresh">
              <vscode-button @click=${() => this.#showFresh()}
                >${icon('arrow-up')} ${countOf(source.fresh, 'new image')}</vscode-button
              >
            </div>`
      }
      <div class="body">${this.#renderBody(source)}</div>
    `;
    return html`
      <div class="head" @keydown=${this.#onKey}>
        <slot name="title"></slot>
        <factory-filter-bar
          .host=${this.host}
          .value=${this.filter}
          .jobs=${this.jobId === null}
          @filter-change=${(event: CustomEvent<Partial<GalleryFilter>>) =>
            this.#change({ ...this.filter, ...event.detail })}
        ></factory-filter-bar>
        ${this.#renderLine(source.total)}
      </div>
      ${
        this.outer === null
          ? html`<div class="scroller" @keydown=${this.#onKey}>${body}</div>`
          : html`<div @keydown=${this.#onKey}>${body}</div>`
      }
      <factory-image-viewer
        .host=${this.host}
        .imageId=${viewing?.id ?? null}
        .index=${shown >= 0 ? shown : (viewing?.index ?? null)}
        .length=${source.length}
        @step=${(event: CustomEvent<number>) => this.#step(event.detail)}
        @close-viewer=${() => this.#closeViewer()}
        @delete-images=${(event: CustomEvent<string[]>) => void this.#delete(event.detail)}
        @export-images=${(event: CustomEvent<string[]>) => {
          this.#closeViewer();
          this.#export(event.detail);
        }}
      ></factory-image-viewer>
    `;
  }
}
