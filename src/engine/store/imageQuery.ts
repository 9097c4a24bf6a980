/**
 * How images are found. Every filter but the search looks only at columns that the order's index holds. A
 * search has three ways, chosen by how much there is to look at: along the rows that the other filters leave,
 * along the full-text index, or along the order until enough fit.
 */
import type { ImageFilter, ImageSort } from '../model/image.ts';
import { endingWith, seqsOf } from './ids.ts';
import type { Cursor } from './cursor.ts';
import type { Reader, Values } from './store.ts';
import { isIndexed, quoted, searchTerms } from './words.ts';

/** Up to so many rows are looked at one by one or sorted; beyond, an index leads. */
const few = 2000;

export interface ImageConditions {
  where: string[];
  values: Values;
  statuses: readonly string[];
  /** Row numbers; null: all jobs. */
  jobs: readonly number[] | null;
  terms: string[];
  /** Images that the search names by their id. */
  named: number[];
}

/** The filter with its ids looked up. */
export function imageConditions(db: Reader, filter: ImageFilter): ImageConditions {
  const where: string[] = [];
  const values: Values = {};
  if (filter.reasons !== undefined && filter.reasons.length > 0) {
    where.push('i.reason IN (SELECT value FROM json_each(@reasons))');
    values['reasons'] = JSON.stringify(filter.reasons);
  }
  if (filter.softFailed !== undefined) where.push(`i.soft = ${filter.softFailed ? 1 : 0}`);
  if (filter.from !== undefined) {
    where.push('i.created_at >= @from');
    values['from'] = filter.from;
  }
  if (filter.to !== undefined) {
    where.push('i.created_at < @to');
    values['to'] = filter.to;
  }
  const jobs =
    filter.jobIds === undefined || filter.jobIds.length === 0 ? null : seqsOf(db, 'jobs', filter.jobIds);
  if (jobs !== null && jobs.length > 1) values['jobs'] = JSON.stringify(jobs);
  if (jobs?.length === 1) values['job'] = jobs[0] ?? null;
  const terms = searchTerms(filter.search);
  return {
    where,
    values,
    statuses: [...new Set(filter.statuses ?? [])],
    jobs,
    terms,
    named: namedBy(db, terms),
  };
}

/** A search that is an id or the end of one, as people copy it. */
function namedBy(db: Reader, terms: readonly string[]): number[] {
  const [term] = terms;
  if (terms.length !== 1 || term === undefined || !/^[0-9a-f-]{6,36}$/.test(term)) return [];
  return endingWith(db, 'images', term, few).map(({ seq }) => seq);
}

export interface PagePlace {
  after: Cursor | null;
  offset: number;
  limit: number;
}

export interface FoundImage {
  seq: number;
  key: string | number;
}

/** One page of row numbers with their sort keys. */
export function findImages(
  db: Reader,
  conditions: ImageConditions,
  sort: ImageSort,
  page: PagePlace,
): FoundImage[] {
  if (conditions.jobs?.length === 0) return [];
  const [statement, values] = pageStatement(db, conditions, sort, page);
  return db.sql<FoundImage>(statement).all(values);
}

/** The statement behind a page, for `findImages` and for tests that look at its plan. */
export function pageStatement(
  db: Reader,
  conditions: ImageConditions,
  sort: ImageSort,
  page: PagePlace,
): [string, Values] {
  const direction = sort === 'newest' ? 'DESC' : 'ASC';
  const byName = sort === 'name';
  const values: Values = { ...conditions.values, limit: page.limit, offset: page.offset };
  const where = [...conditions.where];
  if (page.after !== null) {
    where.push(
      byName
        ? '(i.name, i.seq) > (@afterKey, @afterSeq)'
        : `i.seq ${direction === 'ASC' ? '>' : '<'} @afterSeq`,
    );
    values['afterSeq'] = page.after[1] ?? null;
    if (byName) values['afterKey'] = page.after[0] ?? null;
  }
  const key = byName ? 'i.name' : 'i.seq';
  const end = `ORDER BY ${byName ? 'key ASC, seq ASC' : `seq ${direction}`} LIMIT @limit OFFSET @offset`;
  const search = searchConditions(conditions);
  Object.assign(values, search.values);

  const leads = conditions.terms.length > 0 && textLeads(db, conditions, search.match, byName);
  if (leads && search.match !== null) {
    const rest = [...where, ...restConditions(conditions, values), ...search.scan];
    const bounds = boundsOf(db, conditions);
    values['match'] = search.match;
    values['first'] = bounds.first;
    values['last'] = bounds.last;
    const index = byName ? 'NOT INDEXED' : 'INDEXED BY images_in_order';
    return [
      `SELECT i.seq AS seq, ${key} AS key FROM images_text AS t CROSS JOIN images AS i ${index} ON i.seq = t.rowid
       ${search.scan.length === 0 ? '' : 'CROSS JOIN image_texts AS x ON x.seq = t.rowid'}
       WHERE images_text MATCH @match AND t.rowid BETWEEN @first AND @last ${and(rest)} ${
         byName ? end : end.replace('ORDER BY seq', 'ORDER BY t.rowid')
       }`,
      values,
    ];
  }
  const text = conditions.terms.length === 0 ? '' : 'CROSS JOIN image_texts AS x ON x.seq = i.seq';
  const tests = [...where, ...search.tests];
  const streams = sources(conditions, values, byName).map(
    (source) =>
      `SELECT i.seq AS seq, ${key} AS key FROM images AS i INDEXED BY ${source.index} ${text} WHERE ${source.where} ${and(tests)}`,
  );
  return [`${streams.join(' UNION ALL ')} ${end}`, values];
}

/** All row numbers that fit, in no order; for counts and for Select All. */
export function matchingStatement(db: Reader, conditions: ImageConditions, what: string): [string, Values] {
  const values: Values = { ...conditions.values };
  const search = searchConditions(conditions);
  Object.assign(values, search.values);
  const rest = [...conditions.where, ...restConditions(conditions, values)];
  if (conditions.terms.length === 0) {
    const index = conditions.jobs !== null ? 'images_by_job' : 'images_in_order';
    return [`SELECT ${what} FROM images AS i INDEXED BY ${index} WHERE 1 ${and(rest)}`, values];
  }
  if (search.match !== null && conditions.named.length === 0 && !fewRows(db, conditions)) {
    const bounds = boundsOf(db, conditions);
    Object.assign(values, { match: search.match, first: bounds.first, last: bounds.last });
    return [
      `SELECT ${what} FROM images_text AS t CROSS JOIN images AS i INDEXED BY images_in_order ON i.seq = t.rowid
       ${search.scan.length === 0 ? '' : 'CROSS JOIN image_texts AS x ON x.seq = t.rowid'}
       WHERE images_text MATCH @match AND t.rowid BETWEEN @first AND @last ${and([...rest, ...search.scan])}`,
      values,
    ];
  }
  const index = conditions.jobs !== null ? 'images_by_job' : 'images_in_order';
  return [
    `SELECT ${what} FROM images AS i INDEXED BY ${index} CROSS JOIN image_texts AS x ON x.seq = i.seq
     WHERE 1 ${and([...rest, ...search.tests])}`,
    values,
  ];
}

interface SearchParts {
  /** For the full-text index; null when every term is too short for it. */
  match: string | null;
  /** Conditions on `x.text` for the terms that the index cannot find. */
  scan: string[];
  /** Conditions on `x.text` for all terms, and the images named by id. */
  tests: string[];
  values: Values;
}

function searchConditions(conditions: ImageConditions): SearchParts {
  const values: Values = {};
  const test = (term: string): string => {
    const name = `term${conditions.terms.indexOf(term)}`;
    values[name] = term;
    return `instr(x.text, @${name}) > 0`;
  };
  const indexed = conditions.terms.filter(isIndexed);
  const all = conditions.terms.map(test);
  const named = conditions.named.length > 0;
  if (named) values['named'] = JSON.stringify(conditions.named);
  return {
    match: indexed.length === 0 ? null : indexed.map(quoted).join(' AND '),
    scan: conditions.terms.filter((term) => !isIndexed(term)).map(test),
    tests: named ? [`(${all.join(' AND ')} OR i.seq IN (SELECT value FROM json_each(@named)))`] : all,
    values,
  };
}

interface Source {
  index: string;
  where: string;
}

/** Where rows come from in their order, as one stream or several that are merged. */
function sources(conditions: ImageConditions, values: Values, byName: boolean): Source[] {
  const { jobs, statuses } = conditions;
  if (jobs !== null) {
    const where =
      jobs.length === 1 ? 'i.job_seq = @job' : 'i.job_seq IN (SELECT value FROM json_each(@jobs))';
    return [{ index: 'images_by_job', where: where + and(statusConditions(statuses, values)) }];
  }
  if (statuses.length === 0) return [{ index: byName ? 'images_by_name' : 'images_in_order', where: '1' }];
  return statuses.map((status, index) => {
    values[`status${index}`] = status;
    return {
      index: byName ? 'images_by_status_name' : 'images_by_status',
      where: `i.status = @status${index}`,
    };
  });
}

function statusConditions(statuses: readonly string[], values: Values): string[] {
  if (statuses.length === 0) return [];
  values['statuses'] = JSON.stringify(statuses);
  return ['i.status IN (SELECT value FROM json_each(@statuses))'];
}

/** Jobs and statuses as plain conditions, where another index leads. */
function restConditions(conditions: ImageConditions, values: Values): string[] {
  const { jobs, statuses } = conditions;
  const job =
    jobs === null
      ? []
      : [jobs.length === 1 ? 'i.job_seq = @job' : 'i.job_seq IN (SELECT value FROM json_each(@jobs))'];
  return [...job, ...statusConditions(statuses, values)];
}

/** True when the full-text index should lead. */
function textLeads(db: Reader, conditions: ImageConditions, match: string | null, byName: boolean): boolean {
  if (match === null || conditions.named.length > 0 || fewRows(db, conditions)) return false;
  // By creation the full-text index itself is in order; by name its matches would have to be sorted.
  if (!byName) return true;
  const row = db
    .sql<{ n: number }>(
      'SELECT count(*) AS n FROM (SELECT 1 FROM images_text WHERE images_text MATCH ? LIMIT ?)',
    )
    .get(match, few + 1);
  return (row?.n ?? 0) <= few;
}

/** True when the other filters leave so little that looking at each text is quickest. */
function fewRows(db: Reader, conditions: ImageConditions): boolean {
  const values: Values = { ...conditions.values, most: few + 1 };
  const streams = sources(conditions, values, false).map(
    (source) =>
      `SELECT * FROM (SELECT 1 FROM images AS i INDEXED BY ${source.index}
       WHERE ${source.where} ${and(conditions.where)} LIMIT @most)`,
  );
  const row = db.sql<{ n: number }>(`SELECT count(*) AS n FROM (${streams.join(' UNION ALL ')})`).get(values);
  return (row?.n ?? 0) <= few;
}

/** The row numbers between which the chosen jobs' images lie. */
function boundsOf(db: Reader, conditions: ImageConditions): { first: number; last: number } {
  if (conditions.jobs === null) return { first: 0, last: Number.MAX_SAFE_INTEGER };
  let first = Number.MAX_SAFE_INTEGER;
  let last = 0;
  for (const job of conditions.jobs) {
    const row = db
      .sql<{ first: number | null; last: number | null }>(
        `SELECT (SELECT min(seq) FROM images INDEXED BY images_by_job WHERE job_seq = @job) AS first,
                (SELECT max(seq) FROM images INDEXED BY images_by_job WHERE job_seq = @job) AS last`,
      )
      .get({ job });
    first = Math.min(first, row?.first ?? first);
    last = Math.max(last, row?.last ?? last);
  }
  return { first, last };
}

function and(where: readonly string[]): string {
  return where.map((condition) => ` AND ${condition}`).join('');
}
