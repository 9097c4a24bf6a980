/** The gallery as a panel of its own. */
import type { PropertyValues, TemplateResult } from 'lit';
import { css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { AppView } from '../components/app-view.ts';
import '../components/export-dialog.ts';
import type { ExportDialog } from '../components/export-dialog.ts';
import type { GalleryFilter } from '../components/galleryFilter.ts';
import { readGalleryFilter } from '../components/galleryState.ts';
import '../components/image-gallery.ts';
import type { ImageGallery } from '../components/image-gallery.ts';
import type { ExportWhat, ViewTarget } from '../protocol.ts';

/** While the list scrolls; other changes are kept at once. */
const keepDelayMs = 150;

@customElement('factory-gallery')
export class GalleryView extends AppView {
  static override styles = [
    AppView.styles,
    css`
      factory-image-gallery {
        flex: 1 1 auto;
        min-height: 0;
      }
    `,
  ];

  @state() private filter: GalleryFilter = readGalleryFilter(this.kept()?.['filter']);
  @query('factory-image-gallery') private gallery!: ImageGallery;
  @query('factory-export-dialog') private exporter!: ExportDialog;
  #scrollTop = Number(this.kept()?.['scrollTop'] ?? 0);
  readonly #startAt = this.#scrollTop;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where the panel was opened last; followed once each time. */
  #followed: ViewTarget | null = null;

  constructor() {
    super();
    this.addEventListener('export', (event) => {
      void this.exporter.show((event as CustomEvent<ExportWhat>).detail);
    });
  }

  protected override reload(): void {
    super.reload();
    this.gallery.reload();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.target === this.#followed) return;
    const first = this.#followed === null;
    this.#followed = this.target;
    const { imageId } = this.target;
    // A page that comes back shows what its reader had left, not again the image that it was once opened at.
    if (imageId !== undefined && !(first && this.kept() !== null)) this.gallery.show(imageId);
    if (first) this.#keepNow();
  }

  #keepNow(): void {
    clearTimeout(this.#timer);
    this.keep({ filter: this.filter, scrollTop: this.#scrollTop });
  }

  #keepSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keepNow(), keepDelayMs);
  }

  protected override renderView(): TemplateResult {
    return html`
      <factory-image-gallery
        .host=${this.host}
        .filter=${this.filter}
        .startAt=${this.#startAt}
        @filter-change=${(event: CustomEvent<GalleryFilter>) => {
          this.filter = event.detail;
          this.#keepNow();
        }}
        @gallery-scroll=${(event: CustomEvent<number>) => {
          this.#scrollTop = event.detail;
          this.#keepSoon();
        }}
      >
        <h1 class="visually-hidden" slot="title">Gallery</h1>
        <vscode-button
          slot="empty"
          @click=${() => void this.attempt(this.host.request('view.open', { view: 'dashboard' }))}
          >Open Dashboard</vscode-button
        >
      </factory-image-gallery>
      <factory-export-dialog .host=${this.host}></factory-export-dialog>
    `;
  }
}
