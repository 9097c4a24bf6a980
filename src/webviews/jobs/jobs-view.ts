/** Job Management: the whole history, filtered and sorted in the store, with what can be done to many jobs at once. */
import type { TemplateResult } from 'lit';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { JobStatistics, JobSummary } from '../../engine/model/job.ts';
import { jobStatuses, jobStatusLabels } from '../../engine/model/status.ts';
import { AppView } from '../components/app-view.ts';
import '../components/empty-state.ts';
import '../components/export-dialog.ts';
import type { ExportDialog } from '../components/export-dialog.ts';
import '../components/job-statistics.ts';
import type { JobAction } from '../components/job-table.ts';
import '../components/job-table.ts';
import '../components/queue-indicator.ts';
import type { Selection } from '../components/selection.ts';
import { emptySelection, toggleAll, without } from '../components/selection.ts';
import { fieldStyles } from '../components/styles.ts';
import { countOf, formatNumber } from '../format.ts';
import type { JobsFilter, PageSize } from './jobsFilter.ts';
import { defaultJobsFilter, isJobsFiltered, readJobsFilter, toJobFilter } from './jobsFilter.ts';
import './pager.ts';

const searchPauseMs = 150;
/** While a job runs, lists and numbers are read again at most this often. */
const refreshMs = 500;

@customElement('gif-jobs')
export class JobsView extends AppView {
  static override styles = [
    AppView.styles,
    fieldStyles,
    css`
      .head {
        display: flex;
        flex: none;
        flex-direction: column;
        gap: 10px;
        padding: 12px 16px 8px;
      }
      h1 {
        font-size: 1.5em;
        font-weight: 600;
      }
      .filters {
        flex-wrap: wrap;
        gap: 6px;
      }
      .search {
        flex: 1 1 160px;
        max-width: 320px;
      }
      .line {
        flex-wrap: wrap;
        min-height: 26px;
        gap: 4px 12px;
      }
      .table {
        flex: 1 1 auto;
        min-height: 0;
        overflow-y: auto;
      }
      .skeletons {
        display: flex;
        flex-direction: column;
        gap: 8px;
        padding: 12px 16px;
      }
      .skeletons div {
        height: 22px;
      }
    `,
  ];

  @state() private filter: JobsFilter = readJobsFilter(this.kept()?.['filter']);
  @state() private jobs: readonly JobSummary[] | null = null;
  @state() private total = 0;
  @state() private selection: Selection = emptySelection;
  @state() private statistics: JobStatistics | null = null;
  @query('gif-export-dialog') private exporter!: ExportDialog;
  #loading: AbortController | null = null;
  #searchTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #lastDeleted: string | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.host.on('job', (job) => {
      this.jobs = this.jobs?.map((each) => (each.id === job.id ? job : each)) ?? null;
      this.#refreshSoon();
    });
    this.host.on('removed', ({ jobIds }) => {
      this.selection = without(this.selection, jobIds);
      this.#refreshSoon();
    });
    this.host.on('changed', () => this.#refreshSoon());
    this.addEventListener('keydown', (event) => this.#onKey(event));
    void this.#load();
  }

  protected override reload(): void {
    super.reload();
    void this.#load();
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
    const answers = await this.attempt(
      Promise.all([
        this.host.request('jobs.count', { filter }, signal),
        this.host.request(
          'jobs.page',
          { filter, sort, page: { limit: pageSize, offset: page * pageSize } },
          signal,
        ),
        this.host.request('statistics.get', {}, signal),
      ]),
    );
    if (answers === undefined || signal.aborted) return;
    const [total, { items }, statistics] = answers;
    const last = Math.max(0, Math.ceil(total / pageSize) - 1);
    if (page > last) {
      this.#change({ page: last });
      return;
    }
    this.total = total;
    this.jobs = items;
    this.statistics = statistics;
  }

  #change(changes: Partial<JobsFilter>): void {
    const samePage = 'page' in changes ? {} : { page: 0 };
    this.filter = { ...this.filter, ...samePage, ...changes };
    this.keep({ filter: this.filter });
    void this.#load();
  }

  #onSearch = (event: Event): void => {
    const search = (event.target as HTMLInputElement).value;
    clearTimeout(this.#searchTimer);
    this.#searchTimer = setTimeout(() => this.#change({ search }), searchPauseMs);
  };

  async #selectAll(): Promise<void> {
    const ids = await this.attempt(this.host.request('jobs.ids', { filter: toJobFilter(this.filter) }));
    if (ids === undefined) return;
    this.selection = toggleAll(this.selection, ids);
    this.announce(`${countOf(this.selection.ids.size, 'job')} selected`);
  }

  async #rerun(jobIds: readonly string[]): Promise<void> {
    if ((await this.attempt(this.host.request('jobs.rerun', { jobIds }))) !== true) return;
    this.announce(`${countOf(jobIds.length, 'rerun')} started or queued`);
    if (jobIds.length > 1) this.selection = emptySelection;
    this.#refreshSoon();
  }

  async #delete(jobIds: readonly string[]): Promise<void> {
    const deleted = await this.attempt(this.host.request('jobs.delete', { jobIds }));
    if (deleted === undefined || deleted === null) return;
    this.#lastDeleted = deleted.trashId;
    this.selection = without(this.selection, jobIds);
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
    else if (action === 'resume') void this.attempt(this.host.request('job.resume', { jobId: job.id }));
    else if (action === 'export') this.#export([job.id]);
    else void this.#delete([job.id]);
  }

  /** The Delete key asks like the button does, and never while a field has the focus. */
  #onDeleteKey(job: JobSummary): void {
    const { ids } = this.selection;
    void this.#delete(ids.size > 0 ? [...ids] : [job.id]);
  }

  #onKey(event: KeyboardEvent): void {
    const typing = event
      .composedPath()
      .some((e) => e instanceof HTMLElement && e.matches('input:not([type=checkbox])'));
    if (!(event.ctrlKey || event.metaKey)) return;
    if (event.key === 'f') this.renderRoot.querySelector<HTMLInputElement>('.search')?.focus();
    else if (event.key === 'a' && !typing) void this.#selectAll();
    else if (event.key === 'z' && !typing && this.#lastDeleted !== null) void this.#undo(this.#lastDeleted);
    else return;
    event.preventDefault();
  }

  #renderFilters(): TemplateResult {
    const { filter } = this;
    return html`<div class="row filters" role="search">
      <select
        class="field"
        aria-label="Status"
        @change=${(event: Event) =>
          this.#change({ status: (event.target as HTMLSelectElement).value as JobsFilter['status'] })}
      >
        <option value="all" ?selected=${filter.status === 'all'}>All</option>
        ${jobStatuses.map(
          (status) =>
            html`<option value=${status} ?selected=${filter.status === status}>
              ${jobStatusLabels[status]}
            </option>`,
        )}
      </select>
      <input
        class="field"
        type="date"
        aria-label="From"
        title="From"
        .value=${filter.fromDay}
        @change=${(event: Event) => this.#change({ fromDay: (event.target as HTMLInputElement).value })}
      />
      <span class="muted" aria-hidden="true">–</span>
      <input
        class="field"
        type="date"
        aria-label="To"
        title="To"
        .value=${filter.toDay}
        @change=${(event: Event) => this.#change({ toDay: (event.target as HTMLInputElement).value })}
      />
      <input
        class="field search"
        type="search"
        aria-label="Search in label and id"
        placeholder="Search in label and id"
        .value=${filter.search}
        @input=${this.#onSearch}
      />
      <select
        class="field"
        aria-label="Sort"
        @change=${(event: Event) =>
          this.#change({ sort: (event.target as HTMLSelectElement).value as JobsFilter['sort'] })}
      >
        <option value="newest" ?selected=${filter.sort === 'newest'}>Newest First</option>
        <option value="oldest" ?selected=${filter.sort === 'oldest'}>Oldest First</option>
        <option value="name" ?selected=${filter.sort === 'name'}>Name</option>
      </select>
      ${
        isJobsFiltered(filter)
          ? html`<vscode-button appearance="secondary" @click=${() => this.#clearFilters()}
              >Clear Filters</vscode-button
            >`
          : nothing
      }
    </div>`;
  }

  #clearFilters(): void {
    const { sort, pageSize } = this.filter;
    this.#change({ ...defaultJobsFilter, sort, pageSize });
  }

  #renderLine(): TemplateResult {
    const chosen = [...this.selection.ids];
    const all = chosen.length > 0 && chosen.length >= this.total;
    return html`<div class="row line">
      <vscode-checkbox
        ?disabled=${this.total === 0}
        .checked=${all}
        .indeterminate=${chosen.length > 0 && !all}
        @click=${(event: Event) => {
          event.preventDefault();
          if (this.total > 0) void this.#selectAll();
        }}
        >Select All (${formatNumber(chosen.length)}/${formatNumber(this.total)})</vscode-checkbox
      >
      ${
        chosen.length === 0
          ? nothing
          : html`<vscode-button
                title=${chosen.length < 2 ? 'Select two or more jobs' : ''}
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
              <vscode-button appearance="secondary" @click=${() => (this.selection = emptySelection)}
                >Clear Selection</vscode-button
              >`
      }
    </div>`;
  }

  #renderBody(): TemplateResult {
    if (this.jobs === null) {
      return html`<div class="skeletons" aria-busy="true">
        ${Array.from({ length: 8 }, () => html`<div class="skeleton"></div>`)}
      </div>`;
    }
    if (this.jobs.length > 0) {
      return html`<gif-job-table
        .jobs=${this.jobs}
        .selection=${this.selection}
        @selection-change=${(event: CustomEvent<Selection>) => (this.selection = event.detail)}
        @job-action=${(event: CustomEvent<{ action: JobAction; job: JobSummary }>) => this.#onAction(event.detail)}
        @delete-key=${(event: CustomEvent<JobSummary>) => this.#onDeleteKey(event.detail)}
      ></gif-job-table>`;
    }
    if (isJobsFiltered(this.filter)) {
      return html`<gif-empty-state icon="search" heading="No jobs here" text="No job fits these filters.">
        <vscode-button @click=${() => this.#clearFilters()}>Clear Filters</vscode-button>
      </gif-empty-state>`;
    }
    return html`<gif-empty-state
      icon="history"
      heading="No jobs yet"
      text="Every job that runs in this folder appears here, with its settings, its log and its images."
    >
      <vscode-button @click=${() => void this.attempt(this.host.request('view.open', { view: 'dashboard' }))}
        >Open Dashboard</vscode-button
      >
    </gif-empty-state>`;
  }

  protected renderView(): TemplateResult {
    return html`
      <div class="head">
        <div class="row">
          <h1 class="grow">Job Management</h1>
          <gif-queue-indicator .host=${this.host}></gif-queue-indicator>
        </div>
        <gif-job-statistics .statistics=${this.statistics}></gif-job-statistics>
        ${this.#renderFilters()} ${this.#renderLine()}
      </div>
      <div class="table">${this.#renderBody()}</div>
      <gif-pager
        .total=${this.total}
        .page=${this.filter.page}
        .pageSize=${this.filter.pageSize}
        @page-change=${(event: CustomEvent<{ page: number; pageSize: PageSize }>) => this.#change(event.detail)}
      ></gif-pager>
      <gif-export-dialog .host=${this.host}></gif-export-dialog>
    `;
  }
}
