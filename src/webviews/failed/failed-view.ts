/** Failed Images Review: what failed and why, rescued with two keys. */
import type { PropertyValues, TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { RunSummary } from '../../engine/model/events.ts';
import type { FailedSlot } from '../../engine/model/image.ts';
import type { Remedy } from '../../engine/providers/remedies.ts';
import { AppView } from '../components/app-view.ts';
import { isTyping } from '../components/events.ts';
import '../components/export-dialog.ts';
import type { ExportDialog } from '../components/export-dialog.ts';
import type { ImageViewer } from '../components/image-viewer.ts';
import '../components/image-viewer.ts';
import '../components/queue-indicator.ts';
import '../components/tab-bar.ts';
import { renderSelectAll } from '../components/selectAll.ts';
import type { Selection } from '../components/selection.ts';
import { emptySelection, placeOf, toggleAll, without } from '../components/selection.ts';
import { countOf } from '../format.ts';
import type { ImageTile, ViewTarget } from '../protocol.ts';
import './failed-causes.ts';
import type { FailedFilters } from './failed-filters.ts';
import './failed-filters.ts';
import type { FailedAction, FailedList } from './failed-list.ts';
import './failed-list.ts';
import { failedStyles } from './failed.styles.ts';
import { FailedData } from './failedData.ts';
import type { FailedFilter, Tab } from './failedFilter.ts';
import { isIdle, noFilters, readFailedFilter, tabLabels, tabs, toFailedFilter } from './failedFilter.ts';
import { renderNothingHere } from './nothingHere.ts';
import type { Rescue } from './rescue.ts';
import { renderRescueButtons, rescueOf } from './rescue.ts';
import type { RetryDialog } from './retry-dialog.ts';
import './retry-dialog.ts';
import './retry-progress.ts';
import './held-retries.ts';
import { WaitingApprovals } from './waitingApprovals.ts';

@customElement('factory-failed')
export class FailedView extends AppView {
  static override styles = [AppView.styles, failedStyles];

  @state() private filter: FailedFilter = readFailedFilter(this.kept()?.['filter']);
  @state() private selection: Selection = emptySelection;
  @state() private viewing: { id: string; index: number } | null = null;
  @state() private scroller: HTMLElement | null = null;
  @query('.scroller') private scrollerElement!: HTMLElement;
  @query('factory-failed-list') private list!: FailedList | null;
  @query('factory-failed-filters') private filters!: FailedFilters;
  @query('factory-image-viewer') private viewer!: ImageViewer;
  @query('factory-retry-dialog') private retryDialog!: RetryDialog;
  @query('factory-export-dialog') private exporter!: ExportDialog;
  readonly #data = new FailedData(this, this.host, this.filter, (error) => this.showError(error));
  readonly #approvals = new WaitingApprovals(this, this.host);
  /** Where the panel was opened last; followed once each time. */
  #followed: ViewTarget | null = null;

  constructor() {
    super();
    this.host.on('removed', ({ imageIds }) => {
      this.selection = without(this.selection, imageIds);
      if (this.viewing !== null && imageIds.includes(this.viewing.id)) this.viewing = null;
    });
    this.addEventListener('keydown', (event) => this.#onKey(event));
  }

  protected override firstUpdated(): void {
    this.scroller = this.scrollerElement;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.target === this.#followed) return;
    const first = this.#followed === null;
    this.#followed = this.target;
    const { jobId } = this.target;
    // A page that comes back has its own filters; one that is opened at a job shows that job.
    if (jobId !== undefined && !(first && this.kept() !== null)) void this.#filterByJob(jobId);
  }

  async #filterByJob(jobId: string): Promise<void> {
    const job = await this.attempt(this.host.request('job.get', { jobId }));
    if (job !== undefined) this.#change({ job: { id: job.id, label: job.label } });
  }

  protected override reload(): void {
    super.reload();
    this.#data.refreshSoon();
  }

  #change(changes: Partial<FailedFilter>): void {
    this.filter = { ...this.filter, ...changes };
    this.keep({ filter: this.filter });
    if (this.#data.setFilter(this.filter)) this.selection = emptySelection;
  }

  async #selectAll(): Promise<void> {
    const { filter } = toFailedFilter(this.filter);
    const ids = await this.attempt(this.host.request('images.ids', { filter }));
    if (ids === undefined) return;
    this.selection = toggleAll(this.selection, ids);
    this.announce(`${countOf(this.selection.ids.size, 'image')} selected`);
  }

  #tilesOf(ids: readonly string[]): ImageTile[] {
    return ids.map((id) => this.#data.tile(id)).filter((tile) => tile !== undefined);
  }

  #act({ action, ids }: { action: FailedAction; ids: readonly string[] }): void {
    if (action === 'retry') void this.retryDialog.ask(ids, this.#tilesOf(ids), this.filter.job?.id ?? null);
    else if (action === 'approve') void this.#approve(ids);
    else if (action === 'approveSoon') void this.#approveSoon(ids);
    else void this.#delete(ids);
  }

  #withFile(ids: readonly string[]): string[] {
    const imageIds = ids.filter((id) => this.#data.tile(id)?.hasFile !== false);
    if (imageIds.length === 0) this.announce('There is no file to approve. Retry downloads it again.');
    return imageIds;
  }

  async #approve(ids: readonly string[]): Promise<void> {
    const imageIds = this.#withFile(ids);
    if (imageIds.length === 0) return;
    const done = await this.attempt(this.host.request('images.approve', { imageIds }));
    if (done !== true) return;
    this.announce(`${countOf(imageIds.length, 'image')} being approved`);
    this.#done(imageIds);
  }

  /** By key: the next image can be looked at while this one can still be taken back. */
  async #approveSoon(ids: readonly string[]): Promise<void> {
    const imageIds = this.#withFile(ids);
    if (imageIds.length === 0) return;
    const ended = this.#approvals.add(imageIds);
    this.announce(this.#approving);
    this.#done(imageIds);
    await this.attempt(ended);
    this.#data.refreshSoon();
  }

  get #approving(): string {
    return `${countOf(this.#approvals.images, 'image')} will be approved`;
  }

  async #delete(imageIds: readonly string[]): Promise<void> {
    const deleted = await this.attempt(this.host.request('images.delete', { imageIds }));
    if (deleted === undefined || deleted === null) return;
    this.announce(`${countOf(deleted.images, 'image')} deleted`);
    this.#done(imageIds);
  }

  /** These images go elsewhere: the choice without them, and a viewer at one of them shows the next. */
  #done(imageIds: readonly string[]): void {
    this.selection = without(this.selection, imageIds);
    if (this.viewing !== null && imageIds.includes(this.viewing.id)) {
      const index = placeOf(this.viewing, this.#data.images);
      const next = this.#data.images.at(index + 1);
      if (next === undefined || imageIds.includes(next.id)) this.#closeViewer();
      else this.viewing = { id: next.id, index };
    }
    this.#data.refreshSoon();
  }

  #cancelRun(run: RunSummary): void {
    const asked =
      run.status === 'running'
        ? this.host.request('job.stop', { runId: run.id })
        : this.host.request('queue.remove', { runIds: [run.id] });
    void this.attempt(asked);
  }

  #step(by: number): void {
    if (this.viewing === null) return;
    const index = placeOf(this.viewing, this.#data.images) + by;
    const tile = this.#data.images.at(index);
    if (tile === undefined) return;
    this.#data.images.ensure(index - 2, index + 3);
    this.viewing = { id: tile.id, index };
  }

  #closeViewer(): void {
    this.viewing = null;
    void this.updateComplete.then(() => this.list?.focusActive());
  }

  #onKey(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'f') return;
    event.preventDefault();
    this.filters.focusSearch();
  }

  /** In the viewer the same two keys rescue the image that is looked at. */
  #onViewerKey(event: KeyboardEvent): void {
    if (this.viewing === null || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = rescueOf(event.key);
    if (action === undefined || !isIdle(this.filter.tab)) return;
    event.preventDefault();
    this.#rescue(action === 'approve' ? 'approveSoon' : action);
  }

  /** What is on screen, not the next that is on its way there. */
  #rescue(action: Rescue | 'approveSoon'): void {
    const { shown } = this.viewer;
    if (shown !== null) this.#act({ action, ids: [shown] });
  }

  #generateAgain(slots: readonly FailedSlot[]): void {
    const chosen = slots.map(({ jobId, generation, variation }) => ({ jobId, generation, variation }));
    void this.attempt(this.host.request('slots.generateAgain', { slots: chosen }));
  }

  #renderLine(): TemplateResult {
    const chosen = [...this.selection.ids];
    const button = (action: FailedAction, label: string): TemplateResult =>
      html`<vscode-button
        appearance=${action === 'retry' ? 'primary' : 'secondary'}
        @click=${() => this.#act({ action, ids: chosen })}
        >${label}</vscode-button
      >`;
    return html`<div class="row line">
      ${renderSelectAll(chosen.length, this.#data.length, () => void this.#selectAll())}
      ${
        chosen.length === 0 || !isIdle(this.filter.tab)
          ? nothing
          : html`${button('retry', 'Retry Selected')} ${button('approve', 'Approve Selected')}
            ${button('delete', 'Delete Selected')}`
      }
      <span class="grow"></span>
      ${
        this.#approvals.images === 0
          ? nothing
          : html`<span>${this.#approving}</span>
              <vscode-button appearance="secondary" @click=${() => void this.attempt(this.#approvals.undo())}
                >Undo</vscode-button
              >`
      }
      ${
        this.#data.imageRun === null
          ? nothing
          : html`<factory-retry-progress
              .run=${this.#data.imageRun}
              @cancel-run=${(event: CustomEvent<RunSummary>) => this.#cancelRun(event.detail)}
            ></factory-retry-progress>`
      }
    </div>`;
  }

  #renderNothing(): TemplateResult {
    return renderNothingHere(this.filter, {
      clearFilters: () => this.#change(noFilters),
      openGallery: () => void this.attempt(this.host.request('view.open', { view: 'gallery' })),
    });
  }

  #renderBody(): TemplateResult {
    if (this.#data.images.loaded && this.#data.length === 0) return this.#renderNothing();
    if (this.scroller === null) return html`${nothing}`;
    return html`<factory-failed-list
      .source=${this.#data.images}
      .scroller=${this.scroller}
      .layout=${this.filter.layout}
      .selection=${this.selection}
      .revision=${this.#data.revision}
      .actionable=${isIdle(this.filter.tab)}
      @selection-change=${(event: CustomEvent<Selection>) => (this.selection = event.detail)}
      @open-image=${(event: CustomEvent<{ id: string; index: number }>) => (this.viewing = event.detail)}
      @failed-action=${(event: CustomEvent<{ action: FailedAction; ids: readonly string[] }>) =>
        this.#act(event.detail)}
      @select-all=${() => void this.#selectAll()}
    ></factory-failed-list>`;
  }

  #renderViewer(): TemplateResult {
    const { viewing } = this;
    const actionable = viewing !== null && isIdle(this.filter.tab);
    return html`<factory-image-viewer
      .host=${this.host}
      .imageId=${viewing?.id ?? null}
      .index=${viewing?.index ?? 0}
      .length=${this.#data.images.length}
      @keydown=${(event: KeyboardEvent) => this.#onViewerKey(event)}
      @close-viewer=${() => this.#closeViewer()}
      @step=${(event: CustomEvent<number>) => this.#step(event.detail)}
      @delete-images=${(event: CustomEvent<string[]>) => void this.#delete(event.detail)}
      @export-images=${(event: CustomEvent<string[]>) =>
        void this.exporter.show({ kind: 'images', images: { ids: event.detail }, metadata: true })}
    >
      ${actionable ? renderRescueButtons((action) => this.#rescue(action)) : nothing}
    </factory-image-viewer>`;
  }

  protected renderView(): TemplateResult {
    return html`
      <div class="head">
        <div class="row">
          <h1 class="grow">Failed Images Review</h1>
          <factory-queue-indicator .host=${this.host}></factory-queue-indicator>
        </div>
        <factory-tab-bar
          label="Failed Images"
          .items=${tabs.map((id) => ({ id, label: tabLabels[id], count: this.#data.count(id) }))}
          .value=${this.filter.tab}
          @choose-tab=${(event: CustomEvent<Tab>) => this.#change({ tab: event.detail })}
        ></factory-tab-bar>
        <factory-failed-filters
          .host=${this.host}
          .value=${this.filter}
          @filter-change=${(event: CustomEvent<Partial<FailedFilter>>) => this.#change(event.detail)}
        ></factory-failed-filters>
        <factory-held-retries .host=${this.host}></factory-held-retries>
        ${
          isIdle(this.filter.tab)
            ? html`<factory-failed-causes
                .groups=${this.#data.groups}
                .slots=${this.filter.tab === 'failed' ? this.#data.slots : []}
                @choose-reason=${(event: CustomEvent<string>) => this.#change({ reason: event.detail })}
                @remedy=${(event: CustomEvent<Remedy>) =>
                  void this.attempt(this.host.request('remedy.apply', { remedy: event.detail }))}
                @generate-again=${(event: CustomEvent<readonly FailedSlot[]>) =>
                  this.#generateAgain(event.detail)}
              ></factory-failed-causes>`
            : nothing
        }
        ${this.#renderLine()}
      </div>
      <div class="scroller" role="tabpanel" aria-label=${tabLabels[this.filter.tab]}>
        ${this.#renderBody()}
      </div>
      ${this.#renderViewer()}
      <factory-export-dialog .host=${this.host}></factory-export-dialog>
      <factory-retry-dialog
        .host=${this.host}
        @retry-started=${(event: CustomEvent<readonly string[]>) => {
          this.announce(`${countOf(event.detail.length, 'image')} being retried`);
          this.#done(event.detail);
        }}
      ></factory-retry-dialog>
    `;
  }
}
