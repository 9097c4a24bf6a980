/** Tabs and filters of the review as the reader sets them, and as the store is asked. */
import type { ImageCounts, ImageFilter, ImageSort } from '../../engine/model/image.ts';
import type { ImageStatus } from '../../engine/model/status.ts';
import type { ChosenJob, Layout } from '../components/galleryFilter.ts';
import type { ImageQuery } from '../components/imageSource.ts';

export const tabs = ['failed', 'pending', 'processing', 'retryFailed'] as const;
export type Tab = (typeof tabs)[number];

export const tabLabels: Record<Tab, string> = {
  failed: 'Failed',
  pending: 'Retry Pending',
  processing: 'Processing',
  retryFailed: 'Retry Failed',
};

const tabStatuses: Record<Tab, readonly ImageStatus[]> = {
  failed: ['qcFailed', 'failed'],
  pending: ['retryPending'],
  processing: ['processing'],
  retryFailed: ['retryFailed'],
};

export interface FailedFilter {
  tab: Tab;
  /** Reason key of the store; empty: all. */
  reason: string;
  job: ChosenJob | null;
  search: string;
  sort: ImageSort;
  layout: Layout;
}

const defaults: FailedFilter = {
  tab: 'failed',
  reason: '',
  job: null,
  search: '',
  sort: 'newest',
  layout: 'grid',
};

/** Where images wait or are being worked on, they are left alone. */
export function isIdle(tab: Tab): boolean {
  return tab === 'failed' || tab === 'retryFailed';
}

export function countOfTab(counts: ImageCounts, tab: Tab): number {
  return tabStatuses[tab].reduce((sum, status) => sum + counts.byStatus[status], 0);
}

export function withoutStatus(bar: FailedFilter): ImageFilter {
  const filter: ImageFilter = {};
  if (bar.reason !== '') filter.reasons = [bar.reason];
  if (bar.job !== null) filter.jobIds = [bar.job.id];
  const search = bar.search.trim();
  if (search !== '') filter.search = search;
  return filter;
}

/** What Clear Filters sets; tab, order and layout stay. */
export const noFilters = { reason: '', job: null, search: '' } as const;

export function isFailedFiltered(bar: FailedFilter): boolean {
  return Object.keys(withoutStatus(bar)).length > 0;
}

export function toFailedFilter(bar: FailedFilter): ImageQuery {
  return { filter: { ...withoutStatus(bar), statuses: tabStatuses[bar.tab] }, sort: bar.sort };
}

/** What an earlier page kept; whatever does not fit becomes its default. */
export function readFailedFilter(kept: unknown): FailedFilter {
  if (typeof kept !== 'object' || kept === null) return defaults;
  const state = kept as Record<string, unknown>;
  const text = (key: string): string => (typeof state[key] === 'string' ? state[key] : '');
  const job = state['job'] as Partial<ChosenJob> | null | undefined;
  const chosen =
    typeof job?.id === 'string' && typeof job.label === 'string' ? { id: job.id, label: job.label } : null;
  return {
    tab: tabs.find((tab) => tab === state['tab']) ?? 'failed',
    reason: text('reason'),
    job: chosen,
    search: text('search'),
    sort: (['newest', 'oldest', 'name'] as const).find((sort) => sort === state['sort']) ?? 'newest',
    layout: state['layout'] === 'list' ? 'list' : 'grid',
  };
}
