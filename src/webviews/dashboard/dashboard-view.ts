/** The dashboard: start and stop, the job that runs, the newest jobs, all images. */
import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { RemoverChange } from '../../engine/factory.ts';
import type { JobSummary } from '../../engine/model/job.ts';
import { inWords } from '../../engine/model/message.ts';
import { formatCost } from '../../engine/model/money.ts';
import type { Remedy } from '../../engine/providers/remedies.ts';
import { providerLabel } from '../../engine/settings/settings.ts';
import { AppView } from '../components/app-view.ts';
import '../components/empty-state.ts';
import '../components/export-dialog.ts';
import type { ExportDialog } from '../components/export-dialog.ts';
import type { GalleryFilter } from '../components/galleryFilter.ts';
import { readGalleryFilter } from '../components/galleryState.ts';
import { icon } from '../components/icon.ts';
import '../components/image-gallery.ts';
import type { ImageGallery } from '../components/image-gallery.ts';
import '../components/job-history.ts';
import '../components/job-progress.ts';
import '../components/job-statistics.ts';
import '../components/log-view.ts';
import '../components/menu-button.ts';
import type { MenuItem } from '../components/menu-button.ts';
import '../components/queue-indicator.ts';
import { countOf } from '../format.ts';
import type { ExportWhat, PlanSummary, ViewName } from '../protocol.ts';
import { viewTitles } from '../protocol.ts';
import { dashboardStyles } from './dashboard.styles.ts';
import { DashboardData } from './dashboardData.ts';

/** While the page scrolls; other changes are kept at once. */
const keepDelayMs = 150;
/** Force Stop is offered beside the button when stopping lasts this long. */
const patienceMs = 10_000;

@customElement('factory-dashboard')
export class DashboardView extends AppView {
  static override styles = [AppView.styles, dashboardStyles];

  @state() private filter: GalleryFilter = readGalleryFilter(this.kept()?.['filter']);
  @state() private logOpen = this.kept()?.['logOpen'] === true;
  @state() private starting = false;
  @state() private impatient = false;
  @state() private page: HTMLElement | null = null;
  @query('.page') private pageElement!: HTMLElement;
  @query('factory-image-gallery') private gallery!: ImageGallery | null;
  @query('factory-export-dialog') private exporter!: ExportDialog;
  readonly #data = new DashboardData(this, this.host, (error) => this.showError(error));
  #scrollTop = Number(this.kept()?.['scrollTop'] ?? 0);
  readonly #startAt = this.#scrollTop;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.addEventListener('export', (event) => this.#export((event as CustomEvent<ExportWhat>).detail));
  }

  protected override firstUpdated(): void {
    this.page = this.pageElement;
  }

  protected override willUpdate(): void {
    const stopping = this.#running?.stopping === true;
    if (stopping) {
      this.#patience ??= setTimeout(() => (this.impatient = true), patienceMs);
    } else {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      this.impatient = false;
    }
  }

  protected override reload(): void {
    super.reload();
    void this.#data.load();
    this.gallery?.reload();
  }

  get #running(): JobSummary | null {
    const job = this.#data.current;
    return job?.status === 'running' ? job : null;
  }

  #keepNow(): void {
    clearTimeout(this.#timer);
    this.keep({ filter: this.filter, logOpen: this.logOpen, scrollTop: this.#scrollTop });
  }

  #keepSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keepNow(), keepDelayMs);
  }

  #export(what: ExportWhat): void {
    void this.exporter.show(what);
  }

  async #start(method: 'job.start' | 'job.startSample'): Promise<void> {
    this.starting = true;
    const started = await this.attempt(this.host.request(method, {}));
    this.starting = false;
    if (started !== null && started !== undefined) this.announce('Job started');
  }

  #openView(view: ViewName): void {
    void this.attempt(this.host.request('view.open', { view }));
  }

  #applyRemedy(remedy: Remedy): void {
    void this.attempt(this.host.request('remedy.apply', { remedy }));
  }

  #forceStop(): void {
    const running = this.#running;
    if (running !== null) void this.attempt(this.host.request('job.forceStop', { jobId: running.id }));
  }

  #onMenu(id: string): void {
    if (id === 'forceStop') this.#forceStop();
    else if (id === 'startSample') void this.#start('job.startSample');
    else this.#openView(id as ViewName);
  }

  /** Why nothing can be started now, or null. */
  get #cannotStart(): string | null {
    const { session } = this;
    if (session === null) return 'One moment.';
    if (session.folder === null) return 'Open a folder first: jobs belong to a folder.';
    if (!session.trusted) return 'This workspace is not trusted, so no job can start here.';
    const { run } = this.#data;
    return run === null ? null : `${run.title} is working. One run works at a time.`;
  }

  #renderStart(): TemplateResult {
    const running = this.#running;
    if (running !== null && !this.starting) {
      const { stopping } = running;
      return html`
        <vscode-button
          ?disabled=${stopping}
          @click=${() => void this.attempt(this.host.request('job.stop', { jobId: running.id }))}
          >${stopping ? 'Stopping...' : html`${icon('debug-stop')} Stop Job`}</vscode-button
        >
        ${
          stopping && this.impatient
            ? html`<vscode-button appearance="secondary" @click=${() => this.#forceStop()}
                >Force Stop</vscode-button
              >`
            : nothing
        }
      `;
    }
    const why = this.#cannotStart;
    return html`<vscode-button
      ?disabled=${this.starting || why !== null}
      title=${why ?? ''}
      @click=${() => void this.#start('job.start')}
      >${this.starting ? 'Starting...' : html`${icon('play')} Start Job`}</vscode-button
    >`;
  }

  #renderHeader(): TemplateResult {
    const running = this.#running !== null;
    const items: MenuItem[] = [
      { id: 'jobs', label: viewTitles.jobs, icon: 'history' },
      { id: 'failed', label: viewTitles.failed, icon: 'circle-slash' },
      { id: 'gallery', label: viewTitles.gallery, icon: 'file-media' },
      { id: 'settings', label: viewTitles.settings, icon: 'settings-gear' },
      {
        id: 'startSample',
        label: 'Start Sample Job',
        icon: 'beaker',
        separated: true,
        disabled: this.starting || this.#cannotStart !== null,
      },
      { id: 'forceStop', label: 'Force Stop', icon: 'stop-circle', disabled: !running },
    ];
    return html`<header>
      <h1>${viewTitles.dashboard}</h1>
      <span class="grow"></span>
      <factory-queue-indicator .host=${this.host}></factory-queue-indicator>
      ${this.#renderStart()}
      <factory-menu-button
        label="Menu"
        icon="menu"
        .items=${items}
        @choose=${(event: CustomEvent<string>) => this.#onMenu(event.detail)}
      ></factory-menu-button>
    </header>`;
  }

  #renderPlan(plan: PlanSummary): TemplateResult {
    const first = plan.problems[0];
    if (first !== undefined) {
      const field = plan.problems.find((problem) => problem.key !== null)?.key ?? null;
      return html`<div class="plan">
        <span class="pending">${icon('warning')}</span>
        <p>
          <span class="muted">Start Job needs one thing first: ${inWords(first.told)}</span>
          <button class="plain link" @click=${() => this.#applyRemedy({ kind: 'openSettings', field })}>
            Open Settings
          </button>
        </p>
      </div>`;
    }
    const cost =
      plan.estimate.microUsd === 0 && !plan.estimate.unknown ? '' : `, ${formatCost(plan.estimate)} at most`;
    return html`<p class="plan muted">
      Start Job makes ${countOf(plan.images, 'image')} from ${countOf(plan.rowCount, 'row')} with
      ${providerLabel(plan.imageProvider)}${cost}.
    </p>`;
  }

  #renderCurrent(): TemplateResult {
    const data = this.#data;
    const job = data.current;
    if (data.jobs === null) {
      return html`<div class="skeleton wait"></div>`;
    }
    if (job === null) {
      return html`<factory-empty-state
        icon="beaker"
        heading="Make your first images"
        text="A sample job needs no key and costs nothing: it draws an image for each row of a small keyword file."
      >
        <vscode-button
          ?disabled=${this.starting || this.#cannotStart !== null}
          @click=${() => void this.#start('job.startSample')}
          >Start Sample Job</vscode-button
        >
        <vscode-button appearance="secondary" @click=${() => this.#openView('settings')}
          >Open Settings</vscode-button
        >
      </factory-empty-state>`;
    }
    return html`
      <factory-job-progress
        .job=${job}
        .progress=${data.progress?.jobId === job.id ? data.progress : null}
        .progressAt=${data.progressAt}
        .newest=${data.newest}
        @resume=${(event: CustomEvent<RemoverChange | null>) => this.resumeJob(job.id, event.detail)}
        @remedy=${(event: CustomEvent<Remedy>) => this.#applyRemedy(event.detail)}
        @open-image=${(event: CustomEvent<{ id: string }>) => this.gallery?.show(event.detail.id)}
      ></factory-job-progress>
      ${
        this.#running === null && data.run === null && data.plan !== null
          ? this.#renderPlan(data.plan)
          : nothing
      }
      <button
        class="plain fold"
        aria-expanded=${this.logOpen}
        aria-controls="log"
        @click=${() => {
          this.logOpen = !this.logOpen;
          this.#keepNow();
        }}
      >
        ${icon(this.logOpen ? 'chevron-down' : 'chevron-right')} Log
      </button>
      ${
        this.logOpen
          ? html`<factory-log-view
              id="log"
              .host=${this.host}
              .jobId=${job.id}
              .debugMode=${this.session?.debugMode ?? false}
            ></factory-log-view>`
          : nothing
      }
    `;
  }

  #renderHistory(): TemplateResult {
    const { jobs } = this.#data;
    if (jobs?.length === 0) return html`${nothing}`;
    return html`<section aria-labelledby="history">
      <div class="row title">
        <h2 id="history" class="section-title grow">Job History</h2>
        <button class="plain link" @click=${() => this.#openView('jobs')}>Open Job Management</button>
      </div>
      ${
        jobs === null
          ? html`<div class="skeleton wait"></div>`
          : html`<factory-job-history
              .jobs=${jobs}
              @rerun-job=${(event: CustomEvent<JobSummary>) => {
                void this.attempt(this.host.request('jobs.rerun', { jobIds: [event.detail.id] }));
              }}
              @export-job=${(event: CustomEvent<JobSummary>) => {
                this.#export({ kind: 'job', jobId: event.detail.id });
              }}
              @delete-job=${(event: CustomEvent<JobSummary>) => {
                void this.attempt(this.host.request('jobs.delete', { jobIds: [event.detail.id] }));
              }}
            ></factory-job-history>`
      }
    </section>`;
  }

  #renderNoFolder(): TemplateResult {
    return html`<factory-empty-state
      icon="folder-opened"
      heading="No folder is open"
      text="Jobs, images and their history belong to a folder. Open one to begin."
    >
      <vscode-button @click=${() => this.#applyRemedy({ kind: 'openFolder' })}>Open Folder</vscode-button>
    </factory-empty-state>`;
  }

  protected override renderView(): TemplateResult {
    if (this.session?.folder === null) return this.#renderNoFolder();
    const empty = this.#data.jobs?.length === 0 && this.#data.statistics?.totalImages === 0;
    return html`
      <div class="page">
        ${this.#renderHeader()}
        <factory-job-statistics .statistics=${this.#data.statistics}></factory-job-statistics>
        <section aria-labelledby="current">
          <div class="row title"><h2 id="current" class="section-title">Current Job</h2></div>
          <div class="current">${this.#renderCurrent()}</div>
        </section>
        ${this.#renderHistory()}
        ${
          this.page === null || empty
            ? nothing
            : html`<factory-image-gallery
                embedded
                .host=${this.host}
                .outer=${this.page}
                .filter=${this.filter}
                .startAt=${this.#startAt}
                @filter-change=${(event: CustomEvent<GalleryFilter>) => {
                  this.filter = event.detail;
                  this.#keepNow();
                }}
                @gallery-scroll=${(event: CustomEvent<number>) => {
                  this.#scrollTop = event.detail;
                  this.#keepSoon();
                }}
              >
                <h2 slot="title" class="section-title">Generated Images</h2>
              </factory-image-gallery>`
        }
      </div>
      <factory-export-dialog .host=${this.host}></factory-export-dialog>
    `;
  }
}
