/** The job that runs, or how the last one ended. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { formatDuration } from '../../engine/model/duration.ts';
import { stepLabels } from '../../engine/model/job.ts';
import type { JobSummary, Progress } from '../../engine/model/job.ts';
import { shortId } from '../../engine/model/label.ts';
import { formatCost } from '../../engine/model/money.ts';
import { timeLeftText } from '../../engine/model/timeLeft.ts';
import { trialBadge } from '../../engine/providers/registry.ts';
import { remedyLabels, remediesFor } from '../../engine/providers/remedies.ts';
import { providerLabel } from '../../engine/settings/settings.ts';
import { countOf, formatDateTime, formatNumber, formatWhen } from '../format.ts';
import type { ImageTile } from '../protocol.ts';
import { Clock } from './clock.ts';
import { send, emitWritten } from './events.ts';
import { icon } from './icon.ts';
import { tileName } from './imageTile.ts';
import { canResume, jobLook, jobStatusText, shownDuration } from './jobState.ts';
import './long-text.ts';
import { renderReplacements } from './replacements.ts';
import { baseStyles } from './styles.ts';
import { imageSubject } from './subject.ts';
import { inWords } from '../../engine/model/message.ts';

@customElement('factory-job-progress')
export class JobProgress extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 10px;
      }
      .top {
        flex-wrap: wrap;
        gap: 4px 14px;
      }
      .badge {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        font-weight: 600;
      }
      .label {
        font-size: 15px;
        font-weight: 600;
      }
      .bar {
        position: relative;
        height: 4px;
        overflow: hidden;
        border-radius: 2px;
        background: color-mix(in srgb, var(--vscode-foreground) 14%, transparent);
        outline: 1px solid var(--vscode-contrastBorder, transparent);
      }
      .fill {
        height: 100%;
        border-radius: 2px;
        background: var(--vscode-progressBar-background);
        transform-origin: 0 0;
        transition: transform 0.3s ease-out;
      }
      .numbers {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 16px;
        font-variant-numeric: tabular-nums;
      }
      .numbers .percent {
        min-width: 4ch;
        font-weight: 600;
      }
      .error {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 4px 14px;
        padding: 6px 10px;
        border-left: 3px solid var(--vscode-errorForeground);
        background: var(--vscode-editorWidget-background);
      }
      .error factory-long-text {
        flex: 1 1 260px;
      }
      .strip {
        display: flex;
        gap: 6px;
        height: 64px;
        overflow: hidden;
      }
      .strip button {
        flex: none;
        width: 64px;
        height: 64px;
        padding: 0;
        overflow: hidden;
        border: none;
        border-radius: 4px;
        background: var(--vscode-editorWidget-background);
        cursor: pointer;
      }
      .strip button:hover {
        background: var(--vscode-list-hoverBackground);
      }
      .strip img {
        display: block;
        width: 64px;
        height: 64px;
        object-fit: contain;
      }
      @media (prefers-reduced-motion: reduce) {
        .fill {
          transition: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) job: JobSummary | null = null;
  @property({ attribute: false }) progress: Progress | null = null;
  /** Newest first. */
  @property({ attribute: false }) newest: readonly ImageTile[] = [];
  /** UTC ms when `progress` came. */
  @property({ type: Number }) progressAt = 0;
  #clock = new Clock(this);

  protected override updated(): void {
    this.#clock.running = this.job?.status === 'running';
    const fill = this.renderRoot.querySelector<HTMLElement>('.fill');
    if (fill !== null) fill.style.transform = `scaleX(${(this.progress?.percent ?? 0) / 100})`;
  }

  #renderNumbers(progress: Progress, stopping: boolean): TemplateResult {
    const { planned, generated, checked, approved, failed, cost, etaMs } = progress;
    const since = Math.max(0, this.#clock.now - this.progressAt);
    const left = etaMs === null ? null : timeLeftText(Math.max(0, etaMs - since));
    return html`<div class="numbers">
      <span class="percent">${progress.percent} %</span>
      <span>${formatNumber(generated)} of ${formatNumber(planned)}</span>
      <span>${formatNumber(checked)} checked</span>
      <span class=${approved > 0 ? 'pass' : ''}>${formatNumber(approved)} approved</span>
      <span class=${failed > 0 ? 'fail' : ''}>${formatNumber(failed)} failed</span>
      <span class="muted"
        >${stopping ? 'images on their way still arrive' : (left ?? 'estimating time left')}</span
      >
      <span class="muted">${formatCost(cost)}</span>
    </div>`;
  }

  #renderRunning(job: JobSummary): TemplateResult {
    const { progress } = this;
    return html`
      <div>${progress?.step ?? stepLabels.initialization}</div>
      <div
        class="bar"
        role="progressbar"
        aria-label="Job progress"
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${progress?.percent ?? 0}
        aria-valuetext="${progress?.percent ?? 0} percent, ${progress?.generated ?? 0} of ${job.planned}"
      >
        <div class="fill"></div>
      </div>
      ${progress === null ? nothing : this.#renderNumbers(progress, job.stopping)}
    `;
  }

  #renderEnded(job: JobSummary): TemplateResult {
    return html`<div class="numbers">
      <span>${formatNumber(job.generated)} of ${countOf(job.planned, 'image')}</span>
      <span class=${job.approved > 0 ? 'pass' : ''}>${formatNumber(job.approved)} approved</span>
      <span class=${job.failed > 0 ? 'fail' : ''}>${formatNumber(job.failed)} failed</span>
      <span class="muted">${formatCost(job.cost)}</span>
    </div>`;
  }

  #renderError(job: JobSummary): TemplateResult | typeof nothing {
    const { error } = job;
    if (error === null || job.status === 'running') return nothing;
    const ways = remediesFor(error).filter((way) => way.kind !== 'reload');
    return html`<div class="error" role="note">
      <factory-long-text .text=${error.message}></factory-long-text>
      ${canResume(job) ? renderReplacements(this, error) : nothing}
      ${repeat(
        ways,
        (remedy) => JSON.stringify(remedy),
        (remedy) =>
          html`<button class="plain link" @click=${() => emitWritten(this, 'remedy', remedy)}>
            ${inWords(remedyLabels[remedy.kind])}
          </button>`,
      )}
    </div>`;
  }

  protected override render(): TemplateResult {
    const { job } = this;
    if (job === null) return html`${nothing}`;
    const look = jobLook(job);
    const running = job.status === 'running';
    const { now } = this.#clock;
    return html`
      <div class="row top">
        <span class="badge ${look.tone}">
          ${icon(look.icon, look.spin)} <span>Job ${jobStatusText(job)}</span>
        </span>
        <button
          class="plain label ellipsis"
          title="View Details"
          @click=${() => send(this, 'view-open', { view: 'job', target: { jobId: job.id } })}
        >
          ${job.label}
        </button>
        <span class="muted" title="Job ID ${job.id}">#${shortId(job.id)}</span>
        ${
          trialBadge(job.imageProvider) === null
            ? nothing
            : html`<span class="muted">${providerLabel(job.imageProvider)}</span>`
        }
        <span class="muted" title=${formatDateTime(job.startedAt ?? job.createdAt)}
          >Started At ${formatWhen(job.startedAt ?? job.createdAt, now)}</span
        >
        <span class="muted number">${formatDuration(shownDuration(job, now))}</span>
        ${
          canResume(job)
            ? html`<vscode-button @click=${() => emitWritten(this, 'resume')}>Resume</vscode-button>`
            : nothing
        }
      </div>
      ${running ? this.#renderRunning(job) : this.#renderEnded(job)} ${this.#renderError(job)}
      ${
        this.newest.length === 0
          ? nothing
          : html`<div class="strip" role="group" aria-label="Newest images">
              ${repeat(
                this.newest,
                (tile) => tile.id,
                (tile) =>
                  html`<button
                    data-vscode-context=${imageSubject(tile)}
                    aria-label=${tileName(tile)}
                    title=${tileName(tile)}
                    @click=${() => emitWritten(this, 'open-image', { id: tile.id })}
                  >
                    ${
                      tile.thumbnail === null
                        ? nothing
                        : html`<img src=${tile.thumbnail} alt="" decoding="async" />`
                    }
                  </button>`,
              )}
            </div>`
      }
    `;
  }
}
