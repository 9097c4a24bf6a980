/** An image that can be looked at closely: fitted, zoomed around the pointer, dragged. */
import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { emitWritten } from './events.ts';
import { icon } from './icon.ts';
import { baseStyles } from './styles.ts';

const most = 16;
const step = 1.25;

@customElement('factory-image-stage')
export class ImageStage extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        position: relative;
        display: block;
        overflow: hidden;
        touch-action: none;
        background: var(--vscode-editor-background);
      }
      :host(.dragging) {
        cursor: grabbing;
      }
      :host(.zoomed:not(.dragging)) {
        cursor: grab;
      }
      img {
        position: absolute;
        top: 50%;
        left: 50%;
        max-width: none;
        transform-origin: 0 0;
        background: repeating-conic-gradient(
            color-mix(in srgb, var(--vscode-foreground) 9%, transparent) 0% 25%,
            color-mix(in srgb, var(--vscode-foreground) 3%, transparent) 0% 50%
          )
          0 0 / 16px 16px;
      }
      img.crisp {
        image-rendering: pixelated;
      }
      .none {
        display: grid;
        place-items: center;
        align-content: center;
        gap: 8px;
        height: 100%;
        padding: 24px;
        text-align: center;
        color: var(--vscode-descriptionForeground);
      }
      .none .words {
        display: -webkit-box;
        max-width: 60ch;
        overflow: hidden;
        overflow-wrap: anywhere;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 6;
      }
      .none .codicon {
        width: auto;
        font-size: 32px;
      }
    `,
  ];

  /** Address of the image, or null. */
  @property() src: string | null = null;
  @property() alt = '';
  /** What to say when there is no image. */
  @property() missing = 'This image has no file yet.';
  @state() private failed = false;
  @query('img') private img!: HTMLImageElement | null;

  /** Screen pixels per image pixel; null while fitted. */
  #scale: number | null = null;
  #x = 0;
  #y = 0;
  #drag: { id: number; x: number; y: number } | null = null;
  #observer = new ResizeObserver(() => this.#apply());

  constructor() {
    super();
    this.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    this.addEventListener('dblclick', () => this.setScale(this.#scale === null ? 1 : null));
    this.addEventListener('pointerdown', (event) => this.#onDown(event));
    this.addEventListener('pointermove', (event) => this.#onMove(event));
    this.addEventListener('pointerup', () => this.#onUp());
    this.addEventListener('pointercancel', () => this.#onUp());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('src')) return;
    this.failed = false;
    this.#scale = null;
    this.#x = 0;
    this.#y = 0;
  }

  get #fit(): number {
    const { img } = this;
    if (img === null || img.naturalWidth === 0) return 1;
    return Math.min(1, this.clientWidth / img.naturalWidth, this.clientHeight / img.naturalHeight);
  }

  get scale(): number {
    return this.#scale ?? this.#fit;
  }

  /** Null fits the image into the room. */
  setScale(scale: number | null, around: { x: number; y: number } = { x: 0, y: 0 }): void {
    const before = this.scale;
    const fit = this.#fit;
    const next = scale === null || scale <= fit ? null : Math.min(most, scale);
    const ratio = (next ?? fit) / before;
    this.#x = next === null ? 0 : around.x - (around.x - this.#x) * ratio;
    this.#y = next === null ? 0 : around.y - (around.y - this.#y) * ratio;
    this.#scale = next;
    this.#apply();
  }

  zoomIn(): void {
    this.setScale(this.scale * step);
  }
  zoomOut(): void {
    this.setScale(this.scale / step);
  }

  /** Moves what is seen by a part of the room. */
  pan(dx: number, dy: number): void {
    if (this.#scale === null) return;
    this.#x -= dx * this.clientWidth * 0.15;
    this.#y -= dy * this.clientHeight * 0.15;
    this.#apply();
  }

  #apply(): void {
    const { img, scale } = this;
    if (img === null || img.naturalWidth === 0) return;
    const width = img.naturalWidth * scale;
    const height = img.naturalHeight * scale;
    // The image never leaves the room: its edge stops at the middle.
    this.#x = Math.max(-width / 2, Math.min(width / 2, this.#x));
    this.#y = Math.max(-height / 2, Math.min(height / 2, this.#y));
    img.style.transform = `translate(${this.#x - width / 2}px, ${this.#y - height / 2}px) scale(${scale})`;
    img.classList.toggle('crisp', scale >= 3);
    this.classList.toggle('zoomed', this.#scale !== null);
    emitWritten(this, 'scale-change', scale);
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    const room = this.getBoundingClientRect();
    const around = {
      x: event.clientX - room.left - room.width / 2,
      y: event.clientY - room.top - room.height / 2,
    };
    this.setScale(this.scale * Math.exp(-Math.max(-120, Math.min(120, event.deltaY)) * 0.003), around);
  }

  #onDown(event: PointerEvent): void {
    if (event.button !== 0 || this.#scale === null) return;
    this.setPointerCapture(event.pointerId);
    this.#drag = { id: event.pointerId, x: event.clientX - this.#x, y: event.clientY - this.#y };
    this.classList.add('dragging');
  }

  #onMove(event: PointerEvent): void {
    if (this.#drag?.id !== event.pointerId) return;
    this.#x = event.clientX - this.#drag.x;
    this.#y = event.clientY - this.#drag.y;
    this.#apply();
  }

  #onUp(): void {
    this.#drag = null;
    this.classList.remove('dragging');
  }

  protected override render(): TemplateResult {
    if (this.src === null || this.failed) {
      const words = this.failed ? 'The file of this image is no longer there.' : this.missing;
      return html`<div class="none">
        ${icon('file-media')}<span class="words" dir="auto">${words}</span>
      </div>`;
    }
    return html`<img
      src=${this.src}
      alt=${this.alt}
      draggable="false"
      @load=${() => this.#apply()}
      @error=${() => (this.failed = true)}
    />`;
  }
}
