/** What a gallery keeps over a reload, read back with care: an older version may have written it. */
import { imageStatuses } from '../../engine/model/status.ts';
import type { GalleryFilter } from './galleryFilter.ts';
import { defaultFilter } from './galleryFilter.ts';

function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function readGalleryFilter(value: unknown): GalleryFilter {
  if (typeof value !== 'object' || value === null) return defaultFilter;
  const kept = value as Partial<Record<keyof GalleryFilter, unknown>>;
  const job = kept.job as { id?: unknown; label?: unknown } | null | undefined;
  return {
    status: oneOf(kept.status, [...imageStatuses, 'all'], 'approved'),
    job: typeof job?.id === 'string' ? { id: job.id, label: text(job.label) } : null,
    fromDay: text(kept.fromDay),
    toDay: text(kept.toDay),
    search: text(kept.search),
    sort: oneOf(kept.sort, ['newest', 'oldest', 'name'], 'newest'),
    layout: oneOf(kept.layout, ['grid', 'list'], 'grid'),
  };
}
