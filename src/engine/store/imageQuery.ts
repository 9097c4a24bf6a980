/**
 * How images are found. Every filter but the search looks only at columns that the order's index holds. A
 * search goes the way that has least to look at: along the few rows that the other filters leave, along the
 * first rows of the order when enough of them fit, or along the full-text index.
 */
import type { ImageFilter, ImageSort } from '../model/image.ts';
import type { Cursor } from './cursor.ts';
import { bySuffix, seqsOf } from './ids.ts';
import type { Reader, Values } from './store.ts';
import { isIndexed, quotedTerm, searchTerms } from './words.ts';

/** So many first rows of an order have their texts looked at one by one before an index is asked: a few milliseconds. */
const few = 1500;

/** When the other filters leave no more than this, all that they leave is looked at. */
const fewLeft = 4000;

/** From here on, a jump into what a search found is answered from a list of all of it. */
const farJump = 1000;

/** More beginnings of three characters than this mean that a term is everywhere. */
const fewBeginnings = 200;

export interface ImageConditions {
  /** On columns that every index of `images` for lists holds. */
  where: string[];
  values: Values;
  statuses: readonly string[];
  /** Row numbers; null: all jobs. */
  jobs: readonly number[] | null;
  terms: string[];
  /** Images that the search names by their id. */
  named: number[];
  /** Only images with a soft failure, which are few. */
  softOnly: boolean;
}

/** The filter with its ids looked up, and the row numbers between which all that fits must lie. */
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
  if (jobs !== null) values['jobs'] = JSON.stringify(jobs);
  const bounds = boundsOf(db, filter, jobs);
  if (bounds !== null) {
    where.push('i.seq BETWEEN @first AND @last');
    Object.assign(values, bounds);
  }
  const terms = searchTerms(filter.search);
  return {
    where,
    values,
    statuses: [...new Set(filter.statuses ?? [])],
    jobs,
    terms,
    named: namedBy(db, terms),
    softOnly: filter.softFailed === true,
  };
}

/** A search that is an id or the end of one, as people copy it. */
function namedBy(db: Reader, terms: readonly string[]): number[] {
  const [term] = terms;
  if (terms.length !== 1 || term === undefined || !/^[0-9a-f-]{6,36}$/.test(term)) return [];
  return bySuffix(db, 'images', term, few).map(({ seq }) => seq);
}

/** Jobs and days are near each other in the order of creation, which keeps every way short. */
function boundsOf(
  db: Reader,
  filter: ImageFilter,
  jobs: readonly number[] | null,
): { first: number; last: number } | null {
  if (jobs !== null) {
    const rows = jobs.map((job) =>
      db
        .sql<{ first: number | null; last: number | null }>(
          `SELECT (SELECT min(seq) FROM images INDEXED BY images_by_job WHERE job_seq = @job) AS first,
                  (SELECT max(seq) FROM images INDEXED BY images_by_job WHERE job_seq = @job) AS last`,
        )
        .get({ job }),
    );
    return {
      first: Math.min(...rows.map((row) => row?.first ?? Number.MAX_SAFE_INTEGER)),
      last: Math.max(0, ...rows.map((row) => row?.last ?? 0)),
    };
  }
  if (filter.from === undefined && filter.to === undefined) return null;
  const row = db
    .sql<{ first: number | null; last: number | null }>(
      `SELECT min(seq) AS first, max(seq) AS last FROM images INDEXED BY images_by_time
       WHERE created_at >= ? AND created_at < ?`,
    )
    .get(filter.from ?? Number.MIN_SAFE_INTEGER, filter.to ?? Number.MAX_SAFE_INTEGER);
  return { first: row?.first ?? 1, last: row?.last ?? 0 };
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
  const query = new PageQuery(conditions, sort, page);
  if (conditions.terms.length === 0) return query.alongOrder(db, []);
  if (page.offset >= farJump) return jump(db, conditions, sort, page);
  if (conditions.named.length > 0 || fewRows(db, conditions)) return query.alongOrder(db, query.tests());
  // Common words fill a page soon, while the index would have to look at all that fit.
  if (page.offset === 0) {
    const begun = query.alongFirst(db);
    if (begun.length >= page.limit) return begun;
  }
  return searched(db, conditions, query);
}

function searched(db: Reader, conditions: ImageConditions, query: PageQuery): FoundImage[] {
  const indexed = conditions.terms.filter(isIndexed);
  if (indexed.length > 0) return query.alongText(db, matchOf(indexed), query.tests(isShort));
  const known = conditions.terms.map((term) => beginningsOf(db, term)).filter((texts) => texts !== null);
  if (known.length === 0) return query.alongOrder(db, query.tests());
  if (known.some((texts) => texts.length === 0)) return [];
  const match = known.map((texts) => `(${texts.map(quotedTerm).join(' OR ')})`).join(' AND ');
  return query.alongText(db, match, query.tests());
}

/** The last search into which somebody jumped, in its order, for as long as nothing is written. */
const jumped = new WeakMap<Reader, { asked: string; seqs: Float64Array }>();

/** A dragged scroll bar jumps again and again: all that fits is found once. */
function jump(db: Reader, conditions: ImageConditions, sort: ImageSort, page: PagePlace): FoundImage[] {
  const state = db.sql('SELECT data_version, total_changes() AS changes FROM pragma_data_version').get();
  const asked = JSON.stringify([state, conditions, sort]);
  let found = jumped.get(db);
  if (found?.asked !== asked) {
    const query = new PageQuery(conditions, sort, { after: null, offset: 0, limit: -1 });
    const rows =
      conditions.named.length > 0 ? query.alongOrder(db, query.tests()) : searched(db, conditions, query);
    found = { asked, seqs: Float64Array.from(rows, ({ seq }) => seq) };
    jumped.set(db, found);
  }
  const key = db.sql<FoundImage>(
    `SELECT seq, ${sort === 'name' ? 'name' : 'seq'} AS key FROM images WHERE seq = ?`,
  );
  return [...found.seqs.subarray(page.offset, page.offset + page.limit)].flatMap((seq) => key.get(seq) ?? []);
}

/** A statement that gives the row numbers of all that fit as `seq`, in no order; null when nothing can. */
export function matchingStatement(db: Reader, conditions: ImageConditions): [string, Values] | null {
  if (conditions.jobs?.length === 0) return null;
  const query = new PageQuery(conditions, 'newest', { after: null, offset: 0, limit: 0 });
  const indexed = conditions.terms.filter(isIndexed);
  if (conditions.terms.length === 0) return query.all([]);
  if (indexed.length === 0 || conditions.named.length > 0 || fewRows(db, conditions))
    return query.all(query.tests());
  return query.allByText(matchOf(indexed), query.tests(isShort));
}

/** From where all that fits can be counted by status or by failure, as the rest of a statement. */
export function countedRows(db: Reader, conditions: ImageConditions): [string, Values] | null {
  const matching = matchingStatement(db, conditions);
  if (matching === null) return null;
  if (conditions.terms.length > 0) {
    return [`FROM (${matching[0]}) AS m CROSS JOIN images AS i ON i.seq = m.seq`, matching[1]];
  }
  const { jobs, statuses, where, values } = conditions;
  const all = ['1', ...where];
  if (jobs !== null) all.push('i.job_seq IN (SELECT value FROM json_each(@jobs))');
  if (statuses.length > 0) all.push('i.status IN (SELECT value FROM json_each(@statuses))');
  return [
    `FROM images AS i INDEXED BY ${jobs === null ? 'images_by_status' : 'images_by_job'} WHERE ${all.join(' AND ')}`,
    statuses.length > 0 ? { ...values, statuses: JSON.stringify(statuses) } : values,
  ];
}

function isShort(term: string): boolean {
  return !isIndexed(term);
}

function matchOf(terms: readonly string[]): string {
  return terms.map(quotedTerm).join(' AND ');
}

/**
 * The texts of three characters that begin with a shorter term: where it occurs, one of them does, since every
 * text ends with two line ends. Null when there are too many of them.
 */
function beginningsOf(db: Reader, term: string): string[] | null {
  const rows = db
    .sql<{ term: string }>('SELECT term FROM images_terms WHERE term >= ? AND term < ? LIMIT ?')
    .all(term, `${term}\u{10FFFF}`, fewBeginnings + 1);
  return rows.length > fewBeginnings ? null : rows.map((row) => row.term);
}

/** True when the other filters leave so little that looking at each text is quickest. */
function fewRows(db: Reader, conditions: ImageConditions): boolean {
  const query = new PageQuery(conditions, 'newest', { after: null, offset: 0, limit: 0 });
  return query.countUpTo(db, fewLeft + 1) <= fewLeft;
}

/** Builds the statements for one page. Each way gives the same rows in the same order. */
class PageQuery {
  readonly #conditions: ImageConditions;
  readonly #byName: boolean;
  readonly #direction: 'ASC' | 'DESC';
  readonly #values: Values;
  readonly #after: string[] = [];

  constructor(conditions: ImageConditions, sort: ImageSort, page: PagePlace) {
    this.#conditions = conditions;
    this.#byName = sort === 'name';
    this.#direction = sort === 'newest' ? 'DESC' : 'ASC';
    this.#values = { ...conditions.values, limit: page.limit, offset: page.offset };
    if (page.after === null) return;
    const sign = this.#direction === 'ASC' ? '>' : '<';
    this.#after.push(this.#byName ? '(i.name, i.seq) > (@afterKey, @afterSeq)' : `i.seq ${sign} @afterSeq`);
    this.#values['afterKey'] = page.after[0] ?? null;
    this.#values['afterSeq'] = page.after[1] ?? null;
  }

  /** Conditions on the text `x` for the terms that `which` names; for all of them, an image's id will do too. */
  tests(which?: (term: string) => boolean): string[] {
    const { terms, named } = this.#conditions;
    const tests = terms.flatMap((term, index) => {
      if (which !== undefined && !which(term)) return [];
      this.#values[`term${index}`] = term;
      return [`instr(x.text, @term${index}) > 0`];
    });
    if (which !== undefined || named.length === 0) return tests;
    this.#values['named'] = JSON.stringify(named);
    return [`(${tests.join(' AND ')} OR i.seq IN (SELECT value FROM json_each(@named)))`];
  }

  alongOrder(db: Reader, tests: readonly string[]): FoundImage[] {
    const text = tests.length === 0 ? '' : 'CROSS JOIN image_texts AS x ON x.seq = i.seq';
    const streams = this.#sources().map(
      ({
        index,
        where,
      }) => `SELECT i.seq AS seq, ${this.#key()} AS key FROM images AS i INDEXED BY ${index} ${text}
        WHERE ${[...where, ...this.#conditions.where, ...this.#after, ...tests].join(' AND ')}`,
    );
    return this.#run(db, `${streams.join(' UNION ALL ')} ${this.#order()} LIMIT @limit OFFSET @offset`);
  }

  /** Only as far as a few rows reach: fewer than a page when not enough of them fit. */
  alongFirst(db: Reader): FoundImage[] {
    const streams = this.#sources().map(
      ({ index, where }) => `SELECT i.seq AS seq, ${this.#key()} AS key FROM images AS i INDEXED BY ${index}
        WHERE ${[...where, ...this.#conditions.where, ...this.#after].join(' AND ')}`,
    );
    return this.#run(
      db,
      `SELECT o.seq AS seq, o.key AS key
       FROM (${streams.join(' UNION ALL ')} ${this.#order()} LIMIT ${few}) AS o
       CROSS JOIN image_texts AS x ON x.seq = o.seq
       WHERE ${this.tests().join(' AND ')} LIMIT @limit`,
    );
  }

  alongText(db: Reader, match: string, tests: readonly string[]): FoundImage[] {
    const order = this.#byName ? this.#order() : `ORDER BY t.rowid ${this.#direction}`;
    const from = this.#fromText(match, [...this.#after, ...tests], tests.length > 0);
    return this.#run(
      db,
      `SELECT i.seq AS seq, ${this.#key()} AS key ${from} ${order} LIMIT @limit OFFSET @offset`,
    );
  }

  all(tests: readonly string[]): [string, Values] {
    const text = tests.length === 0 ? '' : 'CROSS JOIN image_texts AS x ON x.seq = i.seq';
    const streams = this.#sources().map(
      ({ index, where }) => `SELECT i.seq AS seq FROM images AS i INDEXED BY ${index} ${text}
        WHERE ${[...where, ...this.#conditions.where, ...tests].join(' AND ')}`,
    );
    return [streams.join(' UNION ALL '), this.#values];
  }

  allByText(match: string, tests: readonly string[]): [string, Values] {
    return [`SELECT i.seq AS seq ${this.#fromText(match, tests, tests.length > 0)}`, this.#values];
  }

  countUpTo(db: Reader, most: number): number {
    const streams = this.#sources().map(
      ({ index, where }) => `SELECT * FROM (SELECT 1 FROM images AS i INDEXED BY ${index}
        WHERE ${[...where, ...this.#conditions.where].join(' AND ')} LIMIT ${most})`,
    );
    const row = db
      .sql<{ n: number }>(`SELECT count(*) AS n FROM (${streams.join(' UNION ALL ')})`)
      .get(this.#values);
    return row?.n ?? 0;
  }

  #fromText(match: string, tests: readonly string[], needsText: boolean): string {
    const { jobs, statuses, where, values } = this.#conditions;
    this.#values['match'] = match;
    const all = ['images_text MATCH @match', ...where, ...tests];
    if (values['first'] !== undefined) all.push('t.rowid BETWEEN @first AND @last');
    if (jobs !== null) all.push('i.job_seq IN (SELECT value FROM json_each(@jobs))');
    if (statuses.length > 0) all.push(this.#statusIn());
    return `FROM images_text AS t CROSS JOIN images AS i INDEXED BY images_in_order ON i.seq = t.rowid
      ${needsText ? 'CROSS JOIN image_texts AS x ON x.seq = t.rowid' : ''} WHERE ${all.join(' AND ')}`;
  }

  /** Where rows come from in their order: one stream, or one for each status, to be merged. */
  #sources(): { index: string; where: string[] }[] {
    const { jobs, statuses } = this.#conditions;
    if (jobs !== null) {
      const where = ['i.job_seq IN (SELECT value FROM json_each(@jobs))'];
      if (jobs.length === 1) {
        this.#values['job'] = jobs[0] ?? null;
        where[0] = 'i.job_seq = @job';
      }
      if (statuses.length > 0) where.push(this.#statusIn());
      return [{ index: 'images_by_job', where }];
    }
    if (statuses.length === 0)
      return [{ index: this.#byName ? 'images_by_name' : 'images_in_order', where: ['1'] }];
    return statuses.map((status, number) => {
      this.#values[`status${number}`] = status;
      const index = this.#byName ? 'images_by_status_name' : 'images_by_status';
      return { index, where: [`i.status = @status${number}`] };
    });
  }

  #statusIn(): string {
    this.#values['statuses'] = JSON.stringify(this.#conditions.statuses);
    return 'i.status IN (SELECT value FROM json_each(@statuses))';
  }

  #key(): string {
    return this.#byName ? 'i.name' : 'i.seq';
  }

  #order(): string {
    return this.#byName ? 'ORDER BY key, seq' : `ORDER BY seq ${this.#direction}`;
  }

  #run(db: Reader, statement: string): FoundImage[] {
    return db.sql<FoundImage>(statement).all(this.#values);
  }
}
