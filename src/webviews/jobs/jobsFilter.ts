/** The filters of Job Management as the reader sets them, and as the store is asked. */
import type { JobFilter, JobSort } from '../../engine/model/job.ts';
import type { JobStatus } from '../../engine/model/status.ts';
import { jobStatuses } from '../../engine/model/status.ts';
import { endOfDay, startOfDay } from '../days.ts';

export const pageSizes = [25, 50, 100] as const;
export type PageSize = (typeof pageSizes)[number];

/** Days are local, as in date fields; either end may be open. */
export interface JobsFilter {
  status: JobStatus | 'all';
  fromDay: string;
  toDay: string;
  search: string;
  sort: JobSort;
  pageSize: PageSize;
  /** 0-based. */
  page: number;
}

export const defaultJobsFilter: JobsFilter = {
  status: 'all',
  fromDay: '',
  toDay: '',
  search: '',
  sort: 'newest',
  pageSize: 25,
  page: 0,
};

export function toJobFilter(bar: JobsFilter): JobFilter {
  const filter: JobFilter = {};
  if (bar.status !== 'all') filter.statuses = [bar.status];
  const from = startOfDay(bar.fromDay);
  const to = endOfDay(bar.toDay);
  if (from !== undefined) filter.from = from;
  if (to !== undefined) filter.to = to;
  const search = bar.search.trim();
  if (search !== '') filter.search = search;
  return filter;
}

export function isJobsFiltered(bar: JobsFilter): boolean {
  return Object.keys(toJobFilter(bar)).length > 0;
}

/** What an earlier page kept; whatever does not fit becomes its default. */
export function readJobsFilter(kept: unknown): JobsFilter {
  if (typeof kept !== 'object' || kept === null) return defaultJobsFilter;
  const state = kept as Record<string, unknown>;
  const text = (key: string): string => (typeof state[key] === 'string' ? state[key] : '');
  const oneOf = <T>(values: readonly T[], value: unknown, otherwise: T): T =>
    values.find((each) => each === value) ?? otherwise;
  const page = state['page'];
  return {
    status: oneOf(['all', ...jobStatuses] as const, state['status'], 'all'),
    fromDay: text('fromDay'),
    toDay: text('toDay'),
    search: text('search'),
    sort: oneOf(['newest', 'oldest', 'name'] as const, state['sort'], 'newest'),
    pageSize: oneOf(pageSizes, state['pageSize'], 25),
    page: typeof page === 'number' && Number.isSafeInteger(page) && page >= 0 ? page : 0,
  };
}
