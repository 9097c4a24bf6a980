/** Retry Processing Settings: the original settings, or one set for the whole batch (F2). */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Problem } from '../../engine/model/errors.ts';
import { limitsOf } from '../../engine/providers/limits.ts';
import type { SettingKey, Settings } from '../../engine/settings/settings.ts';
import { checkSettings, definitionOf, isSettingKey, settingsAsRun } from '../../engine/settings/settings.ts';
import { send, emitWritten } from '../components/events.ts';
import { icon } from '../components/icon.ts';
import type { SettingChange } from '../components/setting-field.ts';
import '../components/settings-form.ts';
import type { SettingsFormElement } from '../components/settings-form.ts';
import { baseStyles, iconButtonStyles } from '../components/styles.ts';
import type { Host } from '../client.ts';
import { countOf } from '../format.ts';
import type { ImageTile } from '../protocol.ts';
import { initialRetrySettings, retrySettings } from './retryQuestion.ts';

@customElement('factory-retry-dialog')
export class RetryDialog extends LitElement {
  static override styles = [
    baseStyles,
    iconButtonStyles,
    css`
      dialog {
        width: min(640px, calc(100vw - 24px));
        max-height: calc(100vh - 24px);
        padding: 0;
        overflow: hidden;
        border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
        border-radius: 6px;
        background: var(--vscode-editor-background);
        color: var(--vscode-foreground);
        box-shadow: 0 4px 16px var(--vscode-widget-shadow);
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      dialog::backdrop {
        background: color-mix(in srgb, var(--vscode-editor-background) 60%, transparent);
      }
      header {
        display: flex;
        flex: none;
        gap: 8px;
        padding: 14px 12px 10px 16px;
      }
      h2 {
        font-size: 15px;
        font-weight: 600;
      }
      .body {
        overflow-wrap: anywhere;
        flex: 1 1 auto;
        min-height: 0;
        padding: 0 16px 12px;
        overflow-y: auto;
      }
      .note {
        display: flex;
        gap: 8px;
        margin-bottom: 10px;
        line-height: 1.4;
      }
      fieldset {
        display: flex;
        flex-direction: column;
        gap: 8px;
        margin: 0 0 12px;
        padding: 0;
        border: none;
      }
      legend {
        padding: 0 0 6px;
        color: var(--vscode-descriptionForeground);
      }
      label {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      factory-settings-form {
        margin: 0 -14px;
      }
      footer {
        display: flex;
        flex: none;
        align-items: center;
        gap: 8px;
        padding: 10px 16px;
        border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        background: var(--vscode-editorWidget-background);
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @state() private ids: readonly string[] = [];
  /** How many of them the quality check rejected. */
  @state() private rejected = 0;
  /** The one job of all images; null when they are of several. */
  @state() private job: { label: string; settings: Settings } | null = null;
  @state() private original = true;
  @state() private regenerateMetadata = false;
  @state() private values: Settings = initialRetrySettings(null);
  @state() private working = false;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('factory-settings-form') private form!: SettingsFormElement | null;

  /** The newest, while what it is about is being read. */
  #question: symbol | null = null;

  constructor() {
    super();
    this.addEventListener('setting-change', (event) => {
      event.stopPropagation();
      const { key, value } = (event as CustomEvent<SettingChange>).detail;
      this.values = { ...this.values, [key]: value };
    });
  }

  /** `tiles` are those of the images that were in sight; of others only the ids are known. */
  async ask(ids: readonly string[], tiles: readonly ImageTile[], filteredJob: string | null): Promise<void> {
    const question = Symbol();
    this.#question = question;
    try {
      const rejected = await this.#countRejected(ids, tiles);
      const jobId = filteredJob ?? (await this.#commonJob(ids, tiles));
      const details = jobId === null ? null : await this.host.request('job.get', { jobId });
      // Another was asked meanwhile: what is shown is all about that.
      if (this.#question !== question) return;
      this.rejected = rejected;
      this.job = details === null ? null : { label: details.label, settings: settingsAsRun(details) };
    } catch (error) {
      send(this, 'view-error', error);
      return;
    }
    this.ids = ids;
    this.regenerateMetadata = false;
    this.original = this.job !== null;
    this.values = initialRetrySettings(this.job?.settings ?? null);
    await this.updateComplete;
    this.dialog.showModal();
  }

  async #countRejected(ids: readonly string[], tiles: readonly ImageTile[]): Promise<number> {
    if (tiles.length === ids.length) return tiles.filter((tile) => tile.status === 'qcFailed').length;
    const all = await this.host.request('images.ids', { filter: { statuses: ['qcFailed'] } });
    const rejected = new Set(all);
    return ids.filter((id) => rejected.has(id)).length;
  }

  /** The one job of all these images, or null. */
  async #commonJob(ids: readonly string[], tiles: readonly ImageTile[]): Promise<string | null> {
    const [jobId, ...others] = new Set(tiles.map((tile) => tile.jobId));
    if (jobId === undefined || others.length > 0) return null;
    if (tiles.length === ids.length) return jobId;
    const own = new Set(await this.host.request('images.ids', { filter: { jobIds: [jobId] } }));
    return ids.every((id) => own.has(id)) ? jobId : null;
  }

  get #problems(): readonly Problem[] {
    if (this.original) return [];
    return checkSettings(this.values, limitsOf).filter(
      ({ key }) => key !== null && isSettingKey(key) && definitionOf(key).forms.includes('retry'),
    );
  }

  async #start(): Promise<void> {
    const wrong = this.#problems[0]?.key ?? null;
    if (wrong !== null) {
      await this.form?.focusField(wrong);
      return;
    }
    if (this.working) return;
    this.working = true;
    try {
      const settings = this.original ? ('original' as const) : retrySettings(this.values);
      const started = await this.host.request('images.retry', {
        imageIds: this.ids,
        settings,
        regenerateMetadata: this.regenerateMetadata,
      });
      this.dialog.close();
      if (started) emitWritten(this, 'retry-started', this.ids);
    } catch (error) {
      // The dialog covers the view's banner, so it closes before an error is shown there.
      this.dialog.close();
      send(this, 'view-error', error);
    } finally {
      this.working = false;
    }
  }

  #renderNotes(): TemplateResult {
    const { rejected } = this;
    return html`<p class="note">
      <span class=${rejected > 0 ? 'pending' : 'muted'}>${icon(rejected > 0 ? 'warning' : 'info')}</span>
      <span
        >Retry repeats the processing; no image is generated again.
        ${
          rejected === 0
            ? 'The quality is checked only where the check itself had failed.'
            : html`<b>The quality check rejected ${countOf(rejected, 'image')} of these.</b> Retry does not
                check again: they are approved when their processing succeeds.`
        }</span
      >
    </p>`;
  }

  protected override render(): TemplateResult {
    const changedKeys = new Set<SettingKey>();
    return html`<dialog aria-labelledby="title">
      <header>
        <h2 id="title" class="grow">Retry Processing Settings · ${countOf(this.ids.length, 'image')}</h2>
        <button class="icon" aria-label="Close" title="Close" @click=${() => this.dialog.close()}>
          ${icon('close')}
        </button>
      </header>
      <div class="body">
        ${this.#renderNotes()}
        <fieldset>
          <legend>Settings</legend>
          <label>
            <input
              type="radio"
              name="settings"
              .checked=${this.original}
              ?disabled=${this.job === null}
              @change=${() => (this.original = true)}
            />
            <span
              >Original
              settings${
                this.job === null
                  ? html`<span class="muted"> (only when all chosen images are of one job)</span>`
                  : html`<span class="muted"> of "${this.job.label}"</span>`
              }</span
            >
          </label>
          <label>
            <input
              type="radio"
              name="settings"
              .checked=${!this.original}
              @change=${() => (this.original = false)}
            />
            Modified settings, one set for all
          </label>
          <label>
            <input
              type="checkbox"
              .checked=${this.regenerateMetadata}
              @change=${(event: Event) => (this.regenerateMetadata = (event.target as HTMLInputElement).checked)}
            />
            Regenerate metadata
          </label>
        </fieldset>
        ${
          this.original
            ? nothing
            : html`<factory-settings-form
                form="retry"
                .values=${this.values}
                .problems=${this.#problems}
                .changedKeys=${changedKeys}
                .sections=${['processing']}
              ></factory-settings-form>`
        }
      </div>
      <footer>
        <span class="grow muted">The job's own settings stay as they are.</span>
        <vscode-button appearance="secondary" @click=${() => this.dialog.close()}>Cancel</vscode-button>
        <vscode-button ?disabled=${this.working} @click=${() => void this.#start()}>Retry</vscode-button>
      </footer>
    </dialog>`;
  }
}
