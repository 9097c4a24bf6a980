/** Filters and order of the review: prompt or id, reason, job, sort, cards or rows. */
import type { TemplateResult } from 'lit';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { imageReasons, reasonLabel } from '../../engine/model/status.ts';
import type { Host } from '../client.ts';
import { chosenIn, FiltersElement } from '../components/filters-element.ts';
import type { ChosenJob } from '../components/galleryFilter.ts';
import '../components/job-picker.ts';
import type { FailedFilter } from './failedFilter.ts';
import { isFailedFiltered, noFilters } from './failedFilter.ts';

@customElement('factory-failed-filters')
export class FailedFilters extends FiltersElement<FailedFilter> {
  static override styles = [
    FiltersElement.styles,
    css`
      vscode-dropdown.reason {
        width: 226px;
      }
      @media (max-width: 360px) {
        vscode-dropdown.reason {
          flex-basis: 226px;
        }
      }
      @media (min-width: 361px) {
        factory-job-picker {
          flex: 0 1 170px;
        }
      }
    `,
  ];

  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) override value!: FailedFilter;

  protected override render(): TemplateResult {
    const { reason, job } = this.value;
    return html`
      ${this.renderSearch('Search in prompt and id', 'Search prompt or id')}
      <vscode-dropdown
        class="reason"
        aria-label="Reason"
        .value=${reason}
        @change=${(event: Event) => this.change({ reason: chosenIn(event) })}
      >
        <vscode-option value="">All Reasons</vscode-option>
        ${imageReasons.map((value) => html`<vscode-option value=${value}>${reasonLabel(value)}</vscode-option>`)}
      </vscode-dropdown>
      <factory-job-picker
        .host=${this.host}
        .chosen=${job}
        @choose-job=${(event: CustomEvent<ChosenJob | null>) => this.change({ job: event.detail })}
      ></factory-job-picker>
      ${this.renderSort()} ${this.renderLayouts()}
      ${this.renderClear(isFailedFiltered(this.value), noFilters)}
    `;
  }
}
