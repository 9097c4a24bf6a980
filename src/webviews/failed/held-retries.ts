/** Retries and approvals that stand still because a service has ended: who can take its place. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { RemoverChange } from '../../engine/factory.ts';
import type { RunSummary } from '../../engine/model/events.ts';
import { replacementsFor } from '../../engine/providers/retirement.ts';
import type { Host } from '../client.ts';
import { send } from '../components/events.ts';
import { icon } from '../components/icon.ts';
import { baseStyles } from '../components/styles.ts';

@customElement('factory-held-retries')
export class HeldRetries extends LitElement {
  static override styles = [
    baseStyles,
    css`
      p {
        display: flex;
        gap: 6px;
        padding: 3px 0;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @state() private held: readonly RunSummary[] = [];
  #stop: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = [
      this.host.on('queue', (queue) => this.#take(queue)),
      this.host.on('changed', () => void this.#load()),
    ];
    void this.#load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stop) stop();
  }

  #take(queue: readonly RunSummary[]): void {
    this.held = queue.filter(
      ({ status, kind, error }) =>
        status === 'held' && (kind === 'retry' || kind === 'approve') && replacementsFor(error).length > 0,
    );
  }

  async #load(): Promise<void> {
    try {
      this.#take(await this.host.request('queue.get', {}));
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  async #continue(runId: string, changes: RemoverChange): Promise<void> {
    try {
      await this.host.request('run.continueWith', { runId, changes });
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  protected override render(): TemplateResult {
    return html`${this.held.map(
      (run) =>
        html`<p role="note">
          <span class="pending">${icon('debug-pause')}</span>
          <span dir="auto">
            <b>${run.title}:</b> ${run.error?.message}
            ${replacementsFor(run.error).map(
              ({ label, changes }) =>
                html`<button class="plain link" @click=${() => void this.#continue(run.id, changes)}>
                  Continue with ${label}
                </button>`,
            )}
          </span>
        </p>`,
    )}`;
  }
}
