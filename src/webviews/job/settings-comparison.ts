/** A job's settings as run beside its settings of now, with what differs marked (V1, V4). */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
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

@customElement('gif-settings-comparison')
export class SettingsComparison extends LitElement {
  static override styles = [
    baseStyles,
    css`
      table {
        width: 100%;
        max-width: 980px;
        border-collapse: collapse;
        table-layout: fixed;
      }
      caption {
        padding: 12px 0 4px;
        font-weight: 600;
        text-align: left;
      }
      th {
        height: 24px;
        color: var(--vscode-descriptionForeground);
        font-weight: 400;
        text-align: left;
      }
      th,
      td {
        padding: 3px 12px 3px 0;
        vertical-align: top;
        overflow-wrap: anywhere;
      }
      td {
        white-space: pre-wrap;
      }
      .name {
        width: 34%;
        color: var(--vscode-descriptionForeground);
      }
      tr.differs td:last-child {
        background: var(--vscode-diffEditor-insertedTextBackground);
        outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      .mark {
        color: var(--vscode-editorWarning-foreground);
      }
    `,
  ];

  /** Null before the first start. */
  @property({ attribute: false }) asRun: Settings | null = null;
  @property({ attribute: false }) current!: Settings;

  #value(settings: Settings | null, key: SettingKey): string {
    if (settings === null) return '–';
    if (!isVisible(key, settings)) return 'Not used';
    const text = shownSetting(key, settings[key]);
    return text === '' ? 'Not set' : text;
  }

  protected override render(): TemplateResult {
    const { asRun, current } = this;
    const differing = new Set(asRun === null ? [] : differences(asRun, current).map(({ key }) => key));
    return html`${settingSections.map(({ id, label }) => {
      const keys = settingKeys.filter(
        (key) =>
          definitionOf(key).section === id &&
          (isVisible(key, current) || (asRun !== null && isVisible(key, asRun))),
      );
      if (keys.length === 0) return nothing;
      return html`<table>
        <caption>
          ${label}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="name">Setting</th>
            <th scope="col">As Run</th>
            <th scope="col">Current</th>
          </tr>
        </thead>
        <tbody>
          ${keys.map((key) => {
            const differs = differing.has(key);
            return html`<tr class=${differs ? 'differs' : ''}>
              <th scope="row" class="name">${definitionOf(key).label}</th>
              <td dir="auto">${this.#value(asRun, key)}</td>
              <td dir="auto">
                ${this.#value(current, key)}${
                  differs
                    ? html` <span class="mark" title="Differs from as run"
                        >${icon('edit')}<span class="visually-hidden">Differs from as run</span></span
                      >`
                    : nothing
                }
              </td>
            </tr>`;
          })}
        </tbody>
      </table>`;
    })}`;
  }
}
