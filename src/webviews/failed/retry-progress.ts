/** The retry or approval that works now: how far it is, and a way to end it (F3). */
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { RunSummary } from '../../engine/model/events.ts';
import { emitWritten } from '../components/events.ts';
import { icon } from '../components/icon.ts';
import { baseStyles, iconButtonStyles } from '../components/styles.ts';
import { formatNumber } from '../format.ts';

@customElement('factory-retry-progress')
export class RetryProgress extends LitElement {
  static override styles = [
    baseStyles,
    iconButtonStyles,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      progress {
        width: 120px;
        height: 4px;
        accent-color: var(--vscode-progressBar-background);
      }
    `,
  ];

  @property({ attribute: false }) run!: RunSummary;

  protected override render(): TemplateResult {
    const { run } = this;
    const ended = run.done + run.failed;
    const failed = run.failed > 0 ? ` · ${formatNumber(run.failed)} failed` : '';
    return html`
      ${icon('loading', true)}
      <span>${run.title}</span>
      <progress aria-label="Retry progress" max=${Math.max(1, run.total)} .value=${ended}></progress>
      <span class="number muted" role="status"
        >${formatNumber(ended)} of ${formatNumber(run.total)}${failed}</span
      >
      <button
        class="icon"
        aria-label="Cancel Retry"
        title="Cancel"
        @click=${() => emitWritten(this, 'cancel-run', run)}
      >
        ${icon('close')}
      </button>
    `;
  }
}
