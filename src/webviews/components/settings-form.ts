/** The form over the declared settings: the settings editor, a job's settings and the retry dialog show the same fields. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Problem } from '../../engine/model/errors.ts';
import { inWords } from '../../engine/model/message.ts';
import type { SettingForm, SettingKey, Settings, SettingSection } from '../../engine/settings/settings.ts';
import { definitionOf, isVisible, settingKeys, settingSections } from '../../engine/settings/settings.ts';
import type { SettingSource } from '../protocol.ts';
import { keyedProviders, keyLabel, labelOf } from '../../engine/providers/registry.ts';
import { otherRemovers, removerNotice } from '../../engine/providers/retirement.ts';
import type { Replacement } from '../../engine/providers/retirement.ts';
import { countOf, formatNumber } from '../format.ts';
import { icon } from './icon.ts';
import type { SettingChange, SettingField } from './setting-field.ts';
import { bringIntoView } from './scroll.ts';
import './setting-field.ts';
import { baseStyles } from './styles.ts';

/** Keys of a form whose rule of visibility holds under these values, and that the search finds. */
function shownKeys(form: SettingForm, values: Settings, search: string): SettingKey[] {
  return settingKeys.filter((key) => {
    const definition = definitionOf(key);
    if (!definition.forms.includes(form) || !isVisible(key, values)) return false;
    const section = settingSections.find(({ id }) => id === definition.section)?.label ?? '';
    return hasWords(`${definition.label} ${definition.help} ${key} ${section}`, search);
  });
}

function hasWords(text: string, search: string): boolean {
  const words = search.trim().toLowerCase().split(/\s+/u).filter(Boolean);
  return words.every((word) => text.toLowerCase().includes(word));
}

/** What a search finds of the parts that are no settings of ours to draw. */
const slotWords: Partial<Record<SettingSection, string>> = {
  apiKeys: ['API Keys', ...keyedProviders.flatMap((name) => [keyLabel(name), labelOf(name)])].join(' '),
  advanced: 'Advanced address endpoint base URL confirm starts above amount',
};

/** Whether a search shows anything. */
export function findsAnything(form: SettingForm, values: Settings, search: string): boolean {
  return (
    shownKeys(form, values, search).length > 0 ||
    Object.values(slotWords).some((words) => hasWords(words, search))
  );
}

@customElement('factory-settings-form')
export class SettingsFormElement extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
      }
      section {
        margin-bottom: 22px;
      }
      h2 {
        padding: 6px 14px 2px;
        font-size: 15px;
        font-weight: 600;
      }
      .about {
        padding: 0 14px 6px;
        color: var(--vscode-descriptionForeground);
      }
      .warning {
        display: flex;
        gap: 6px;
        max-width: 72ch;
        margin-top: 5px;
        line-height: 1.4;
      }
    `,
  ];

  @property() form: SettingForm = 'settings';
  /** Saved values with the changes of the reader over them. */
  @property({ attribute: false }) values!: Settings;
  @property({ attribute: false }) problems: readonly Problem[] = [];
  @property({ attribute: false }) sources: Readonly<Record<string, SettingSource>> = {};
  @property({ attribute: false }) changedKeys: ReadonlySet<string> = new Set();
  @property() search = '';
  /** Rows of the keyword file; null where it is not known. */
  @property({ attribute: false }) rowCount: number | null = null;
  /** Only these sections; all without it. */
  @property({ attribute: false }) sections: readonly SettingSection[] | null = null;
  /** File paths for reference only, as in a job's settings. */
  @property({ type: Boolean }) pathsReadOnly = false;

  /** Brings a field into view and focuses it; false where it is hidden now. */
  async focusField(key: string): Promise<boolean> {
    await this.updateComplete;
    const field = this.renderRoot.querySelector<SettingField>(
      `factory-setting-field[data-key="${CSS.escape(key)}"]`,
    );
    if (field === null) return false;
    await field.updateComplete;
    bringIntoView(field, 'center');
    field.focus();
    return true;
  }

  #problemOf(key: SettingKey): string | null {
    const problem = this.problems.find((one) => one.key === key);
    return problem === undefined ? null : inWords(problem.told);
  }

  #noteOf(key: SettingKey): string | null {
    if (key !== 'generation.count') return null;
    // While it is being typed a number may be any text.
    const [count, variations] = ['generation.count', 'generation.variations'].map((each) =>
      Number((this.values as Record<string, unknown>)[each]),
    ) as [number, number];
    if (!Number.isFinite(count) || !Number.isFinite(variations)) return null;
    const images = `${formatNumber(count)} × ${formatNumber(variations)} = ${countOf(count * variations, 'image')}`;
    if (this.rowCount === null || this.rowCount === 0) return images;
    const rows = `${formatNumber(Math.min(count, this.rowCount))} of ${formatNumber(this.rowCount)} rows`;
    return `${images} · ${rows}`;
  }

  /** A service that ends, said at the field that names it; once it has ended, others are one click away. */
  #renderRetirement(key: SettingKey): TemplateResult | typeof nothing {
    const notice = removerNotice(this.values, Date.now(), null);
    if (notice?.key !== key) return nothing;
    return html`<p class="warning" role="note">
      <span class="pending">${icon('warning')}</span>
      <span>
        ${inWords(notice.told)}
        ${
          notice.ended
            ? otherRemovers().map(
                (other) =>
                  html`<button class="plain link" @click=${() => this.#replace(other)}>
                    Use ${other.label}
                  </button>`,
              )
            : nothing
        }
      </span>
    </p>`;
  }

  #replace({ changes }: Replacement): void {
    for (const [key, value] of Object.entries(changes)) {
      const detail: SettingChange = { key: key as SettingKey, value };
      this.dispatchEvent(new CustomEvent('setting-change', { detail, bubbles: true, composed: true }));
    }
  }

  #renderField(key: SettingKey): TemplateResult {
    const isPath = definitionOf(key).kind === 'path';
    return html`<factory-setting-field
      data-key=${key}
      .key=${key}
      .value=${this.values[key]}
      .problem=${this.#problemOf(key)}
      .note=${this.#noteOf(key)}
      .source=${this.sources[key] ?? 'default'}
      ?changed=${this.changedKeys.has(key)}
      ?read-only=${isPath && this.pathsReadOnly}
      >${this.#renderRetirement(key)}</factory-setting-field
    >`;
  }

  protected override render(): TemplateResult {
    const keys = shownKeys(this.form, this.values, this.search);
    return html`${settingSections
      .filter(({ id }) => this.sections === null || this.sections.includes(id))
      .map(({ id, label, help }) => {
        const own = keys.filter((key) => definitionOf(key).section === id);
        const words = slotWords[id];
        const slotted = words !== undefined && hasWords(words, this.search);
        if (own.length === 0 && !slotted) return nothing;
        return html`<section id=${id} aria-labelledby=${`title-${id}`}>
          <h2 id=${`title-${id}`}>${label}</h2>
          <p class="about">
            ${id === 'files' && this.pathsReadOnly ? 'For reference. To change what a file says, edit it on disk.' : help}
          </p>
          ${repeat(
            own,
            // A field that is being left still tells its value: it must not have become another's meanwhile.
            (key) => key,
            (key) => this.#renderField(key),
          )}
          ${slotted ? html`<slot name=${id}></slot>` : nothing}
        </section>`;
      })}`;
  }

  /** The last section that begins above this height of the window. */
  sectionAt(y: number): SettingSection | null {
    const above = [...this.renderRoot.querySelectorAll('section')].filter(
      (section) => section.getBoundingClientRect().top <= y,
    );
    return settingSections.find(({ id }) => id === above.at(-1)?.id)?.id ?? null;
  }

  /** Scrolls to a section; used by the list of sections. */
  showSection(id: SettingSection): void {
    const section = this.renderRoot.querySelector(`#${id}`);
    if (section !== null) bringIntoView(section, 'start');
  }
}
