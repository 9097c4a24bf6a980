import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach } from 'mocha';
import { hostBundle, hostTarget, root as project } from '../../../scripts/bundle.mts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ImageFilter } from '../../../src/engine/model/image.ts';
import type { JobFilter } from '../../../src/engine/model/job.ts';
import { imageStatuses, jobStatuses } from '../../../src/engine/model/status.ts';
import { packIds, unpackIds } from '../../../src/engine/store/idLines.ts';
import { findImageAt } from '../../../src/engine/store/imageAt.ts';
import { countImages, groupFailures, listImageIds, listImages } from '../../../src/engine/store/imageList.ts';
import { getImage } from '../../../src/engine/store/images.ts';
import { countJobs, listJobIds, listJobs } from '../../../src/engine/store/jobList.ts';
import { readEach } from '../../../src/engine/store/readEach.ts';
import { openReads } from '../../../src/engine/store/reads.ts';
import type { Reads, ReadsOptions } from '../../../src/engine/store/reads.ts';
import { failSlot, listFailedSlots } from '../../../src/engine/store/slots.ts';
import { jobStatistics } from '../../../src/engine/store/statistics.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { addImage, addJob, workspaces } from './support.ts';

const mortal = fileURLToPath(new URL('./mortalWorker.mts', import.meta.url));
const words = ['red fox', 'straße', '猫と夕焼け', 'a"b', '100%', 'zq', 'grey wolf'];

function fill(store: Store, images: number): string[] {
  return store.edit((db) => {
    const jobs = [0, 1, 2].map((n) =>
      addJob(db, { label: `Batch ${n}`, variations: images, generations: 1, createdAt: 1000 + n }),
    );
    for (let n = 0; n < images; n += 1) {
      const status = imageStatuses[(n * 5) % imageStatuses.length] ?? 'approved';
      const failure = { stage: 'trim', code: 'unexpected', reason: 'why' } as const;
      addImage(
        db,
        jobs[n % 3] ?? '',
        { status, prompt: `${words[n % 7]} number ${n}`, variation: n, createdAt: 1000 + n },
        { title: `${words[(n * 3) % 7]} ${n % 13}`, failure: status === 'failed' ? failure : null },
      );
    }
    const slot = { jobId: jobs[0] ?? '', generation: 0 };
    for (const variation of [1, 2])
      failSlot(db, { ...slot, variation }, { stage: 'generate', code: 'unexpected', reason: 'why' }, 5);
    return jobs;
  });
}

describe('reads off the thread', () => {
  const { open, root } = workspaces();
  const opened: Reads[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((reads) => reads.close()));
  });
  /** Without `smallStore`, even the smallest store is read by the worker. */
  function reading(store: Store, options: ReadsOptions = {}): Reads {
    const reads = openReads(store, { smallStore: 0, ...options });
    opened.push(reads);
    return reads;
  }

  it('Y4: answer as the store does on its own thread, for any filter, search, sort and page', async () => {
    const store = await open();
    const jobs = fill(store, 240);
    const reads = reading(store);
    const search = fc.constantFrom(undefined, 'fox', 'number 7', 'zq', '"', '猫', 'a', 'nothing', 'fox wolf');
    const images = fc.record(
      {
        statuses: fc.subarray([...imageStatuses]),
        jobIds: fc.subarray(jobs),
        reasons: fc.subarray(['trim', 'qcFailed']),
        softFailed: fc.boolean(),
        from: fc.integer({ min: 990, max: 1250 }),
      },
      { requiredKeys: [] },
    );
    const page = fc.record(
      { limit: fc.integer({ min: 1, max: 300 }), offset: fc.constantFrom(0, 5, 100, 1000) },
      { requiredKeys: ['limit'] },
    );
    const sort = fc.constantFrom('newest', 'oldest', 'name');
    await fc.assert(
      fc.asyncProperty(images, search, sort, page, async (some, text, order, place) => {
        const filter: ImageFilter = text === undefined ? some : { ...some, search: text };
        const [found, ids, counts, groups] = await Promise.all([
          reads.images(filter, order, place),
          reads.imageIds(filter),
          reads.imageCounts(filter),
          reads.failureGroups(filter),
        ]);
        store.read((db) => {
          assert.deepEqual(found, listImages(db, filter, order, place));
          assert.deepEqual(ids, listImageIds(db, filter));
          assert.deepEqual(counts, countImages(db, filter));
          assert.deepEqual(groups, groupFailures(db, filter));
        });
      }),
      { numRuns: 60 },
    );
    const someJobs = fc.record({ statuses: fc.subarray([...jobStatuses]), from: fc.constantFrom(0, 1001) });
    await fc.assert(
      fc.asyncProperty(someJobs, search, sort, page, async (some, text, order, place) => {
        const filter: JobFilter = text === undefined ? some : { ...some, search: text };
        const [found, ids, count] = await Promise.all([
          reads.jobs(filter, order, place, 9000),
          reads.jobIds(filter),
          reads.jobCount(filter),
        ]);
        store.read((db) => {
          assert.deepEqual(found, listJobs(db, filter, order, place, 9000));
          assert.deepEqual(ids, listJobIds(db, filter));
          assert.deepEqual(count, countJobs(db, filter));
        });
      }),
      { numRuns: 40 },
    );
  });

  it('M2, D6: statistics, failed slots and the image of a file are the same from the worker', async () => {
    const store = await open();
    const [job = ''] = fill(store, 60);
    const path = 'elsewhere/original file.png';
    const image = store.edit((db) => addImage(db, job, { variation: 7, originalPath: path }));
    const reads = reading(store);
    assert.deepEqual(await reads.statistics(), store.read(jobStatistics));
    assert.equal(await reads.imageAt(path), image);
    assert.equal(
      await reads.imageAt('nowhere.png'),
      store.read((db) => findImageAt(db, 'nowhere.png')),
    );
    const slots = await reads.failedSlots({ jobId: job }, { limit: 1 });
    assert.deepEqual(
      slots,
      store.read((db) => listFailedSlots(db, { jobId: job }, { limit: 1 })),
    );
    assert.equal(slots.items.length, 1);
    assert.deepEqual((await reads.failedSlots({}, { limit: 5, offset: 1000 })).items, []);
  });

  it('a search, a far jump, Select All and totals ask nothing on the calling thread', async () => {
    const store = await open();
    fill(store, 60);
    const here: string[] = [];
    const spied: Store = {
      ...store,
      read: (fn) =>
        store.read((db) =>
          fn({
            sql: (text) => {
              here.push(text);
              return db.sql(text);
            },
          }),
        ),
    };
    const reads = reading(spied);
    const found = await reads.images({ search: 'fox' }, 'newest', { limit: 5 });
    assert.equal(found.items.length, 5);
    await reads.images({}, 'newest', { limit: 5, offset: 20_000 });
    await reads.images({ reasons: ['trim'] }, 'name', { limit: 5 });
    await reads.jobs({ search: 'batch' }, 'name', { limit: 5 }, 0);
    await Promise.all([reads.imageIds({}), reads.imageCounts({ search: 'fox' }), reads.failureGroups({})]);
    await Promise.all([reads.jobIds({}), reads.jobCount({ search: 'batch' }), reads.statistics()]);
    assert.deepEqual(
      here.filter((text) => !text.startsWith('SELECT max(seq)')),
      [],
    );
    await reads.images({}, 'newest', { limit: 5 });
    assert.ok(
      here.some((text) => text.includes('images_in_order')),
      'a first page is read here',
    );
  });

  it('sees what this process and others have just written', async () => {
    const store = await open();
    const [job = ''] = fill(store, 30);
    const other = await open({ root: store.root });
    const reads = reading(store);
    for (const [n, writer] of [store, other, store, other].entries()) {
      const before = await reads.imageIds({ search: 'newcomer' });
      const id = writer.edit((db) => addImage(db, job, { prompt: `newcomer ${n}` }));
      assert.deepEqual(await reads.imageIds({ search: 'newcomer' }), [id, ...before]);
    }
  });

  it('a question that nobody waits for any more is dropped, and its place is free', async () => {
    const store = await open();
    fill(store, 240);
    const reads = reading(store);
    const gone = new AbortController();
    const first = reads.imageCounts({ search: 'fo' });
    const dropped = reads.imageCounts({ search: 'fo' }, gone.signal);
    const kept = reads.imageCounts({ search: 'fox' });
    gone.abort();
    await assert.rejects(dropped, (error) => isFactoryError(error, 'cancelled'));
    assert.ok((await kept).total > 0);
    assert.ok((await first).total > 0);
    await assert.rejects(reads.imageIds({}, AbortSignal.abort()), (error) =>
      isFactoryError(error, 'cancelled'),
    );
    const { signal, abort } = withAbort();
    const begun = reads.imageIds({}, signal);
    abort();
    await assert.rejects(begun, (error) => isFactoryError(error, 'cancelled'));
    assert.equal((await reads.imageIds({})).length, 240);
  });

  it('what a read refuses is said as on the own thread', async () => {
    const store = await open();
    fill(store, 30);
    const reads = reading(store);
    await assert.rejects(
      reads.images({ search: 'fox' }, 'newest', { limit: 5, after: 'nonsense' }),
      (error) => isFactoryError(error, 'input.invalid') && /first page/.test(error.message),
    );
    assert.equal((await reads.images({ search: 'fox' }, 'newest', { limit: 1 })).items.length, 1);
  });

  it('a thread that dies is started again, and no question is lost', async () => {
    const store = await open();
    fill(store, 30);
    writeFileSync(`${store.path}.deaths`, '1');
    const reads = reading(store, { worker: mortal });
    const answers = await Promise.all([reads.imageIds({}), reads.imageCounts({ search: 'fox' })]);
    assert.deepEqual([answers[0].length, answers[1].total > 0], [30, true]);
    assert.equal(readFileSync(`${store.path}.deaths`, 'utf8'), '0');
  });

  it('a question that a thread dies of twice fails, and the next one is answered', async () => {
    const store = await open();
    fill(store, 30);
    writeFileSync(`${store.path}.deaths`, '2');
    const reads = reading(store, { worker: mortal });
    const deadly = reads.imageIds({ statuses: ['failed'] });
    const next = reads.imageIds({});
    await assert.rejects(deadly, (error) => isFactoryError(error, 'unexpected'));
    assert.equal((await next).length, 30);
  });

  it('a missing worker file fails the question instead of leaving it open', async () => {
    const store = await open();
    fill(store, 30);
    const reads = reading(store, { worker: join(store.folder, 'missing.js') });
    await assert.rejects(reads.imageIds({}), (error) => isFactoryError(error, 'unexpected'));
  });

  it('closes cleanly: what waits is cancelled, the log is written back, nothing is left open', async () => {
    const store = await open();
    const [job = ''] = fill(store, 240);
    const reads = reading(store);
    assert.equal((await reads.imageIds({})).length, 240);
    store.edit((db) => addImage(db, job));
    const late = reads.imageCounts({ search: 'fox' });
    const refused = assert.rejects(late, (error) => isFactoryError(error, 'cancelled'));
    await reads.close();
    await refused;
    await assert.rejects(reads.images({}, 'newest', { limit: 1 }), (error) =>
      isFactoryError(error, 'cancelled'),
    );
    store.close();
    assert.deepEqual(
      ['-wal', '-shm'].map((end) => existsSync(store.path + end)),
      [false, false],
    );
  });

  it('an idle thread does not keep the log from being written back by another process', async () => {
    const store = await open();
    const [job = ''] = fill(store, 60);
    const reads = reading(store);
    await reads.imageIds({});
    const other = await open({ root: store.root });
    other.edit((db) => addImage(db, job));
    other.close();
    assert.equal(statSync(`${store.path}-wal`).size, 0);
    assert.equal((await reads.imageIds({})).length, 61);
  });

  it('a small store, and one that cannot be shared, are read where they are open', async () => {
    const small = await open();
    fill(small, 30);
    const alone = await open({ journal: 'truncate' });
    fill(alone, 30);
    assert.equal(alone.shared, false);
    for (const reads of [
      reading(small, { smallStore: 1000, worker: join(root(), 'missing.js') }),
      reading(alone, { worker: join(root(), 'missing.js') }),
    ]) {
      reads.warm();
      assert.equal((await reads.imageIds({})).length, 30);
      assert.ok((await reads.imageCounts({ search: 'fox' })).total > 0);
      assert.equal((await reads.failedSlots({}, { limit: 1 })).items.length, 1);
      await assert.rejects(reads.imageIds({}, AbortSignal.abort()), (error) =>
        isFactoryError(error, 'cancelled'),
      );
    }
  });

  it('ids come through the door between threads as they were, however many', async () => {
    assert.deepEqual(await unpackIds(packIds([])), []);
    assert.deepEqual(await unpackIds(packIds(['a'])), ['a']);
    const many = Array.from({ length: 30_000 }, (_, n) => crypto.randomUUID().slice(0, 1 + (n % 36)));
    assert.deepEqual(await unpackIds(packIds(many)), many);
  });

  it('the log is written back into the file while the store is open', async () => {
    const store = await open();
    const reads = reading(store);
    fill(store, 40);
    const alone = join(root(), 'factory.db');
    const rows = (): number => {
      cpSync(store.path, alone);
      const copy = new Database(alone);
      try {
        return Number(copy.prepare<[], { n: number }>('SELECT count(*) AS n FROM images').get()?.n);
      } finally {
        copy.close();
      }
    };
    assert.equal(rows(), 0, 'without its log the file does not know of them yet');
    await reads.writeBack();
    assert.equal(rows(), 40);
  });

  it('works from the bundle that is shipped', async () => {
    const store = await open();
    fill(store, 60);
    const expected = store.read((db) => listImageIds(db, { search: 'fox' }));
    const outdir = join(root(), 'dist');
    const options = hostBundle({ target: hostTarget(), outdir, production: true, sourcemap: false });
    await build({
      ...options,
      entryPoints: [
        { in: fileURLToPath(new URL('./bundledReads.mts', import.meta.url)), out: 'probe' },
        ...globSync('src/engine/store/*Worker.ts', { cwd: project }).map((file) => ({
          in: join(project, file),
          out: basename(file, '.ts'),
        })),
      ],
    });
    const probe = (folder: string): unknown =>
      JSON.parse(execFileSync(process.execPath, [join(outdir, 'probe.js'), folder], { encoding: 'utf8' }));
    assert.deepEqual(probe(store.root), { ids: expected, problems: [], jobsFromElsewhere: null });
    const copy = root();
    store.close();
    cpSync(join(store.root, '.gen-image-factory'), join(copy, '.gen-image-factory'), { recursive: true });
    assert.deepEqual(probe(copy), { ids: expected, problems: [], jobsFromElsewhere: 3 });
  });
});

describe('rows that people have chosen', () => {
  const { open } = workspaces();

  it('are read in their order, in turns that let other work in between', async () => {
    const store = await open();
    fill(store, 60);
    const ids = store.read((db) => listImageIds(db, {}));
    const many = Array.from({ length: 60 }, () => ids).flat();
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns += 1;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    const images = await readEach(store, many, getImage);
    reading = false;
    assert.deepEqual(
      images.map(({ id }) => id),
      many,
    );
    assert.ok(turns > 1, '3,600 images were read in one turn');
    assert.deepEqual(await readEach(store, [], getImage), []);
  });

  it('fail with the first that is not there', async () => {
    const store = await open();
    fill(store, 3);
    const [id = ''] = store.read((db) => listImageIds(db, {}));
    await assert.rejects(readEach(store, [id, 'nobody'], getImage), (error) =>
      isFactoryError(error, 'notFound'),
    );
  });
});

function withAbort(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
