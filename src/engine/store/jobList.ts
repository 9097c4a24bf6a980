/**
 * Lists of jobs. Rows are found in an index that holds all that a filter looks at; only those of the page are
 * read. A search goes along the order as long as enough jobs fit, else through the full-text index.
 */
import type { JobFilter, JobSort, JobSummary } from '../model/job.ts';
import type { Page, PageRequest } from '../model/page.ts';
import { findSeq } from './ids.ts';
import { pageLimit, readCursor, writeCursor } from './cursor.ts';
import { listedIds, rawIdInSql } from './rows/ids.ts';
import { selectJobs, toJob } from './rows/job.ts';
import type { JobRow } from './rows/job.ts';
import type { Reader, Values } from './store.ts';
import { isIndexed, quotedTerm, searchTerms } from './words.ts';

/** Up to so many rows are looked at one by one for a page: a few milliseconds. For counts it may be more. */
const few = 3000;
const fewToCount = 20_000;

/** Shorter texts than this are not looked for in ids: words like "bed" are in many of them. */
const idLength = 4;

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
  const limit = pageLimit(page.limit);
  const found = findPage(db, filter, orders[sort], { ...page, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const seqs = shown.map(({ seq }) => seq);
  return {
    items: jobsBySeq(db, seqs).map((row) => toJob(row, now)),
    next: found.length > limit && last !== undefined ? writeCursor([last.key, last.seq]) : null,
  };
}

export function countJobs(db: Reader, filter: JobFilter): number {
  const { match, where, statuses, shortTests } = queryOf(filter);
  if (match !== null && where.length + statuses.length + shortTests.length === 0) {
    return (
      db.sql<{ n: number }>('SELECT count(*) AS n FROM jobs_text WHERE jobs_text MATCH ?').get(match)?.n ?? 0
    );
  }
  const { statement, values } = matching(db, filter);
  return db.sql<{ n: number }>(`SELECT count(*) AS n FROM (${statement})`).get(values)?.n ?? 0;
}

/** Ids of all jobs that the filter shows, newest first, for Select All. */
export function listJobIds(db: Reader, filter: JobFilter): string[] {
  const { statement, values } = matching(db, filter);
  // One text instead of a row for each: quicker by far for all of 100,000.
  const row = db
    .sql<{ ids: string }>(
      `SELECT json_group_array(${rawIdInSql('f')} ORDER BY f.start_at DESC, f.seq DESC) AS ids FROM (${statement}) AS f`,
    )
    .get(values);
  return listedIds(row?.ids ?? '[]', (id) => findSeq(db, 'jobs', id));
}

interface Search {
  /** For the full-text index; null when every term is too short for it. */
  match: string | null;
  /** Conditions for all terms, and for those that the index cannot find. */
  tests: string[];
  shortTests: string[];
}

interface Query extends Search {
  where: string[];
  values: Values;
  statuses: readonly string[];
}

function queryOf(filter: JobFilter): Query {
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
  const statuses = [...new Set(filter.statuses ?? [])];
  const terms = searchTerms(filter.search);
  const test = (term: string): string => {
    const name = `term${terms.indexOf(term)}`;
    values[name] = term;
    const inLabel = `instr(j.label_text, @${name}) > 0`;
    return term.length < idLength ? inLabel : `(${inLabel} OR instr(j.id, @${name}) > 0)`;
  };
  const match = terms
    .filter(isIndexed)
    .map((term) => (term.length < idLength ? `label_text : ${quotedTerm(term)}` : quotedTerm(term)))
    .join(' AND ');
  return {
    where,
    values,
    statuses,
    match: match === '' ? null : match,
    tests: terms.map(test),
    shortTests: terms.filter((term) => !isIndexed(term)).map(test),
  };
}

/** A statement for all that fits, in no order. */
function matching(db: Reader, filter: JobFilter): { statement: string; values: Values } {
  const query = queryOf(filter);
  const columns = 'j.seq, j.id, j.start_at';
  if (query.match === null || fewRows(db, query, fewToCount)) {
    const streams = sources(query, false).map(
      ({ index, where }) =>
        `SELECT ${columns} FROM jobs AS j INDEXED BY ${index} WHERE ${[...where, ...query.tests].join(' AND ')}`,
    );
    return { statement: streams.join(' UNION ALL '), values: query.values };
  }
  const { from, values } = throughText(query, query.match, []);
  return { statement: `SELECT ${columns} ${from}`, values };
}

interface Found {
  seq: number;
  key: string | number;
}

function findPage(db: Reader, filter: JobFilter, order: Order, page: PageRequest): Found[] {
  const query = queryOf(filter);
  const after = readCursor(page.after, 2);
  const { values } = query;
  values['limit'] = page.limit;
  values['offset'] = after === null ? Math.max(0, page.offset ?? 0) : 0;
  const beyond: string[] = [];
  if (after !== null) {
    beyond.push(`(j.${order.key}, j.seq) ${order.direction === 'ASC' ? '>' : '<'} (@afterKey, @afterSeq)`);
    values['afterKey'] = after[0] ?? null;
    values['afterSeq'] = after[1] ?? null;
  }
  const inOrder = `ORDER BY key ${order.direction}, seq ${order.direction}`;
  const streams = (tests: readonly string[], columns: string): string =>
    // One ordered stream per status, merged: an IN would have to sort all that fit.
    sources(query, order.key === 'name_key')
      .map(
        ({
          index,
          where,
        }) => `SELECT j.seq AS seq, j.${order.key} AS key${columns} FROM jobs AS j INDEXED BY ${index}
          WHERE ${[...where, ...beyond, ...tests].join(' AND ')}`,
      )
      .join(' UNION ALL ');
  const along = (): Found[] =>
    db.sql<Found>(`${streams(query.tests, '')} ${inOrder} LIMIT @limit OFFSET @offset`).all(values);

  if (query.match === null || fewRows(db, query, few)) return along();
  if (values['offset'] === 0) {
    const begun = db
      .sql<Found>(
        `SELECT seq, key FROM (${streams([], ', j.label_text AS label_text, j.id AS id')} ${inOrder} LIMIT ${few}) AS j
         WHERE ${query.tests.join(' AND ')} LIMIT @limit`,
      )
      .all(values);
    if (begun.length >= page.limit) return begun;
    // Where some fit the page is filled not much further on.
    if (begun.length * 8 >= page.limit) return along();
  }
  const text = throughText(query, query.match, beyond);
  return db
    .sql<Found>(
      `SELECT j.seq AS seq, j.${order.key} AS key ${text.from} ${inOrder} LIMIT @limit OFFSET @offset`,
    )
    .all(text.values);
}

/** Where rows come from in their order: one stream, or one for each status. */
function sources(query: Query, byName: boolean): { index: string; where: string[] }[] {
  if (query.statuses.length === 0) {
    return [{ index: byName ? 'jobs_by_name' : 'jobs_by_start', where: ['1', ...query.where] }];
  }
  return query.statuses.map((status, number) => {
    query.values[`status${number}`] = status;
    const index = byName ? 'jobs_by_status_name' : 'jobs_by_status';
    return { index, where: [`j.status = @status${number}`, ...query.where] };
  });
}

function throughText(
  query: Query,
  match: string,
  conditions: readonly string[],
): { from: string; values: Values } {
  const where = ['jobs_text MATCH @match', ...query.where, ...query.shortTests, ...conditions];
  const values: Values = { ...query.values, match };
  if (query.statuses.length > 0) {
    where.push('j.status IN (SELECT value FROM json_each(@statuses))');
    values['statuses'] = JSON.stringify(query.statuses);
  }
  return {
    from: `FROM jobs_text AS t CROSS JOIN jobs AS j ON j.seq = t.rowid WHERE ${where.join(' AND ')}`,
    values,
  };
}

/** True when the other filters leave so little that looking at each label is quickest. */
function fewRows(db: Reader, query: Query, most: number): boolean {
  const streams = sources(query, false).map(
    ({ index, where }) =>
      `SELECT * FROM (SELECT 1 FROM jobs AS j INDEXED BY ${index} WHERE ${where.join(' AND ')} LIMIT ${most + 1})`,
  );
  const row = db
    .sql<{ n: number }>(`SELECT count(*) AS n FROM (${streams.join(' UNION ALL ')})`)
    .get(query.values);
  return (row?.n ?? 0) <= most;
}

function jobsBySeq(db: Reader, seqs: readonly number[]): JobRow[] {
  const rows = db
    .sql<JobRow>(`${selectJobs} WHERE j.seq IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(seqs));
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  return seqs.flatMap((seq) => bySeq.get(seq) ?? []);
}
