import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { createFiles } from '../../../src/engine/files/files.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { formatCost } from '../../../src/engine/model/money.ts';
import { imageStatusLabel, jobStatusLabel } from '../../../src/engine/model/status.ts';
import { jobSpending, openCall, settleCall } from '../../../src/engine/store/calls.ts';
import { cleanUpSizes } from '../../../src/engine/store/cleanUp.ts';
import { getDocument, insertDocument } from '../../../src/engine/store/documents.ts';
import { listGenerations } from '../../../src/engine/store/generations.ts';
import { countImages, groupFailures, listImageIds, listImages } from '../../../src/engine/store/imageList.ts';
import { getImage, getPipelineImage, unfinishedImages } from '../../../src/engine/store/images.ts';
import { countJobs, listJobIds, listJobs } from '../../../src/engine/store/jobList.ts';
import { getJob, jobContents, renameJob, workingContents } from '../../../src/engine/store/jobs.ts';
import { repairRows } from '../../../src/engine/store/repair.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import { insertLogs, listLogs } from '../../../src/engine/store/logs.ts';
import {
  cancelRuns,
  holdRuns,
  insertRun,
  nextWaitingRun,
  runRequest,
  waitingRuns,
} from '../../../src/engine/store/runs.ts';
import { failSlot, listFailedSlots, listSlots, slotPlaces } from '../../../src/engine/store/slots.ts';
import { jobStatistics } from '../../../src/engine/store/statistics.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { deleteImages, deleteJobs, finishTrash, undoDelete } from '../../../src/engine/store/trash.ts';
import { addImage, addJob, workspaces } from './support.ts';

const anyId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const trashOf = (store: Store): Parameters<typeof deleteImages>[0] => ({
  store,
  files: createFiles({ root: store.root }),
  now: () => 5000,
});

/** What is put into a column, as SQL. */
const odd: Record<string, string> = {
  bytes: `x'00ff00'`,
  'a text with a zero': `'a' || char(0) || 'b'`,
  'a negative number': '-1',
  'more than can be counted': '9223372036854775807',
  'a number without end': '9e999',
  'a huge number': '1e308',
  'a long text': `replace(hex(zeroblob(1500000)), '00', 'ab')`,
  'a path': `'../../../home/x'`,
  'an escape': `char(27) || ']0;title' || char(7)`,
};

describe('damaged rows', () => {
  const { open } = workspaces();

  const imageDamages: [string, string][] = [
    ['id', 'bytes'],
    ['id', 'a path'],
    ['id', 'a text with a zero'],
    ['id', 'an escape'],
    ['generation', 'more than can be counted'],
    ['generation', 'a negative number'],
    ['generation', 'bytes'],
    ['variation', 'a huge number'],
    ['status', 'bytes'],
    ['status', 'a path'],
    ['keyword_row', 'a number without end'],
    ['keyword', 'a path'],
    ['prompt', 'bytes'],
    ['prompt', 'a text with a zero'],
    ['prompt', 'a long text'],
    ['provider', 'a long text'],
    ['seed', 'a number without end'],
    ['bytes', 'a long text'],
    ['cost_micro_usd', 'a huge number'],
    ['cost_micro_usd', 'a negative number'],
    ['timings', 'a path'],
    ['title', 'bytes'],
    ['tags', 'bytes'],
    ['original_path', 'bytes'],
    ['original_path', 'a text with a zero'],
    ['path', 'a long text'],
    ['created_at', 'a huge number'],
    ['created_at', 'more than can be counted'],
    ['signature', 'a path'],
  ];
  for (const [column, what] of imageDamages) {
    it(`W14: an image with ${what} as its ${column} is shown as damaged and can be deleted`, async () => {
      const store = await open();
      const good = store.edit((db) => addImage(db, addJob(db), { createdAt: 2000 }));
      const job = store.edit((db) => addJob(db));
      const id = store.edit((db) => addImage(db, job, { status: 'pending', nextStage: 'download' }));
      store.edit((db) => db.sql(`UPDATE images SET ${column} = ${odd[what]} WHERE id = ?`).run(id));

      const page = store.read((db) => listImages(db, {}, 'newest', { limit: 10 }));
      const image = page.items.find((one) => one.id !== good);
      assert.ok(image);
      assert.equal(page.items.length, 2);
      assert.deepEqual(image.damaged, [column]);
      assert.equal(imageStatusLabel(image.status, image.failure), 'Damaged');
      assert.match(image.failure?.reason ?? '', new RegExp(`damaged \\(${column}\\)`));
      assert.match(image.id, anyId);
      assert.equal(store.read((db) => countImages(db, {})).total, 2);
      assert.deepEqual(new Set(store.read((db) => listImageIds(db, {}))), new Set([good, image.id]));
      store.read((db) => groupFailures(db, {}));
      assert.deepEqual(
        store.read((db) => getImage(db, image.id)),
        image,
      );
      assert.ok(Object.values(image).every((value) => typeof value !== 'number' || Number.isFinite(value)));
      new Date(image.createdAt).toISOString();

      // Nothing works with it.
      assert.deepEqual(
        store.read((db) => unfinishedImages(db, job)),
        [],
      );
      assert.throws(
        () => store.read((db) => getPipelineImage(db, image.id)),
        (error) => isFactoryError(error, 'store.damaged'),
      );
      await cleanUpSizes(trashOf(store));

      const { trashId } = await deleteImages(trashOf(store), [image.id]);
      assert.deepEqual(
        store.read((db) => listImageIds(db, {})),
        [good],
      );
      await undoDelete(trashOf(store), trashId);
      if (what === 'a long text' || what === 'a number without end') return;
      assert.deepEqual(new Set(store.read((db) => listImageIds(db, {}))), new Set([good, image.id]));
    });
  }

  const jobDamages: [string, string][] = [
    ['id', 'bytes'],
    ['id', 'a path'],
    ['label', 'bytes'],
    ['label', 'a long text'],
    ['rerun', 'a negative number'],
    ['status', 'a path'],
    ['status', 'bytes'],
    ['created_at', 'a huge number'],
    ['started_at', 'more than can be counted'],
    ['running_ms', 'more than can be counted'],
    ['running_ms', 'bytes'],
    ['planned', 'a negative number'],
    ['generated', 'more than can be counted'],
    ['cost_micro_usd', 'a huge number'],
    ['cost_micro_usd', 'a number without end'],
    ['image_provider', 'bytes'],
    ['error', 'a path'],
    ['percent', 'a huge number'],
  ];
  for (const [column, what] of jobDamages) {
    it(`W14: a job with ${what} as its ${column} is shown as damaged and can be deleted`, async () => {
      const store = await open();
      const good = store.edit((db) => addJob(db));
      const bad = store.edit((db) => addJob(db, { status: 'interrupted' }));
      store.edit((db) => {
        addImage(db, bad);
        db.sql(`UPDATE jobs SET ${column} = ${odd[what]} WHERE id = ?`).run(bad);
      });
      const { items } = store.read((db) => listJobs(db, {}, 'newest', { limit: 10 }, 9000));
      assert.equal(items.length, 2);
      const job = items.find(({ id }) => id !== good);
      assert.ok(job);
      assert.deepEqual(job.damaged, [column]);
      assert.equal(jobStatusLabel(job), 'Damaged');
      assert.match(job.error?.message ?? '', new RegExp(`damaged \\(${column}\\)`));
      assert.doesNotMatch(formatCost(job.cost), /Infinity|NaN/);
      assert.match(job.id, anyId);
      assert.equal(
        store.read((db) => countJobs(db, {})),
        2,
      );
      assert.deepEqual(new Set(store.read((db) => listJobIds(db, {}))), new Set([good, job.id]));
      const statistics = store.read(jobStatistics);
      const figures: unknown[] = Object.values(statistics);
      assert.ok(figures.every((one) => one === null || (typeof one === 'number' && one >= 0 && one < 1e16)));
      assert.throws(
        () => store.read((db) => workingContents(db, job.id)),
        (error) => isFactoryError(error, 'store.damaged'),
      );
      const [image] = store.read((db) => listImages(db, { jobIds: [job.id] }, 'newest', { limit: 10 })).items;
      assert.equal(image?.jobId, job.id);
      await deleteJobs(trashOf(store), [job.id]);
      assert.deepEqual(
        store.read((db) => listJobIds(db, {})),
        [good],
      );
    });
  }

  it('W14: settings that are none stop a job from being worked with, and it can be renamed and deleted', async () => {
    for (const column of ['settings', 'snapshot', 'inputs', 'plan']) {
      const store = await open();
      const id = store.edit((db) => addJob(db, { status: 'interrupted' }));
      store.edit((db) => db.sql(`UPDATE job_inputs SET ${column} = x'7b7d'`).run());
      assert.deepEqual(store.read((db) => jobContents(db, id)).damaged, [column]);
      assert.throws(
        () => store.read((db) => workingContents(db, id)),
        (error) => isFactoryError(error, 'store.damaged'),
      );
      store.edit((db) => renameJob(db, id, 'Other'));
      assert.equal(store.read((db) => getJob(db, id, 1)).label, 'Other');
      await deleteJobs(trashOf(store), [id]);
      assert.equal(
        store.read((db) => countJobs(db, {})),
        0,
      );
    }
  });

  it('W14: generations and slots of huge numbers are not counted up to, and go with their job', async () => {
    for (const value of [
      '9007199254740993',
      '9223372036854775807',
      '-9223372036854775808',
      `x'01'`,
      '1e300',
    ]) {
      const store = await open();
      const id = store.edit((db) => addJob(db, { generations: 2, variations: 1 }));
      const before = store.read((db) => slotPlaces(db, id, 'planned').length);
      store.edit((db) => {
        db.sql(
          `INSERT INTO generations (job_seq, generation, keyword_row, keyword, row_key) VALUES (1, ${value}, 0, '{}', 'k')`,
        ).run();
        for (const state of ['planned', 'failed']) {
          db.sql(
            `INSERT INTO slots (job_seq, generation, variation, state) VALUES (1, ${value}, ?, '${state}')`,
          ).run(state === 'planned' ? 0 : 1);
        }
      });
      assert.equal(store.read((db) => slotPlaces(db, id, 'planned')).length, before);
      assert.equal(store.read((db) => listSlots(db, id)).length, 2);
      assert.equal(store.read((db) => listGenerations(db, id)).length, 2);
      assert.deepEqual(store.read((db) => listFailedSlots(db, {}, { limit: 5 })).items, []);
      const started = performance.now();
      await deleteJobs(trashOf(store), [id]);
      assert.ok(performance.now() - started < 2000);
      assert.equal(
        store.read((db) => countJobs(db, {})),
        0,
      );
    }
  });

  it('W14: calls that cost less than nothing or more than there is are of unknown cost, and nobody is asked by them', async () => {
    for (const value of ['-1000000', '1e308', '9e999', '9223372036854775807', `x'00'`, `'free'`]) {
      const store = await open();
      const jobId = store.edit((db) => addJob(db));
      store.edit((db) => {
        for (const settled of [true, true, false]) {
          const id = randomUUID();
          openCall(db, {
            ...{
              id,
              jobId,
              runId: null,
              generation: 0,
              imageId: null,
              stage: 'generate',
              provider: 'sample',
            },
            ...{ model: 'm', recoveryKey: id, asked: 1, request: {}, reservedMicroUsd: 5, sentAt: 1 },
          });
          if (settled) settleCall(db, id, { state: 'answered', costMicroUsd: 7, now: 2 });
        }
        db.sql(`UPDATE calls SET reserved_micro_usd = ${value}`).run();
        db.sql(`UPDATE calls SET cost_micro_usd = ${value} WHERE state = 'answered'`).run();
      });
      const spending = store.read((db) => jobSpending(db, jobId));
      assert.deepEqual(spending, {
        settled: { microUsd: 0, unknown: true },
        reserved: { microUsd: 0, unknown: true },
        worst: 0,
      });
      const job = store.read((db) => getJob(db, jobId, 1));
      assert.doesNotMatch(formatCost(job.cost), /Infinity|NaN|-/);
    }
  });

  it('W14: a run that is damaged is shown, never started, and can be taken from the queue', async () => {
    for (const [column, value] of [
      ['id', `x'00'`],
      ['id', `'../x'`],
      ['kind', `'steal'`],
      ['job_id', `'..'`],
      ['title', `x'00'`],
      ['total', '1e300'],
    ] as const) {
      const store = await open();
      store.edit((db) => {
        const request = {
          kind: 'retry',
          status: 'waiting',
          jobId: null,
          title: 'T',
          request: {},
          createdAt: 1,
        } as const;
        insertRun(db, { ...request, id: randomUUID() });
        insertRun(db, { ...request, id: randomUUID(), title: 'sound' });
        db.sql(`UPDATE runs SET ${column} = ${value} WHERE seq = 1`).run();
      });
      const [damaged] = store.read(waitingRuns);
      assert.ok(damaged);
      assert.deepEqual(damaged.damaged, [column]);
      assert.equal(store.read(nextWaitingRun)?.title, 'sound');
      store.edit((db) => holdRuns(db, [damaged.id]));
      assert.deepEqual(
        store.edit((db) => cancelRuns(db, [damaged.id], 1)),
        [damaged.id],
      );
      assert.equal(store.read(waitingRuns).length, 1);
    }
  });

  it('W14: what a run was asked to do must be known before it does anything', async () => {
    const store = await open();
    const id = randomUUID();
    store.edit((db) => {
      insertRun(db, {
        id,
        kind: 'retry',
        status: 'held',
        jobId: null,
        title: 'T',
        request: {},
        createdAt: 1,
      });
      db.sql(`UPDATE runs SET request = '[]'`).run();
    });
    assert.throws(
      () => store.read((db) => runRequest(db, id)),
      (error) => isFactoryError(error, 'store.damaged'),
    );
  });

  it('W14: rows of the log that hold something else say so in their place', async () => {
    const store = await open();
    const jobId = store.edit((db) => addJob(db));
    store.edit((db) => {
      const entry = { jobId, imageId: null, at: 1, level: 'info', debug: false } as const;
      insertLogs(
        db,
        ['one', 'two', 'three', 'four'].map((message) => ({ ...entry, message })),
      );
      db.sql(`UPDATE logs SET message = x'00' WHERE message = 'one'`).run();
      db.sql(`UPDATE logs SET at = 1e300 WHERE message = 'two'`).run();
      db.sql(`UPDATE logs SET message = hex(zeroblob(100000)) WHERE message = 'three'`).run();
    });
    const logs = store.read((db) => listLogs(db, jobId, { debug: false, limit: 10 }));
    assert.deepEqual(
      logs.map(({ message }) => /damaged \((\w+)\)/.exec(message)?.[1] ?? message),
      ['message', 'at', 'message', 'four'],
    );
  });

  it('W14: a failed slot whose row is damaged is listed with that as its reason', async () => {
    const store = await open();
    const jobId = store.edit((db) => addJob(db));
    store.edit((db) => {
      failSlot(
        db,
        { jobId, generation: 0, variation: 0 },
        { stage: 'generate', code: 'unexpected', reason: 'r' },
        5,
      );
      db.sql(`UPDATE slots SET failure = '[]', ended_at = 1e300 WHERE state = 'failed'`).run();
    });
    const [slot] = store.read((db) => listFailedSlots(db, {}, { limit: 5 })).items;
    assert.equal(slot?.failure.code, 'store.damaged');
    assert.ok(Number.isSafeInteger(slot.failedAt));
  });

  it('K5, W14: the copy of a file that is not what its hash says is not used', async () => {
    const store = await open();
    const hash = store.edit((db) => insertDocument(db, 'text'));
    for (const value of [`'other'`, `x'00'`]) {
      store.edit((db) => db.sql(`UPDATE documents SET content = ${value}`).run());
      assert.throws(
        () => store.read((db) => getDocument(db, hash)),
        (error) => isFactoryError(error, 'store.damaged'),
      );
    }
  });

  it('M5, W14: nothing is done by a row of the trash that is damaged', async () => {
    const store = await open();
    const id = store.edit((db) => addImage(db, addJob(db)));
    store.edit((db) => {
      const insert = db.sql(
        `INSERT INTO trash (id, state, deleted_at, title, jobs, images, job_count, image_count)
         VALUES (?, ?, 1, '', ?, '[1]', 0, 1)`,
      );
      insert.run(randomUUID(), 'deleting', 'not a list');
      insert.run(randomUUID(), 'removing', '[1]');
      insert.run('../../x', 'deleting', '[1]');
      insert.run(Buffer.from('x'), 'deleting', '[1]');
    });
    await finishTrash(trashOf(store));
    assert.deepEqual(
      store.read((db) => listImageIds(db, {})),
      [id],
    );
  });

  it('J5, W14: a lease that nobody could ever take is put right at the next opening', async () => {
    for (const change of [
      'epoch = 9007199254740993',
      'epoch = 9223372036854775807',
      'epoch = -5',
      'epoch = 1e300',
      `epoch = x'00'`,
      'heartbeat = 9223372036854775807',
      `owner = x'00'`,
      'owner = hex(zeroblob(100000))',
    ]) {
      const first = await open();
      first.edit((db) => db.sql(`UPDATE lease SET ${change}`).run());
      first.close();
      const store = await open({ root: first.root });
      const rows = leaseRows(store);
      const epoch = rows.take('window', rows.read());
      assert.ok(epoch !== null && epoch < 10, change);
      await store.write({ epoch }, (db) => addJob(db));
    }
  });

  it('W14: rows that cannot be counted by get numbers after the others, and new ones can be added', async () => {
    const first = await open();
    const [kept, moved] = first.edit((db) => [addJob(db), addJob(db, { label: 'Moved fox' })]);
    first.edit((db) => {
      const image = addImage(db, moved, { prompt: 'a grey wolf' });
      db.sql('PRAGMA defer_foreign_keys = ON').run();
      for (const [table, column] of [
        ['job_inputs', 'job_seq'],
        ['generations', 'job_seq'],
        ['slots', 'job_seq'],
        ['images', 'job_seq'],
      ] as const) {
        db.sql(`UPDATE ${table} SET ${column} = 9223372036854775806 WHERE ${column} = 2`).run();
      }
      db.sql('UPDATE jobs SET seq = 9223372036854775806 WHERE seq = 2').run();
      db.sql('UPDATE image_texts SET seq = -7').run();
      db.sql('UPDATE images SET seq = -7 WHERE id = ?').run(image);
    });
    first.close();
    const store = await open({ root: first.root });
    const { items } = store.read((db) => listJobs(db, {}, 'newest', { limit: 5 }, 1));
    assert.deepEqual(new Set(items.map(({ id }) => id)), new Set([kept, moved]));
    assert.ok(items.every(({ damaged }) => damaged === undefined));
    assert.equal(
      store.read((db) => countJobs(db, { search: 'fox' })),
      1,
    );
    const [image] = store.read((db) => listImages(db, { search: 'wolf' }, 'newest', { limit: 5 })).items;
    assert.ok(image);
    assert.equal(image.jobId, moved);
    assert.ok(image.seq > 0);
    const added = store.edit((db) => addJob(db));
    assert.equal(store.read((db) => listJobs(db, {}, 'newest', { limit: 5 }, 1)).items.length, 3);
    await deleteJobs(trashOf(store), [moved, added]);
    assert.deepEqual(
      store.read((db) => listJobIds(db, {})),
      [kept],
    );
  });

  it('W14: whether rows can be counted by is read from the ends of their tables, however long these are', async () => {
    const { path } = await open();
    const asked: string[] = [];
    const database = new Database(path, { verbose: (sql) => asked.push(String(sql)) });
    repairRows(database);
    const plans = asked
      .filter((sql) => /^SELECT/.test(sql))
      .flatMap((sql) => database.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all());
    database.close();
    const tables = plans.map(({ detail }) => /^(SEARCH|SCAN) (?:jobs|images|logs|runs)\b/.exec(detail)?.[1]);
    assert.deepEqual(new Set(tables), new Set(['SEARCH', undefined]));
  });

  it('W14: a counter of rows at its end does not stop new ones', async () => {
    const first = await open();
    first.edit((db) => {
      addJob(db);
      db.sql('UPDATE sqlite_sequence SET seq = 9223372036854775807').run();
    });
    first.close();
    const store = await open({ root: first.root });
    store.edit((db) => addImage(db, addJob(db)));
    assert.equal(
      store.read((db) => countJobs(db, {})),
      2,
    );
  });

  it('Y2, W14: a page of rows that hold megabytes each stays one that can be sent', async () => {
    const store = await open();
    store.edit((db) => {
      const job = addJob(db);
      for (let n = 0; n < 60; n += 1) addImage(db, job);
      db.sql(`UPDATE images SET prompt = replace(hex(zeroblob(120000)), '00', 'ab')`).run();
    });
    const page = store.read((db) => listImages(db, {}, 'newest', { limit: 60 }));
    assert.equal(page.items.length, 60);
    assert.ok(JSON.stringify(page).length < 12 * 1024 * 1024);
    assert.equal(store.read((db) => getImage(db, page.items[59]?.id ?? '')).damaged, undefined);
  });
});
