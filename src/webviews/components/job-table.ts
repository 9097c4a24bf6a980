/** A page of jobs as a table: choosing rows, opening one, and what each row allows. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { formatDuration } from '../../engine/model/duration.ts';
import type { JobSummary } from '../../engine/model/job.ts';
import { trialBadge } from '../../engine/providers/registry.ts';
import { formatDateTime, formatNumber } from '../format.ts';
import { Clock } from './clock.ts';
import { send, emitWritten } from './events.ts';
import type { IconName } from './icon.ts';
import { icon } from './icon.ts';
import { canResume, jobLook, jobStatusText, shownDuration } from './jobState.ts';
import type { Selection } from './selection.ts';
import { emptySelection, extend, placeOf, toggle, withChosen } from './selection.ts';
import { baseStyles, iconButtonStyles, narrowStatusStyles } from './styles.ts';
import { jobSubject } from './subject.ts';

interface Button {
  label: string;
  icon: IconName;
  disabled?: boolean;
  act: () => void;
}

export type JobAction = 'rerun' | 'resume' | 'export' | 'delete';

@customElement('factory-job-table')
export class JobTable extends LitElement {
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
        position: sticky;
        z-index: 1;
        top: 0;
        height: 26px;
        padding: 0 8px;
        background: var(--vscode-editor-background);
        color: var(--vscode-descriptionForeground);
        font-size: 12px;
        font-weight: 400;
        text-align: left;
      }
      td {
        height: 30px;
        padding: 0 8px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      tbody tr {
        cursor: pointer;
      }
      tbody tr:hover {
        background: var(--vscode-list-hoverBackground);
      }
      tbody tr[aria-selected='true'] {
        background: var(--vscode-list-inactiveSelectionBackground);
        color: var(--vscode-list-inactiveSelectionForeground, inherit);
      }
      /* The quiet tone is too quiet on these grounds. */
      tbody tr:hover .muted,
      tbody tr:hover .id,
      tbody tr[aria-selected='true'] .muted,
      tbody tr[aria-selected='true'] .id {
        color: inherit;
      }
      tbody tr:focus-visible {
        outline: 1px solid var(--vscode-list-focusOutline, var(--vscode-focusBorder));
      }
      .check {
        width: 40px;
        padding-left: 16px;
      }
      .check input {
        display: grid;
      }
      .status {
        width: 132px;
      }
      .time {
        width: 170px;
      }
      .duration {
        width: 100px;
      }
      .images {
        width: 90px;
        text-align: right;
      }
      .actions {
        width: 112px;
        padding-right: 12px;
        text-align: right;
      }
      .label {
        display: flex;
        align-items: baseline;
        min-width: 0;
      }
      .badge {
        display: inline-flex;
        align-items: center;
        gap: 6px;
      }
      .badge span:last-child {
        color: var(--vscode-foreground);
      }
      .id {
        margin-left: 8px;
        color: var(--vscode-descriptionForeground);
        font-size: 0.9em;
      }
      @media (max-width: 860px) {
        .duration,
        .twice {
          display: none;
        }
        .check {
          width: 36px;
        }
        .status {
          width: 116px;
        }
        .time {
          width: 160px;
        }
        .images {
          width: 76px;
        }
      }
      /* The label comes first where there is no room for both. */
      @media (max-width: 760px) {
        .id:not(.provider) {
          display: none;
        }
      }
      @media (max-width: 620px) {
        .time {
          display: none;
        }
      }
      @media (max-width: 420px) {
        .images,
        .id {
          display: none;
        }
        .check {
          padding-right: 0;
        }
        .actions {
          padding-left: 0;
        }
      }
    `,
    narrowStatusStyles,
  ];

  @property({ attribute: false }) jobs: readonly JobSummary[] = [];
  @property({ attribute: false }) selection: Selection = emptySelection;
  /** Row that the keys work on, and its job once it had the focus, which it follows. */
  @state() private active = 0;
  #activeId: string | null = null;
  #hadFocus = false;
  #clock = new Clock(this);

  protected override willUpdate(): void {
    const moved = this.#indexOf(this.#activeId);
    this.active = moved >= 0 ? moved : Math.max(0, Math.min(this.active, this.jobs.length - 1));
    if (this.#activeId !== null) this.#activeId = this.jobs[this.active]?.id ?? null;
    this.#hadFocus = this.matches(':focus-within');
  }

  protected override updated(): void {
    // A row that moved, or is gone, has lost the focus.
    if (this.#hadFocus && !this.matches(':focus-within')) this.#rows[this.active]?.focus();
    this.#clock.running = this.jobs.some((job) => job.status === 'running');
  }

  #open(job: JobSummary): void {
    send(this, 'view-open', { view: 'job', target: { jobId: job.id } });
  }

  #select(selection: Selection): void {
    this.selection = selection;
    emitWritten(this, 'selection-change', selection);
  }

  #indexOf(id: string | null): number {
    return this.jobs.findIndex((job) => job.id === id);
  }

  get #rows(): NodeListOf<HTMLElement> {
    return this.renderRoot.querySelectorAll<HTMLElement>('tbody tr');
  }

  #choose(job: JobSummary, index: number, event: MouseEvent | KeyboardEvent): void {
    const { anchor } = this.selection;
    if (event.shiftKey && anchor !== null) {
      const from = placeOf(anchor, { indexOf: (id) => this.#indexOf(id) });
      const range = this.jobs.slice(Math.min(from, index), Math.max(from, index) + 1).map(({ id }) => id);
      this.#select(extend(this.selection, range, anchor));
    } else {
      this.#select(toggle(this.selection, job.id, index));
    }
  }

  #act(action: JobAction, job: JobSummary): void {
    emitWritten(this, 'job-action', { action, job });
  }

  #move(to: number): void {
    this.#beActive(Math.max(0, Math.min(this.jobs.length - 1, to)));
    void this.updateComplete.then(() => this.#rows[this.active]?.focus());
  }

  #beActive(index: number): void {
    this.active = index;
    this.#activeId = this.jobs[index]?.id ?? null;
  }

  #onKey(event: KeyboardEvent, job: JobSummary, index: number): void {
    if (event.target !== event.currentTarget) return;
    const keys: Record<string, () => void> = {
      ArrowDown: () => this.#move(index + 1),
      ArrowUp: () => this.#move(index - 1),
      Home: () => this.#move(0),
      End: () => this.#move(this.jobs.length - 1),
      Enter: () => this.#open(job),
      ' ': () => this.#choose(job, index, event),
      Delete: () => emitWritten(this, 'delete-jobs', withChosen(job.id, this.selection)),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #renderActions(job: JobSummary, tabIndex: number): TemplateResult {
    const busy = job.status === 'running' || job.status === 'queued';
    const again: Button = canResume(job)
      ? { label: 'Resume', icon: 'debug-continue', act: () => this.#act('resume', job) }
      : { label: 'Rerun', icon: 'debug-rerun', disabled: busy, act: () => this.#act('rerun', job) };
    const buttons: Button[] = [
      again,
      { label: 'View', icon: 'eye', act: () => this.#open(job) },
      {
        label: 'Export',
        icon: 'export',
        disabled: job.status === 'queued',
        act: () => this.#act('export', job),
      },
      {
        label: 'Delete',
        icon: 'trash',
        disabled: job.status === 'running',
        act: () => this.#act('delete', job),
      },
    ];
    // Keyed, so that a press that began on Resume is none on Rerun.
    return html`${repeat(
      buttons,
      ({ label }) => label,
      (button) =>
        html`<button
          class="icon"
          aria-label=${button.label}
          title=${button.label}
          tabindex=${tabIndex}
          ?disabled=${button.disabled === true}
          @click=${(event: Event) => {
            event.stopPropagation();
            button.act();
          }}
        >
          ${icon(button.icon)}
        </button>`,
    )}`;
  }

  #renderJob(job: JobSummary, index: number): TemplateResult {
    const look = jobLook(job);
    // Tab goes on to what the active row offers, and from there out of the table.
    const tabIndex = index === this.active ? 0 : -1;
    const chosen = this.selection.ids.has(job.id);
    const badge = trialBadge(job.imageProvider);
    return html`<tr
      tabindex=${tabIndex}
      aria-selected=${chosen ? 'true' : 'false'}
      data-vscode-context=${jobSubject(job)}
      @click=${() => this.#open(job)}
      @focus=${() => this.#beActive(index)}
      @keydown=${(event: KeyboardEvent) => this.#onKey(event, job, index)}
    >
      <td class="check" @click=${(event: Event) => event.stopPropagation()}>
        <input
          type="checkbox"
          tabindex=${tabIndex}
          aria-label=${`Select ${job.label}`}
          .checked=${chosen}
          @click=${(event: MouseEvent) => this.#choose(job, index, event)}
        />
      </td>
      <td title=${job.label}>
        <div class="label">
          <span class="ellipsis" dir="auto">${job.label}</span
          ><span class=${job.rerun ? 'id twice' : 'id'}>#${job.id.slice(-6)}</span>${
            badge === null ? nothing : html`<span class="id provider">${badge}</span>`
          }
        </div>
      </td>
      <td class="status">
        <span class="badge ${look.tone}" title=${job.error?.message ?? ''}
          >${icon(look.icon, look.spin)}<span>${jobStatusText(job)}</span></span
        >
      </td>
      <td class="time muted number">${formatDateTime(job.startedAt ?? job.createdAt)}</td>
      <td class="duration muted number">${formatDuration(shownDuration(job, this.#clock.now))}</td>
      <td class="images number">${formatNumber(job.generated)} / ${formatNumber(job.planned)}</td>
      <td class="actions">${this.#renderActions(job, tabIndex)}</td>
    </tr>`;
  }

  protected override render(): TemplateResult {
    return html`<table role="grid" aria-label="Jobs" aria-multiselectable="true">
      <thead>
        <tr>
          <th scope="col" class="check"><span class="visually-hidden">Selected</span></th>
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
          (job, index) => this.#renderJob(job, index),
        )}
      </tbody>
    </table>`;
  }
}
