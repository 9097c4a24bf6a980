/** A dialog over the declared settings: a job's own settings, the changes of a rerun, the processing of a retry. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Problem } from '../../engine/model/errors.ts';
import { limitsOf } from '../../engine/providers/limits.ts';
import type { SettingForm, SettingKey, Settings, SettingSection } from '../../engine/settings/settings.ts';
import { checkSettings, definitionOf, settingKeys } from '../../engine/settings/settings.ts';
import type { Host } from '../client.ts';
import { countOf } from '../format.ts';
import { send, emitWritten } from './events.ts';
import { icon } from './icon.ts';
import './key-rows.ts';
import type { SettingChange } from './setting-field.ts';
import './settings-form.ts';
import type { SettingsFormElement } from './settings-form.ts';
import { baseStyles, fieldStyles, iconButtonStyles, searchStyles } from './styles.ts';

export interface SettingsQuestion {
  title: string;
  /** Said below the title: what the settings will be used for. */
  about: string;
  /** Words of the button that takes them. */
  action: string;
  form: SettingForm;
  settings: Settings;
  sections: readonly SettingSection[];
  /** The field to begin with. */
  field?: SettingKey;
  /** Resolves with problems that keep the dialog open; none closes it. */
  take(settings: Settings): Promise<readonly Problem[]>;
}

@customElement('factory-settings-dialog')
export class SettingsDialog extends LitElement {
  static override styles = [
    baseStyles,
    fieldStyles,
    iconButtonStyles,
    searchStyles,
    css`
      dialog {
        width: min(760px, calc(100vw - 24px));
        height: min(860px, calc(100vh - 24px));
        max-height: none;
        padding: 0;
        overflow: hidden;
        border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
        border-radius: 6px;
        background: var(--vscode-editor-background);
        color: var(--vscode-foreground);
        box-shadow: 0 4px 16px var(--vscode-widget-shadow);
      }
      dialog::backdrop {
        background: color-mix(in srgb, var(--vscode-editor-background) 60%, transparent);
      }
      .frame {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      header {
        display: flex;
        flex: none;
        align-items: flex-start;
        gap: 8px;
        padding: 14px 12px 10px 16px;
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      h2 {
        font-size: 15px;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      header p {
        margin-top: 2px;
        color: var(--vscode-descriptionForeground);
      }
      .fields {
        flex: 1 1 auto;
        min-height: 0;
        padding: 8px 4px;
        overflow-y: auto;
      }
      .search {
        flex: 0 1 200px;
        min-width: 110px;
      }
      footer {
        display: flex;
        flex: none;
        align-items: center;
        gap: 8px;
        padding: 10px 16px;
        border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        background: var(--vscode-editorWidget-background);
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @state() private question: SettingsQuestion | null = null;
  @state() private changes: Partial<Record<SettingKey, unknown>> = {};
  @state() private refused: readonly Problem[] = [];
  @state() private working = false;
  @state() private search = '';
  /** Escape was pressed with changes that are not saved. */
  @state() private leaving = false;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('.fields') private fields!: HTMLElement;
  @query('factory-settings-form') private form!: SettingsFormElement | null;

  constructor() {
    super();
    this.addEventListener('setting-change', (event) => {
      event.stopPropagation();
      const { key, value } = (event as CustomEvent<SettingChange>).detail;
      this.changes = { ...this.changes, [key]: value };
      this.refused = [];
      this.leaving = false;
    });
    this.addEventListener('setting-open', (event) => {
      event.stopPropagation();
      emitWritten(this, 'open-input', (event as CustomEvent<SettingKey>).detail);
    });
  }

  async ask(question: SettingsQuestion): Promise<void> {
    this.question = question;
    this.changes = {};
    this.refused = [];
    this.search = '';
    this.leaving = false;
    await this.updateComplete;
    this.dialog.showModal();
    this.fields.scrollTop = 0;
    if (question.field !== undefined) await this.form?.focusField(question.field);
  }

  get #values(): Settings | null {
    return this.question === null ? null : ({ ...this.question.settings, ...this.changes } as Settings);
  }

  get #changedKeys(): ReadonlySet<SettingKey> {
    const before = this.question?.settings;
    const keys = Object.keys(this.changes) as SettingKey[];
    return new Set(keys.filter((key) => JSON.stringify(this.changes[key]) !== JSON.stringify(before?.[key])));
  }

  /** Enter in a line of text saves, and Ctrl+S anywhere. */
  #onKey(event: KeyboardEvent): void {
    const [field] = event.composedPath();
    const inLine =
      field instanceof HTMLInputElement && ['text', 'number'].includes(field.type) && !field.readOnly;
    const save = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's';
    if (!save && !(event.key === 'Enter' && inLine && !event.isComposing)) return;
    event.preventDefault();
    void this.#take();
  }

  /** One Escape too many takes nothing away: with changes it is asked for twice. */
  #onEscape(event: Event): void {
    if (this.leaving || this.#changedKeys.size === 0) return;
    event.preventDefault();
    this.leaving = true;
  }

  /** What stands beside the buttons. */
  #footnote(problems: number, changes: number): string {
    if (this.leaving) return `${countOf(changes, 'change')} not saved. Press Escape again to discard.`;
    if (problems > 0) return `${countOf(problems, 'value')} to correct`;
    return changes === 0 ? '' : countOf(changes, 'change');
  }

  /** Problems of the fields that this dialog shows; others are not for here. */
  get #problems(): readonly Problem[] {
    const values = this.#values;
    if (values === null || this.question === null) return [];
    const { form, sections } = this.question;
    const own = new Set<string>(
      settingKeys.filter((key) => {
        const definition = definitionOf(key);
        return definition.forms.includes(form) && sections.includes(definition.section);
      }),
    );
    const found = checkSettings(values, limitsOf).filter(({ key }) => key !== null && own.has(key));
    return [...found, ...this.refused];
  }

  async #take(): Promise<void> {
    const { question } = this;
    const values = this.#values;
    const [first] = this.#problems;
    const wrong = first?.key ?? null;
    if (wrong !== null) {
      this.search = '';
      await this.updateComplete;
      await this.form?.focusField(wrong);
      return;
    }
    if (question === null || values === null || this.working) return;
    this.working = true;
    try {
      const problems = await question.take(values);
      this.refused = problems;
      if (problems.length === 0) this.dialog.close();
    } catch (error) {
      // The dialog covers the view's banner, so it closes before an error is shown there.
      this.dialog.close();
      send(this, 'view-error', error);
    } finally {
      this.working = false;
    }
  }

  protected override render(): TemplateResult {
    const { question } = this;
    const values = this.#values;
    if (question === null || values === null) return html`<dialog></dialog>`;
    const problems = this.#problems;
    const changed = this.#changedKeys;
    return html`<dialog aria-labelledby="title" @cancel=${(event: Event) => this.#onEscape(event)}>
      <div class="frame" @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
        <header>
          <div class="grow">
            <h2 id="title">${question.title}</h2>
            <p>${question.about}</p>
          </div>
          <div class="search">
            ${icon('search')}
            <input
              class="field"
              type="search"
              aria-label="Search settings"
              placeholder="Search settings"
              .value=${this.search}
              @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
            />
          </div>
          <button class="icon" aria-label="Close" title="Close" @click=${() => this.dialog.close()}>
            ${icon('close')}
          </button>
        </header>
        <div class="fields">
          <slot name="before"></slot>
          <factory-settings-form
            .form=${question.form}
            .values=${values}
            .problems=${problems}
            .changedKeys=${changed}
            .sections=${question.sections}
            .search=${this.search}
            ?pathsReadOnly=${true}
          >
            ${
              question.sections.includes('apiKeys')
                ? html`<factory-key-rows slot="apiKeys" .host=${this.host}></factory-key-rows>`
                : nothing
            }
          </factory-settings-form>
        </div>
        <footer>
          <span class="grow ${this.leaving || problems.length > 0 ? 'fail' : 'muted'}" role="status">
            ${this.#footnote(problems.length, changed.size)}
          </span>
          <vscode-button appearance="secondary" @click=${() => this.dialog.close()}>Cancel</vscode-button>
          <vscode-button ?disabled=${this.working} @click=${() => void this.#take()}
            >${question.action}</vscode-button
          >
        </footer>
      </div>
    </dialog>`;
  }
}
