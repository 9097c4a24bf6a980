/** Lists and counts of images, over any filter, quick at 100,000. */
import type { ImageCounts, ImageFilter, ImageRecord, ImageSort } from '../model/image.ts';
import type { Page, PageRequest } from '../model/page.ts';
import { imageStatuses, statusGroups } from '../model/status.ts';
import type { ImageStatus } from '../model/status.ts';
import { pageLimit, readCursor, writeCursor } from './cursor.ts';
import { findImages, imageConditions, matchingStatement } from './imageQuery.ts';
import { imagesBySeq } from './images.ts';
import type { Reader } from './store.ts';
import { searchTerms } from './words.ts';

/** Fails with `input.invalid` for a cursor of another list. */
export function listImages(
  db: Reader,
  filter: ImageFilter,
  sort: ImageSort,
  page: PageRequest,
): Page<ImageRecord> {
  const limit = pageLimit(page.limit);
  const after = readCursor(page.after, 2);
  const offset = after === null ? Math.max(0, page.offset ?? 0) : 0;
  const found = findImages(db, imageConditions(db, filter), sort, { after, offset, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: imagesBySeq(
      db,
      shown.map(({ seq }) => seq),
    ),
    next: found.length > limit && last !== undefined ? writeCursor([last.key, last.seq]) : null,
  };
}

/** Ids of all images that the filter shows, newest first, for Select All. */
export function listImageIds(db: Reader, filter: ImageFilter): string[] {
  const conditions = imageConditions(db, filter);
  if (conditions.jobs?.length === 0) return [];
  const [statement, values] = matchingStatement(db, conditions, 'i.seq');
  return db
    .sql<{ id: string }>(`SELECT id FROM images WHERE seq IN (${statement}) ORDER BY seq DESC`)
    .all(values)
    .map(({ id }) => id);
}

/** True when counting must look at texts, which a worker does (`openCounts`). */
export function searchesText(filter: ImageFilter): boolean {
  return searchTerms(filter.search).length > 0;
}

/** Counts of the whole filter except its status part. */
export function countImages(db: Reader, filter: ImageFilter): ImageCounts {
  const byStatus = Object.fromEntries(imageStatuses.map((status) => [status, 0])) as Record<
    ImageStatus,
    number
  >;
  const conditions = imageConditions(db, { ...filter, statuses: [] });
  if (conditions.jobs?.length !== 0) {
    const [statement, values] = matchingStatement(db, conditions, 'i.status, count(*) AS n');
    for (const row of db
      .sql<{ status: ImageStatus; n: number }>(`${statement} GROUP BY i.status`)
      .all(values)) {
      byStatus[row.status] = row.n;
    }
  }
  const sum = (statuses: readonly ImageStatus[]): number =>
    statuses.reduce((total, status) => total + byStatus[status], 0);
  return {
    total: sum(imageStatuses),
    pass: sum(statusGroups.pass),
    fail: sum(statusGroups.fail),
    pending: sum(statusGroups.pending),
    byStatus,
  };
}

/** Failures of the filter grouped by cause, the most frequent first. */
export function groupFailures(
  db: Reader,
  filter: ImageFilter,
): { reason: string; code: string; count: number }[] {
  const conditions = imageConditions(db, {
    ...filter,
    statuses: filter.statuses ?? ['qcFailed', 'failed', 'retryFailed'],
  });
  if (conditions.jobs?.length === 0) return [];
  const [statement, values] = matchingStatement(db, conditions, 'i.seq');
  return db
    .sql<{ reason: string | null; code: string | null; count: number }>(
      `SELECT reason, failure_code AS code, count(*) AS count FROM images WHERE seq IN (${statement})
       GROUP BY reason, failure_code ORDER BY count DESC, reason, code`,
    )
    .all(values)
    .map(({ reason, code, count }) => ({ reason: reason ?? 'failed', code: code ?? '', count }));
}
