/** The filters of a gallery as the reader sets them, and as the store is asked. */
import type { ImageFilter, ImageSort } from '../../engine/model/image.ts';
import type { ImageStatus } from '../../engine/model/status.ts';
import { endOfDay, startOfDay } from '../days.ts';

export type Layout = 'grid' | 'list';

export interface ChosenJob {
  id: string;
  label: string;
}

/** The bar as the reader set it; days are local, as in date fields. */
export interface GalleryFilter {
  status: ImageStatus | 'all';
  job: ChosenJob | null;
  fromDay: string;
  toDay: string;
  search: string;
  sort: ImageSort;
  layout: Layout;
}

export const defaultFilter: GalleryFilter = {
  status: 'approved',
  job: null,
  fromDay: '',
  toDay: '',
  search: '',
  sort: 'newest',
  layout: 'grid',
};

/** What the store is asked for; a day that cannot be read is no limit. */
export function toImageFilter(bar: GalleryFilter, jobId?: string): ImageFilter {
  const filter: ImageFilter = {};
  if (bar.status !== 'all') filter.statuses = [bar.status];
  const job = jobId ?? bar.job?.id;
  if (job !== undefined) filter.jobIds = [job];
  const from = startOfDay(bar.fromDay);
  const to = endOfDay(bar.toDay);
  if (from !== undefined) filter.from = from;
  if (to !== undefined) filter.to = to;
  const search = bar.search.trim();
  if (search !== '') filter.search = search;
  return filter;
}

/** What Clear Filters sets; order and layout stay. */
export const clearedFilter = {
  status: 'approved',
  job: null,
  fromDay: '',
  toDay: '',
  search: '',
} as const satisfies Partial<GalleryFilter>;

export function isFiltered(bar: GalleryFilter): boolean {
  const { status, job, fromDay, toDay, search } = bar;
  return status !== 'approved' || job !== null || fromDay !== '' || toDay !== '' || search.trim() !== '';
}
