/** One setting with the control that its kind asks for, its help, its problem, and where its value comes from. */
import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { SettingDefinition, SettingKey } from '../../engine/settings/settings.ts';
import { definitionOf, valueFromText } from '../../engine/settings/settings.ts';
import type { SettingSource } from '../protocol.ts';
import { icon } from './icon.ts';
import { baseStyles, fieldStyles, iconButtonStyles } from './styles.ts';

/** What a field tells its form. */
export interface SettingChange {
  key: SettingKey;
  /** As typed where it is not yet a value of the setting; the check names what is wrong. */
  value: unknown;
}

const sourceWords: Record<SettingSource, string | null> = {
  default: null,
  user: 'From user settings',
  remote: 'From remote settings',
  workspace: null,
  folder: null,
};

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join('\n');
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | boolean}`;
}

@customElement('factory-setting-field')
export class SettingField extends LitElement {
  static override styles = [
    baseStyles,
    fieldStyles,
    iconButtonStyles,
    css`
      :host {
        display: block;
        padding: 9px 14px 11px 12px;
        border-left: 2px solid transparent;
      }
      :host([changed]) {
        border-left-color: var(--vscode-settings-modifiedItemIndicator);
      }
      :host(:focus-within) {
        background: var(--vscode-settings-focusedRowBackground);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 2px 8px;
      }
      .head label,
      .label {
        font-weight: 600;
      }
      .source {
        color: var(--vscode-descriptionForeground);
        font-size: 0.9em;
        font-style: italic;
      }
      .help {
        max-width: 72ch;
        margin: 3px 0 6px;
        color: var(--vscode-descriptionForeground);
        line-height: 1.4;
      }
      .control {
        display: flex;
        align-items: center;
        gap: 6px;
        max-width: 460px;
      }
      .control > input.field,
      .control > textarea.field,
      .control > select.field {
        flex: 1 1 auto;
        width: 100%;
      }
      .control > input[type='number'].field {
        flex: none;
        width: 110px;
        font-variant-numeric: tabular-nums;
      }
      .control > select.field {
        max-width: 320px;
      }
      input[type='range'] {
        flex: 1 1 auto;
        max-width: 280px;
        accent-color: var(--vscode-button-background);
      }
      .check {
        display: flex;
        align-items: flex-start;
        gap: 8px;
        max-width: 72ch;
        margin-top: 3px;
        color: var(--vscode-descriptionForeground);
        line-height: 1.4;
      }
      .choices {
        display: flex;
        flex-direction: column;
        gap: 5px;
      }
      .choices label {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .problem {
        display: flex;
        gap: 6px;
        max-width: 72ch;
        margin-top: 5px;
        color: var(--vscode-errorForeground);
        line-height: 1.4;
      }
      .note {
        margin-top: 5px;
        color: var(--vscode-descriptionForeground);
        font-variant-numeric: tabular-nums;
      }
      .field:read-only:not(select) {
        border-color: transparent;
        background: var(--vscode-editorWidget-background);
        color: var(--vscode-descriptionForeground);
      }
      [aria-invalid='true'].field {
        border-color: var(--vscode-inputValidation-errorBorder, var(--vscode-errorForeground));
      }
    `,
  ];

  @property() key!: SettingKey;
  @property({ attribute: false }) value: unknown;
  /** What is wrong, as a sentence; null when nothing is. */
  @property({ attribute: false }) problem: string | null = null;
  /** One line of facts below the control, such as the product of two counts. */
  @property({ attribute: false }) note: string | null = null;
  @property() source: SettingSource = 'default';
  @property({ type: Boolean, reflect: true }) changed = false;
  /** Shown for reference, not edited. */
  @property({ type: Boolean, attribute: 'read-only' }) readOnly = false;

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('.focus-here')?.focus({ preventScroll: true });
  }

  #tell(value: unknown): void {
    const detail: SettingChange = { key: this.key, value };
    this.dispatchEvent(new CustomEvent('setting-change', { detail, bubbles: true, composed: true }));
  }

  #onText = (event: Event): void => {
    const { value } = event.target as HTMLInputElement | HTMLTextAreaElement;
    const { kind } = definitionOf(this.key);
    // A list keeps its lines while it is typed; text is passed on as it is.
    this.#tell(kind === 'lines' ? value.split('\n') : valueFromText(this.key, value));
  };

  #onLinesDone = (event: Event): void => {
    this.#tell(valueFromText(this.key, (event.target as HTMLTextAreaElement).value));
  };

  #onChoices(option: string, on: boolean): void {
    const now = Array.isArray(this.value) ? (this.value as string[]) : [];
    this.#tell(on ? [...now, option] : now.filter((other) => other !== option));
  }

  /** Typing goes on in the field itself: the value is written back only when it came from elsewhere. */
  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('value')) return;
    const field = this.renderRoot.querySelector<HTMLInputElement | HTMLTextAreaElement>('.typed');
    if (field === null) return;
    const typed: unknown =
      definitionOf(this.key).kind === 'lines'
        ? field.value.split('\n')
        : valueFromText(this.key, field.value);
    if (JSON.stringify(typed) !== JSON.stringify(this.value)) field.value = textOf(this.value);
  }

  #renderControl(definition: SettingDefinition): TemplateResult {
    const described = `help${this.problem === null ? '' : ' problem'}`;
    const invalid = this.problem === null ? 'false' : 'true';
    switch (definition.kind) {
      case 'toggle':
        return html`<label class="check">
          <input
            id="control"
            class="focus-here"
            type="checkbox"
            aria-label=${definition.label}
            aria-describedby=${described}
            .checked=${this.value === true}
            ?disabled=${this.readOnly}
            @change=${(event: Event) => this.#tell((event.target as HTMLInputElement).checked)}
          /><span id="help">${definition.help}</span>
        </label>`;
      case 'choice':
        return html`<div class="control">
          <select
            id="control"
            class="field focus-here"
            aria-describedby=${described}
            aria-invalid=${invalid}
            ?disabled=${this.readOnly}
            @change=${(event: Event) => this.#tell((event.target as HTMLSelectElement).value)}
          >
            ${definition.options.map(
              (option) =>
                html`<option value=${option.value} .selected=${option.value === this.value}>
                  ${option.label}
                </option>`,
            )}
          </select>
        </div>`;
      case 'choices': {
        const chosen = Array.isArray(this.value) ? (this.value as string[]) : [];
        return html`<div class="choices" role="group" aria-label=${definition.label}>
          ${definition.options.map(
            (option, index) =>
              html`<label>
                <input
                  type="checkbox"
                  class=${index === 0 ? 'focus-here' : ''}
                  .checked=${chosen.includes(option.value)}
                  ?disabled=${this.readOnly}
                  @change=${(event: Event) =>
                    this.#onChoices(option.value, (event.target as HTMLInputElement).checked)}
                />${option.label}
              </label>`,
          )}
        </div>`;
      }
      case 'integer':
      case 'number':
        return html`<div class="control">
          <input
            id="control"
            class="field typed focus-here"
            type="number"
            min=${definition.min}
            max=${definition.max}
            step=${definition.step ?? (definition.kind === 'integer' ? 1 : 'any')}
            placeholder=${definition.default === null ? 'Not set' : ''}
            aria-describedby=${described}
            aria-invalid=${invalid}
            ?disabled=${this.readOnly}
            @input=${this.#onText}
            @wheel=${(event: Event) => (event.target as HTMLElement).blur()}
          />
          ${
            definition.step === undefined
              ? nothing
              : html`<input
                  type="range"
                  aria-label=${definition.label}
                  min=${definition.min}
                  max=${definition.max}
                  step=${definition.step}
                  .value=${textOf(this.value)}
                  ?disabled=${this.readOnly}
                  @input=${this.#onText}
                />`
          }
          ${definition.unit === undefined ? nothing : html`<span class="muted">${definition.unit}</span>`}
        </div>`;
      case 'lines':
        return html`<div class="control">
          <textarea
            id="control"
            class="field typed focus-here"
            rows="4"
            spellcheck="false"
            aria-describedby=${described}
            aria-invalid=${invalid}
            ?disabled=${this.readOnly}
            @input=${this.#onText}
            @change=${this.#onLinesDone}
          ></textarea>
        </div>`;
      case 'path':
        return this.#renderPath(definition, described, invalid);
      case 'text':
      case 'url':
        return html`<div class="control">
          ${
            definition.kind === 'text' && definition.multiline === true
              ? html`<textarea
                  id="control"
                  class="field typed focus-here"
                  rows="3"
                  aria-describedby=${described}
                  aria-invalid=${invalid}
                  ?disabled=${this.readOnly}
                  @input=${this.#onText}
                ></textarea>`
              : html`<input
                  id="control"
                  class="field typed focus-here"
                  type="text"
                  spellcheck="false"
                  aria-describedby=${described}
                  aria-invalid=${invalid}
                  ?disabled=${this.readOnly}
                  @input=${this.#onText}
                />`
          }
        </div>`;
    }
  }

  #renderPath(
    definition: Extract<SettingDefinition, { kind: 'path' }>,
    described: string,
    invalid: string,
  ): TemplateResult {
    const ask = (what: 'browse' | 'open') => () =>
      this.dispatchEvent(
        new CustomEvent(`setting-${what}`, { detail: this.key, bubbles: true, composed: true }),
      );
    const isFile = definition.pick === 'file';
    const hasValue = this.value !== '' && this.value !== undefined;
    return html`<div class="control">
      <input
        id="control"
        class="field typed focus-here"
        type="text"
        spellcheck="false"
        aria-describedby=${described}
        aria-invalid=${invalid}
        placeholder=${this.readOnly ? 'Not set' : ''}
        ?readonly=${this.readOnly}
        @input=${this.#onText}
      />
      ${
        this.readOnly
          ? nothing
          : html`<button
              class="icon"
              aria-label=${`Browse for ${definition.label}`}
              title="Browse…"
              @click=${ask('browse')}
            >
              ${icon('folder-opened')}
            </button>`
      }
      ${
        isFile && hasValue && !this.changed
          ? html`<button
              class="icon"
              aria-label=${`Open ${definition.label}`}
              title="Open File"
              @click=${ask('open')}
            >
              ${icon('go-to-file')}
            </button>`
          : nothing
      }
    </div>`;
  }

  protected override render(): TemplateResult {
    const definition = definitionOf(this.key);
    const toggle = definition.kind === 'toggle';
    const group = definition.kind === 'choices';
    const source = this.changed ? 'Not saved yet' : sourceWords[this.source];
    return html`
      <div class="head">
        ${
          toggle || group
            ? html`<span class="label">${definition.label}</span>`
            : html`<label for="control">${definition.label}</label>`
        }
        ${source === null ? nothing : html`<span class="source">${source}</span>`}
      </div>
      ${toggle ? nothing : html`<p class="help" id="help">${definition.help}</p>`}
      ${this.#renderControl(definition)}
      ${this.note === null ? nothing : html`<p class="note">${this.note}</p>`}
      <slot></slot>
      ${
        this.problem === null
          ? nothing
          : html`<p class="problem" id="problem">${icon('error')}<span>${this.problem}</span></p>`
      }
    `;
  }
}
