/** Failed Images Review: what failed and why, rescued with two keys. */
import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { RunSummary } from '../../engine/model/events.ts';
import type { FailedSlot } from '../../engine/model/image.ts';
import type { WayOut } from '../../engine/model/waysOut.ts';
import { AppView } from '../components/app-view.ts';
import '../components/empty-state.ts';
import '../components/image-viewer.ts';
import { icon } from '../components/icon.ts';
import { ImageSource } from '../components/imageSource.ts';
import '../components/job-picker.ts';
import type { ChosenJob, Layout } from '../components/galleryFilter.ts';
import type { Selection } from '../components/selection.ts';
import { emptySelection, toggleAll, without } from '../components/selection.ts';
import { fieldStyles } from '../components/styles.ts';
import { countOf, formatNumber } from '../format.ts';
import type { ImageTile } from '../protocol.ts';
import { reasonLabel, reasons } from './causes.ts';
import type { Group } from './failed-causes.ts';
import './failed-causes.ts';
import './retry-progress.ts';
import type { FailedAction, FailedList } from './failed-list.ts';
import './failed-list.ts';
import { failedStyles } from './failed.styles.ts';
import type { FailedFilter, Tab } from './failedFilter.ts';
import {
  countOfTab,
  readFailedFilter,
  tabLabels,
  tabs,
  toFailedFilter,
  withoutStatus,
} from './failedFilter.ts';
import type { RetryDialog } from './retry-dialog.ts';
import './retry-dialog.ts';

const searchPauseMs = 150;
const refreshMs = 500;
const shownSlots = 200;

@customElement('gif-failed')
export class FailedView extends AppView {
  static override styles = [AppView.styles, fieldStyles, failedStyles];

  @state() private filter: FailedFilter = readFailedFilter(this.kept()?.['filter']);
  @state() private selection: Selection = emptySelection;
  @state() private groups: readonly Group[] = [];
  @state() private slots: readonly FailedSlot[] = [];
  @state() private run: RunSummary | null = null;
  @state() private viewing: { id: string; index: number } | null = null;
  @state() private revision = 0;
  @state() private scroller: HTMLElement | null = null;
  @query('.scroller') private scrollerElement!: HTMLElement;
  @query('gif-failed-list') private list!: FailedList | null;
  @query('gif-retry-dialog') private retryDialog!: RetryDialog;
  readonly #source: ImageSource;
  #searchTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    if (this.target.jobId !== undefined) this.filter = { ...this.filter, job: null };
    this.#source = new ImageSource(this.host, {
      onChange: () => {
        this.revision += 1;
      },
      onError: (error) => this.showError(error),
    });
    this.#source.setQuery(toFailedFilter(this.filter));
    this.host.on('removed', ({ imageIds }) => {
      this.selection = without(this.selection, imageIds);
      if (this.viewing !== null && imageIds.includes(this.viewing.id)) this.viewing = null;
      this.#refreshSoon();
    });
    this.host.on('images', () => this.#refreshSoon());
    this.host.on('changed', () => this.#refreshSoon());
    this.host.on('run', (run) => {
      this.run = run;
      this.#refreshSoon();
    });
    void this.#loadSides();
  }

  protected override firstUpdated(): void {
    this.scroller = this.scrollerElement;
    const { jobId } = this.target;
    if (jobId !== undefined) void this.#filterByJob(jobId);
  }

  async #filterByJob(jobId: string): Promise<void> {
    const job = await this.attempt(this.host.request('job.get', { jobId }));
    if (job !== undefined) this.#change({ job: { id: job.id, label: job.label } });
  }

  protected override reload(): void {
    super.reload();
    this.#refreshSoon();
  }

  /** Images move between tabs while they are worked on; what is chosen stays chosen. */
  #refreshSoon(): void {
    if (this.#refreshTimer !== undefined) return;
    this.#refreshTimer = setTimeout(() => {
      this.#refreshTimer = undefined;
      this.#source.refresh();
      void this.#loadSides();
    }, refreshMs);
  }

  async #loadSides(): Promise<void> {
    const filter = {
      ...withoutStatus(this.filter),
      statuses: ['qcFailed', 'failed', 'retryFailed'] as const,
    };
    const jobId = this.filter.job?.id;
    const answers = await this.attempt(
      Promise.all([
        this.host.request('failures.groups', { filter }),
        this.host.request('slots.failed', {
          page: { limit: shownSlots },
          ...(jobId === undefined ? {} : { jobId }),
        }),
        this.host.request('progress.get', {}),
      ]),
    );
    if (answers === undefined) return;
    const [groups, slots, { run }] = answers;
    this.groups = groups;
    this.slots = slots.items;
    this.run = run;
  }

  #change(changes: Partial<FailedFilter>): void {
    this.filter = { ...this.filter, ...changes };
    this.selection = emptySelection;
    this.keep({ filter: this.filter });
    this.#source.setQuery(toFailedFilter(this.filter));
    void this.#loadSides();
  }

  #onSearch = (event: Event): void => {
    const search = (event.target as HTMLInputElement).value;
    clearTimeout(this.#searchTimer);
    this.#searchTimer = setTimeout(() => this.#change({ search }), searchPauseMs);
  };

  /** A run over images, as against one that makes new ones. */
  get #imageRun(): RunSummary | null {
    return this.run !== null && (this.run.kind === 'retry' || this.run.kind === 'approve') ? this.run : null;
  }

  #count(tab: Tab): number | null {
    const { counts } = this.#source;
    if (counts === null) return null;
    // While a job makes new images, those in work are its own and no concern of this view.
    return tab === 'processing' && this.#imageRun === null ? 0 : countOfTab(counts, tab);
  }

  get #length(): number {
    return this.filter.tab === 'processing' && this.#imageRun === null ? 0 : this.#source.length;
  }

  async #selectAll(): Promise<void> {
    const { filter } = toFailedFilter(this.filter);
    const ids = await this.attempt(this.host.request('images.ids', { filter }));
    if (ids === undefined) return;
    this.selection = toggleAll(this.selection, ids);
    this.announce(`${countOf(this.selection.ids.size, 'image')} selected`);
  }

  #tilesOf(ids: readonly string[]): ImageTile[] {
    return ids.map((id) => this.#source.at(this.#source.indexOf(id))).filter((tile) => tile !== undefined);
  }

  #act({ action, ids }: { action: FailedAction; ids: readonly string[] }): void {
    if (action === 'retry') void this.retryDialog.ask(ids, this.#tilesOf(ids));
    else void this.#approveOrDelete(action, ids);
  }

  async #approveOrDelete(action: 'approve' | 'delete', imageIds: readonly string[]): Promise<void> {
    if (action === 'approve') {
      const usable = imageIds.filter((id) => this.#source.at(this.#source.indexOf(id))?.hasFile !== false);
      if (usable.length === 0) return;
      const done = await this.attempt(this.host.request('images.approve', { imageIds: usable }));
      if (done === true) this.announce(`${countOf(usable.length, 'image')} being approved`);
    } else {
      const deleted = await this.attempt(this.host.request('images.delete', { imageIds }));
      if (deleted === undefined || deleted === null) return;
      this.announce(`${countOf(deleted.images, 'image')} deleted`);
    }
    this.selection = without(this.selection, imageIds);
    if (this.viewing !== null && imageIds.includes(this.viewing.id)) this.#closeViewer();
    this.#refreshSoon();
  }

  #cancelRun(run: RunSummary): void {
    const asked =
      run.status === 'running'
        ? this.host.request('job.stop', {})
        : this.host.request('queue.remove', { runIds: [run.id] });
    void this.attempt(asked);
  }

  #step(by: number): void {
    if (this.viewing === null) return;
    const found = this.#source.indexOf(this.viewing.id);
    const index = (found >= 0 ? found : this.viewing.index) + by;
    const tile = this.#source.at(index);
    if (tile === undefined) return;
    this.#source.ensure(index - 2, index + 3);
    this.viewing = { id: tile.id, index };
  }

  #closeViewer(): void {
    this.viewing = null;
    void this.updateComplete.then(() => this.list?.focusActive());
  }

  #renderTabs(): TemplateResult {
    const onKey = (event: KeyboardEvent): void => {
      const at = tabs.indexOf(this.filter.tab);
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      const to = tabs[(at + step + tabs.length) % tabs.length];
      if (step === 0 || to === undefined) return;
      event.preventDefault();
      this.#change({ tab: to });
      void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#tab-${to}`)?.focus());
    };
    return html`<div class="tabs" role="tablist" aria-label="Failed Images" @keydown=${onKey}>
      ${tabs.map((tab) => {
        const count = this.#count(tab);
        return html`<button
          id=${`tab-${tab}`}
          class="plain"
          role="tab"
          aria-controls="panel"
          aria-selected=${tab === this.filter.tab ? 'true' : 'false'}
          tabindex=${tab === this.filter.tab ? 0 : -1}
          @click=${() => this.#change({ tab })}
        >
          ${tabLabels[tab]} <span class="number muted">${count === null ? '' : formatNumber(count)}</span>
        </button>`;
      })}
    </div>`;
  }

  #renderFilters(): TemplateResult {
    const { filter } = this;
    const layout = (value: Layout, label: string, name: 'layout' | 'list-flat'): TemplateResult =>
      html`<button
        class="icon"
        aria-label=${label}
        title=${label}
        aria-pressed=${filter.layout === value ? 'true' : 'false'}
        @click=${() => this.#change({ layout: value })}
      >
        ${icon(name)}
      </button>`;
    return html`<div class="row filters" role="search">
      <select
        class="field"
        aria-label="Reason"
        @change=${(event: Event) => this.#change({ reason: (event.target as HTMLSelectElement).value })}
      >
        <option value="" ?selected=${filter.reason === ''}>All Reasons</option>
        ${reasons.map(
          (reason) =>
            html`<option value=${reason} ?selected=${filter.reason === reason}>
              ${reasonLabel(reason)}
            </option>`,
        )}
      </select>
      <gif-job-picker
        .host=${this.host}
        .chosen=${filter.job}
        @choose-job=${(event: CustomEvent<ChosenJob | null>) => this.#change({ job: event.detail })}
      ></gif-job-picker>
      <input
        class="field search"
        type="search"
        aria-label="Search in prompt and id"
        placeholder="Search in prompt and id"
        .value=${filter.search}
        @input=${this.#onSearch}
      />
      <select
        class="field"
        aria-label="Sort"
        @change=${(event: Event) =>
          this.#change({ sort: (event.target as HTMLSelectElement).value as FailedFilter['sort'] })}
      >
        <option value="newest" ?selected=${filter.sort === 'newest'}>Newest First</option>
        <option value="oldest" ?selected=${filter.sort === 'oldest'}>Oldest First</option>
        <option value="name" ?selected=${filter.sort === 'name'}>Name</option>
      </select>
      <div class="row" role="group" aria-label="Layout">
        ${layout('grid', 'Grid View', 'layout')} ${layout('list', 'List View', 'list-flat')}
      </div>
    </div>`;
  }

  #generateAgain(slots: readonly FailedSlot[]): void {
    const chosen = slots.map(({ jobId, generation, variation }) => ({ jobId, generation, variation }));
    void this.attempt(this.host.request('slots.generateAgain', { slots: chosen }));
  }

  #renderLine(): TemplateResult {
    const chosen = [...this.selection.ids];
    const length = this.#length;
    const all = chosen.length > 0 && chosen.length >= length;
    const idle = this.filter.tab === 'failed' || this.filter.tab === 'retryFailed';
    return html`<div class="row line">
      <vscode-checkbox
        ?disabled=${length === 0}
        .checked=${all}
        .indeterminate=${chosen.length > 0 && !all}
        @click=${(event: Event) => {
          event.preventDefault();
          if (length > 0) void this.#selectAll();
        }}
        >Select All (${formatNumber(chosen.length)}/${formatNumber(length)})</vscode-checkbox
      >
      ${
        chosen.length === 0 || !idle
          ? nothing
          : html`<vscode-button @click=${() => this.#act({ action: 'retry', ids: chosen })}
                >Retry Selected</vscode-button
              >
              <vscode-button
                appearance="secondary"
                @click=${() => this.#act({ action: 'approve', ids: chosen })}
                >Approve Selected</vscode-button
              >
              <vscode-button
                appearance="secondary"
                @click=${() => this.#act({ action: 'delete', ids: chosen })}
                >Delete Selected</vscode-button
              >`
      }
      <span class="grow"></span>
      ${
        this.#imageRun === null
          ? nothing
          : html`<gif-retry-progress
              .run=${this.#imageRun}
              @cancel-run=${(event: CustomEvent<RunSummary>) => this.#cancelRun(event.detail)}
            ></gif-retry-progress>`
      }
    </div>`;
  }

  #renderBody(): TemplateResult {
    if (this.#source.loaded && this.#length === 0) {
      const filtered = this.filter.reason !== '' || this.filter.job !== null || this.filter.search !== '';
      return filtered
        ? html`<gif-empty-state icon="search" heading="No images here" text="No image fits these filters.">
            <vscode-button @click=${() => this.#change({ reason: '', job: null, search: '' })}
              >Clear Filters</vscode-button
            >
          </gif-empty-state>`
        : html`<gif-empty-state
            icon="pass"
            heading=${this.filter.tab === 'failed' ? 'Nothing failed' : 'Nothing here'}
            text="Images that fail a check or a step appear here, with the reason and what helps."
          >
            <vscode-button
              appearance="secondary"
              @click=${() => void this.attempt(this.host.request('view.open', { view: 'gallery' }))}
              >Open Gallery</vscode-button
            >
          </gif-empty-state>`;
    }
    if (this.scroller === null) return html`${nothing}`;
    return html`<gif-failed-list
      .source=${this.#source}
      .scroller=${this.scroller}
      .layout=${this.filter.layout}
      .selection=${this.selection}
      .revision=${this.revision}
      ?actionable=${this.filter.tab === 'failed' || this.filter.tab === 'retryFailed'}
      @selection-change=${(event: CustomEvent<Selection>) => (this.selection = event.detail)}
      @open-image=${(event: CustomEvent<{ id: string; index: number }>) => (this.viewing = event.detail)}
      @failed-action=${(event: CustomEvent<{ action: FailedAction; ids: readonly string[] }>) =>
        this.#act(event.detail)}
      @select-all=${() => void this.#selectAll()}
    ></gif-failed-list>`;
  }

  protected renderView(): TemplateResult {
    return html`
      <div class="head">
        <h1>Failed Images Review</h1>
        ${this.#renderTabs()} ${this.#renderFilters()}
        ${
          this.filter.tab === 'failed' || this.filter.tab === 'retryFailed'
            ? html`<gif-failed-causes
                .groups=${this.groups}
                .slots=${this.filter.tab === 'failed' ? this.slots : []}
                @choose-reason=${(event: CustomEvent<string>) => this.#change({ reason: event.detail })}
                @way-out=${(event: CustomEvent<WayOut>) =>
                  void this.attempt(this.host.request('wayOut.take', { wayOut: event.detail }))}
                @generate-again=${(event: CustomEvent<readonly FailedSlot[]>) =>
                  this.#generateAgain(event.detail)}
              ></gif-failed-causes>`
            : nothing
        }
        ${this.#renderLine()}
      </div>
      <div class="scroller" id="panel" role="tabpanel" aria-labelledby=${`tab-${this.filter.tab}`}>
        ${this.#renderBody()}
      </div>
      <gif-image-viewer
        .host=${this.host}
        .imageId=${this.viewing?.id ?? null}
        .index=${this.viewing?.index ?? 0}
        .length=${this.#source.length}
        @close-viewer=${() => this.#closeViewer()}
        @step=${(event: CustomEvent<number>) => this.#step(event.detail)}
        @delete-images=${(event: CustomEvent<string[]>) => void this.#approveOrDelete('delete', event.detail)}
      ></gif-image-viewer>
      <gif-retry-dialog
        .host=${this.host}
        @retry-started=${(event: CustomEvent<readonly string[]>) => {
          this.selection = without(this.selection, event.detail);
          this.announce(`${countOf(event.detail.length, 'image')} being retried`);
          this.#refreshSoon();
        }}
      ></gif-retry-dialog>
    `;
  }
}
