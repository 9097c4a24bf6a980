/** Filters and order of the job table: label or id, status, days, sort. */
import type { TemplateResult } from 'lit';
import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { jobStatuses, jobStatusLabels } from '../../engine/model/status.ts';
import { chosenIn, FiltersElement } from '../components/filters-element.ts';
import type { JobsFilter } from './jobsFilter.ts';
import { defaultJobsFilter, isJobsFiltered } from './jobsFilter.ts';

@customElement('factory-jobs-filters')
export class JobsFilters extends FiltersElement<JobsFilter> {
  @property({ attribute: false }) override value: JobsFilter = defaultJobsFilter;

  protected override render(): TemplateResult {
    const { status, sort, pageSize } = this.value;
    return html`
      ${this.renderSearch('Search in label and id', 'Search label or id')}
      <vscode-dropdown
        aria-label="Status"
        .value=${status}
        @change=${(event: Event) => this.change({ status: chosenIn(event) as JobsFilter['status'] })}
      >
        <vscode-option value="all">All</vscode-option>
        ${jobStatuses.map(
          (value) => html`<vscode-option value=${value}>${jobStatusLabels[value]}</vscode-option>`,
        )}
      </vscode-dropdown>
      ${this.renderDays()} ${this.renderSort()}
      ${this.renderClear(isJobsFiltered(this.value), { ...defaultJobsFilter, sort, pageSize })}
    `;
  }
}
