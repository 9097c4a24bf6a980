/** Lists and counts of images, over any filter, quick at 100,000. */
import type { ImageCounts, ImageFilter, ImageRecord, ImageSort } from '../model/image.ts';
import type { Page, PageRequest } from '../model/page.ts';
import { imageStatuses, statusGroups } from '../model/status.ts';
import type { ImageStatus } from '../model/status.ts';
import { pageLimit, readCursor, writeCursor } from './cursor.ts';
import { countedRows, findImages, imageConditions, matchingStatement } from './imageQuery.ts';
import { findSeq } from './ids.ts';
import { imagesBySeq } from './images.ts';
import { longest } from './rows/checkedRow.ts';
import { listedIds, rawIdInSql } from './rows/ids.ts';
import type { Reader } from './store.ts';

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
  const matching = matchingStatement(db, imageConditions(db, filter));
  if (matching === null) return [];
  // One text instead of a row for each: quicker by far for all of 100,000.
  const row = db
    .sql<{ ids: string }>(
      `SELECT json_group_array(${rawIdInSql('f')} ORDER BY f.seq DESC) AS ids
       FROM (SELECT i.seq, i.id FROM (${matching[0]}) AS m CROSS JOIN images AS i INDEXED BY images_ids ON i.seq = m.seq) AS f`,
    )
    .get(matching[1]);
  return listedIds(row?.ids ?? '[]', (id) => findSeq(db, 'images', id));
}

/** Counts of the whole filter except its status part. */
export function countImages(db: Reader, filter: ImageFilter): ImageCounts {
  const byStatus = Object.fromEntries(imageStatuses.map((status) => [status, 0])) as Record<
    ImageStatus,
    number
  >;
  let total = 0;
  const counted = countedRows(db, imageConditions(db, { ...filter, statuses: [] }));
  if (counted !== null) {
    const [from, values] = counted;
    const rows = db
      .sql<{ status: unknown; n: number }>(`SELECT i.status, count(*) AS n ${from} GROUP BY i.status`)
      .all(values);
    for (const { status, n } of rows) {
      total += n;
      const known = imageStatuses.find((word) => word === status);
      if (known !== undefined) byStatus[known] += n;
    }
  }
  const sum = (statuses: readonly ImageStatus[]): number =>
    statuses.reduce((all, status) => all + byStatus[status], 0);
  return {
    total,
    pass: sum(statusGroups.pass),
    fail: sum(statusGroups.fail),
    pending: sum(statusGroups.pending),
    byStatus,
  };
}

/** More than there are causes. */
const mostGroups = 200;

function nameOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value.length <= longest.name ? value : otherwise;
}

/** Failures of the filter grouped by cause, the most frequent first. */
export function groupFailures(
  db: Reader,
  filter: ImageFilter,
): { reason: string; code: string; count: number }[] {
  const statuses = filter.statuses ?? statusGroups.fail;
  const counted = countedRows(db, imageConditions(db, { ...filter, statuses }));
  if (counted === null) return [];
  const [from, values] = counted;
  return db
    .sql<{ reason: unknown; code: unknown; count: number }>(
      `SELECT i.reason, i.failure_code AS code, count(*) AS count ${from}
       GROUP BY i.reason, i.failure_code ORDER BY count(*) DESC, i.reason, i.failure_code LIMIT ${mostGroups}`,
    )
    .all(values)
    .map(({ reason, code, count }) => ({ reason: nameOr(reason, 'failed'), code: nameOr(code, ''), count }));
}
