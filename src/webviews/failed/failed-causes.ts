/** Failures by cause, with what helps; and generations that ended without an image (F5). */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { FailedSlot } from '../../engine/model/image.ts';
import { reasonLabel, stageFailureLabels } from '../../engine/model/status.ts';
import { remedyLabels } from '../../engine/providers/remedies.ts';
import { emitWritten } from '../components/events.ts';
import { baseStyles } from '../components/styles.ts';
import { slotKey } from '../components/subject.ts';
import { countOf, formatNumber } from '../format.ts';
import { adviceFor, slotGroups, remedyFor } from './causes.ts';
import { inWords } from '../../engine/model/message.ts';

export interface Group {
  /** Reason key of the store. */
  reason: string;
  /** Code of the error, empty for rejected images. */
  code: string;
  count: number;
}

/** The most frequent causes; the rest are shown when asked for, so that the images stay in sight. */
const mostGroups = 3;

@customElement('factory-failed-causes')
export class FailedCauses extends LitElement {
  static override styles = [
    baseStyles,
    css`
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 12px;
        padding: 3px 0;
      }
      li > button {
        white-space: nowrap;
      }
      summary {
        cursor: pointer;
      }
      .again {
        padding: 4px 0 0 16px;
      }
      details ul {
        max-height: 160px;
        padding: 4px 0 0 16px;
        overflow-y: auto;
      }
    `,
  ];

  @property({ attribute: false }) groups: readonly Group[] = [];
  @property({ attribute: false }) slots: readonly FailedSlot[] = [];
  @state() private all = false;
  @query('details') private details!: HTMLDetailsElement | null;

  /** `choose` shows what the cause has struck. */
  #renderGroup({ reason, code, count }: Group, choose: () => void, more = ''): TemplateResult {
    const remedy = remedyFor(reason, code);
    return html`<li>
      <button class="plain link" @click=${choose}>
        <b class="number">${formatNumber(count)}</b> ${reasonLabel(reason)}
      </button>
      <span>${more} ${adviceFor(reason, code)}</span>
      ${
        remedy === null
          ? nothing
          : html`<button class="plain link" @click=${() => emitWritten(this, 'remedy', remedy)}>
              ${inWords(remedyLabels[remedy.kind])}
            </button>`
      }
    </li>`;
  }

  #showSlots(): void {
    if (this.details === null) return;
    this.details.open = true;
    this.details.querySelector('summary')?.focus();
  }

  #renderSlots(): TemplateResult | typeof nothing {
    const { slots } = this;
    if (slots.length === 0) return nothing;
    return html`<details>
      <summary>${countOf(slots.length, 'generation')} without an image</summary>
      <div class="again">
        <button class="plain link" @click=${() => emitWritten(this, 'generate-again', slots)}>
          Generate All Again
        </button>
      </div>
      <ul>
        ${repeat(
          slots,
          slotKey,
          (slot) =>
            html`<li>
              <span class="ellipsis">${slot.jobLabel} · ${slot.generation + 1}-${slot.variation + 1}</span>
              <span class="grow" dir="auto"
                ><b>${stageFailureLabels[slot.failure.stage]}</b> ${slot.failure.reason}</span
              >
              <button class="plain link" @click=${() => emitWritten(this, 'generate-again', [slot])}>
                Generate Again
              </button>
            </li>`,
        )}
      </ul>
    </details>`;
  }

  protected override render(): TemplateResult {
    const hasAdvice = ({ reason, code }: Group): boolean => adviceFor(reason, code) !== null;
    const known = [
      ...this.groups.filter(hasAdvice).map((group) => ({
        key: `image ${group.reason} ${group.code}`,
        count: group.count,
        line: this.#renderGroup(group, () => emitWritten(this, 'choose-reason', group.reason)),
      })),
      ...slotGroups(this.slots)
        .map(({ stage, ...group }) => ({ ...group, reason: stage }))
        .filter(hasAdvice)
        .map((group) => ({
          key: `slot ${group.reason} ${group.code}`,
          count: group.count,
          line: this.#renderGroup(group, () => this.#showSlots(), 'No image was made.'),
        })),
    ].sort((a, b) => b.count - a.count);
    // A button that would bring one line takes as much room as the line.
    const more = known.length > mostGroups + 1 ? known.length - mostGroups : 0;
    return html`
      ${
        known.length === 0
          ? nothing
          : html`<ul aria-label="Causes">
              ${repeat(
                known.slice(0, more === 0 || this.all ? undefined : mostGroups),
                ({ key }) => key,
                ({ line }) => line,
              )}
            </ul>`
      }
      ${
        more === 0
          ? nothing
          : html`<button
              class="plain link"
              aria-expanded=${this.all ? 'true' : 'false'}
              @click=${() => (this.all = !this.all)}
            >
              ${this.all ? 'Show Fewer Causes' : `Show ${countOf(more, 'More Cause')}`}
            </button>`
      }
      ${this.#renderSlots()}
    `;
  }
}
