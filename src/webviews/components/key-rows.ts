/** The API keys: state, Set, Test, Clear. The keys themselves never come here; the password box is VS Code's own. */
import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { KeyedProvider } from '../../engine/providers/registry.ts';
import { keyLabel, labelOf } from '../../engine/providers/registry.ts';
import type { Host } from '../client.ts';
import type { KeyState } from '../protocol.ts';
import { send } from './events.ts';
import { icon } from './icon.ts';
import { baseStyles } from './styles.ts';

const stateWords: Record<KeyState['source'], string> = {
  stored: 'Stored',
  environment: 'From environment',
  missing: 'Missing',
};

type Answer = { ok: boolean; message: string } | 'testing';

@customElement('factory-key-rows')
export class KeyRows extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
      }
      .key {
        display: grid;
        grid-template-columns: minmax(110px, 150px) minmax(140px, 1fr) auto;
        align-items: center;
        gap: 4px 12px;
        max-width: 760px;
        padding: 6px 14px;
      }
      .name {
        font-weight: 600;
      }
      .state {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 6px;
        min-width: 0;
      }
      .buttons {
        display: flex;
        gap: 6px;
      }
      .answer {
        grid-column: 2 / -1;
        overflow-wrap: anywhere;
      }
      @media (max-width: 560px) {
        .key {
          grid-template-columns: 1fr;
        }
        .answer {
          grid-column: 1;
        }
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @state() private states: KeyState[] = [];
  @state() private answers: Partial<Record<KeyedProvider, Answer>> = {};
  #endListening: (() => void) | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endListening = this.host.on('keys', () => void this.#load());
    void this.#load();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endListening?.();
  }

  async #load(): Promise<void> {
    try {
      this.states = await this.host.request('keys.states', {});
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  async #change(provider: KeyedProvider, method: 'keys.set' | 'keys.clear'): Promise<void> {
    try {
      this.states = await this.host.request(method, { provider });
      this.answers = { ...this.answers, [provider]: undefined };
    } catch (error) {
      send(this, 'view-error', error);
    }
  }

  async #test(provider: KeyedProvider): Promise<void> {
    this.answers = { ...this.answers, [provider]: 'testing' };
    try {
      const answer = await this.host.request('keys.test', { provider });
      this.answers = { ...this.answers, [provider]: answer };
      send(this, 'view-announce', `${labelOf(provider)}: ${answer.message}`);
    } catch (error) {
      this.answers = { ...this.answers, [provider]: undefined };
      send(this, 'view-error', error);
    }
  }

  #renderAnswer(answer: Answer | undefined): TemplateResult | typeof nothing {
    if (answer === undefined) return nothing;
    if (answer === 'testing') return html`<span class="answer muted">Testing…</span>`;
    return html`<span class="answer ${answer.ok ? 'pass' : 'fail'}">
      ${icon(answer.ok ? 'pass' : 'error')} ${answer.message}
    </span>`;
  }

  #renderKey({ provider, source, endpoint }: KeyState): TemplateResult {
    const name = keyLabel(provider);
    const missing = source === 'missing';
    return html`<div class="key" role="group" aria-label=${name}>
      <span class="name">${name}</span>
      <span class="state">
        <span class=${missing ? 'muted' : 'pass'}>${icon(missing ? 'circle-slash' : 'pass')}</span>
        <span>${stateWords[source]}</span>
        <span class="muted ellipsis">${endpoint}</span>
      </span>
      <span class="buttons">
        <vscode-button
          appearance="secondary"
          aria-label=${`Set ${name}`}
          @click=${() => void this.#change(provider, 'keys.set')}
          >Set…</vscode-button
        >
        <vscode-button
          appearance="secondary"
          aria-label=${`Test ${name}`}
          ?disabled=${missing || this.answers[provider] === 'testing'}
          @click=${() => void this.#test(provider)}
          >Test</vscode-button
        >
        <vscode-button
          appearance="secondary"
          aria-label=${`Clear ${name}`}
          ?disabled=${source !== 'stored'}
          @click=${() => void this.#change(provider, 'keys.clear')}
          >Clear</vscode-button
        >
      </span>
      ${this.#renderAnswer(this.answers[provider])}
    </div>`;
  }

  protected override render(): TemplateResult {
    return html`${this.states.map((state) => this.#renderKey(state))}`;
  }
}
