/** One job: its overview, images and log, and everything that can be done with it. */
import type { TemplateResult } from 'lit';
import { css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { JobDetails, RemoverChange } from '../../engine/factory.ts';
import type { FailedSlot } from '../../engine/model/image.ts';
import type { Remedy } from '../../engine/providers/remedies.ts';
import type { SettingKey, Settings, SettingSection } from '../../engine/settings/settings.ts';
import { differences } from '../../engine/settings/settings.ts';
import { RequestError } from '../client.ts';
import { AppView } from '../components/app-view.ts';
import '../components/empty-state.ts';
import '../components/export-dialog.ts';
import type { ExportDialog } from '../components/export-dialog.ts';
import type { GalleryFilter } from '../components/galleryFilter.ts';
import { defaultFilter } from '../components/galleryFilter.ts';
import { readGalleryFilter } from '../components/galleryState.ts';
import { icon } from '../components/icon.ts';
import '../components/image-gallery.ts';
import { canResume, jobLook, jobStatusText } from '../components/jobState.ts';
import '../components/log-view.ts';
import '../components/menu-button.ts';
import type { MenuItem } from '../components/menu-button.ts';
import '../components/queue-indicator.ts';
import '../components/settings-dialog.ts';
import type { SettingsDialog } from '../components/settings-dialog.ts';
import '../components/tab-bar.ts';
import type { ExportWhat, InputName } from '../protocol.ts';
import './job-overview.ts';

const tabs = ['overview', 'images', 'logs'] as const;
type Tab = (typeof tabs)[number];
const tabLabels: Record<Tab, string> = { overview: 'Overview', images: 'Images', logs: 'Logs' };

const inputOfSetting: Partial<Record<SettingKey, InputName>> = {
  'files.keywordsFile': 'keywordsFile',
  'files.systemPromptFile': 'systemPromptFile',
  'files.qualityCheckPromptFile': 'qualityCheckPromptFile',
  'files.metadataPromptFile': 'metadataPromptFile',
};

const jobSections: readonly SettingSection[] = [
  'apiKeys',
  'files',
  'parameters',
  'processing',
  'ai',
  'advanced',
];
const shownSlots = 500;
/** While the job runs its details are read again at most this often. */
const refreshMs = 500;

@customElement('factory-job')
export class JobView extends AppView {
  static override styles = [
    AppView.styles,
    css`
      header {
        display: flex;
        flex: none;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 12px;
        padding: 12px 16px 8px;
      }
      .badge {
        display: inline-flex;
        align-items: center;
        gap: 6px;
      }
      .badge span:last-child {
        color: var(--vscode-foreground);
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
      }
      .panel {
        display: flex;
        flex: 1 1 auto;
        flex-direction: column;
        min-height: 0;
        overflow-y: auto;
      }
      factory-image-gallery,
      factory-log-view {
        flex: 1 1 auto;
        min-height: 0;
      }
      factory-log-view {
        padding: 8px 16px 12px;
      }
    `,
  ];

  @state() private job: JobDetails | null = null;
  @state() private gone = false;
  @state() private failedSlots: readonly FailedSlot[] = [];
  @state() private tab: Tab = tabs.find((tab) => tab === this.kept()?.['tab']) ?? 'overview';
  @state() private filter: GalleryFilter = this.#readFilter();
  @query('factory-export-dialog') private exporter!: ExportDialog;
  @query('factory-settings-dialog') private dialog!: SettingsDialog;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.addEventListener('export', (event) => {
      void this.exporter.show((event as CustomEvent<ExportWhat>).detail);
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.host.on('job', (job) => {
      if (job.id === this.target.jobId) this.#refreshSoon();
    });
    this.host.on('removed', ({ jobIds }) => {
      if (this.target.jobId !== undefined && jobIds.includes(this.target.jobId)) this.gone = true;
    });
    this.host.on('changed', () => this.#refreshSoon());
    void this.#load();
  }

  /** A job's images of every status, until the reader says otherwise. */
  #readFilter(): GalleryFilter {
    const kept = this.kept()?.['filter'];
    return kept === undefined ? { ...defaultFilter, status: 'all' } : readGalleryFilter(kept);
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
    const { jobId } = this.target;
    if (jobId === undefined) return;
    const job = await this.attempt(this.#read(jobId));
    if (job === undefined) return;
    this.gone = job === null;
    if (job === null) return;
    this.job = job;
    const slots = await this.attempt(
      this.host.request('slots.failed', { jobId, page: { limit: shownSlots } }),
    );
    this.failedSlots = slots?.items ?? [];
  }

  /** Null when it is not in the store: deleted here or in another window, until Undo brings it back. */
  async #read(jobId: string): Promise<JobDetails | null> {
    try {
      return await this.host.request('job.get', { jobId });
    } catch (error) {
      if (error instanceof RequestError && error.code === 'notFound') return null;
      throw error;
    }
  }

  #show(tab: Tab): void {
    this.tab = tab;
    this.#keep();
  }

  #keep(): void {
    this.keep({ tab: this.tab, filter: this.filter });
  }

  async #rerun(job: JobDetails): Promise<void> {
    const done = await this.attempt(this.host.request('jobs.rerun', { jobIds: [job.id] }));
    if (done === true) this.announce('Rerun started or queued');
  }

  #rerunWithChanges(job: JobDetails): void {
    void this.dialog.ask({
      title: `Rerun "${job.label}" with changes`,
      about: 'These settings are used by the new run only. The settings of this job stay as they are.',
      action: 'Start Rerun',
      form: 'job',
      settings: job.settings,
      sections: jobSections,
      take: async (settings) => {
        const entries = differences(job.settings, settings).map(({ key, after }) => [key, after]);
        const changes = Object.fromEntries(entries) as Partial<Settings>;
        await this.host.request('job.rerunWithChanges', { jobId: job.id, changes });
        this.announce('Rerun started or queued');
        return [];
      },
    });
  }

  #editSettings(job: JobDetails, field?: SettingKey): void {
    void this.dialog.ask({
      ...(field === undefined ? {} : { field }),
      title: `Settings of "${job.label}"`,
      about: 'Saved on the job and used by its next rerun. What has run stays as it was.',
      action: 'Save Settings',
      form: 'job',
      settings: { ...job.settings, 'job.label': job.ownLabel },
      sections: jobSections,
      take: async (settings) => {
        const { problems } = await this.host.request('job.editSettings', { jobId: job.id, settings });
        if (problems.length > 0) return problems;
        this.announce('Settings saved');
        await this.#load();
        return [];
      },
    });
  }

  async #delete(job: JobDetails): Promise<void> {
    const deleted = await this.attempt(this.host.request('jobs.delete', { jobIds: [job.id] }));
    if (deleted !== undefined && deleted !== null) this.gone = true;
  }

  #generateAgain(slots: readonly FailedSlot[]): void {
    const chosen = slots.map(({ jobId, generation, variation }) => ({ jobId, generation, variation }));
    void this.attempt(this.host.request('slots.generateAgain', { slots: chosen }));
  }

  #openInput(key: SettingKey): void {
    const input = inputOfSetting[key];
    const { jobId } = this.target;
    if (input === undefined || jobId === undefined) return;
    void this.attempt(this.host.request('job.openInput', { jobId, input }));
  }

  #onMenu(job: JobDetails, id: string): void {
    if (id === 'changes') this.#rerunWithChanges(job);
    else if (id === 'rerun') void this.#rerun(job);
    else if (id === 'forceStop') void this.attempt(this.host.request('job.forceStop', { jobId: job.id }));
    else if (id === 'jobs') void this.attempt(this.host.request('view.open', { view: 'jobs' }));
  }

  #renderHeader(job: JobDetails): TemplateResult {
    const look = jobLook(job);
    const running = job.status === 'running';
    const items: MenuItem[] = [
      { id: 'rerun', label: 'Rerun', icon: 'debug-rerun', disabled: running },
      { id: 'changes', label: 'Rerun with Changes…', icon: 'edit', disabled: running },
      ...(running ? [{ id: 'forceStop', label: 'Force Stop', separated: true }] : []),
      { id: 'jobs', label: 'Job Management', icon: 'list-flat', separated: true },
    ];
    return html`<header>
      <h1 class="ellipsis" dir="auto" title=${job.label}>${job.label}</h1>
      <button
        class="icon"
        aria-label="Rename"
        title="Rename"
        @click=${() => this.#editSettings(job, 'job.label')}
      >
        ${icon('edit')}
      </button>
      <span class="badge grow ${look.tone}"
        >${icon(look.icon, look.spin)}<span>${jobStatusText(job)}</span></span
      >
      <factory-queue-indicator .host=${this.host}></factory-queue-indicator>
      <div class="actions">
        ${
          running
            ? html`<vscode-button
                ?disabled=${job.stopping}
                @click=${() => void this.attempt(this.host.request('job.stop', { jobId: job.id }))}
                >${job.stopping ? 'Stopping...' : 'Stop Job'}</vscode-button
              >`
            : canResume(job)
              ? html`<vscode-button @click=${() => this.resumeJob(job.id)}>Resume</vscode-button>`
              : html`<vscode-button ?disabled=${job.status === 'queued'} @click=${() => void this.#rerun(job)}
                  >Rerun</vscode-button
                >`
        }
        <vscode-button
          appearance="secondary"
          @click=${() => void this.exporter.show({ kind: 'job', jobId: job.id })}
          >Export</vscode-button
        >
        <vscode-button appearance="secondary" @click=${() => this.#editSettings(job)}
          >Edit Settings</vscode-button
        >
        <vscode-button appearance="secondary" ?disabled=${running} @click=${() => void this.#delete(job)}
          >Delete</vscode-button
        >
        <factory-menu-button
          .items=${items}
          @choose=${(event: CustomEvent<string>) => this.#onMenu(job, event.detail)}
        ></factory-menu-button>
      </div>
    </header>`;
  }

  #renderPanel(job: JobDetails): TemplateResult {
    switch (this.tab) {
      case 'overview':
        return html`<factory-job-overview
          .job=${job}
          .failedSlots=${this.failedSlots}
          @edit-settings=${() => this.#editSettings(job)}
          @rerun-with-changes=${() => this.#rerunWithChanges(job)}
          @resume=${(event: CustomEvent<RemoverChange | null>) => this.resumeJob(job.id, event.detail)}
          @show-input=${(event: CustomEvent<InputName>) =>
            void this.attempt(this.host.request('job.openInput', { jobId: job.id, input: event.detail }))}
          @generate-again=${(event: CustomEvent<readonly FailedSlot[]>) => this.#generateAgain(event.detail)}
          @remedy=${(event: CustomEvent<Remedy>) =>
            void this.attempt(this.host.request('remedy.apply', { remedy: event.detail }))}
        ></factory-job-overview>`;
      case 'images':
        return html`<factory-image-gallery
          .host=${this.host}
          .filter=${this.filter}
          .jobId=${job.id}
          @filter-change=${(event: CustomEvent<GalleryFilter>) => {
            this.filter = event.detail;
            this.#keep();
          }}
        ></factory-image-gallery>`;
      case 'logs':
        return html`<factory-log-view
          .host=${this.host}
          .jobId=${job.id}
          .debugMode=${this.session?.debugMode === true}
        ></factory-log-view>`;
    }
  }

  protected renderView(): TemplateResult {
    const { job } = this;
    if (this.gone) {
      return html`<factory-empty-state
        icon="trash"
        heading="This job was deleted"
        text="Undo in the notification brings it back for 30 days."
      >
        <vscode-button @click=${() => void this.attempt(this.host.request('view.open', { view: 'jobs' }))}
          >Open Job Management</vscode-button
        >
      </factory-empty-state>`;
    }
    if (job === null) return html`<div aria-busy="true"></div>`;
    return html`
      ${this.#renderHeader(job)}
      <factory-tab-bar
        label="Job"
        .items=${tabs.map((id) => ({ id, label: tabLabels[id] }))}
        .value=${this.tab}
        @choose-tab=${(event: CustomEvent<Tab>) => this.#show(event.detail)}
      ></factory-tab-bar>
      <div class="panel" role="tabpanel" aria-label=${tabLabels[this.tab]}>${this.#renderPanel(job)}</div>
      <factory-export-dialog .host=${this.host}></factory-export-dialog>
      <factory-settings-dialog
        .host=${this.host}
        @open-input=${(event: CustomEvent<SettingKey>) => this.#openInput(event.detail)}
      ></factory-settings-dialog>
    `;
  }
}
