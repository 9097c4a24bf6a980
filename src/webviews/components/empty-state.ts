/** What stands where there is nothing yet: what will be here, and the one next step. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { IconName } from './icon.ts';
import { icon } from './icon.ts';
import { baseStyles } from './styles.ts';

@customElement('factory-empty-state')
export class EmptyState extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 8px;
        padding: 40px 24px;
        text-align: center;
      }
      .codicon {
        width: auto;
        font-size: 32px;
        color: var(--vscode-descriptionForeground);
      }
      h2 {
        font-weight: 600;
      }
      p {
        max-width: 46ch;
        color: var(--vscode-descriptionForeground);
        line-height: 1.5;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: 8px;
        margin-top: 6px;
      }
    `,
  ];

  @property() icon: IconName = 'inbox';
  @property() heading = '';
  @property() text = '';

  protected override render(): TemplateResult {
    return html`
      ${icon(this.icon)}
      <h2>${this.heading}</h2>
      <p>${this.text}</p>
      <div class="actions"><slot></slot></div>
    `;
  }
}
