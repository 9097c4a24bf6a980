/** The frame of every view: the conversation with the host, what is wrong and the remedy, what is said aloud. */
import type { CSSResultGroup, TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Remedy } from '../../engine/providers/remedies.ts';
import { remedyLabels } from '../../engine/providers/remedies.ts';
import type { RemoverChange } from '../../engine/factory.ts';
import type { Host } from '../client.ts';
import { connectToHost, isCancelled, RequestError } from '../client.ts';
import { isRecord } from '../protocol.ts';
import type { SessionState, ViewTarget } from '../protocol.ts';
import { webviewWire } from '../webviewWire.ts';
import type { ViewEvents } from './events.ts';
import { icon } from './icon.ts';
import './long-text.ts';
import { baseStyles, iconButtonStyles } from './styles.ts';
import { menuContext } from './subject.ts';
import { inWords } from '../../engine/model/message.ts';

interface Shown {
  message: string;
  remedies: readonly Remedy[];
}

/** Bumped when the shape of what views keep changes; older states are then forgotten. */
const stateVersion = 1;

function parseTarget(text: string | null): ViewTarget {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

export abstract class AppView extends LitElement {
  static override styles: CSSResultGroup = [
    baseStyles,
    iconButtonStyles,
    css`
      :host {
        display: block;
        height: 100vh;
        overflow: hidden;
      }
      h1 {
        font-size: 18px;
        font-weight: 600;
      }
      main {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      .banner {
        display: flex;
        flex: none;
        align-items: flex-start;
        gap: 8px;
        padding: 6px 12px 6px 16px;
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        background: var(--vscode-editorWidget-background);
      }
      .banner > .codicon {
        margin-top: 2px;
      }
      .banner p,
      .banner factory-long-text {
        flex: 1 1 240px;
        min-width: 0;
        padding: 1px 0;
      }
      .banner .ways {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 14px;
        padding: 1px 0;
      }
    `,
  ];

  /** Where the panel was opened. */
  @property({ attribute: 'data-target', converter: { fromAttribute: parseTarget } })
  target: ViewTarget = {};

  @state() protected session: SessionState | null = null;
  @state() private shown: Shown | null = null;
  @state() private spoken = '';

  /** One page is one view, so the conversation lives with its element. */
  protected readonly host: Host = connectToHost(webviewWire());

  constructor() {
    super();
    this.addEventListener('view-error', (event) => this.showError((event as CustomEvent).detail));
    this.addEventListener('view-announce', (event) => {
      this.announce((event as CustomEvent<ViewEvents['view-announce']>).detail);
    });
    this.addEventListener('view-open', (event) => {
      void this.attempt(
        this.host.request('view.open', (event as CustomEvent<ViewEvents['view-open']>).detail),
      );
    });
    // VS Code reads what a menu is about from elements outside shadow roots, and the only one is this. What is under
    // the pointer says so in its own template; it is passed on here, before VS Code looks.
    this.addEventListener(
      'contextmenu',
      (event) => (this.dataset['vscodeContext'] = JSON.stringify(menuContext(event))),
      { capture: true },
    );
    this.host.on('session', (session) => {
      // What was refused because of it may be tried again.
      if (session.notice !== this.session?.notice && this.shown?.message === this.session?.notice)
        this.shown = null;
      this.session = session;
    });
    this.host.on('target', (target) => {
      this.target = target;
    });
    void this.attempt(this.#loadSession());
  }

  async #loadSession(): Promise<void> {
    this.session = await this.host.request('session.get', {});
  }

  /** What `keep` kept before the page was hidden or reloaded, or null. */
  protected kept(): Record<string, unknown> | null {
    const state = this.host.readState();
    if (!isRecord(state) || state['version'] !== stateVersion || !isRecord(state['ui'])) return null;
    return state['ui'];
  }

  /** Keeps filters, scroll, tab: what the reader set up, not what the store says. */
  protected keep(ui: Record<string, unknown>): void {
    this.host.writeState({ version: stateVersion, target: this.target, ui });
  }

  /** The value, or undefined after showing what went wrong. Cancelled work is no error. */
  protected async attempt<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!isCancelled(error)) this.showError(error);
      return undefined;
    }
  }

  protected showError(error: unknown): void {
    this.shown =
      error instanceof RequestError
        ? { message: error.message, remedies: error.remedies }
        : {
            message: error instanceof Error ? error.message : String(error),
            remedies: [{ kind: 'showLog' }],
          };
  }

  protected announce(text: string): void {
    this.spoken = text;
  }

  /** Called when the reader asks to try again. */
  protected reload(): void {
    void this.attempt(this.#loadSession());
  }

  protected abstract renderView(): TemplateResult;

  /** The host asks where it costs more than was known, or a service has ended; `changes` takes another one. */
  protected resumeJob(jobId: string, changes: RemoverChange | null = null): void {
    const asked = changes === null ? { jobId } : { jobId, changes };
    void this.attempt(this.host.request('job.resume', asked));
  }

  #take(remedy: Remedy): void {
    this.shown = null;
    if (remedy.kind === 'reload') this.reload();
    else void this.attempt(this.host.request('remedy.apply', { remedy }));
  }

  #renderShown(): TemplateResult | typeof nothing {
    if (this.shown === null) return nothing;
    const { message, remedies } = this.shown;
    return html`<div class="banner" role="alert">
      <span class="fail">${icon('error')}</span>
      <factory-long-text .text=${message}></factory-long-text>
      <div class="ways">
        ${repeat(
          remedies,
          (remedy) => JSON.stringify(remedy),
          (remedy) =>
            html`<button class="plain link" @click=${() => this.#take(remedy)}>
              ${inWords(remedyLabels[remedy.kind])}
            </button>`,
        )}
      </div>
      <button class="icon" aria-label="Dismiss" title="Dismiss" @click=${() => (this.shown = null)}>
        ${icon('close')}
      </button>
    </div>`;
  }

  #renderNotice(): TemplateResult | typeof nothing {
    const { session } = this;
    if (session === null) return nothing;
    if (!session.trusted) {
      return html`<div class="banner" role="note">
        ${icon('info')}
        <p>This workspace is not trusted: you can look at its history and images, but start no job.</p>
        <div class="ways">
          <button class="plain link" @click=${() => this.#take({ kind: 'trustWorkspace' })}>
            ${inWords(remedyLabels.trustWorkspace)}
          </button>
        </div>
      </div>`;
    }
    // What was just refused because of it says the same.
    if (session.notice === null || session.notice === this.shown?.message) return nothing;
    return html`<div class="banner" role="note">
      <span class="pending">${icon('warning')}</span>
      <p>${session.notice}</p>
      ${
        session.foreign
          ? html`<div class="ways">
              <button class="plain link" @click=${() => this.#take({ kind: 'adoptHistory' })}>
                ${inWords(remedyLabels.adoptHistory)}
              </button>
            </div>`
          : nothing
      }
    </div>`;
  }

  protected override render(): TemplateResult {
    return html`
      <div class="visually-hidden" role="status" aria-live="polite">${this.spoken}</div>
      <main>${this.#renderShown()} ${this.#renderNotice()} ${this.renderView()}</main>
    `;
  }
}
