/** The log of a job: standard sentences or technical rows, filtered, searched, followed, copied, saved. */
import type { VirtualizerHostElement } from '@lit-labs/virtualizer/virtualize.js';
import { virtualize, virtualizerRef } from '@lit-labs/virtualizer/virtualize.js';
import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { LogEntry, LogLevel } from '../../engine/model/events.ts';
import { logLine, logTime } from '../../engine/model/logLine.ts';
import type { Host } from '../client.ts';
import { isCancelled } from '../client.ts';
import { countOf } from '../format.ts';
import { send } from './events.ts';
import { icon } from './icon.ts';
import { filterLog } from './logFilter.ts';
import type { LogFilter } from './logFilter.ts';
import { baseStyles, fieldStyles, iconButtonStyles } from './styles.ts';

const batch = 2000;

const levelLabels: Record<LogLevel | 'all', string> = {
  all: 'All Levels',
  info: 'Info',
  warn: 'Warning',
  error: 'Error',
};

@customElement('factory-log-view')
export class LogView extends LitElement {
  static override styles = [
    baseStyles,
    iconButtonStyles,
    fieldStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        gap: 6px;
      }
      .bar {
        flex-wrap: wrap;
        gap: 6px;
      }
      .modes {
        display: inline-flex;
      }
      .modes button {
        height: 24px;
        padding: 0 10px;
        border: 1px solid var(--vscode-checkbox-border, var(--vscode-contrastBorder, transparent));
        background: none;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }
      .modes button:first-child {
        border-radius: 3px 0 0 3px;
      }
      .modes button:last-child {
        border-left: none;
        border-radius: 0 3px 3px 0;
      }
      .modes button[aria-pressed='true'] {
        background: var(--vscode-inputOption-activeBackground);
        color: var(--vscode-inputOption-activeForeground);
      }
      .modes button:disabled {
        color: var(--vscode-disabledForeground);
        cursor: default;
      }
      vscode-dropdown {
        width: 112px;
      }
      .search {
        flex: 1 1 120px;
        max-width: 260px;
      }
      .rows {
        flex: 1 1 auto;
        min-height: 0;
        overflow: auto;
        border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        border-radius: 3px;
        font-family: var(--vscode-editor-font-family);
        font-size: 12px;
      }
      .entry {
        display: grid;
        grid-template-columns: 62px 18px minmax(0, 1fr);
        width: 100%;
        padding: 1px 8px;
        line-height: 18px;
        user-select: text;
      }
      .entry:hover {
        background: var(--vscode-list-hoverBackground);
      }
      .entry .codicon {
        font-size: 14px;
        line-height: 18px;
      }
      .message {
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }
      .debug .message {
        color: var(--vscode-descriptionForeground);
      }
      .none {
        padding: 12px;
        font-family: var(--vscode-font-family);
        font-size: var(--vscode-font-size);
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @property() jobId = '';
  /** `advanced.debugMode`: whether technical rows are offered. */
  @property({ type: Boolean }) debugMode = false;
  @property({ attribute: false }) filter: LogFilter = { level: 'all', search: '' };
  @state() private debug = false;
  @state() private following = true;
  @state() private entries: readonly LogEntry[] = [];
  @state() private loaded = false;
  @query('.rows') private rows!: VirtualizerHostElement | null;
  #loading: AbortController | null = null;
  #again = false;
  #stop: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = [
      this.host.on('logs', ({ jobIds }) => {
        if (jobIds.includes(this.jobId)) void this.#more();
      }),
      this.host.on('changed', () => void this.#more()),
    ];
    if (this.hasUpdated) void this.#more();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stop) stop();
    this.#loading?.abort();
    this.#loading = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('debugMode') && !this.debugMode) this.debug = false;
    if (!changed.has('jobId') && !changed.has('debug')) return;
    this.#loading?.abort();
    this.#loading = null;
    this.entries = [];
    this.loaded = false;
    void this.#more();
  }

  protected override updated(changed: PropertyValues): void {
    if (this.following && (changed.has('entries') || changed.has('following'))) void this.#toEnd();
  }

  async #toEnd(): Promise<void> {
    const rows = this.rows;
    const virtualizer = rows?.[virtualizerRef];
    if (rows === null || virtualizer === undefined) return;
    // Rows wrap, so their heights, and with them the end, are known only when they were drawn.
    await virtualizer.layoutComplete;
    if (!this.following || this.rows !== rows) return;
    rows.scrollTop = rows.scrollHeight;
    await virtualizer.layoutComplete;
    rows.scrollTop = rows.scrollHeight;
  }

  /** Fetches the rows after the last one that is here. */
  async #more(): Promise<void> {
    if (this.jobId === '') return;
    if (this.#loading !== null) {
      this.#again = true;
      return;
    }
    const controller = new AbortController();
    this.#loading = controller;
    try {
      for (;;) {
        this.#again = false;
        const afterSeq = this.entries.at(-1)?.seq;
        const page = await this.host.request(
          'logs.page',
          {
            jobId: this.jobId,
            debug: this.debug,
            limit: batch,
            ...(afterSeq === undefined ? {} : { afterSeq }),
          },
          controller.signal,
        );
        this.loaded = true;
        if (page.length > 0) this.entries = [...this.entries, ...page];
        if (page.length < batch && !this.#wantsMore()) return;
      }
    } catch (error) {
      if (!isCancelled(error)) send(this, 'view-error', error);
    } finally {
      if (this.#loading === controller) this.#loading = null;
    }
  }

  /** True when rows were announced while a page was on its way. */
  #wantsMore(): boolean {
    return this.#again;
  }

  #onScroll(): void {
    const { rows } = this;
    if (rows === null) return;
    // Scrolling up lets go of the end; scrolling to the end takes it up again.
    const atEnd = rows.scrollTop + rows.clientHeight >= rows.scrollHeight - 24;
    if (!atEnd && this.following && this.#pointing) this.following = false;
  }

  #pointing = false;

  async #copy(shown: readonly LogEntry[]): Promise<void> {
    try {
      await this.host.request('text.copy', { text: shown.map(logLine).join('\n') });
      send(this, 'view-announce', 'Log copied');
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  async #save(): Promise<void> {
    try {
      const saved = await this.host.request('logs.save', { jobId: this.jobId, debug: this.debug });
      if (saved) send(this, 'view-announce', 'Log saved');
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  #renderMode(label: string, debug: boolean): TemplateResult {
    const offered = !debug || this.debugMode;
    return html`<button
      aria-pressed=${this.debug === debug}
      ?disabled=${!offered}
      title=${offered ? label : 'Technical rows. Turn on Debug Mode in Settings, Advanced.'}
      @click=${() => (this.debug = debug)}
    >
      ${label}
    </button>`;
  }

  #renderEntry(entry: LogEntry): TemplateResult {
    const marks = { info: nothing, warn: icon('warning'), error: icon('error') };
    const tones = { info: '', warn: 'pending', error: 'fail' };
    return html`<div class="entry ${entry.debug ? 'debug' : ''}">
      <span class="muted number">${logTime(entry.at)}</span>
      <span class=${tones[entry.level]}>${marks[entry.level]}</span>
      <span class="message" dir="auto">${entry.message}</span>
    </div>`;
  }

  protected override render(): TemplateResult {
    const shown = filterLog(this.entries, this.filter);
    const levels = Object.entries(levelLabels) as [LogFilter['level'], string][];
    return html`
      <div class="row bar">
        <div class="modes" role="group" aria-label="Log Mode">
          ${this.#renderMode('Standard', false)}${this.#renderMode('Debug', true)}
        </div>
        <vscode-dropdown
          aria-label="Level"
          .value=${this.filter.level}
          @change=${(event: Event) => {
            const level = (event.target as HTMLInputElement).value as LogFilter['level'];
            this.filter = { ...this.filter, level };
          }}
        >
          ${levels.map(([level, label]) => html`<vscode-option value=${level}>${label}</vscode-option>`)}
        </vscode-dropdown>
        <input
          class="field search"
          type="search"
          aria-label="Search Log"
          placeholder="Search log"
          .value=${this.filter.search}
          @input=${(event: InputEvent) => {
            this.filter = { ...this.filter, search: (event.target as HTMLInputElement).value };
          }}
        />
        <span class="muted number grow">${this.loaded ? countOf(shown.length, 'row') : ''}</span>
        <button
          class="icon"
          aria-label="Auto-Scroll"
          title="Auto-Scroll"
          aria-pressed=${this.following}
          @click=${() => (this.following = !this.following)}
        >
          ${icon('arrow-down')}
        </button>
        <button class="icon" aria-label="Copy Log" title="Copy Log" @click=${() => void this.#copy(shown)}>
          ${icon('copy')}
        </button>
        <button
          class="icon"
          aria-label="Save Log as Text"
          title="Save Log as Text"
          @click=${() => void this.#save()}
        >
          ${icon('save')}
        </button>
      </div>
      <div
        class="rows"
        role="log"
        aria-label="Log"
        aria-live="off"
        tabindex="0"
        @wheel=${() => (this.#pointing = true)}
        @pointerdown=${() => (this.#pointing = true)}
        @keydown=${() => (this.#pointing = true)}
        @scroll=${() => this.#onScroll()}
      >
        ${
          shown.length === 0
            ? html`<p class="none muted">
                ${
                  !this.loaded
                    ? 'Loading the log.'
                    : this.entries.length === 0
                      ? 'This job has written no log yet.'
                      : 'No row fits the level and the search.'
                }
              </p>`
            : virtualize({
                items: shown as LogEntry[],
                renderItem: (entry) => this.#renderEntry(entry),
                keyFunction: (entry) => entry.seq,
                scroller: true,
              })
        }
      </div>
    `;
  }
}
