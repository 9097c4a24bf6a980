/** Job Management: the whole history, filtered and sorted in the store, with what can be done to many jobs at once. */
import type { PropertyValues, TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { JobStatistics, JobSummary } from '../../engine/model/job.ts';
import { AppView } from '../components/app-view.ts';
import '../components/empty-state.ts';
import '../components/export-dialog.ts';
import type { ExportDialog } from '../components/export-dialog.ts';
import '../components/job-statistics.ts';
import type { JobAction } from '../components/job-table.ts';
import '../components/job-table.ts';
import '../components/queue-indicator.ts';
import { renderSelectAll } from '../components/selectAll.ts';
import type { Selection } from '../components/selection.ts';
import { emptySelection, toggleAll, without } from '../components/selection.ts';
import { countOf, formatNumber } from '../format.ts';
import type { JobsFilters } from './jobs-filters.ts';
import './jobs-filters.ts';
import { jobsStyles } from './jobs.styles.ts';
import type { JobsFilter, PageSize } from './jobsFilter.ts';
import { defaultJobsFilter, isJobsFiltered, readJobsFilter, toJobFilter } from './jobsFilter.ts';
import './pager.ts';

/** While a job runs, lists and numbers are read again at most this often. */
const refreshMs = 500;
/** More chosen jobs than these are forgotten when the page is hidden; VS Code keeps the state as one text. */
const mostKept = 5000;

function readIds(kept: unknown): string[] {
  return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [];
}

@customElement('factory-jobs')
export class JobsView extends AppView {
  static override styles = [AppView.styles, jobsStyles];

  @state() private filter: JobsFilter = readJobsFilter(this.kept()?.['filter']);
  @state() private jobs: readonly JobSummary[] | null = null;
  @state() private total = 0;
  @state() private selection: Selection = emptySelection;
  /** All ids of the filter, known while something is chosen and a filter hides some jobs. */
  @state() private idsHere: ReadonlySet<string> | null = null;
  @state() private statistics: JobStatistics | null = null;
  @query('factory-export-dialog') private exporter!: ExportDialog;
  @query('factory-jobs-filters') private filters!: JobsFilters;
  @query('.table') private table!: HTMLElement;
  #loading: AbortController | null = null;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #lastDeleted: string | null = null;
  /** Where the table was before the page was hidden; null once it is there again. */
  #keptScroll: number | null = Number(this.kept()?.['scroll'] ?? 0);

  override connectedCallback(): void {
    super.connectedCallback();
    this.host.on('job', (job) => {
      this.jobs = this.jobs?.map((each) => (each.id === job.id ? job : each)) ?? null;
      this.#refreshSoon();
    });
    this.host.on('removed', ({ jobIds }) => {
      this.#select(without(this.selection, jobIds));
      this.#refreshSoon();
    });
    this.host.on('changed', () => {
      this.#refreshSoon();
      void this.#forgetGone();
    });
    this.addEventListener('keydown', (event) => this.#onKey(event));
    void this.#load();
    void this.#restoreSelection(readIds(this.kept()?.['chosen']));
  }

  protected override reload(): void {
    super.reload();
    void this.#load();
  }

  /** What was chosen before the page was hidden, without jobs that have gone meanwhile. */
  async #restoreSelection(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const known = await this.attempt(this.host.request('jobs.ids', { filter: {} }));
    if (known === undefined) return;
    const still = new Set(known);
    const chosen = ids.filter((id) => still.has(id));
    this.#select({ ids: new Set([...chosen, ...this.selection.ids]), anchor: null });
    void this.#load();
  }

  /** What another window or a terminal deleted is chosen no more. */
  async #forgetGone(): Promise<void> {
    if (this.selection.ids.size === 0) return;
    const known = await this.attempt(this.host.request('jobs.ids', { filter: {} }));
    if (known === undefined) return;
    const still = new Set(known);
    const gone = [...this.selection.ids].filter((id) => !still.has(id));
    if (gone.length > 0) this.#select(without(this.selection, gone));
  }

  #refreshSoon(): void {
    if (this.#refreshTimer !== undefined) return;
    this.#refreshTimer = setTimeout(() => {
      this.#refreshTimer = undefined;
      void this.#load();
    }, refreshMs);
  }

  async #load(): Promise<void> {
    this.#loading?.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    const filter = toJobFilter(this.filter);
    const { sort, page, pageSize } = this.filter;
    const wantsIds = this.selection.ids.size > 0 && isJobsFiltered(this.filter);
    const answers = await this.attempt(
      Promise.all([
        this.host.request('jobs.count', { filter }, signal),
        this.host.request(
          'jobs.page',
          { filter, sort, page: { limit: pageSize, offset: page * pageSize } },
          signal,
        ),
        this.host.request('statistics.get', {}, signal),
        wantsIds ? this.host.request('jobs.ids', { filter }, signal) : null,
      ]),
    );
    if (answers === undefined || signal.aborted) return;
    const [total, { items }, statistics, ids] = answers;
    const last = Math.max(0, Math.ceil(total / pageSize) - 1);
    if (page > last) {
      this.#change({ page: last });
      return;
    }
    this.total = total;
    this.jobs = items;
    this.statistics = statistics;
    this.idsHere = ids === null ? null : new Set(ids);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.#keptScroll === null || this.jobs === null) return;
    this.table.scrollTop = this.#keptScroll;
    this.#keptScroll = null;
  }

  #keep(): void {
    const chosen = [...this.selection.ids];
    this.keep({
      filter: this.filter,
      chosen: chosen.length > mostKept ? [] : chosen,
      scroll: this.table.scrollTop,
    });
  }

  #change(changes: Partial<JobsFilter>): void {
    const samePage = 'page' in changes ? {} : { page: 0 };
    this.filter = { ...this.filter, ...samePage, ...changes };
    this.table.scrollTop = 0;
    this.#keep();
    void this.#load();
  }

  #select(selection: Selection): void {
    const first = this.selection.ids.size === 0;
    this.selection = selection;
    if (this.hasUpdated) this.#keep();
    if (first && selection.ids.size > 0 && isJobsFiltered(this.filter)) this.#refreshSoon();
  }

  /** How many of the chosen jobs the filter shows; the others are chosen all the same (M3). */
  get #chosenHere(): number {
    const { ids } = this.selection;
    if (!isJobsFiltered(this.filter)) return ids.size;
    // Until the ids are here, only what the page shows is known to fit.
    const here = this.idsHere ?? new Set(this.jobs?.map((job) => job.id) ?? []);
    return [...ids].filter((id) => here.has(id)).length;
  }

  async #selectAll(): Promise<void> {
    const ids = await this.attempt(this.host.request('jobs.ids', { filter: toJobFilter(this.filter) }));
    if (ids === undefined) return;
    this.idsHere = new Set(ids);
    this.#select(toggleAll(this.selection, ids));
    this.announce(`${countOf(this.selection.ids.size, 'job')} selected`);
  }

  async #rerun(jobIds: readonly string[]): Promise<void> {
    if ((await this.attempt(this.host.request('jobs.rerun', { jobIds }))) !== true) return;
    this.announce(`${countOf(jobIds.length, 'rerun')} started or queued`);
    if (jobIds.length > 1) this.#select(emptySelection);
    this.#refreshSoon();
  }

  async #delete(jobIds: readonly string[]): Promise<void> {
    const deleted = await this.attempt(this.host.request('jobs.delete', { jobIds }));
    if (deleted === undefined || deleted === null) return;
    this.#lastDeleted = deleted.trashId;
    this.#select(without(this.selection, jobIds));
    this.announce(`${countOf(deleted.jobs, 'job')} and ${countOf(deleted.images, 'image')} deleted`);
    await this.#load();
  }

  async #undo(trashId: string): Promise<void> {
    this.#lastDeleted = null;
    const back = await this.attempt(this.host.request('trash.undo', { trashId }));
    if (back !== undefined) this.announce(`${countOf(back.jobs, 'job')} brought back`);
    await this.#load();
  }

  #export(jobIds: readonly string[]): void {
    const [only] = jobIds;
    if (only === undefined) return;
    void this.exporter.show(jobIds.length === 1 ? { kind: 'job', jobId: only } : { kind: 'jobs', jobIds });
  }

  #onAction({ action, job }: { action: JobAction; job: JobSummary }): void {
    if (action === 'rerun') void this.#rerun([job.id]);
    else if (action === 'resume') this.resumeJob(job.id);
    else if (action === 'export') this.#export([job.id]);
    else void this.#delete([job.id]);
  }

  #onKey(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey)) return;
    const typing = event
      .composedPath()
      .some((e) => e instanceof HTMLElement && e.matches('input:not([type=checkbox])'));
    if (event.key === 'f') this.filters.focusSearch();
    else if (event.key === 'a' && !typing) void this.#selectAll();
    else if (event.key === 'z' && !typing && this.#lastDeleted !== null) void this.#undo(this.#lastDeleted);
    else return;
    event.preventDefault();
  }

  #clearFilters(): void {
    const { sort, pageSize } = this.filter;
    this.#change({ ...defaultJobsFilter, sort, pageSize });
  }

  #renderBulk(chosen: readonly string[], elsewhere: number): TemplateResult {
    return html`${
        elsewhere === 0
          ? nothing
          : html`<span class="muted">${formatNumber(elsewhere)} more outside this filter</span>`
      }
      <vscode-button
        title=${chosen.length < 2 ? 'Select two or more jobs' : 'Queue the chosen jobs, one after another'}
        ?disabled=${chosen.length < 2}
        @click=${() => void this.#rerun(chosen)}
        >Rerun Selected</vscode-button
      >
      <vscode-button appearance="secondary" @click=${() => this.#export(chosen)}
        >Export Selected</vscode-button
      >
      <vscode-button appearance="secondary" @click=${() => void this.#delete(chosen)}
        >Delete Selected</vscode-button
      >
      <vscode-button appearance="secondary" @click=${() => this.#select(emptySelection)}
        >Clear Selection</vscode-button
      >`;
  }

  #renderLine(): TemplateResult {
    const chosen = [...this.selection.ids];
    const here = this.#chosenHere;
    return html`<div class="row line">
      ${renderSelectAll(here, this.total, () => void this.#selectAll())}
      ${chosen.length === 0 ? nothing : this.#renderBulk(chosen, chosen.length - here)}
    </div>`;
  }

  #renderBody(): TemplateResult {
    if (this.jobs === null) {
      return html`<div class="skeletons" aria-busy="true">
        ${Array.from({ length: 8 }, () => html`<div class="skeleton"></div>`)}
      </div>`;
    }
    if (this.jobs.length > 0) {
      return html`<factory-job-table
        .jobs=${this.jobs}
        .selection=${this.selection}
        @selection-change=${(event: CustomEvent<Selection>) => this.#select(event.detail)}
        @job-action=${(event: CustomEvent<{ action: JobAction; job: JobSummary }>) => this.#onAction(event.detail)}
        @delete-jobs=${(event: CustomEvent<readonly string[]>) => void this.#delete(event.detail)}
      ></factory-job-table>`;
    }
    if (isJobsFiltered(this.filter)) {
      return html`<factory-empty-state icon="search" heading="No jobs here" text="No job fits these filters.">
        <vscode-button @click=${() => this.#clearFilters()}>Clear Filters</vscode-button>
      </factory-empty-state>`;
    }
    return html`<factory-empty-state
      icon="history"
      heading="No jobs yet"
      text="Every job that runs in this folder appears here, with its settings, its log and its images."
    >
      <vscode-button @click=${() => void this.attempt(this.host.request('view.open', { view: 'dashboard' }))}
        >Open Dashboard</vscode-button
      >
    </factory-empty-state>`;
  }

  protected renderView(): TemplateResult {
    return html`
      <div class="head">
        <div class="row">
          <h1 class="grow">Job Management</h1>
          <factory-queue-indicator .host=${this.host}></factory-queue-indicator>
        </div>
        <factory-job-statistics .statistics=${this.statistics}></factory-job-statistics>
        <factory-jobs-filters
          .value=${this.filter}
          @filter-change=${(event: CustomEvent<Partial<JobsFilter>>) => this.#change(event.detail)}
        ></factory-jobs-filters>
        ${this.#renderLine()}
      </div>
      <div class="table" @scrollend=${() => this.#keep()}>${this.#renderBody()}</div>
      <factory-pager
        .total=${this.total}
        .page=${this.filter.page}
        .pageSize=${this.filter.pageSize}
        @page-change=${(event: CustomEvent<{ page: number; pageSize: PageSize }>) => this.#change(event.detail)}
      ></factory-pager>
      <factory-export-dialog .host=${this.host}></factory-export-dialog>
    `;
  }
}
