import assert from 'node:assert/strict';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { noInputs } from '../../../src/engine/model/job.ts';
import { sha256 } from '../../../src/engine/model/sha256.ts';
import {
  getCall,
  jobSpending,
  openCall,
  openCalls,
  setRecoveryKey,
  settleCall,
} from '../../../src/engine/store/calls.ts';
import type { NewCall } from '../../../src/engine/store/rows/call.ts';
import { getDocument, insertDocument } from '../../../src/engine/store/documents.ts';
import { doneRowKeys, listGenerations, setPrompt } from '../../../src/engine/store/generations.ts';
import {
  cancelRetryPending,
  getImage,
  getPipelineImage,
  markRetryPending,
  resetProcessing,
  unfinishedImages,
  updateImage,
} from '../../../src/engine/store/images.ts';
import {
  countJob,
  editJobSettings,
  endJob,
  findJob,
  freezeJob,
  getJob,
  interruptJobs,
  jobContents,
  raisePercent,
  renameJob,
  setStopping,
  startJob,
} from '../../../src/engine/store/jobs.ts';
import {
  debugLogSize,
  debugRowsPerImage,
  insertLogs,
  listLogs,
  removeDebugLogs,
} from '../../../src/engine/store/logs.ts';
import {
  cancelRuns,
  countRun,
  countUnfinishedRuns,
  endRun,
  getRun,
  holdQueue,
  holdRuns,
  imagesToDo,
  insertRun,
  nextWaitingRun,
  releaseRuns,
  requestStop,
  runRequest,
  runningRun,
  setRunStatus,
  stopRequested,
  unfinishedRunOf,
  waitingRuns,
} from '../../../src/engine/store/runs.ts';
import {
  countFailedSlots,
  failSlot,
  listFailedSlots,
  listSlots,
  reopenSlot,
} from '../../../src/engine/store/slots.ts';
import { jobStatistics } from '../../../src/engine/store/statistics.ts';
import type { Store, Writer } from '../../../src/engine/store/store.ts';
import { addImage, addJob, workspaces } from './support.ts';

function addCall(db: Writer, call: Partial<NewCall> & { id: string; jobId: string }): void {
  openCall(db, {
    runId: null,
    generation: 0,
    imageId: null,
    stage: 'prompt',
    provider: 'openai',
    model: 'gpt',
    recoveryKey: call.id,
    asked: 1,
    request: {},
    reservedMicroUsd: 500,
    sentAt: 1,
    ...call,
  });
}

const cost = (store: Store, id: string): number | null => store.read((db) => getImage(db, id)).costMicroUsd;

describe('the ledger', () => {
  const { open } = workspaces();

  it('B1: a job costs the sum of its settled calls, and says when a price is unknown', async () => {
    const store = await open();
    const job = store.edit((db) => {
      const id = addJob(db);
      for (const call of ['a', 'b', 'c', 'd', 'e']) addCall(db, { id: call, jobId: id });
      settleCall(db, 'a', { state: 'answered', costMicroUsd: 1500, now: 2, providerRequestId: 'req-1' });
      settleCall(db, 'b', { state: 'failed', costMicroUsd: 0, now: 2 });
      settleCall(db, 'c', { state: 'notBilled', costMicroUsd: null, now: 2 });
      return id;
    });
    assert.deepEqual(store.read((db) => getJob(db, job, 0)).cost, { microUsd: 1500, unknown: false });
    assert.deepEqual(
      store.read((db) => openCalls(db, job)).map(({ id }) => id),
      ['d', 'e'],
    );
    store.edit((db) => settleCall(db, 'd', { state: 'lost', costMicroUsd: 7, now: 3 }));
    assert.deepEqual(store.read((db) => getJob(db, job, 0)).cost, { microUsd: 1500, unknown: true });
    assert.deepEqual(
      store.read((db) => jobSpending(db, job)),
      {
        settled: { microUsd: 1500, unknown: true },
        reserved: { microUsd: 500, unknown: false },
        worst: 2000,
      },
    );
    // An answer that turns up after all corrects the sum.
    store.edit((db) => settleCall(db, 'd', { state: 'answered', costMicroUsd: 300, now: 4 }));
    assert.deepEqual(store.read((db) => getJob(db, job, 0)).cost, { microUsd: 1800, unknown: false });
    assert.equal(store.read((db) => getCall(db, 'a')).providerRequestId, 'req-1');
  });

  it('P3, J3: an open call says what it asked for and by which key it can be asked for again', async () => {
    const store = await open();
    const job = store.edit((db) => {
      const id = addJob(db);
      addCall(db, {
        id: 'a',
        jobId: id,
        stage: 'generate',
        generation: 2,
        asked: 3,
        request: { width: 64 },
        reservedMicroUsd: null,
      });
      setRecoveryKey(db, 'a', 'task-9');
      return id;
    });
    const [call] = store.read((db) => openCalls(db, job));
    assert.deepEqual(
      [call?.stage, call?.generation, call?.asked, call?.request, call?.recoveryKey, call?.state],
      ['generate', 2, 3, { width: 64 }, 'task-9', 'sent'],
    );
    assert.deepEqual(store.read((db) => jobSpending(db, job)).reserved, { microUsd: 0, unknown: true });
    assert.throws(
      () => store.edit((db) => addCall(db, { id: 'a', jobId: job })),
      (error) => isFactoryError(error, 'unexpected'),
      'a request id is used once',
    );
  });

  it('B1: an image costs its part of the generation, its own calls and its share of the prompt, exactly', async () => {
    const store = await open();
    const { job, images } = store.edit((db) => {
      const id = addJob(db, { variations: 3 });
      addCall(db, { id: 'prompt', jobId: id });
      settleCall(db, 'prompt', { state: 'answered', costMicroUsd: 100, now: 1 });
      const made = [0, 1, 2].map((variation) =>
        addImage(db, id, { variation, generationCostMicroUsd: 2000 }),
      );
      addCall(db, { id: 'check', jobId: id, imageId: made[1] ?? null, stage: 'qualityCheck' });
      return { job: id, images: made };
    });
    assert.deepEqual(
      images.map((id) => cost(store, id)),
      [2033, 2033, 2034],
    );
    store.edit((db) => settleCall(db, 'check', { state: 'answered', costMicroUsd: 7, now: 2 }));
    assert.deepEqual(
      images.map((id) => cost(store, id)),
      [2033, 2040, 2034],
    );
    store.edit((db) => {
      addCall(db, { id: 'again', jobId: job });
      settleCall(db, 'again', { state: 'answered', costMicroUsd: 2, now: 3 });
    });
    assert.deepEqual(
      images.map((id) => cost(store, id)),
      [2034, 2041, 2034],
    );
    store.edit((db) => {
      addCall(db, { id: 'lost', jobId: job, imageId: images[0] ?? null, stage: 'metadata' });
      settleCall(db, 'lost', { state: 'lost', costMicroUsd: null, now: 4 });
    });
    assert.deepEqual(
      images.map((id) => cost(store, id)),
      [null, 2041, 2034],
    );
    const unknown = store.edit((db) => addImage(db, job, { generation: 1, generationCostMicroUsd: null }));
    assert.equal(cost(store, unknown), null);
  });
});

describe('jobs', () => {
  const { open } = workspaces();

  it('D6, D7: duration is running time without pauses, and counts up while it runs', async () => {
    const store = await open();
    const id = store.edit((db) => addJob(db, { status: 'queued', createdAt: 100 }));
    const at = (now: number): [string, number, number | null] => {
      const job = store.read((db) => getJob(db, id, now));
      return [job.status, job.durationMs, job.startedAt];
    };
    assert.deepEqual(at(500), ['queued', 0, null]);
    store.edit((db) => startJob(db, id, 1000));
    assert.deepEqual(at(1400), ['running', 400, 1000]);
    assert.deepEqual(at(900), ['running', 0, 1000], 'a clock that was set back takes nothing away');
    store.edit((db) => {
      setStopping(db, id, true);
      endJob(db, id, 'paused', 3000, {
        code: 'provider.credit',
        stage: 'generate',
        provider: 'runware',
        message: 'No credit.',
      });
    });
    const paused = store.read((db) => getJob(db, id, 99_000));
    assert.deepEqual(
      [paused.status, paused.durationMs, paused.stopping, paused.error?.provider],
      ['paused', 2000, false, 'runware'],
    );
    store.edit((db) => startJob(db, id, 50_000));
    assert.equal(store.read((db) => getJob(db, id, 50_000)).error, null);
    store.edit((db) => endJob(db, id, 'completed', 51_000, null));
    assert.deepEqual(at(99_000), ['completed', 3000, 1000]);
  });

  it('J4: work of a dead owner becomes interrupted, with the time until which it is known to have worked', async () => {
    const store = await open();
    const [id, other] = store.edit((db) => {
      const made = [addJob(db, { status: 'queued' }), addJob(db)] as const;
      startJob(db, made[0], 1000);
      addImage(db, made[0], { createdAt: 7000 });
      insertLogs(db, [
        { jobId: made[0], imageId: null, at: 6000, level: 'info', debug: false, message: 'x' },
      ]);
      return made;
    });
    const error = {
      code: 'unexpected',
      stage: null,
      provider: null,
      message: 'The window was closed.',
    } as const;
    assert.deepEqual(
      store.edit((db) => interruptJobs(db, error)),
      [id],
    );
    const job = store.read((db) => getJob(db, id, 1_000_000));
    assert.deepEqual(
      [job.status, job.durationMs, job.finishedAt, job.error?.message],
      ['interrupted', 6000, 7000, 'The window was closed.'],
    );
    assert.equal(store.read((db) => getJob(db, other, 0)).status, 'completed');
    assert.deepEqual(
      store.edit((db) => interruptJobs(db, error)),
      [],
    );
  });

  it('D1: percent never falls, counters add up and stay when images are deleted', async () => {
    const store = await open();
    const id = store.edit((db) => {
      const made = addJob(db);
      raisePercent(db, made, 40);
      raisePercent(db, made, 20);
      countJob(db, made, { generated: 2, checked: 1 });
      countJob(db, made, { generated: 1, approved: 1, failed: 1 });
      addImage(db, made);
      db.sql('DELETE FROM images').run();
      return made;
    });
    assert.equal(store.read((db) => jobContents(db, id)).percent, 40);
    const job = store.read((db) => getJob(db, id, 0));
    assert.deepEqual([job.planned, job.generated, job.checked, job.approved, job.failed], [6, 3, 1, 1, 1]);
  });

  it('V3, V4: the snapshot is frozen at the first start; settings can be edited and renamed beside it', async () => {
    const store = await open();
    const id = store.edit((db) => addJob(db, { settings: { 'job.label': 'A', 'generation.count': 1 } }));
    store.edit((db) =>
      freezeJob(db, id, {
        snapshot: { 'generation.count': 1 },
        inputs: noInputs,
        plan: { seed: 7 },
        planned: 12,
      }),
    );
    store.edit((db) => {
      freezeJob(db, id, {
        snapshot: { 'generation.count': 99 },
        inputs: noInputs,
        plan: { seed: 7 },
        planned: 12,
      });
      editJobSettings(db, id, { 'job.label': 'A', 'generation.count': 5 });
      renameJob(db, id, 'B "quoted" \\ $');
    });
    const contents = store.read((db) => jobContents(db, id));
    assert.deepEqual(contents.snapshot, { 'generation.count': 1 });
    assert.deepEqual(contents.settings, { 'job.label': 'B "quoted" \\ $', 'generation.count': 5 });
    assert.deepEqual(contents.plan, { seed: 7 });
    const job = store.read((db) => getJob(db, id, 0));
    assert.deepEqual([job.label, job.planned], ['B "quoted" \\ $', 12]);
  });

  it('I2: a job is named by its id or a unique end of six characters or more', async () => {
    const store = await open();
    const ids = ['11111111-0000-4000-8000-00000abcdef1', '22222222-0000-4000-8000-00001abcdef1'];
    store.edit((db) => ids.map((id) => addJob(db, { id })));
    const find = (id: string): number => store.read((db) => findJob(db, id));
    assert.deepEqual(['00000ABCDEF1', ids[1] ?? '', ' 1abcdef1 '].map(find), [1, 2, 2]);
    assert.throws(
      () => find('abcdef1'),
      (error) => isFactoryError(error, 'ambiguous') && ids.every((id) => error.message.includes(id)),
    );
    for (const id of ['cdef1', '', 'ffffff', '%', "' OR 1=1 --"]) {
      assert.throws(
        () => find(id),
        (error) => isFactoryError(error, 'notFound'),
        id,
      );
    }
  });

  it('D6: statistics are over all jobs, and averages over completed ones', async () => {
    const store = await open();
    const none = store.read(jobStatistics);
    assert.deepEqual(none, {
      totalJobs: 0,
      completed: 0,
      failed: 0,
      successRate: null,
      averageDurationMs: null,
      totalImages: 0,
    });
    store.edit((db) => {
      for (const [status, ms] of [
        ['completed', 100],
        ['completed', 300],
        ['failed', 5],
        ['stopped', 5],
        ['interrupted', 5],
        ['paused', 5],
        ['queued', 0],
      ] as const) {
        const id = addJob(db, { status });
        db.sql('UPDATE jobs SET running_ms = ?, generated = 2 WHERE id = ?').run(ms, id);
      }
    });
    assert.deepEqual(store.read(jobStatistics), {
      totalJobs: 7,
      completed: 2,
      failed: 1,
      successRate: 0.4,
      averageDurationMs: 200,
      totalImages: 14,
    });
  });

  it('K5: file contents are kept once', async () => {
    const store = await open();
    const hash = store.edit((db) => insertDocument(db, 'cat\ndog\n'));
    assert.equal(
      store.edit((db) => insertDocument(db, 'cat\ndog\n')),
      hash,
    );
    assert.equal(hash, sha256('cat\ndog\n'));
    assert.equal(
      store.read((db) => getDocument(db, hash)),
      'cat\ndog\n',
    );
    assert.throws(
      () => store.read((db) => getDocument(db, 'none')),
      (error) => isFactoryError(error, 'notFound'),
    );
  });
});

describe('generations, slots and images', () => {
  const { open } = workspaces();

  it('K5: each generation keeps its row and prompt; columns may have any name', async () => {
    const store = await open();
    const keyword = JSON.parse('{"__proto__":"p","constructor":"c","a b":"1"}') as Record<string, string>;
    const id = store.edit((db) => {
      const made = addJob(db, { generations: 2 });
      db.sql('UPDATE generations SET keyword = ? WHERE generation = 1').run(JSON.stringify(keyword));
      setPrompt(db, made, 1, 'a finished prompt');
      return made;
    });
    const [first, generation] = store.read((db) => listGenerations(db, id));
    assert.equal(first?.prompt, null);
    assert.equal(JSON.stringify(generation?.keyword), JSON.stringify(keyword));
    assert.equal(generation?.prompt, 'a finished prompt');
  });

  it('B6: rows that have an approved image from the same template are known as done', async () => {
    const store = await open();
    const id = store.edit((db) => {
      const made = addJob(db);
      addImage(db, made, { generation: 0 });
      addImage(db, made, { generation: 1, status: 'qcFailed' });
      return made;
    });
    const keys = [0, 1, 2].map((generation) => `${id} ${generation}`);
    assert.deepEqual([...store.read((db) => doneRowKeys(db, keys))], [keys[0]]);
  });

  it('F5: a slot that ended without an image is listed with its reason until it is made again', async () => {
    const store = await open();
    const [one, two] = store.edit((db) => [
      addJob(db, { label: 'one' }),
      addJob(db, { label: 'two', rerun: true }),
    ]);
    const failure = {
      stage: 'generate',
      code: 'content.refused',
      reason: 'The provider refused this prompt.',
    } as const;
    store.edit((db) => {
      for (const generation of [2, 0, 1]) failSlot(db, { jobId: one, generation, variation: 1 }, failure, 50);
      failSlot(db, { jobId: two, generation: 1, variation: 0 }, failure, 60);
    });
    const places: [string, number][] = [];
    let after: string | null = null;
    do {
      const page: ReturnType<typeof listFailedSlots> = store.read((db) =>
        listFailedSlots(db, {}, after === null ? { limit: 2 } : { limit: 2, after }),
      );
      places.push(...page.items.map((slot): [string, number] => [slot.jobLabel, slot.generation]));
      after = page.next;
    } while (after !== null);
    assert.deepEqual(places, [
      [`two (Rerun ${two.slice(-6)})`, 1],
      ['one', 0],
      ['one', 1],
      ['one', 2],
    ]);
    assert.equal(
      store.read((db) => countFailedSlots(db, { jobId: one })),
      3,
    );
    store.edit((db) => reopenSlot(db, { jobId: one, generation: 0, variation: 1 }));
    const rest = store.read((db) => listFailedSlots(db, { jobId: one }, { limit: 5 }));
    assert.deepEqual(
      rest.items.map(({ generation, failure: why, keywordRow }) => [generation, why.code, keywordRow]),
      [
        [1, 'content.refused', 1],
        [2, 'content.refused', 2],
      ],
    );
    store.edit((db) => addImage(db, one, { generation: 0, variation: 1 }));
    assert.equal(
      store.read((db) => listSlots(db, one)).find((slot) => slot.generation === 0 && slot.variation === 1)
        ?.state,
      'received',
    );
  });

  it('P14: an image keeps what each step says, and its counters change in the same transaction', async () => {
    const store = await open();
    const { job, id } = store.edit((db) => {
      const made = addJob(db);
      return {
        job: made,
        id: addImage(db, made, {
          status: 'pending',
          nextStage: 'download',
          sourceUrl: 'https://x/y.png',
          providerImageId: 'p1',
        }),
      };
    });
    assert.throws(() =>
      store.edit((db) => {
        updateImage(db, id, { width: 64 }, 5);
        countJob(db, job, { generated: 1 });
        throw new Error('power');
      }),
    );
    assert.equal(store.read((db) => getImage(db, id)).width, null);
    assert.equal(store.read((db) => getJob(db, job, 0)).generated, 0);
    store.edit((db) => {
      updateImage(
        db,
        id,
        {
          sourceUrl: null,
          nextStage: 'qualityCheck',
          width: 64,
          height: 32,
          bytes: 9,
          originalPath: 'pictures/generated/a.png',
          timings: { download: 12 },
          cutoutPath: 'c.png',
        },
        5,
      );
      updateImage(
        db,
        id,
        {
          qcPassed: false,
          qcReason: 'Blurred',
          status: 'qcFailed',
          nextStage: null,
          failure: { stage: 'qualityCheck', code: 'x', reason: 'r' },
        },
        6,
      );
      updateImage(db, id, { failure: null }, 7);
    });
    const image = store.read((db) => getPipelineImage(db, id));
    assert.deepEqual(
      [
        image.width,
        image.height,
        image.bytes,
        image.originalPath,
        image.timings,
        image.sourceUrl,
        image.providerImageId,
        image.qcPassed,
        image.qcReason,
        image.status,
        image.nextStage,
        image.failure,
        image.cutoutPath,
      ],
      [
        64,
        32,
        9,
        'pictures/generated/a.png',
        { download: 12 },
        null,
        'p1',
        false,
        'Blurred',
        'qcFailed',
        null,
        null,
        'c.png',
      ],
    );
  });

  it('J3, F3: unfinished images of a job go on; those of a retry return to what they were when it is cancelled', async () => {
    const store = await open();
    const { job, images } = store.edit((db) => {
      const made = addJob(db);
      const ids = (['pending', 'processing', 'approved', 'qcFailed', 'failed'] as const).map((status) =>
        addImage(db, made, { status }),
      );
      markRetryPending(db, ids.slice(3), 2);
      updateImage(db, ids[4] ?? '', { status: 'processing' }, 3);
      return { job: made, images: ids };
    });
    const status = (index: number): string => store.read((db) => getImage(db, images[index] ?? '')).status;
    assert.deepEqual(
      store.read((db) => unfinishedImages(db, job)).map(({ id }) => id),
      images.slice(0, 2),
    );
    assert.deepEqual(store.edit((db) => resetProcessing(db, 4)).sort(), [images[1], images[4]].sort());
    assert.deepEqual([1, 3, 4].map(status), ['pending', 'retryPending', 'retryPending']);
    store.edit((db) => cancelRetryPending(db, images, 5));
    assert.deepEqual([0, 2, 3, 4].map(status), ['pending', 'approved', 'qcFailed', 'failed']);
    assert.equal(store.read((db) => getPipelineImage(db, images[4] ?? '')).statusBefore, null);
  });
});

const runIdOf = (letter: string): string => `00000000-0000-4000-8000-00000000000${letter}`;

describe('logs and the queue', () => {
  const { open } = workspaces();

  it('D4: logs are kept per job; Standard shows plain sentences, Debug all in their order', async () => {
    const store = await open();
    const [job, other] = store.edit((db) => [addJob(db), addJob(db)]);
    const row = (message: string, debug = false, jobId = job) => ({
      jobId,
      imageId: null,
      at: 1,
      level: 'info' as const,
      debug,
      message,
    });
    const kept = store.edit((db) =>
      insertLogs(db, [row('a'), row('b', true), row('x', false, other), row('c')]),
    );
    assert.equal(kept.length, 4);
    const texts = (options: { debug: boolean; afterSeq?: number; limit: number }): string[] =>
      store.read((db) => listLogs(db, job.slice(-6), options)).map(({ message }) => message);
    assert.deepEqual(texts({ debug: false, limit: 9 }), ['a', 'c']);
    assert.deepEqual(texts({ debug: true, limit: 2 }), ['a', 'b']);
    assert.deepEqual(texts({ debug: true, afterSeq: kept[0]?.seq ?? 0, limit: 9 }), ['b', 'c']);
    assert.equal(store.read((db) => listLogs(db, other, { debug: false, limit: 9 }))[0]?.jobId, other);
  });

  it('D4: at most 200 technical rows are kept for an image; plain sentences always are', async () => {
    const store = await open();
    const job = store.edit((db) => addJob(db));
    const rows = (count: number, debug: boolean) =>
      Array.from({ length: count }, (_, n) => ({
        jobId: job,
        imageId: 'image',
        at: n,
        level: 'warn' as const,
        debug,
        message: `${n}`,
      }));
    const kept = store.edit((db) => [
      insertLogs(db, rows(150, true)),
      insertLogs(db, rows(150, true)),
      insertLogs(db, rows(300, false)),
    ]);
    assert.deepEqual(
      kept.map((part) => part.length),
      [150, debugRowsPerImage - 150, 300],
    );
    assert.equal(store.read((db) => debugLogSize(db)).rows, 200);
    assert.equal(
      store.edit((db) => removeDebugLogs(db, 150)),
      150,
    );
    assert.equal(
      store.edit((db) => removeDebugLogs(db, 150)),
      50,
    );
    assert.equal(store.read((db) => listLogs(db, job, { debug: true, limit: 999 })).length, 300);
  });

  it('M4: runs wait in order, are held and let go, and can be taken away', async () => {
    const store = await open();
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'].map(runIdOf);
    const [a = '', b = '', c = '', d = '', e = '', gone = ''] = ids;
    const jobOf = (id: string): string => id.replace('-4000-', '-4001-');
    const add = (id: string, status: 'waiting' | 'running' = 'waiting'): void =>
      store.edit((db) =>
        insertRun(db, {
          id,
          kind: 'job',
          status,
          jobId: jobOf(id),
          title: id,
          request: { seed: 1 },
          total: 4,
          createdAt: 1,
        }),
      );
    add(a, 'running');
    for (const id of [b, c, d]) add(id);
    assert.equal(store.read((db) => runningRun(db))?.id, a);
    assert.deepEqual(
      store.read((db) => waitingRuns(db)).map(({ id }) => id),
      [b, c, d],
    );
    assert.equal(
      store.edit((db) => holdQueue(db)),
      3,
    );
    add(e);
    assert.deepEqual(
      store.read((db) => waitingRuns(db)).map(({ id, status }) => `${id} ${status}`),
      [`${b} held`, `${c} held`, `${d} held`, `${e} waiting`],
    );
    store.edit((db) => {
      holdRuns(db, [a, e]);
      releaseRuns(db, [a, b, c, d, gone]);
    });
    assert.deepEqual(
      [a, b, c, d, e].map((id) => store.read((db) => getRun(db, id)).status),
      ['running', 'waiting', 'waiting', 'waiting', 'held'],
      'what runs is neither held nor let go',
    );
    assert.equal(store.read((db) => nextWaitingRun(db))?.id, b);
    store.edit((db) => releaseRuns(db, [e]));
    assert.deepEqual(
      store.edit((db) => cancelRuns(db, [a, b, gone], 5)),
      [b],
    );
    assert.deepEqual(
      store.read((db) => waitingRuns(db)).map(({ id, status }) => `${id} ${status}`),
      [`${c} waiting`, `${d} waiting`, `${e} waiting`],
    );
    assert.equal(
      store.read((db) => countUnfinishedRuns(db)),
      4,
    );
    assert.equal(store.read((db) => unfinishedRunOf(db, jobOf(c)))?.id, c);
    assert.equal(
      store.read((db) => unfinishedRunOf(db, jobOf(b))),
      null,
    );
    assert.deepEqual(
      store.read((db) => runRequest(db, c)),
      { seed: 1 },
    );
  });

  it('J1, J2: a stop is asked for by any process and read by the owner; force is not taken back', async () => {
    const store = await open();
    const a = runIdOf('a');
    store.edit((db) =>
      insertRun(db, {
        id: a,
        kind: 'job',
        status: 'waiting',
        jobId: null,
        title: a,
        request: {},
        createdAt: 1,
      }),
    );
    assert.equal(
      store.edit((db) => requestStop(db, a, 'stop')),
      false,
    );
    store.edit((db) => setRunStatus(db, a, 'running'));
    assert.equal(
      store.read((db) => stopRequested(db, a)),
      null,
    );
    assert.equal(
      store.edit((db) => requestStop(db, a, 'force')),
      true,
    );
    store.edit((db) => requestStop(db, a, 'stop'));
    assert.equal(
      store.read((db) => stopRequested(db, a)),
      'force',
    );
  });

  it('F3: a retry remembers which images it has still to do, without those that were deleted', async () => {
    const store = await open();
    const images = store.edit((db) => {
      const job = addJob(db);
      return [0, 1, 2].map(() => addImage(db, job, { status: 'failed' }));
    });
    store.edit((db) =>
      insertRun(db, {
        id: 'r',
        kind: 'retry',
        status: 'running',
        jobId: null,
        title: 'Retry of 3 images',
        request: {},
        imageIds: images,
        createdAt: 1,
      }),
    );
    store.edit((db) => countRun(db, 'r', { done: 1 }, images[0]));
    store.edit((db) => {
      db.sql('DELETE FROM images WHERE id = ?').run(images[1]);
      countRun(db, 'r', { failed: 1 });
    });
    assert.deepEqual(
      store.read((db) => imagesToDo(db, 'r')),
      [images[2]],
    );
    const run = store.read((db) => getRun(db, 'r'));
    assert.deepEqual([run.total, run.done, run.failed], [3, 1, 1]);
    store.edit((db) => endRun(db, 'r', 'done', 4, null));
    assert.equal(store.read((db) => getRun(db, 'r')).status, 'done');
    assert.throws(
      () => store.read((db) => getRun(db, 'none')),
      (error) => isFactoryError(error, 'notFound'),
    );
  });
});
