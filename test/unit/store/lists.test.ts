import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ImageFilter, ImageRecord, ImageSort } from '../../../src/engine/model/image.ts';
import type { JobFilter, JobSort, JobSummary } from '../../../src/engine/model/job.ts';
import { imageStatuses, jobStatuses } from '../../../src/engine/model/status.ts';
import type { ImageStatus } from '../../../src/engine/model/status.ts';
import { countImages, groupFailures, listImageIds, listImages } from '../../../src/engine/store/imageList.ts';
import { getImage, updateImage } from '../../../src/engine/store/images.ts';
import { countJobs, listJobIds, listJobs } from '../../../src/engine/store/jobList.ts';
import { getJob, renameJob, startJob } from '../../../src/engine/store/jobs.ts';
import type { Reader, Store } from '../../../src/engine/store/store.ts';
import { foldText, nameKey } from '../../../src/engine/store/words.ts';
import { addImage, addJob, workspaces } from './support.ts';

const sorts: readonly ImageSort[] = ['newest', 'oldest', 'name'];

/** What the filter means, said plainly. */
function fits(image: ImageRecord, filter: ImageFilter): boolean {
  const text = foldText([image.prompt, image.title ?? '', image.description ?? '', ...image.tags].join('\n'));
  const reason =
    image.status === 'qcFailed'
      ? 'qcFailed'
      : image.failure?.code === 'content.flagged'
        ? 'flagged'
        : image.failure?.code === 'image.missing'
          ? 'missing'
          : (image.failure?.stage ?? null);
  const terms = foldText(filter.search ?? '')
    .split(/\s+/u)
    .filter(Boolean);
  return (
    (filter.statuses === undefined ||
      filter.statuses.length === 0 ||
      filter.statuses.includes(image.status)) &&
    (filter.jobIds === undefined || filter.jobIds.length === 0 || filter.jobIds.includes(image.jobId)) &&
    (filter.reasons === undefined || filter.reasons.length === 0 || filter.reasons.includes(reason ?? '')) &&
    (filter.softFailed === undefined || image.softFailures.length > 0 === filter.softFailed) &&
    (filter.from === undefined || image.createdAt >= filter.from) &&
    (filter.to === undefined || image.createdAt < filter.to) &&
    (terms.every((term) => text.includes(term)) ||
      (terms.length === 1 && (terms[0] ?? '').length >= 6 && image.id.endsWith(terms[0] ?? '')))
  );
}

function compare(sort: ImageSort): (a: ImageRecord, b: ImageRecord) => number {
  if (sort === 'newest') return (a, b) => b.seq - a.seq;
  if (sort === 'oldest') return (a, b) => a.seq - b.seq;
  const key = (image: ImageRecord): string =>
    nameKey(image.title?.trim() ? image.title : (image.path?.split('/').at(-1) ?? ''));
  // As SQLite orders texts: by their bytes.
  return (a, b) => Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b))) || a.seq - b.seq;
}

function everyPage(store: Store, filter: ImageFilter, sort: ImageSort, limit: number): ImageRecord[] {
  const items: ImageRecord[] = [];
  let after: string | null = null;
  do {
    const page: { items: ImageRecord[]; next: string | null } = store.read((db) =>
      listImages(db, filter, sort, after === null ? { limit } : { limit, after }),
    );
    items.push(...page.items);
    after = page.next;
  } while (after !== null);
  return items;
}

const words = [
  'red fox',
  'Ärger',
  'straße',
  '猫と夕焼け',
  '👩‍👩‍👧‍👦',
  'a"b',
  '100%',
  'x_y',
  '*star*',
  "it's",
  '\\back',
  'ΟΔΟΣ',
  'ＷＩＤＥ',
  'zq',
  'é',
  'e\u0301',
  '\ud800 half',
  '<b>',
  'AND',
  'NEAR(',
  'col:on',
];

/** Many kinds of images in few rows. */
function fill(store: Store, images: number): { jobs: string[]; all: ImageRecord[] } {
  return store.edit((db) => {
    const jobs = [addJob(db, { variations: images }), addJob(db), addJob(db)];
    const ids: string[] = [];
    for (let n = 0; n < images; n += 1) {
      const status: ImageStatus = imageStatuses[(n * 5) % imageStatuses.length] ?? 'approved';
      const failed = status === 'failed' || status === 'retryFailed';
      const word = (step: number): string => words[(n * step) % words.length] ?? '';
      ids.push(
        addImage(
          db,
          jobs[n % 3] ?? '',
          { status, prompt: `${word(1)} number ${n} ${word(7)}`, createdAt: 1000 + ((n * 37) % 100) },
          {
            ...(n % 4 === 0
              ? {}
              : { title: `${word(3)} ${n % 13}`, description: word(11), tags: [word(5), `t${n % 7}`] }),
            path: `pictures/toupload/file ${n % 17}.png`,
            softFailures:
              n % 9 === 0 ? [{ stage: 'metadata', code: 'provider.badAnswer', reason: 'none' }] : [],
            failure: failed
              ? {
                  stage: n % 2 === 0 ? 'trim' : 'convert',
                  code: n % 5 === 0 ? 'content.flagged' : 'unexpected',
                  reason: 'why',
                }
              : null,
          },
        ),
      );
    }
    return { jobs, all: ids.map((id) => getImage(db, id)) };
  });
}

describe('lists of images', () => {
  const { open } = workspaces();

  it('G1: every filter, search and sort shows exactly the images that fit, over pages, jumps, ids and counts', async () => {
    const store = await open();
    const { jobs, all } = fill(store, 240);
    const part = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values], { maxLength: 3 });
    const search = fc.oneof(
      fc.constantFrom(...words, ...words.map((word) => word.toUpperCase())),
      fc.constantFrom(
        'e',
        '猫',
        '夕',
        '"',
        '%',
        '_',
        '*',
        '\\',
        'q',
        'zz',
        '77',
        't3',
        'number 12',
        'fox number',
        '  ',
        'nothing like it',
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
      fc.constantFrom(...all.slice(0, 5).map(({ id }) => id.slice(-8))),
    );
    const filters = fc.record(
      {
        statuses: part(imageStatuses),
        jobIds: part([...jobs, 'not a job']),
        reasons: part(['qcFailed', 'flagged', 'trim', 'convert']),
        softFailed: fc.boolean(),
        from: fc.integer({ min: 990, max: 1110 }),
        to: fc.integer({ min: 990, max: 1110 }),
        search,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        filters,
        fc.constantFrom(...sorts),
        fc.integer({ min: 1, max: 60 }),
        (filter, sort, limit) => {
          const expected = all.filter((image) => fits(image, filter)).sort(compare(sort));
          const ids = (images: readonly ImageRecord[]): string[] => images.map(({ id }) => id);
          assert.deepEqual(ids(everyPage(store, filter, sort, limit)), ids(expected));
          const offset = Math.floor(expected.length / 2);
          const jumped = store.read((db) => listImages(db, filter, sort, { limit, offset }));
          assert.deepEqual(ids(jumped.items), ids(expected.slice(offset, offset + limit)));
          assert.equal(jumped.next === null, offset + limit >= expected.length);
          assert.deepEqual(
            store.read((db) => listImageIds(db, filter)),
            ids([...expected].sort(compare('newest'))),
          );
          const counts = store.read((db) => countImages(db, filter));
          const counted = all.filter((image) => fits(image, { ...filter, statuses: [] }));
          assert.equal(counts.total, counted.length);
          for (const status of imageStatuses) {
            assert.equal(counts.byStatus[status], counted.filter((image) => image.status === status).length);
          }
          assert.equal(counts.pass + counts.fail + counts.pending, counts.total);
        },
      ),
      { numRuns: 300, seed: 5 },
    );
  });

  it('G2: the same holds where there are too many images to look at each', async () => {
    const store = await open();
    const { all } = fill(store, 9000);
    for (const search of [
      'fox',
      'zq',
      '猫',
      'q',
      'number 412',
      'a"b',
      'red star',
      '夕焼',
      'ärger',
      'ÄRGER x_y',
      'nothing',
      'straße 7',
    ]) {
      for (const sort of sorts) {
        for (const statuses of [
          [],
          ['approved'],
          ['approved', 'failed', 'pending', 'qcFailed'],
        ] as ImageStatus[][]) {
          const filter = { search, statuses };
          const expected = all.filter((image) => fits(image, filter)).sort(compare(sort));
          const page = store.read((db) => listImages(db, filter, sort, { limit: 50 }));
          assert.deepEqual(
            page.items.map(({ id }) => id),
            expected.slice(0, 50).map(({ id }) => id),
            `${search} ${sort} ${statuses.join()}`,
          );
          const offset = 1000 + Math.floor(expected.length / 3);
          const jumped = store.read((db) => listImages(db, filter, sort, { limit: 20, offset }));
          assert.deepEqual(
            jumped.items.map(({ id }) => id),
            expected.slice(offset, offset + 20).map(({ id }) => id),
          );
          assert.equal(store.read((db) => listImageIds(db, filter)).length, expected.length);
        }
      }
    }
  });

  it('G1: an edited title, description or tag is found at once, and the old one no more', async () => {
    const store = await open();
    const id = store.edit((db) =>
      addImage(db, addJob(db), { prompt: 'a castle' }, { title: 'Old name', tags: ['winter'] }),
    );
    const found = (search: string): number =>
      store.read((db) => listImages(db, { search }, 'newest', { limit: 5 })).items.length;
    assert.deepEqual(['castle', 'old name', 'winter'].map(found), [1, 1, 1]);
    store.edit((db) =>
      updateImage(db, id, { title: 'New one', description: 'Seen from above', tags: ['spring'] }, 2000),
    );
    assert.deepEqual(
      ['castle', 'old', 'winter', 'new one', 'ABOVE', 'spring'].map(found),
      [1, 0, 0, 1, 1, 1],
    );
    store.edit((db) => {
      db.sql('DELETE FROM images WHERE id = ?').run(id);
    });
    assert.deepEqual(['castle', 'spring', 'sp'].map(found), [0, 0, 0]);
    store.edit((db) => {
      db.sql(`INSERT INTO images_text (images_text) VALUES ('integrity-check')`).run();
    });
  });

  it('G2: while new images arrive, pages neither repeat nor skip one', async () => {
    const store = await open();
    const { jobs, all } = fill(store, 60);
    const first = store.read((db) => listImages(db, {}, 'newest', { limit: 20 }));
    store.edit((db) => {
      for (let n = 0; n < 30; n += 1) addImage(db, jobs[0] ?? '');
      db.sql('DELETE FROM images WHERE id = ?').run(first.items.at(-1)?.id ?? '');
    });
    const second = store.read((db) => listImages(db, {}, 'newest', { limit: 20, after: first.next ?? '' }));
    const expected = [...all].reverse().slice(20, 40);
    assert.deepEqual(
      second.items.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
  });

  it('a jump into a search sees what was written before it', async () => {
    const store = await open();
    const { jobs } = fill(store, 3);
    store.edit((db) => {
      for (let n = 0; n < 1200; n += 1) addImage(db, jobs[0] ?? '', { prompt: `meadow ${n}` });
    });
    const at = (offset: number): string | undefined =>
      store.read((db) => listImages(db, { search: 'meadow' }, 'oldest', { limit: 1, offset })).items[0]
        ?.prompt;
    assert.equal(at(1100), 'meadow 1100');
    assert.equal(at(1200), undefined);
    store.edit((db) => addImage(db, jobs[0] ?? '', { prompt: 'meadow last' }));
    assert.equal(at(1200), 'meadow last');
  });

  it('refuses a page that this list did not give out', async () => {
    const store = await open();
    for (const after of ['', 'nonsense', 'WzFd', Buffer.from('{"a":1}').toString('base64url')]) {
      assert.throws(
        () => store.read((db) => listImages(db, {}, 'newest', { limit: 5, after })),
        (error) => isFactoryError(error, 'input.invalid'),
        after,
      );
    }
  });

  it('F8: failures are grouped by cause', async () => {
    const store = await open();
    const { all } = fill(store, 240);
    const groups = store.read((db) => groupFailures(db, {}));
    const failing = all.filter(({ status }) => ['qcFailed', 'failed', 'retryFailed'].includes(status));
    assert.equal(
      groups.reduce((sum, { count }) => sum + count, 0),
      failing.length,
    );
    for (const { reason, count } of groups.filter((group) => group.reason === 'flagged')) {
      assert.equal(count, failing.filter((image) => fits(image, { reasons: [reason] })).length);
    }
    assert.deepEqual(
      store.read((db) => groupFailures(db, { search: 'fox' })).reduce((sum, { count }) => sum + count, 0),
      failing.filter((image) => fits(image, { search: 'fox' })).length,
    );
  });

  it('a row whose JSON was tampered with is shown without it instead of breaking the list', async () => {
    const store = await open();
    const id = store.edit((db) => addImage(db, addJob(db)));
    store.edit((db) => {
      db.sql(
        `UPDATE images SET keyword = 'no json', tags = '{"a":1}', timings = '[]', soft_failures = '[1]', processing = '7',
           status = 'unheard of', failure_stage = 'nowhere' WHERE id = ?`,
      ).run(id);
    });
    const image = store.read((db) => listImages(db, {}, 'newest', { limit: 1 })).items[0];
    assert.deepEqual(
      [image?.keyword, image?.tags, image?.timings, image?.softFailures, image?.processing],
      [{}, [], {}, [], {}],
    );
    assert.equal(image?.failure?.code, 'store.damaged');
  });

  it('every way to a page is led by an index: no table of images is scanned', async () => {
    const store = await open();
    const { jobs } = fill(store, 9000);
    const filters: ImageFilter[] = [
      {},
      { statuses: ['approved'] },
      { statuses: ['failed', 'qcFailed', 'retryFailed'] },
      { jobIds: [jobs[0] ?? ''] },
      { jobIds: jobs, statuses: ['approved'] },
      { statuses: ['failed'], reasons: ['trim'] },
      { softFailed: true },
      { from: 1010, to: 1020 },
    ];
    const plans: string[] = [];
    store.read((db) => {
      const spied = explaining(db, plans);
      for (const filter of filters) {
        for (const search of [undefined, 'fox', 'number', 'zq', 'q']) {
          for (const sort of sorts) {
            listImages(spied, search === undefined ? filter : { ...filter, search }, sort, { limit: 50 });
          }
          countImages(spied, search === undefined ? filter : { ...filter, search });
        }
      }
    });
    assert.ok(plans.length > 500);
    const scans = plans.filter(
      (plan) => /^SCAN (i|images|x|image_texts)\b/.test(plan) && !/USING COVERING INDEX/.test(plan),
    );
    assert.deepEqual([...new Set(scans)], []);
    // Without a search, finding a page looks at nothing but the index.
    const plain: string[] = [];
    store.read((db) => {
      for (const filter of filters)
        for (const sort of sorts) listImages(explaining(db, plain), filter, sort, { limit: 50 });
    });
    const rows = plain.filter(
      (plan) => /\b(SCAN|SEARCH) i\b/.test(plan) && !/COVERING INDEX|INTEGER PRIMARY KEY/.test(plan),
    );
    assert.deepEqual([...new Set(rows)], []);
  });
});

/** Notes the plan of every statement that is asked. */
function explaining(db: Reader, plans: string[]): Reader {
  return {
    sql<R>(text: string) {
      const statement = db.sql<R>(text);
      const note = (values: unknown[]): void => {
        for (const row of db.sql<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`).all(...values))
          plans.push(row.detail);
      };
      return new Proxy(statement, {
        get(target, name) {
          if (name !== 'all' && name !== 'get') return Reflect.get(target, name) as unknown;
          return (...values: unknown[]) => {
            if (!/pragma/i.test(text)) note(values);
            return name === 'all' ? target.all(...values) : target.get(...values);
          };
        },
      });
    },
  };
}

describe('lists of jobs', () => {
  const { open } = workspaces();

  it('M1, M2: every filter, search and sort shows exactly the jobs that fit', async () => {
    const store = await open();
    const labels = [
      'Autumn batch',
      'job_20250101_120000',
      'Ärger 2',
      'ärger 10',
      '猫の写真',
      '50% off "sale"',
      'a_b*c',
    ];
    store.edit((db) => {
      for (let n = 0; n < 120; n += 1) {
        const id = addJob(db, {
          label: labels[n % labels.length] ?? '',
          rerun: n % 3 === 0,
          status: jobStatuses[n % jobStatuses.length] ?? 'queued',
          createdAt: 1000 + ((n * 7) % 90),
          generations: 1,
          variations: 1,
        });
        if (n % 4 === 0) db.sql('UPDATE jobs SET started_at = created_at + 50 WHERE id = ?').run(id);
      }
    });
    const all = store.read((db) => listJobIds(db, {}).map((id) => getJob(db, id, 5000)));
    const start = (job: JobSummary): number => job.startedAt ?? job.createdAt;
    const seqs = new Map(
      store
        .read((db) => db.sql<{ id: string; seq: number }>('SELECT id, seq FROM jobs').all())
        .map(({ id, seq }) => [id, seq]),
    );
    const bySeq = (a: JobSummary, b: JobSummary): number => (seqs.get(a.id) ?? 0) - (seqs.get(b.id) ?? 0);
    const order: Record<JobSort, (a: JobSummary, b: JobSummary) => number> = {
      newest: (a, b) => start(b) - start(a) || bySeq(b, a),
      oldest: (a, b) => start(a) - start(b) || bySeq(a, b),
      name: (a, b) =>
        Buffer.compare(Buffer.from(nameKey(a.label)), Buffer.from(nameKey(b.label))) || bySeq(a, b),
    };
    const fitsJob = (job: JobSummary, filter: JobFilter): boolean =>
      (filter.statuses === undefined ||
        filter.statuses.length === 0 ||
        filter.statuses.includes(job.status)) &&
      (filter.from === undefined || start(job) >= filter.from) &&
      (filter.to === undefined || start(job) < filter.to) &&
      foldText(filter.search ?? '')
        .split(/\s+/u)
        .filter(Boolean)
        .every((term) => foldText(job.label).includes(term) || (term.length >= 4 && job.id.includes(term)));
    const searches = [
      'BATCH',
      'ärger',
      'rerun',
      '(rerun',
      all[3]?.id.slice(-6),
      all[5]?.id,
      '猫',
      '50%',
      '"sale"',
      '_b*',
      'a',
      'zzz',
      'job_2025 rerun',
    ];
    for (const statuses of [
      undefined,
      ['completed'],
      ['failed', 'running', 'queued'],
    ] as JobFilter['statuses'][]) {
      for (const search of [undefined, ...searches]) {
        for (const from of [undefined, 1050]) {
          for (const sort of ['newest', 'oldest', 'name'] as const) {
            const filter: JobFilter = {
              ...(statuses === undefined ? {} : { statuses }),
              ...(search === undefined ? {} : { search }),
              ...(from === undefined ? {} : { from, to: 1090 }),
            };
            const expected = all
              .filter((job) => fitsJob(job, filter))
              .sort(order[sort])
              .map(({ id }) => id);
            const first = store.read((db) => listJobs(db, filter, sort, { limit: 25 }, 5000));
            const rest =
              first.next === null
                ? []
                : store.read((db) =>
                    listJobs(db, filter, sort, { limit: 1000, after: first.next ?? '' }, 5000),
                  ).items;
            assert.deepEqual(
              [...first.items, ...rest].map(({ id }) => id),
              expected,
              JSON.stringify(filter),
            );
            const jumped = store.read((db) => listJobs(db, filter, sort, { limit: 10, offset: 10 }, 5000));
            assert.deepEqual(
              jumped.items.map(({ id }) => id),
              expected.slice(10, 20),
            );
            assert.equal(
              store.read((db) => countJobs(db, filter)),
              expected.length,
            );
            assert.deepEqual(store.read((db) => listJobIds(db, filter)).sort(), [...expected].sort());
          }
        }
      }
    }
  });

  it('D5, M2: a renamed job is found under its new label, with its "(Rerun …)", and not under the old', async () => {
    const store = await open();
    const id = store.edit((db) => addJob(db, { label: 'First name', rerun: true }));
    store.edit((db) => renameJob(db, id.slice(-6), 'Zweiter Name'));
    const found = (search: string): string[] =>
      store.read((db) => listJobs(db, { search }, 'name', { limit: 5 }, 0)).items.map(({ label }) => label);
    assert.deepEqual(found('first'), []);
    assert.deepEqual(found(`(rerun ${id.slice(-6)})`), [`Zweiter Name (Rerun ${id.slice(-6)})`]);
    assert.deepEqual(found('zweiter'), [`Zweiter Name (Rerun ${id.slice(-6)})`]);
  });

  it('M2: a job that starts moves to its start in the list', async () => {
    const store = await open();
    const [early, late] = store.edit((db) => [
      addJob(db, { createdAt: 10, status: 'queued' }),
      addJob(db, { createdAt: 20 }),
    ]);
    const newest = (): string[] =>
      store.read((db) => listJobs(db, {}, 'newest', { limit: 5 }, 99)).items.map(({ id }) => id);
    assert.deepEqual(newest(), [late, early]);
    store.edit((db) => startJob(db, early, 30));
    assert.deepEqual(newest(), [early, late]);
  });
});
