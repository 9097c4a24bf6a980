/**
 * Lists of jobs. Rows are found in an index that holds all that a filter looks at; only those of the page are
 * read. A search goes through the full-text index when few jobs fit, else along the order, where one soon fits.
 */
import type { JobFilter, JobSort, JobSummary } from '../model/job.ts';
import type { Page, PageRequest } from '../model/page.ts';
import { pageLimit, readCursor, writeCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { toSummary } from './jobs.ts';
import type { JobRow } from './jobs.ts';
import type { Reader, Values } from './store.ts';
import { isIndexed, quoted, searchTerms } from './words.ts';

/** Up to so many matches are sorted; beyond, the order's index is followed. */
const fewMatches = 3000;

interface Conditions {
  where: string[];
  values: Values;
  terms: string[];
}

interface Order {
  key: 'start_at' | 'name_key';
  direction: 'ASC' | 'DESC';
}

const orders: Record<JobSort, Order> = {
  newest: { key: 'start_at', direction: 'DESC' },
  oldest: { key: 'start_at', direction: 'ASC' },
  name: { key: 'name_key', direction: 'ASC' },
};

/** `now` is the time up to which running jobs' durations count. Fails with `input.invalid` for a foreign cursor. */
export function listJobs(
  db: Reader,
  filter: JobFilter,
  sort: JobSort,
  page: PageRequest,
  now: number,
): Page<JobSummary> {
  const order = orders[sort];
  const limit = pageLimit(page.limit);
  const after = readCursor(page.after, 2);
  const offset = after === null ? Math.max(0, page.offset ?? 0) : 0;
  const found = findPage(db, conditionsOf(filter), filter.statuses, order, {
    after,
    offset,
    limit: limit + 1,
  });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: jobsBySeq(
      db,
      shown.map(({ seq }) => seq),
    ).map((row) => toSummary(row, now)),
    next: found.length > limit && last !== undefined ? writeCursor([last.key, last.seq]) : null,
  };
}

export function countJobs(db: Reader, filter: JobFilter): number {
  const conditions = conditionsOf(filter);
  const [statement, values] = allMatching(db, conditions, filter.statuses, 'count(*) AS n');
  return db.sql<{ n: number }>(statement).get(values)?.n ?? 0;
}

/** Ids of all jobs that the filter shows, for Select All. */
export function listJobIds(db: Reader, filter: JobFilter): string[] {
  const [statement, values] = allMatching(db, conditionsOf(filter), filter.statuses, 'j.seq');
  return db
    .sql<{ id: string }>(`SELECT id FROM jobs WHERE seq IN (${statement}) ORDER BY seq DESC`)
    .all(values)
    .map(({ id }) => id);
}

function conditionsOf(filter: JobFilter): Conditions {
  const where: string[] = [];
  const values: Values = {};
  if (filter.from !== undefined) {
    where.push('j.start_at >= @from');
    values['from'] = filter.from;
  }
  if (filter.to !== undefined) {
    where.push('j.start_at < @to');
    values['to'] = filter.to;
  }
  return { where, values, terms: searchTerms(filter.search) };
}

/** Shorter texts than this are not looked for in ids: words like "bed" are in many of them. */
const idLength = 4;

/** The terms, as a query of the full-text index and as conditions for those that it cannot find. */
function searchOf(terms: readonly string[]): { match: string | null; scan: string[]; values: Values } {
  const values: Values = {};
  const scan = terms.map((term, index) => {
    values[`term${index}`] = term;
    const inLabel = `instr(j.label_text, @term${index}) > 0`;
    return term.length < idLength ? inLabel : `(${inLabel} OR instr(j.id, @term${index}) > 0)`;
  });
  const indexed = terms.filter(isIndexed);
  const match = indexed
    .map((term) => (term.length < idLength ? `label_text : ${quoted(term)}` : quoted(term)))
    .join(' AND ');
  return { match: match === '' ? null : match, scan, values };
}

function statusCondition(statuses: readonly string[] | undefined): { where: string[]; values: Values } {
  if (statuses === undefined || statuses.length === 0) return { where: [], values: {} };
  return {
    where: ['j.status IN (SELECT value FROM json_each(@statuses))'],
    values: { statuses: JSON.stringify(statuses) },
  };
}

function allMatching(
  db: Reader,
  conditions: Conditions,
  statuses: readonly string[] | undefined,
  what: string,
): [string, Values] {
  const status = statusCondition(statuses);
  const search = searchOf(conditions.terms);
  const values = { ...conditions.values, ...status.values, ...search.values };
  const where = [...conditions.where, ...status.where, ...search.scan];
  if (search.match !== null && (fewHits(db, search.match) || what === 'count(*) AS n')) {
    return [
      `SELECT ${what} FROM jobs_text AS t CROSS JOIN jobs AS j ON j.seq = t.rowid
       WHERE jobs_text MATCH @match ${and(where)}`,
      { ...values, match: search.match },
    ];
  }
  const index = statuses?.length === 1 && search.scan.length === 0 ? 'jobs_by_status' : 'jobs_by_start';
  return [`SELECT ${what} FROM jobs AS j INDEXED BY ${index} WHERE 1 ${and(where)}`, values];
}

function fewHits(db: Reader, match: string): boolean {
  const row = db
    .sql<{ n: number }>('SELECT count(*) AS n FROM (SELECT 1 FROM jobs_text WHERE jobs_text MATCH ? LIMIT ?)')
    .get(match, fewMatches + 1);
  return (row?.n ?? 0) <= fewMatches;
}

interface Found {
  seq: number;
  key: string | number;
}

function findPage(
  db: Reader,
  conditions: Conditions,
  statuses: readonly string[] | undefined,
  order: Order,
  page: { after: Cursor | null; offset: number; limit: number },
): Found[] {
  const search = searchOf(conditions.terms);
  const values: Values = { ...conditions.values, ...search.values, limit: page.limit, offset: page.offset };
  const where = [...conditions.where, ...search.scan];
  if (page.after !== null) {
    where.push(`(j.${order.key}, j.seq) ${order.direction === 'ASC' ? '>' : '<'} (@afterKey, @afterSeq)`);
    values['afterKey'] = page.after[0] ?? null;
    values['afterSeq'] = page.after[1] ?? null;
  }
  const end = `ORDER BY key ${order.direction}, seq ${order.direction} LIMIT @limit OFFSET @offset`;
  if (search.match !== null && fewHits(db, search.match)) {
    const status = statusCondition(statuses);
    return db
      .sql<Found>(
        `SELECT j.seq AS seq, j.${order.key} AS key FROM jobs_text AS t CROSS JOIN jobs AS j ON j.seq = t.rowid
         WHERE jobs_text MATCH @match ${and([...where, ...status.where])} ${end}`,
      )
      .all({ ...values, ...status.values, match: search.match });
  }
  const byName = order.key === 'name_key';
  if (statuses === undefined || statuses.length === 0) {
    return db
      .sql<Found>(
        `SELECT j.seq AS seq, j.${order.key} AS key FROM jobs AS j INDEXED BY ${byName ? 'jobs_by_name' : 'jobs_by_start'}
         WHERE 1 ${and(where)} ${end}`,
      )
      .all(values);
  }
  // One ordered stream per status, merged: an IN would have to sort all that fit.
  const streams = [...new Set(statuses)].map((status, index) => {
    values[`status${index}`] = status;
    return `SELECT j.seq AS seq, j.${order.key} AS key
      FROM jobs AS j INDEXED BY ${byName ? 'jobs_by_status_name' : 'jobs_by_status'}
      WHERE j.status = @status${index} ${and(where)}`;
  });
  return db.sql<Found>(`${streams.join(' UNION ALL ')} ${end}`).all(values);
}

function and(where: readonly string[]): string {
  return where.map((condition) => ` AND ${condition}`).join('');
}

function jobsBySeq(db: Reader, seqs: readonly number[]): JobRow[] {
  const rows = db
    .sql<JobRow>('SELECT * FROM jobs WHERE seq IN (SELECT value FROM json_each(?))')
    .all(JSON.stringify(seqs));
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  return seqs.flatMap((seq) => bySeq.get(seq) ?? []);
}
