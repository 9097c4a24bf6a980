/** Words of any length: some lines of them, and all on request, so that they push nothing out of sight. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { baseStyles } from './styles.ts';

@customElement('factory-long-text')
export class LongText extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        color: inherit;
        white-space: normal;
      }
      .text {
        overflow-wrap: anywhere;
        white-space: pre-wrap;
        user-select: text;
      }
      .text:not(.whole) {
        display: -webkit-box;
        overflow: hidden;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: var(--lines);
      }
      button.link {
        margin-top: 2px;
      }
    `,
  ];

  @property() text = '';
  /** So many lines are shown at first. */
  @property({ type: Number }) lines = 4;
  @state() private whole = false;
  @state() private cut = false;
  @query('.text') private words!: HTMLElement;
  readonly #observer = new ResizeObserver(() => this.#measure());

  protected override firstUpdated(): void {
    this.#observer.observe(this);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }
  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#observer.observe(this);
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('text')) this.whole = false;
  }
  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('text') || changed.has('whole')) this.#measure();
  }

  #measure(): void {
    if (!this.whole) this.cut = this.words.scrollHeight > this.words.clientHeight + 1;
  }

  protected override render(): TemplateResult {
    return html`<div
        class="text ${this.whole ? 'whole' : ''}"
        dir="auto"
        .style=${`--lines: ${this.lines}`}
        .textContent=${this.text}
      ></div>
      ${
        this.cut
          ? html`<button
              class="plain link"
              aria-expanded=${this.whole}
              @click=${() => (this.whole = !this.whole)}
            >
              ${this.whole ? 'Show Less' : 'Show All'}
            </button>`
          : nothing
      }`;
  }
}
