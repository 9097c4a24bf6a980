/** One image as large as the panel: the image left, what is known about it right. */
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Host } from '../client.ts';
import { isCancelled } from '../client.ts';
import { formatNumber, formatPercent } from '../format.ts';
import type { ImageView } from '../protocol.ts';
import { send, emitWritten } from './events.ts';
import type { IconName } from './icon.ts';
import { icon } from './icon.ts';
import type { Fact } from './imageFacts.ts';
import { detailsOf, processingFacts } from './imageFacts.ts';
import { tileName } from './imageTile.ts';
import { viewerStyles } from './image-viewer.styles.ts';
import './long-text.ts';
import type { MetadataForm } from './metadata-form.ts';
import './metadata-form.ts';
import type { ImageStage } from './image-stage.ts';
import './image-stage.ts';
import { baseStyles, iconButtonStyles } from './styles.ts';
import { imageSubject } from './subject.ts';

@customElement('factory-image-viewer')
export class ImageViewer extends LitElement {
  static override styles = [baseStyles, iconButtonStyles, viewerStyles];

  @property({ attribute: false }) host!: Host;
  /** Null closes it. */
  @property() imageId: string | null = null;
  /** 0-based place in the list, null for an image that the list does not show, and the list's length. */
  @property({ attribute: false }) index: number | null = null;
  @property({ type: Number }) length = 0;

  @state() private image: ImageView | null = null;
  @state() private scale = 1;
  @state() private showOriginal = false;
  @query('dialog') private dialog!: HTMLDialogElement | null;
  @query('factory-image-stage') private stage!: ImageStage | null;
  @query('factory-metadata-form') private form!: MetadataForm | null;
  #loading: AbortController | null = null;
  #stop: (() => void)[] = [];
  /** Before its first image there is nothing to draw: the list behind it comes sooner. */
  #used = false;
  /** The second press of a double click on what lay here before is none on what the viewer shows there. */
  #pressed = false;

  /** The image that is on screen: the one that was asked for comes a moment later. */
  get shown(): string | null {
    return this.image?.id ?? null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = [
      this.host.on('images', (tiles) => {
        if (tiles.some((tile) => tile.id === this.imageId)) void this.#load();
      }),
      this.host.on('changed', () => void this.#load()),
    ];
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stop) stop();
    this.#loading?.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('imageId')) return;
    this.showOriginal = false;
    this.#used ||= this.imageId !== null;
    if (this.imageId === null) this.image = null;
    else void this.#load();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('imageId')) return;
    if (this.imageId === null) this.dialog?.close();
    else if (this.dialog?.open === false) {
      this.#pressed = false;
      this.dialog.showModal();
    }
  }

  async #load(): Promise<void> {
    const { imageId } = this;
    if (imageId === null) return;
    this.#loading?.abort();
    this.#loading = new AbortController();
    try {
      this.image = await this.host.request('image.get', { imageId }, this.#loading.signal);
    } catch (error) {
      if (isCancelled(error)) return;
      this.#close();
      send(this, 'view-error', error);
    }
  }

  /** What was typed is saved before the image goes out of sight. */
  #leave(): void {
    void this.form?.save();
  }

  #close(): void {
    if (this.imageId === null) return;
    this.#leave();
    emitWritten(this, 'close-viewer');
  }

  #step(by: number): void {
    if (this.index === null) return;
    const next = this.index + by;
    if (next < 0 || next >= this.length) return;
    this.#leave();
    emitWritten(this, 'step', by);
  }

  async #act(method: 'image.open' | 'image.reveal' | 'image.copyPath'): Promise<void> {
    if (this.image === null) return;
    try {
      await this.host.request(method, { imageId: this.image.id });
      if (method === 'image.copyPath') send(this, 'view-announce', 'Path copied');
    } catch (error) {
      this.#close();
      send(this, 'view-error', error);
    }
  }

  async #copyPrompt(): Promise<void> {
    if (this.image === null) return;
    await this.host.request('text.copy', { text: this.image.prompt });
    send(this, 'view-announce', 'Prompt copied');
  }

  #onKey(event: KeyboardEvent): void {
    const typing = event
      .composedPath()
      .some((e) => e instanceof HTMLElement && e.matches('input, textarea, [role="tab"], vscode-panel-tab'));
    if (typing || event.altKey || event.ctrlKey || event.metaKey) return;
    const { stage } = this;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => (event.shiftKey ? stage?.pan(-1, 0) : this.#step(-1)),
      ArrowRight: () => (event.shiftKey ? stage?.pan(1, 0) : this.#step(1)),
      ArrowUp: () => stage?.pan(0, -1),
      ArrowDown: () => stage?.pan(0, 1),
      '+': () => stage?.zoomIn(),
      '=': () => stage?.zoomIn(),
      '-': () => stage?.zoomOut(),
      '0': () => stage?.setScale(null),
      '1': () => stage?.setScale(1),
      Delete: () => this.#delete(),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #onClick(event: MouseEvent): void {
    if (this.#pressed || event.detail < 2) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #delete(): void {
    if (this.image !== null) emitWritten(this, 'delete-images', [this.image.id]);
  }

  #button(
    label: string,
    name: IconName,
    act: () => void,
    options: { disabled?: boolean; pressed?: boolean } = {},
  ): TemplateResult {
    return html`<button
      class="icon"
      aria-label=${label}
      title=${label}
      aria-pressed=${options.pressed ?? nothing}
      ?disabled=${options.disabled === true}
      @click=${act}
    >
      ${icon(name)}
    </button>`;
  }

  #facts(facts: readonly Fact[]): TemplateResult {
    return html`<dl>
      ${facts.map(
        ({ label, value, long }) =>
          html`<div class=${long === true ? 'fact long' : 'fact'}>
            <dt>${label}</dt>
            ${
              long === true
                ? html`<dd><factory-long-text lines="12" .text=${value}></factory-long-text></dd>`
                : html`<dd dir="auto">${value}</dd>`
            }
          </div>`,
      )}
    </dl>`;
  }

  #renderBar(image: ImageView | null): TemplateResult {
    const { index, length, stage } = this;
    const gone = image === null || !image.hasFile;
    const name = image === null ? 'Image' : tileName(image);
    return html`<div class="bar">
      <div class="row">
        ${this.#button('Previous Image', 'chevron-left', () => this.#step(-1), {
          disabled: index === null || index <= 0,
        })}
        ${this.#button('Next Image', 'chevron-right', () => this.#step(1), {
          disabled: index === null || index >= length - 1,
        })}
        ${
          index === null
            ? nothing
            : html`<span class="number muted">${formatNumber(index + 1)} of ${formatNumber(length)}</span>`
        }
      </div>
      <h2 class="ellipsis" dir="auto" title=${name}>${name}</h2>
      <slot name="actions"></slot>
      <div class="row tight">
        ${this.#button('Zoom Out', 'zoom-out', () => stage?.zoomOut())}
        <button
          class="plain number zoom"
          title="Fit or Full Size"
          aria-label="Fit or Full Size, now ${formatPercent(this.scale)}"
          @click=${() => stage?.setScale(this.scale === 1 ? null : 1)}
        >
          ${formatPercent(this.scale)}
        </button>
        ${this.#button('Zoom In', 'zoom-in', () => stage?.zoomIn())}
        ${this.#button('Fit', 'screen-normal', () => stage?.setScale(null))}
        ${
          (image?.original ?? null) === null
            ? nothing
            : this.#button('Show Original', 'eye', () => (this.showOriginal = !this.showOriginal), {
                pressed: this.showOriginal,
              })
        }
        <span class="gap"></span>
        ${this.#button('Open File', 'go-to-file', () => void this.#act('image.open'), { disabled: gone })}
        ${this.#button('Reveal', 'folder-opened', () => void this.#act('image.reveal'), { disabled: gone })}
        ${this.#button('Copy Path', 'link-external', () => void this.#act('image.copyPath'), {
          disabled: gone,
        })}
        ${this.#button('Copy Prompt', 'copy', () => void this.#copyPrompt())}
        ${this.#button(
          'Export ZIP',
          'export',
          () => image !== null && emitWritten(this, 'export-images', [image.id]),
          {
            disabled: gone,
          },
        )}
        ${this.#button('Delete', 'trash', () => this.#delete())}
      </div>
      <span class="close">${this.#button('Close', 'close', () => this.#close())}</span>
    </div>`;
  }

  protected override render(): TemplateResult {
    const { image } = this;
    if (!this.#used) return html`${nothing}`;
    return html`<dialog
      aria-label="Image"
      @keydown=${this.#onKey}
      @mousedown=${(event: MouseEvent) => (this.#pressed ||= event.detail < 2)}
      @click=${{ handleEvent: (event: MouseEvent) => this.#onClick(event), capture: true }}
      @dblclick=${{ handleEvent: (event: MouseEvent) => this.#onClick(event), capture: true }}
      @cancel=${(event: Event) => {
        event.preventDefault();
        this.#close();
      }}
    >
      ${this.#renderBar(image)}
      <div class="body">
        <factory-image-stage
          data-vscode-context=${image === null ? nothing : imageSubject(image)}
          tabindex="-1"
          autofocus
          .src=${this.showOriginal ? (image?.original ?? null) : (image?.image ?? null)}
          .alt=${image?.prompt ?? ''}
          .missing=${image === null ? '' : (image.failure?.reason ?? 'This image has no file yet.')}
          @scale-change=${(event: CustomEvent<number>) => (this.scale = event.detail)}
        ></factory-image-stage>
        <vscode-panels class="facts" aria-label="About this image">
          <vscode-panel-tab id="tab-details">Details</vscode-panel-tab>
          <vscode-panel-tab id="tab-metadata">Metadata</vscode-panel-tab>
          <vscode-panel-tab id="tab-processing">Processing</vscode-panel-tab>
          <vscode-panel-view id="view-details"
            >${image === null ? nothing : this.#facts(detailsOf(image))}</vscode-panel-view
          >
          <vscode-panel-view id="view-metadata"
            >${
              image === null
                ? nothing
                : html`<factory-metadata-form
                    .host=${this.host}
                    .image=${image}
                    @image-saved=${(event: CustomEvent<ImageView>) => {
                      if (event.detail.id === this.imageId) this.image = event.detail;
                    }}
                  ></factory-metadata-form>`
            }</vscode-panel-view
          >
          <vscode-panel-view id="view-processing"
            >${image === null ? nothing : this.#facts(processingFacts(image))}</vscode-panel-view
          >
        </vscode-panels>
      </div>
    </dialog>`;
  }
}
