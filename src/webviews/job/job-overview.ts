/** What one job is and how it went: facts, numbers, error with remedies, files, settings. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { JobDetails } from '../../engine/factory.ts';
import { formatDuration } from '../../engine/model/duration.ts';
import type { FailedSlot } from '../../engine/model/image.ts';
import { formatCost } from '../../engine/model/money.ts';
import { stageFailureLabels } from '../../engine/model/status.ts';
import { remedyLabels, remediesFor } from '../../engine/providers/remedies.ts';
import { providerLabel } from '../../engine/settings/settings.ts';
import { Clock } from '../components/clock.ts';
import { emitWritten } from '../components/events.ts';
import { icon } from '../components/icon.ts';
import { canResume, jobStatusText, shownDuration } from '../components/jobState.ts';
import '../components/long-text.ts';
import { renderReplacements } from '../components/replacements.ts';
import { baseStyles } from '../components/styles.ts';
import { slotKey } from '../components/subject.ts';
import { formatDateTime, formatNumber, formatPercent } from '../format.ts';
import type { InputName } from '../protocol.ts';
import './settings-comparison.ts';
import { inWords } from '../../engine/model/message.ts';

const inputLabels: Record<InputName, string> = {
  keywordsFile: 'Keywords File',
  systemPromptFile: 'System Prompt File',
  qualityCheckPromptFile: 'Quality Check Prompt File',
  metadataPromptFile: 'Metadata Prompt File',
};

@customElement('factory-job-overview')
export class JobOverview extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        padding: 4px 16px 24px;
      }
      section {
        margin-top: 16px;
      }
      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 36px;
        margin: 8px 0 0;
      }
      dt {
        color: var(--vscode-descriptionForeground);
        font-size: 12px;
      }
      dd {
        margin: 1px 0 0;
        font-variant-numeric: tabular-nums;
        user-select: text;
      }
      dl.numbers > div {
        display: flex;
        flex-direction: column-reverse;
        min-width: 64px;
      }
      dl.numbers dd {
        font-size: 18px;
        line-height: 1.35;
      }
      .error {
        display: flex;
        gap: 8px;
        align-items: flex-start;
        margin-top: 12px;
        padding: 8px 12px;
        border: 1px solid var(--vscode-inputValidation-errorBorder, var(--vscode-contrastBorder, transparent));
        background: var(--vscode-inputValidation-errorBackground);
        color: var(--vscode-inputValidation-errorForeground, inherit);
      }
      .error .ways {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 14px;
        margin-top: 4px;
      }
      .files,
      .slots {
        margin: 8px 0 0;
        padding: 0;
        list-style: none;
      }
      .files li,
      .slots li {
        display: flex;
        gap: 10px;
        padding: 3px 0;
      }
      .slots li > span:first-child {
        flex: none;
        width: 130px;
      }
      .slots .stage {
        flex: none;
        font-weight: 600;
      }
      .files li > span:first-child {
        flex: none;
        width: 190px;
        color: var(--vscode-descriptionForeground);
      }
    `,
  ];

  @property({ attribute: false }) job!: JobDetails;
  @property({ attribute: false }) failedSlots: readonly FailedSlot[] = [];
  #clock = new Clock(this);

  protected override updated(): void {
    this.#clock.running = this.job.status === 'running';
  }

  #fact(label: string, value: string | null): TemplateResult | typeof nothing {
    if (value === null) return nothing;
    return html`<div>
      <dt>${label}</dt>
      <dd dir="auto">${value}</dd>
    </div>`;
  }

  #renderError(): TemplateResult | typeof nothing {
    const { error } = this.job;
    if (error === null) return nothing;
    const ways = remediesFor(error).filter(({ kind }) => kind !== 'reload');
    return html`<div class="error" role="alert">
      ${icon('error')}
      <div class="grow">
        <factory-long-text .text=${error.message}></factory-long-text>
        <div class="ways">
          ${this.#renderNextStep()}
          ${repeat(
            ways,
            (remedy) => JSON.stringify(remedy),
            (remedy) =>
              html`<button class="plain link" @click=${() => emitWritten(this, 'remedy', remedy)}>
                ${inWords(remedyLabels[remedy.kind])}
              </button>`,
          )}
        </div>
      </div>
    </div>`;
  }

  /** A job that stands still goes on; one that its own settings ended needs others. */
  #renderNextStep(): TemplateResult | typeof nothing {
    const { job } = this;
    if (canResume(job)) {
      return html`${renderReplacements(this, job.error)}
        <button class="plain link" @click=${() => emitWritten(this, 'resume')}>Resume</button>`;
    }
    if (job.status !== 'failed') return nothing;
    return html`<button class="plain link" @click=${() => emitWritten(this, 'rerun-with-changes')}>
      Rerun with Changes…
    </button>`;
  }

  #renderSlots(): TemplateResult | typeof nothing {
    const slots = this.failedSlots;
    if (slots.length === 0) return nothing;
    return html`<section aria-labelledby="slots">
      <div class="row">
        <h2 class="section-title" id="slots">Without an image (${formatNumber(slots.length)})</h2>
        <button class="plain link" @click=${() => emitWritten(this, 'generate-again', slots)}>
          Generate All Again
        </button>
      </div>
      <ul class="slots">
        ${repeat(
          slots,
          slotKey,
          (slot) =>
            html`<li>
              <span class="number">Generation ${slot.generation + 1}-${slot.variation + 1}</span>
              <b class="stage">${stageFailureLabels[slot.failure.stage]}</b>
              <factory-long-text class="grow" lines="2" .text=${slot.failure.reason}></factory-long-text>
              <button class="plain link" @click=${() => emitWritten(this, 'generate-again', [slot])}>
                Generate Again
              </button>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #renderFiles(): TemplateResult {
    const { inputs } = this.job;
    const names = (Object.keys(inputLabels) as InputName[]).filter((name) => inputs[name] !== null);
    return html`<section aria-labelledby="files">
      <h2 class="section-title" id="files">Files as run</h2>
      ${
        names.length === 0
          ? html`<p class="muted">Built-in prompts only.</p>`
          : html`<ul class="files">
              ${names.map(
                (name) =>
                  html`<li>
                    <span>${inputLabels[name]}</span>
                    <button
                      class="plain link ellipsis"
                      title="Show its contents as they were"
                      @click=${() => emitWritten(this, 'show-input', name)}
                    >
                      ${inputs[name]?.path}
                    </button>
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  protected override render(): TemplateResult {
    const { job } = this;
    const rate = job.planned === 0 ? null : formatPercent(job.approved / job.planned);
    return html`
      ${this.#renderError()}
      <section aria-label="Statistics">
        <dl class="numbers">
          ${this.#fact('Planned', formatNumber(job.planned))}
          ${this.#fact('Generated', formatNumber(job.generated))}
          ${this.#fact('Approved', formatNumber(job.approved))}
          ${this.#fact('Failed', formatNumber(job.failed))} ${this.#fact('Success Rate', rate)}
          ${this.#fact('Cost', formatCost(job.cost))}
        </dl>
      </section>
      <section aria-labelledby="details">
        <h2 class="section-title" id="details">Details</h2>
        <dl>
          ${this.#fact('Job ID', job.id)} ${this.#fact('Status', jobStatusText(job))}
          ${this.#fact('Image Provider', providerLabel(job.imageProvider))}
          ${this.#fact('Created At', formatDateTime(job.createdAt))}
          ${this.#fact('Started At', job.startedAt === null ? null : formatDateTime(job.startedAt))}
          ${this.#fact('Finished At', job.finishedAt === null ? null : formatDateTime(job.finishedAt))}
          ${this.#fact('Duration', formatDuration(shownDuration(job, this.#clock.now)))}
        </dl>
      </section>
      ${this.#renderSlots()} ${this.#renderFiles()}
      <section aria-labelledby="settings">
        <div class="row">
          <h2 class="section-title grow" id="settings">Settings</h2>
          <vscode-button appearance="secondary" @click=${() => emitWritten(this, 'edit-settings')}
            >Edit</vscode-button
          >
        </div>
        <factory-settings-comparison
          .asRun=${job.snapshot}
          .current=${job.settings}
        ></factory-settings-comparison>
      </section>
    `;
  }
}
