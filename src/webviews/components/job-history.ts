/** The newest jobs as a short table with the actions that each allows. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { formatDuration } from '../../engine/model/duration.ts';
import type { JobSummary } from '../../engine/model/job.ts';
import { formatDateTime, formatNumber, formatWhen } from '../format.ts';
import { Clock } from './clock.ts';
import { send, emitWritten } from './events.ts';
import type { IconName } from './icon.ts';
import { icon } from './icon.ts';
import { jobLook, jobStatusText, shownDuration } from './jobState.ts';
import { baseStyles, iconButtonStyles, narrowStatusStyles } from './styles.ts';
import { jobSubject } from './subject.ts';

@customElement('factory-job-history')
export class JobHistory extends LitElement {
  static override styles = [
    baseStyles,
    iconButtonStyles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        table-layout: fixed;
      }
      th {
        height: 24px;
        padding: 0 8px;
        color: var(--vscode-descriptionForeground);
        font-size: 12px;
        font-weight: 400;
        text-align: left;
      }
      td {
        height: 28px;
        padding: 0 8px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      th:first-child,
      td:first-child {
        padding-left: 16px;
      }
      tbody tr {
        cursor: pointer;
      }
      tbody tr:hover,
      tbody tr:focus-within {
        background: var(--vscode-list-hoverBackground);
        outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      .status {
        width: 128px;
      }
      .time {
        width: 150px;
      }
      .duration {
        width: 96px;
      }
      .images {
        width: 76px;
        text-align: right;
      }
      .actions {
        width: 112px;
        text-align: right;
      }
      td.actions .icon {
        opacity: 0;
      }
      tr:hover td.actions .icon,
      tr:focus-within td.actions .icon {
        opacity: 1;
      }
      tr:hover td.actions .icon:disabled,
      tr:focus-within td.actions .icon:disabled {
        opacity: 0.4;
      }
      :host-context(.vscode-using-screen-reader) td.actions .icon {
        opacity: 1;
      }
      td .plain {
        max-width: 100%;
        vertical-align: middle;
      }
      .badge {
        display: inline-flex;
        vertical-align: middle;
        align-items: center;
        gap: 6px;
      }
      .badge span:last-child {
        color: var(--vscode-foreground);
      }
      @media (max-width: 720px) {
        .time {
          width: 122px;
        }
        .duration {
          display: none;
        }
      }
      @media (max-width: 560px) {
        .time,
        .images {
          display: none;
        }
        .status {
          width: 116px;
        }
        .actions {
          width: 104px;
          padding: 0 4px;
        }
      }
    `,
    narrowStatusStyles,
  ];

  @property({ attribute: false }) jobs: readonly JobSummary[] = [];
  #clock = new Clock(this);

  protected override updated(): void {
    this.#clock.running = this.jobs.some((job) => job.status === 'running');
  }

  #open(job: JobSummary): void {
    send(this, 'view-open', { view: 'job', target: { jobId: job.id } });
  }

  #action(label: string, name: IconName, disabled: boolean, act: () => void): TemplateResult {
    return html`<button
      class="icon"
      aria-label=${label}
      title=${label}
      ?disabled=${disabled}
      @click=${(event: Event) => {
        event.stopPropagation();
        act();
      }}
    >
      ${icon(name)}
    </button>`;
  }

  #renderJob(job: JobSummary): TemplateResult {
    const look = jobLook(job);
    const busy = job.status === 'running' || job.status === 'queued';
    const { now } = this.#clock;
    const began = job.startedAt ?? job.createdAt;
    return html`<tr @click=${() => this.#open(job)} data-vscode-context=${jobSubject(job)}>
      <td title=${job.label}>
        <button class="plain ellipsis" @click=${() => this.#open(job)}>${job.label}</button>
      </td>
      <td class="status">
        <span class="badge ${look.tone}" title=${job.error?.message ?? ''}
          >${icon(look.icon, look.spin)}<span>${jobStatusText(job)}</span></span
        >
      </td>
      <td class="time muted number" title=${formatDateTime(began)}>${formatWhen(began, now)}</td>
      <td class="duration muted number">${formatDuration(shownDuration(job, now))}</td>
      <td class="images number">${formatNumber(job.generated)}</td>
      <td class="actions">
        ${this.#action('View Details', 'eye', false, () => this.#open(job))}${this.#action(
          'Rerun',
          'debug-rerun',
          busy,
          () => emitWritten(this, 'rerun-job', job),
        )}${this.#action('Export', 'export', busy, () => emitWritten(this, 'export-job', job))}${this.#action(
          'Delete',
          'trash',
          job.status === 'running',
          () => emitWritten(this, 'delete-job', job),
        )}
      </td>
    </tr>`;
  }

  protected override render(): TemplateResult {
    return html`<table aria-label="Job History">
      <thead>
        <tr>
          <th scope="col">Label</th>
          <th scope="col" class="status">Status</th>
          <th scope="col" class="time">Start Time</th>
          <th scope="col" class="duration">Duration</th>
          <th scope="col" class="images">Images</th>
          <th scope="col" class="actions"><span class="visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          this.jobs,
          (job) => job.id,
          (job) => this.#renderJob(job),
        )}
      </tbody>
    </table>`;
  }
}
