/** The settings editor: VS Code's own values in one form, with what VS Code's settings cannot show. */
import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Problem } from '../../engine/model/errors.ts';
import { inWords } from '../../engine/model/message.ts';
import { limitsOf } from '../../engine/providers/limits.ts';
import type { SettingKey, Settings, SettingSection } from '../../engine/settings/settings.ts';
import {
  checkSettings,
  definitionOf,
  isSettingKey,
  sameValue,
  settingSections,
} from '../../engine/settings/settings.ts';
import { AppView } from '../components/app-view.ts';
import '../components/empty-state.ts';
import { icon } from '../components/icon.ts';
import '../components/key-rows.ts';
import type { SettingChange } from '../components/setting-field.ts';
import { findsAnything, type SettingsFormElement } from '../components/settings-form.ts';
import '../components/settings-form.ts';
import { fieldStyles, searchStyles } from '../components/styles.ts';
import { countOf } from '../format.ts';
import type { SettingsState, ViewTarget } from '../protocol.ts';
import { settingsStyles } from './settings.styles.ts';

/** Files are checked by the host when typing rests, in milliseconds. */
const checkPauseMs = 250;

@customElement('factory-settings')
export class SettingsView extends AppView {
  static override styles = [...[AppView.styles].flat(), fieldStyles, searchStyles, settingsStyles];

  @state() private saved: SettingsState | null = null;
  @state() private changes: Partial<Record<SettingKey, unknown>> = {};
  @state() private problems: Problem[] = [];
  @state() private rowCount: number | null = null;
  @state() private search = '';
  @state() private section: SettingSection = 'apiKeys';
  @state() private saving = false;
  @query('factory-settings-form') private form!: SettingsFormElement | null;

  #checkTimer: number | undefined;
  #checking: AbortController | null = null;
  #pointing = false;
  /** Where the panel was opened last; a field is shown once each time. */
  #shown: ViewTarget | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    const kept = this.kept();
    if (typeof kept?.['search'] === 'string') this.search = kept['search'];
    this.host.on('settings', () => void this.#load());
    this.addEventListener('setting-change', (event) => {
      const { key, value } = (event as CustomEvent<SettingChange>).detail;
      this.#change(key, value);
    });
    this.addEventListener(
      'setting-browse',
      (event) => void this.#browse((event as CustomEvent<SettingKey>).detail),
    );
    this.addEventListener('setting-open', (event) => {
      void this.attempt(
        this.host.request('settings.openFile', { key: (event as CustomEvent<string>).detail }),
      );
    });
    this.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
      event.preventDefault();
      void this.#save();
    });
    void this.#load();
  }

  /** What is shown and would be saved. */
  get #values(): Settings | null {
    return this.saved === null ? null : ({ ...this.saved.values, ...this.changes } as Settings);
  }

  protected override reload(): void {
    super.reload();
    void this.#load();
  }

  async #load(): Promise<void> {
    const first = this.saved === null;
    const saved = await this.attempt(this.host.request('settings.get', {}));
    if (saved === undefined) return;
    this.saved = saved;
    if (first && saved.draft !== null) this.changes = { ...saved.draft };
    // A value that was saved elsewhere meanwhile is no change any more.
    const entries = Object.entries(this.changes) as [SettingKey, unknown][];
    this.changes = Object.fromEntries(entries.filter(([key, value]) => !sameValue(value, saved.values[key])));
    this.#checkSoon();
  }

  #change(key: SettingKey, value: unknown): void {
    const { saved } = this;
    if (saved === null) return;
    const others = Object.entries(this.changes).filter(([other]) => other !== key);
    const all = sameValue(value, saved.values[key]) ? others : [...others, [key, value]];
    this.changes = Object.fromEntries(all) as Partial<Record<SettingKey, unknown>>;
    this.#checkSoon();
    this.#keepDraft();
  }

  #keepDraft(): void {
    const draft = Object.keys(this.changes).length === 0 ? null : (this.changes as Partial<Settings>);
    void this.attempt(this.host.request('settings.keepDraft', { draft }));
  }

  /** Ranges at once; files and folders when typing rests. */
  #checkSoon(): void {
    const values = this.#values;
    if (values === null) return;
    const local = this.#localProblems(values);
    const localKeys = new Set(local.map((problem) => problem.key));
    this.problems = [
      ...local,
      ...this.problems.filter(({ file, key }) => file !== null && !localKeys.has(key)),
    ];
    window.clearTimeout(this.#checkTimer);
    this.#checkTimer = window.setTimeout(() => void this.#check(), checkPauseMs);
  }

  async #check(): Promise<void> {
    const values = this.#values;
    if (values === null) return;
    this.#checking?.abort();
    this.#checking = new AbortController();
    const { signal } = this.#checking;
    const checked = await this.attempt(this.host.request('settings.check', { values }, signal));
    if (checked === undefined || signal.aborted) return;
    const local = this.#localProblems(values);
    const known = new Set(local.map((problem) => problem.key));
    this.problems = [...local, ...checked.problems.filter((problem) => !known.has(problem.key))];
    this.rowCount = checked.rowCount;
  }

  /** Values out of range, and configured ones that defaults stand in for until they are changed here. */
  #localProblems(values: Settings): Problem[] {
    const configured = this.saved?.problems.filter(({ key }) => key === null || !(key in this.changes)) ?? [];
    return [...checkSettings(values, limitsOf), ...configured];
  }

  async #browse(key: SettingKey): Promise<void> {
    const path = await this.attempt(this.host.request('settings.pickPath', { key }));
    if (path !== undefined && path !== null) this.#change(key, path);
  }

  /** Problems with the values themselves stop a save; a missing file or key does not. */
  get #blocking(): Problem[] {
    const values = this.#values;
    return values === null ? [] : checkSettings(values, limitsOf);
  }

  async #save(): Promise<void> {
    const [first] = this.#blocking;
    if (first !== undefined) {
      this.search = '';
      this.announce(inWords(first.told));
      if (first.key !== null) await this.form?.focusField(first.key);
      return;
    }
    if (this.saving || Object.keys(this.changes).length === 0) return;
    this.saving = true;
    const changes = this.changes as Partial<Settings>;
    const answer = await this.attempt(this.host.request('settings.save', { changes }));
    this.saving = false;
    if (answer === undefined) return;
    if (answer.problems.length > 0) {
      this.problems = answer.problems;
      return;
    }
    this.changes = {};
    this.announce('Settings saved');
    await this.#load();
  }

  #discard(): void {
    this.changes = {};
    this.#keepDraft();
    this.#checkSoon();
  }

  async #reset(): Promise<void> {
    if ((await this.attempt(this.host.request('settings.reset', {}))) !== true) return;
    this.#discard();
    this.announce('Settings reset');
    await this.#load();
  }

  #onSearch = (event: Event): void => {
    this.search = (event.target as HTMLInputElement).value;
    this.keep({ search: this.search });
  };

  #goTo(id: SettingSection): void {
    this.section = id;
    this.#pointing = false;
    this.form?.showSection(id);
  }

  /** The list of sections follows the reader's own scrolling; the last ones cannot come to the top. */
  #onScroll = (event: Event): void => {
    if (!this.#pointing) return;
    const { top } = (event.target as HTMLElement).getBoundingClientRect();
    this.section = this.form?.sectionAt(top + 40) ?? this.section;
  };

  #onPointing = (): void => {
    this.#pointing = true;
  };

  protected override updated(): void {
    if (this.target === this.#shown || this.saved === null) return;
    this.#shown = this.target;
    if (this.target.field !== undefined) void this.#showField(this.target.field);
  }

  async #showField(field: string): Promise<void> {
    this.search = '';
    this.#pointing = false;
    if (isSettingKey(field)) this.section = definitionOf(field).section;
    await this.updateComplete;
    await this.form?.focusField(field);
  }

  #renderFooter(): TemplateResult {
    const count = Object.keys(this.changes).length;
    const wrong = this.#blocking.length;
    return html`<footer>
      <span class="state ${wrong > 0 ? 'fail' : 'muted'}" role="status">
        ${
          wrong > 0
            ? `${countOf(wrong, 'value')} to correct`
            : count === 0
              ? 'All changes saved'
              : countOf(count, 'unsaved change')
        }
      </span>
      <vscode-button appearance="secondary" @click=${() => void this.#reset()}>Reset…</vscode-button>
      <vscode-button appearance="secondary" ?disabled=${count === 0} @click=${() => this.#discard()}
        >Discard Changes</vscode-button
      >
      <vscode-button ?disabled=${count === 0 || this.saving} @click=${() => void this.#save()}
        >Save</vscode-button
      >
    </footer>`;
  }

  #openNative(key: string | null): void {
    void this.attempt(this.host.request('settings.openNative', { key }));
  }

  protected renderView(): TemplateResult {
    const values = this.#values;
    const empty = values !== null && !findsAnything('settings', values, this.search);
    return html`
      <header>
        <h1>Settings</h1>
        <div class="search">
          ${icon('search')}
          <input
            class="field"
            type="search"
            aria-label="Search settings"
            placeholder="Search settings"
            .value=${this.search}
            @input=${this.#onSearch}
          />
        </div>
        <button class="plain link" @click=${() => this.#openNative(null)}>Open in VS Code Settings</button>
      </header>
      <div class="body">
        <nav aria-label="Sections">
          ${settingSections.map(
            ({ id, label }) =>
              html`<button
                class="plain"
                aria-current=${id === this.section ? 'true' : 'false'}
                @click=${() => this.#goTo(id)}
              >
                ${label}
              </button>`,
          )}
        </nav>
        <div
          class="fields"
          aria-busy=${values === null ? 'true' : 'false'}
          @wheel=${this.#onPointing}
          @pointerdown=${this.#onPointing}
          @keydown=${this.#onPointing}
          @scroll=${this.#onScroll}
        >
          ${
            values === null || this.saved === null
              ? nothing
              : html`<factory-settings-form
                  form="settings"
                  .values=${values}
                  .problems=${this.problems}
                  .sources=${this.saved.sources}
                  .changedKeys=${new Set(Object.keys(this.changes))}
                  .rowCount=${this.rowCount}
                  .search=${this.search}
                >
                  <factory-key-rows slot="apiKeys" .host=${this.host}></factory-key-rows>
                  <p class="machine" slot="advanced">
                    The addresses of the services and the amount from which a start is confirmed belong to
                    this computer, not to a folder.
                    <button class="plain link" @click=${() => this.#openNative('endpoints')}>
                      Open in VS Code Settings
                    </button>
                  </p>
                </factory-settings-form>`
          }
          ${
            empty
              ? html`<factory-empty-state
                  icon="search"
                  heading="No setting found"
                  text=${`No setting matches "${this.search}".`}
                >
                  <vscode-button
                    appearance="secondary"
                    @click=${() => {
                      this.search = '';
                    }}
                    >Clear Search</vscode-button
                  >
                </factory-empty-state>`
              : nothing
          }
        </div>
      </div>
      ${this.#renderFooter()}
    `;
  }
}
