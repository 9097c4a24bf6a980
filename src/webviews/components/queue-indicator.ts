/** What waits behind the run that works now, with removing, clearing and going on. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { RunSummary } from '../../engine/model/events.ts';
import type { Host } from '../client.ts';
import { countOf } from '../format.ts';
import { send } from './events.ts';
import { icon } from './icon.ts';
import { baseStyles, iconButtonStyles } from './styles.ts';

@customElement('factory-queue-indicator')
export class QueueIndicator extends LitElement {
  static override styles = [
    baseStyles,
    iconButtonStyles,
    css`
      :host {
        position: relative;
        display: inline-block;
      }
      .summary {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        height: 24px;
        padding: 0 8px;
        border-radius: 4px;
        white-space: nowrap;
      }
      .summary:hover {
        background: var(--vscode-toolbar-hoverBackground);
      }
      .list {
        position: absolute;
        z-index: 20;
        top: calc(100% + 4px);
        right: 0;
        width: 320px;
        padding: 6px 0;
        border: 1px solid var(--vscode-menu-border, var(--vscode-contrastBorder, transparent));
        border-radius: 5px;
        background: var(--vscode-menu-background);
        color: var(--vscode-menu-foreground);
        box-shadow: 0 2px 8px var(--vscode-widget-shadow);
      }
      ul {
        max-height: 240px;
        margin: 0;
        padding: 0;
        overflow: auto;
        list-style: none;
      }
      li,
      .foot {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 2px 8px 2px 12px;
      }
      .run {
        display: flex;
        flex-direction: column;
        min-width: 0;
      }
      .reason {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      .foot {
        padding-top: 6px;
      }
      /* Continue goes when it is pressed: what clears the queue must not come to lie under the pointer. */
      .foot > :last-child {
        margin-left: auto;
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @state() private queue: readonly RunSummary[] = [];
  @state() private open = false;
  #stop: (() => void)[] = [];
  #onOutside = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.open = false;
  };

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pointerdown', this.#onOutside);
    this.#stop = [
      this.host.on('queue', (queue) => (this.queue = queue)),
      this.host.on('changed', () => void this.#load()),
    ];
    void this.#load();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.#onOutside);
    for (const stop of this.#stop) stop();
  }

  async #load(): Promise<void> {
    try {
      this.queue = await this.host.request('queue.get', {});
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  async #remove(runIds: readonly string[]): Promise<void> {
    try {
      await this.host.request('queue.remove', { runIds });
      await this.#load();
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  async #continue(): Promise<void> {
    try {
      await this.host.request('queue.continue', {});
      await this.#load();
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.open) return;
    event.stopPropagation();
    this.open = false;
    this.renderRoot.querySelector<HTMLButtonElement>('.summary')?.focus();
  }

  protected override render(): TemplateResult {
    const waiting = this.queue.filter((run) => run.status === 'waiting' || run.status === 'held');
    if (waiting.length === 0) return html`${nothing}`;
    const held = waiting.some((run) => run.status === 'held');
    return html`<div @keydown=${this.#onKey}>
      <button class="plain summary" aria-expanded=${this.open} @click=${() => (this.open = !this.open)}>
        <span class=${held ? 'pending' : 'muted'}>${icon(held ? 'debug-pause' : 'watch')}</span>
        Queue: ${countOf(waiting.length, held ? 'held' : 'waiting', held ? 'held' : 'waiting')}
        ${icon('chevron-down')}
      </button>
      ${
        this.open
          ? html`<div class="list" role="group" aria-label="Queue">
              <ul>
                ${repeat(
                  waiting,
                  (run) => run.id,
                  (run) =>
                    html`<li>
                      <span class="grow run">
                        <span class="ellipsis" title=${run.title}>${run.title}</span>
                        ${
                          run.error === null
                            ? nothing
                            : html`<span class="muted reason" dir="auto">${run.error.message}</span>`
                        }
                      </span>
                      <button
                        class="icon"
                        aria-label="Remove ${run.title} from Queue"
                        title="Remove from Queue"
                        @click=${() => void this.#remove([run.id])}
                      >
                        ${icon('close')}
                      </button>
                    </li>`,
                )}
              </ul>
              <div class="foot">
                ${
                  held
                    ? html`<vscode-button @click=${() => void this.#continue()}>Continue</vscode-button>`
                    : nothing
                }
                <vscode-button
                  appearance="secondary"
                  @click=${() => void this.#remove(waiting.map((run) => run.id))}
                  >Clear Queue</vscode-button
                >
              </div>
            </div>`
          : nothing
      }
    </div>`;
  }
}
