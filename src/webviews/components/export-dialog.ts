/** Where an export goes and what happens when the file is there; then its progress, with cancel, and Reveal. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ConflictPolicy } from '../../engine/factory.ts';
import type { Host } from '../client.ts';
import { countOf, formatNumber } from '../format.ts';
import type { ExportDestination, ExportState, ExportWhat } from '../protocol.ts';
import { send } from './events.ts';
import { icon } from './icon.ts';
import { baseStyles, iconButtonStyles } from './styles.ts';

function headingOf(what: ExportWhat): string {
  if (what.kind === 'job') return 'Export Job to Excel';
  if (what.kind === 'jobs') return `Export ${countOf(what.jobIds.length, 'job')}`;
  return 'ids' in what.images
    ? `Export ${countOf(what.images.ids.length, 'image')} as ZIP`
    : 'Export Images as ZIP';
}

@customElement('factory-export-dialog')
export class ExportDialog extends LitElement {
  static override styles = [
    baseStyles,
    iconButtonStyles,
    css`
      dialog {
        width: min(480px, calc(100vw - 32px));
        padding: 0;
        border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
        border-radius: 6px;
        background: var(--vscode-editorWidget-background);
        color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
        box-shadow: 0 4px 16px var(--vscode-widget-shadow);
      }
      dialog::backdrop {
        background: color-mix(in srgb, var(--vscode-editor-background) 60%, transparent);
      }
      .form,
      .progress {
        display: flex;
        flex-direction: column;
        gap: 14px;
        padding: 16px;
      }
      h2 {
        font-size: 15px;
        font-weight: 600;
      }
      fieldset {
        display: flex;
        flex-direction: column;
        gap: 8px;
        margin: 0;
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
        cursor: pointer;
      }
      .place {
        padding-left: 26px;
        overflow-wrap: anywhere;
      }
      .foot {
        justify-content: flex-end;
      }
      .bar {
        height: 4px;
        overflow: hidden;
        border-radius: 2px;
        background: color-mix(in srgb, var(--vscode-foreground) 14%, transparent);
        outline: 1px solid var(--vscode-contrastBorder, transparent);
      }
      .fill {
        height: 100%;
        background: var(--vscode-progressBar-background);
        transform-origin: 0 0;
      }
      .path {
        overflow-wrap: anywhere;
        user-select: text;
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @state() private what: ExportWhat | null = null;
  @state() private custom = false;
  @state() private destination: ExportDestination | null = null;
  @state() private onConflict: ConflictPolicy = 'append';
  @state() private exportId: string | null = null;
  @state() private current: ExportState | null = null;
  @state() private starting = false;
  @query('dialog') private dialog!: HTMLDialogElement;
  #stop: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = [this.host.on('export', (state) => this.#onState(state))];
    void this.#findRunning();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stop) stop();
  }

  /** Asks where the export goes. */
  async show(what: ExportWhat): Promise<void> {
    this.what = what;
    this.exportId = null;
    this.current = null;
    this.onConflict = 'append';
    await this.#attempt(async () => {
      this.destination = await this.host.request('exports.lastDestination', { what: what.kind });
    });
    this.custom = this.destination !== null;
    await this.updateComplete;
    this.dialog.showModal();
  }

  /** An export that began before the page was hidden is shown again. */
  async #findRunning(): Promise<void> {
    await this.#attempt(async () => {
      const running = (await this.host.request('exports.list', {})).find(({ state }) => state === 'running');
      if (running === undefined || this.what !== null) return;
      this.exportId = running.exportId;
      this.current = running;
      await this.updateComplete;
      this.dialog.showModal();
    });
  }

  #onState(state: ExportState): void {
    if (state.exportId !== this.exportId) return;
    this.current = state;
    if (state.state === 'cancelled') this.dialog.close();
    if (state.state === 'done') send(this, 'view-announce', `${state.title} finished. ${state.note ?? ''}`);
    if (state.state === 'failed') send(this, 'view-announce', `${state.title} failed`);
  }

  /** A dialog covers the view's own banner, so it closes before an error is shown there. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.dialog.close();
      send(this, 'view-error', error);
    }
  }

  #pick(): Promise<void> {
    return this.#attempt(async () => {
      if (this.what === null) return;
      const picked = await this.host.request('exports.pickDestination', { what: this.what.kind });
      if (picked !== null) this.destination = picked;
      this.custom = this.destination !== null;
    });
  }

  #start(): Promise<void> {
    return this.#attempt(async () => {
      const { what, custom, destination, onConflict } = this;
      if (what === null || this.starting) return;
      this.starting = true;
      const destinationId = custom ? (destination?.id ?? null) : null;
      const { exportId } = await this.host.request('exports.start', { what, destinationId, onConflict });
      this.exportId = exportId;
      const states = await this.host.request('exports.list', {});
      const state = states.find((one) => one.exportId === exportId);
      if (state !== undefined) this.#onState(state);
    }).finally(() => (this.starting = false));
  }

  /** Enter in a field exports, as in any form: buttons of the toolkit do not count as those of a form. */
  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    void this.#start();
  }

  /** Escape means what Cancel does: while an export runs, the export; else only the dialog. */
  #onEscape(event: Event): void {
    if (this.current?.state !== 'running') return;
    event.preventDefault();
    void this.#call('exports.cancel');
  }

  #call(method: 'exports.cancel' | 'exports.reveal'): Promise<void> {
    return this.#attempt(async () => {
      if (this.exportId !== null) await this.host.request(method, { exportId: this.exportId });
      if (method === 'exports.reveal') this.dialog.close();
    });
  }

  protected override updated(): void {
    const fill = this.renderRoot.querySelector<HTMLElement>('.fill');
    const { current } = this;
    if (fill === null || current === null) return;
    fill.style.transform = `scaleX(${current.total === 0 ? 0 : current.done / current.total})`;
  }

  #renderForm(what: ExportWhat): TemplateResult {
    return html`<div class="form" @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
      <h2 id="heading">${headingOf(what)}</h2>
      <fieldset>
        <legend>Destination</legend>
        <label>
          <input
            type="radio"
            name="destination"
            .checked=${!this.custom}
            @change=${() => (this.custom = false)}
          />
          <span>Default Exports Folder <span class="muted">a new name each time</span></span>
        </label>
        <label>
          <input
            type="radio"
            name="destination"
            .checked=${this.custom}
            @change=${() => (this.destination === null ? void this.#pick() : (this.custom = true))}
          />
          Custom Location
        </label>
        ${
          this.custom && this.destination !== null
            ? html`<div class="row place">
                <span class="grow">${this.destination.shown}</span>
                <button type="button" class="plain link" @click=${() => void this.#pick()}>Change…</button>
              </div>`
            : nothing
        }
      </fieldset>
      ${
        this.custom
          ? html`<fieldset>
              <legend>If the file is already there</legend>
              <label>
                <input
                  type="radio"
                  name="conflict"
                  .checked=${this.onConflict === 'append'}
                  @change=${() => (this.onConflict = 'append')}
                />
                <span>Append Number <span class="muted">to the name</span></span>
              </label>
              <label>
                <input
                  type="radio"
                  name="conflict"
                  .checked=${this.onConflict === 'overwrite'}
                  @change=${() => (this.onConflict = 'overwrite')}
                />
                Overwrite
              </label>
            </fieldset>`
          : nothing
      }
      ${
        what.kind === 'images'
          ? html`<label>
              <input
                type="checkbox"
                .checked=${what.metadata}
                @change=${(event: Event) => {
                  this.what = { ...what, metadata: (event.target as HTMLInputElement).checked };
                }}
              />
              Include Excel workbook with metadata
            </label>`
          : nothing
      }
      <div class="row foot">
        <vscode-button appearance="secondary" @click=${() => this.dialog.close()}>Cancel</vscode-button>
        <vscode-button ?disabled=${this.starting} @click=${() => void this.#start()}>Export</vscode-button>
      </div>
    </div>`;
  }

  #renderState(state: ExportState): TemplateResult {
    if (state.state === 'done') {
      return html`<div class="progress">
        <h2 id="heading" class="row"><span class="pass">${icon('pass')}</span> ${state.title} finished</h2>
        <p class="path muted">${state.shown}</p>
        ${state.note === null ? nothing : html`<p class="row"><span class="pending">${icon('warning')}</span> ${state.note}</p>`}
        <div class="row foot">
          <vscode-button appearance="secondary" @click=${() => this.dialog.close()}>Close</vscode-button>
          <vscode-button autofocus @click=${() => void this.#call('exports.reveal')}>Reveal</vscode-button>
        </div>
      </div>`;
    }
    if (state.state === 'failed') {
      return html`<div class="progress">
        <h2 id="heading" class="row"><span class="fail">${icon('error')}</span> ${state.title} failed</h2>
        <p class="path">${state.error?.message ?? ''}</p>
        <div class="row foot">
          <vscode-button appearance="secondary" @click=${() => this.dialog.close()}>Close</vscode-button>
          ${
            this.what === null
              ? nothing
              : html`<vscode-button
                  @click=${() => {
                    this.exportId = null;
                    this.current = null;
                  }}
                  >Try Again</vscode-button
                >`
          }
        </div>
      </div>`;
    }
    const { done, total, phase } = state;
    return html`<div class="progress">
      <h2 id="heading">${state.title}</h2>
      <div
        class="bar"
        role="progressbar"
        aria-label="Export progress"
        aria-valuemin="0"
        aria-valuemax=${Math.max(1, total)}
        aria-valuenow=${done}
        aria-valuetext="${phase}, ${done} of ${total}"
      >
        <div class="fill"></div>
      </div>
      <div class="row">
        <span class="grow">${phase}</span>
        <span class="muted number"
          >${total === 0 ? '' : `${formatNumber(done)} of ${formatNumber(total)}`}</span
        >
      </div>
      <div class="row foot">
        <vscode-button appearance="secondary" @click=${() => void this.#call('exports.cancel')}
          >Cancel</vscode-button
        >
      </div>
    </div>`;
  }

  protected override render(): TemplateResult {
    const { current, what, exportId } = this;
    return html`<dialog aria-labelledby="heading" @cancel=${(event: Event) => this.#onEscape(event)}>
      ${
        exportId !== null && current !== null
          ? this.#renderState(current)
          : what === null
            ? nothing
            : this.#renderForm(what)
      }
    </dialog>`;
  }
}
