/** The numbers over all jobs. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatDuration } from '../../engine/model/duration.ts';
import type { JobStatistics } from '../../engine/model/job.ts';
import { formatNumber, formatPercent } from '../format.ts';
import { baseStyles } from './styles.ts';

@customElement('factory-job-statistics')
export class JobStatisticsView extends LitElement {
  static override styles = [
    baseStyles,
    css`
      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 6px 32px;
        margin: 0;
      }
      div {
        display: flex;
        flex-direction: column-reverse;
        min-width: 64px;
      }
      dt {
        color: var(--vscode-descriptionForeground);
        font-size: 12px;
      }
      dd {
        margin: 0;
        font-size: 18px;
        line-height: 1.35;
        font-variant-numeric: tabular-nums;
      }
      @media (max-width: 420px) {
        dl {
          display: grid;
          grid-template-columns: 1fr 1fr;
        }
      }
      dd.skeleton {
        width: 48px;
        height: 18px;
        margin: 3px 0;
      }
    `,
  ];

  @property({ attribute: false }) statistics: JobStatistics | null = null;

  protected override render(): TemplateResult {
    const s = this.statistics;
    const none = '–';
    const entries: [string, string | null][] = [
      ['Total Jobs', s && formatNumber(s.totalJobs)],
      ['Completed', s && formatNumber(s.completed)],
      ['Failed', s && formatNumber(s.failed)],
      ['Success Rate', s && (s.successRate === null ? none : formatPercent(s.successRate))],
      ['Average Duration', s && (s.averageDurationMs === null ? none : formatDuration(s.averageDurationMs))],
      ['Total Images', s && formatNumber(s.totalImages)],
    ];
    return html`<dl aria-label="Statistics">
      ${entries.map(
        ([label, value]) =>
          html`<div>
            <dt>${label}</dt>
            ${value === null ? html`<dd class="skeleton"></dd>` : html`<dd>${value}</dd>`}
          </div>`,
      )}
    </dl>`;
  }
}
