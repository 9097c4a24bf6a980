/** Filters and order of images: status, job, days, words, sort, grid or list. */
import type { TemplateResult } from 'lit';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ImageStatus } from '../../engine/model/status.ts';
import { imageStatusLabels } from '../../engine/model/status.ts';
import type { Host } from '../client.ts';
import { chosenIn, FiltersElement } from './filters-element.ts';
import type { ChosenJob, GalleryFilter } from './galleryFilter.ts';
import { clearedFilter, defaultFilter, isFiltered } from './galleryFilter.ts';
import './job-picker.ts';

const statusOrder: readonly ImageStatus[] = [
  'approved',
  'qcFailed',
  'failed',
  'pending',
  'processing',
  'retryPending',
  'retryFailed',
];

@customElement('factory-filter-bar')
export class FilterBar extends FiltersElement<GalleryFilter> {
  static override styles = [
    FiltersElement.styles,
    css`
      @media (min-width: 361px) {
        factory-job-picker {
          flex: 1 1 130px;
          max-width: 200px;
        }
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) override value: GalleryFilter = defaultFilter;
  /** False where the images are those of one job anyway. */
  @property({ type: Boolean }) jobs = true;

  protected override render(): TemplateResult {
    const { status, job } = this.value;
    return html`
      ${this.renderSearch(
        'Search in prompt, title, description and tags',
        'Search prompt, title, description, tags',
      )}
      <vscode-dropdown
        aria-label="Status"
        .value=${status}
        @change=${(event: Event) => this.change({ status: chosenIn(event) as GalleryFilter['status'] })}
      >
        ${statusOrder.map(
          (value) => html`<vscode-option value=${value}>${imageStatusLabels[value]}</vscode-option>`,
        )}
        <vscode-option value="all">All</vscode-option>
      </vscode-dropdown>
      ${
        this.jobs
          ? html`<factory-job-picker
              .host=${this.host}
              .chosen=${job}
              @choose-job=${(event: CustomEvent<ChosenJob | null>) => this.change({ job: event.detail })}
            ></factory-job-picker>`
          : nothing
      }
      ${this.renderDays()} ${this.renderSort()} ${this.renderLayouts()}
      ${this.renderClear(isFiltered(this.value), clearedFilter)}
    `;
  }
}
