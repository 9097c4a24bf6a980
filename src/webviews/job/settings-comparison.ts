/** A job's settings as run beside its settings of now, with what differs marked (V1, V4). */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { SettingKey, Settings } from '../../engine/settings/settings.ts';
import {
  definitionOf,
  differences,
  isVisible,
  settingKeys,
  settingSections,
  shownSetting,
} from '../../engine/settings/settings.ts';
import { icon } from '../components/icon.ts';
import { baseStyles } from '../components/styles.ts';
import { formatNumber } from '../format.ts';

@customElement('factory-settings-comparison')
export class SettingsComparison extends LitElement {
  static override styles = [
    baseStyles,
    css`
      .summary {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 16px;
        min-height: 24px;
        margin-top: 4px;
      }
      .summary label {
        display: flex;
        align-items: center;
        gap: 6px;
        cursor: pointer;
      }
      table {
        width: 100%;
        max-width: 1000px;
        border-collapse: collapse;
        table-layout: fixed;
      }
      th,
      td {
        padding: 3px 12px 3px 6px;
        font-weight: 400;
        line-height: 1.4;
        text-align: left;
        vertical-align: top;
        overflow-wrap: anywhere;
      }
      thead th {
        position: sticky;
        z-index: 1;
        top: 0;
        height: 28px;
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        background: var(--vscode-editor-background);
        color: var(--vscode-descriptionForeground);
        font-size: 12px;
        vertical-align: middle;
      }
      thead th:first-child {
        width: 30%;
      }
      th:first-child {
        padding-left: 0;
      }
      .section th {
        padding-top: 14px;
        font-weight: 600;
      }
      .name {
        color: var(--vscode-descriptionForeground);
      }
      .value {
        white-space: pre-wrap;
      }
      tbody tr:not(.section):hover {
        background: var(--vscode-list-hoverBackground);
      }
      tr.differs td:last-child {
        background: var(--vscode-diffEditor-insertedTextBackground);
        outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      .mark .codicon {
        font-size: 14px;
      }
    `,
  ];

  /** Null before the first start. */
  @property({ attribute: false }) asRun: Settings | null = null;
  @property({ attribute: false }) current!: Settings;
  @state() private onlyDifferences = false;

  #value(settings: Settings | null, key: SettingKey): string {
    if (settings === null) return '–';
    if (!isVisible(key, settings)) return 'Not used';
    const text = shownSetting(key, settings[key]);
    return text === '' ? 'Not set' : text;
  }

  #renderSummary(count: number): TemplateResult {
    if (this.asRun === null) return html`<p class="summary muted">This job has not run yet.</p>`;
    if (count === 0)
      return html`<p class="summary muted">The current settings are those that the job ran with.</p>`;
    const words = count === 1 ? '1 setting differs' : `${formatNumber(count)} settings differ`;
    return html`<div class="summary">
      <span>${words} from as run. Reruns use the current settings.</span>
      <label>
        <input
          type="checkbox"
          .checked=${this.onlyDifferences}
          @change=${(event: Event) => (this.onlyDifferences = (event.target as HTMLInputElement).checked)}
        />
        Only differences
      </label>
    </div>`;
  }

  #renderRow(key: SettingKey, differs: boolean): TemplateResult {
    const now = this.#value(this.current, key);
    return html`<tr class=${differs ? 'differs' : ''}>
      <th scope="row" class="name">${definitionOf(key).label}</th>
      <td><span class="value" dir="auto">${this.#value(this.asRun, key)}</span></td>
      <td>
        <span class="value" dir="auto">${now}</span>
        ${
          differs
            ? html`<span class="mark pending" title="Differs from as run"
                >${icon('edit')}<span class="visually-hidden">Differs from as run</span></span
              >`
            : nothing
        }
      </td>
    </tr>`;
  }

  protected override render(): TemplateResult {
    const { asRun, current } = this;
    const differing = new Set(asRun === null ? [] : differences(asRun, current).map(({ key }) => key));
    const only = this.onlyDifferences && differing.size > 0;
    const shown = settingKeys.filter(
      (key) =>
        (!only || differing.has(key)) &&
        (isVisible(key, current) || (asRun !== null && isVisible(key, asRun))),
    );
    return html`${this.#renderSummary(differing.size)}
      <table aria-label="Settings as run and current">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">As Run</th>
            <th scope="col">Current</th>
          </tr>
        </thead>
        ${settingSections.map(({ id, label }) => {
          const keys = shown.filter((key) => definitionOf(key).section === id);
          if (keys.length === 0) return nothing;
          return html`<tbody>
            <tr class="section">
              <th scope="rowgroup" colspan="3">${label}</th>
            </tr>
            ${keys.map((key) => this.#renderRow(key, differing.has(key)))}
          </tbody>`;
        })}
      </table>`;
  }
}
