/** What the review says where a tab has no image. */
import type { TemplateResult } from 'lit';
import { html } from 'lit';
import '../components/empty-state.ts';
import type { FailedFilter } from './failedFilter.ts';
import { isFailedFiltered, tabLabels } from './failedFilter.ts';

export function renderNothingHere(
  filter: FailedFilter,
  ways: { clearFilters: () => void; openGallery: () => void },
): TemplateResult {
  if (isFailedFiltered(filter)) {
    return html`<factory-empty-state
      icon="search"
      heading="No images here"
      text="No image fits these filters."
    >
      <vscode-button @click=${ways.clearFilters}>Clear Filters</vscode-button>
    </factory-empty-state>`;
  }
  return html`<factory-empty-state
    icon="pass"
    heading=${filter.tab === 'failed' ? 'Nothing failed' : `No image is here: ${tabLabels[filter.tab]}`}
    text="Images that fail a check or a step appear here, with the reason and what helps."
  >
    <vscode-button appearance="secondary" @click=${ways.openGallery}>Open Gallery</vscode-button>
  </factory-empty-state>`;
}
