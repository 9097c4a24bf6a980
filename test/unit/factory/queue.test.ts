import assert from 'node:assert/strict';
import { readLeaseFile } from '../../../src/engine/factory.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { FactoryEvent, RunSummary } from '../../../src/engine/model/events.ts';
import type { JobStatus } from '../../../src/engine/model/status.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { eventOf, first, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

describe('the queue of a workspace', () => {
  let workspace: Workspace;
  let fake: FakeProviders;
  let factory: Agreeing;
  beforeEach(async () => {
    workspace = makeWorkspace();
    fake = await startFakeProviders();
    factory = await open();
  });
  afterEach(async () => {
    await workspace.dispose();
    await fake.close();
  });

  const open = (): Promise<Agreeing> =>
    workspace.open({
      endpoints: fake.endpoints,
      keys: (provider) => Promise.resolve(fake.keys[provider]),
    });

  /** Images of the fake service: they come when it lets them. */
  const slow = (changes: Partial<Settings> = {}): Settings =>
    sampleSettings({ 'provider.image': 'runware', 'runware.dimensions': '256x256', ...changes });
  /** A job whose image never comes, until it is force-stopped. */
  const endless = async (label = 'endless', changes: Partial<Settings> = {}): Promise<RunSummary> => {
    const before = (await fake.calls({ kind: 'image' })).length;
    await fake.script({ kind: 'image', do: 'hang', times: 1 });
    await factory.start({ settings: slow({ 'job.label': label, 'generation.count': 1, ...changes }) });
    await fake.waitForCalls('image', before + 1);
    const run = factory.activeRun();
    assert.ok(run !== null);
    return run;
  };
  const done = async (label: string): Promise<string> => {
    const job = await factory.start({
      settings: sampleSettings({ 'job.label': label, 'generation.count': 1 }),
    });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    return job.id;
  };
  const statuses = async (): Promise<[string, JobStatus][]> =>
    (await factory.jobs({}, 'oldest', { limit: 20 })).items.map(({ ownLabel, status }) => [ownLabel, status]);
  /** How many events of a kind come before other work has its turn, at most. */
  const mostInOneTurn = async (kind: FactoryEvent['kind'], work: () => Promise<unknown>): Promise<number> => {
    let [most, inThisTurn, working] = [0, 0, true];
    const off = factory.onEvent((event) => {
      if (event.kind === kind) most = Math.max(most, (inThisTurn += 1));
    });
    const turn = (): void => {
      inThisTurn = 0;
      if (working) setImmediate(turn);
    };
    setImmediate(turn);
    await work();
    working = false;
    off();
    return most;
  };
  const waiting = (): string[] => factory.queue().map(({ status }) => status);

  it('M4: five reruns work one after another, each with its own settings and snapshot', async () => {
    const ids: string[] = [];
    for (let count = 1; count <= 5; count += 1) ids.push(await done(`job ${count}`));
    ids.forEach((id, i) =>
      factory.editSettings(id, sampleSettings({ 'job.label': `job ${i + 1}`, 'generation.count': i + 1 })),
    );
    const order: string[] = [];
    factory.onEvent((event) => {
      if (event.kind === 'run' && event.run.status !== 'waiting')
        order.push(`${event.run.id} ${event.run.status}`);
    });
    const runs = await factory.rerun(ids);
    assert.deepEqual(
      runs.map(({ status }) => status),
      ['running', 'waiting', 'waiting', 'waiting', 'waiting'],
    );
    await Promise.all(runs.map(({ id }) => factory.runEnded(id)));
    const seen = order.filter((line, i) => order.indexOf(line) === i);
    assert.deepEqual(
      seen.filter((line) => !line.startsWith(`${runs[0]?.id} running`)),
      runs.flatMap(({ id }) => [`${id} running`, `${id} done`]).slice(1),
    );
    runs.forEach(({ jobId }, i) => {
      const job = factory.job(jobId ?? '');
      assert.deepEqual([job.planned, job.snapshot?.['generation.count']], [i + 1, i + 1]);
    });
  });

  it('M4: a start that fails leaves a Failed row with its reason and lets the next one start', async () => {
    const good = await done('good');
    const bad = await done('bad');
    await endless();
    factory.editSettings(bad, sampleSettings({ 'job.label': 'bad', 'files.keywordsFile': 'gone.csv' }));
    const runs = await factory.rerun([bad, good]);
    await fake.clearFaults();
    await factory.forceStop();
    await factory.runEnded(factory.activeRun()?.id ?? first(runs).id);
    await factory.continueQueue();
    const ends = await Promise.all(runs.map(({ id }) => factory.runEnded(id)));
    assert.deepEqual(
      ends.map(({ status, error }) => [status, error?.code]),
      [
        ['failed', 'input.invalid'],
        ['done', undefined],
      ],
    );
    const failed = factory.job(runs[0]?.jobId ?? '');
    assert.deepEqual(
      [failed.status, failed.startedAt, failed.error?.code],
      ['failed', null, 'input.invalid'],
    );
    assert.match(failed.error?.message ?? '', /gone\.csv does not exist/);
    assert.match(factory.logs(failed.id, { debug: false, limit: 10 })[0]?.message ?? '', /gone\.csv/);
  });

  it('M4: a stopped job holds what waits, and Continue lets it go on', async () => {
    const job = await done('next');
    const run = await endless();
    const next = first(await factory.rerun([job]));
    assert.deepEqual(waiting(), ['waiting']);
    await factory.forceStop();
    assert.equal((await factory.runEnded(run.id)).status, 'cancelled');
    assert.equal((await factory.runEnded(next.id)).status, 'held');
    await factory.continueQueue();
    assert.equal((await factory.runEnded(next.id)).status, 'done');
    assert.deepEqual(waiting(), []);
  });

  it('M4: what is held does not keep a new job from starting', async () => {
    const job = await done('first');
    const run = await endless();
    await factory.rerun([job]);
    await factory.forceStop();
    await factory.runEnded(run.id);
    await done('second');
    assert.deepEqual(waiting(), ['held']);
  });

  it('J2: Force Stop ends work in flight within a second, and the job can be resumed', async () => {
    const run = await endless();
    const asked = performance.now();
    await factory.forceStop();
    await factory.runEnded(run.id);
    assert.ok(performance.now() - asked < 1000);
    assert.deepEqual(await statuses(), [['endless', 'stopped']]);
    await fake.clearFaults();
    const resumed = await factory.resume(run.jobId ?? '');
    assert.equal(resumed.kind, 'resume');
    assert.equal((await factory.runEnded(resumed.id)).status, 'done');
    assert.deepEqual(await statuses(), [['endless', 'completed']]);
  });

  it('J1: Stop lets the call in flight finish, keeps its image and shows "Stopping..." meanwhile', async () => {
    await fake.change({ latency: { image: 300 } });
    const settings = slow({ 'generation.count': 6, 'generation.parallel': 1 });
    const job = await factory.start({ settings });
    const runId = factory.activeRun()?.id ?? '';
    await fake.waitForCalls('image', 1);
    const stopping = eventOf(factory, 'job', (event) => event.job.stopping);
    await factory.stop();
    assert.equal((await stopping).job.status, 'running');
    await factory.runEnded(runId);
    const ended = factory.job(job.id);
    assert.deepEqual([ended.status, ended.stopping, ended.generated], ['stopped', false, 1]);
    await assert.rejects(factory.stop(), (error) => isFactoryError(error, 'conflict'));
  });

  it('P13: a refused key pauses the job and holds the queue; with the right key it is resumed', async () => {
    const after = await done('after');
    await fake.script({ service: 'runware', do: 'status', status: 401, code: 'invalidApiKey' });
    await fake.change({ latency: { image: 50 } });
    const job = await factory.start({ settings: slow({ 'job.label': 'paused' }) });
    const run = factory.activeRun();
    await factory.rerun([after]);
    const end = await factory.runEnded(run?.id ?? '');
    assert.deepEqual([end.status, end.error?.code], ['failed', 'provider.auth']);
    assert.equal(factory.job(job.id).status, 'paused');
    assert.deepEqual(waiting(), ['held']);
    await fake.clearFaults();
    await factory.runEnded((await factory.resume(job.id)).id);
    assert.equal(factory.job(job.id).status, 'completed');
  });

  it('J6: resume takes settings from the snapshot, but today’s budget', async () => {
    const run = await endless('endless', { 'generation.count': 2, 'generation.parallel': 1 });
    await factory.forceStop();
    await factory.runEnded(run.id);
    factory.editSettings(
      run.jobId ?? '',
      slow({ 'job.label': 'endless', 'generation.count': 4, 'budget.maxCostPerJob': 0.000001 }),
    );
    await fake.clearFaults();
    const resumed = await factory.resume(run.jobId ?? '');
    const end = await factory.runEnded(resumed.id);
    assert.equal(end.error?.code, 'budget.exceeded');
    assert.deepEqual(
      [factory.job(run.jobId ?? '').status, factory.job(run.jobId ?? '').planned],
      ['paused', 2],
    );
  });

  it('resume is refused for a job that ended, and for one that is already in the queue', async () => {
    const ended = await done('ended');
    await assert.rejects(factory.resume(ended), (error) => isFactoryError(error, 'conflict'));
    const first = await endless('one');
    await factory.forceStop();
    await factory.runEnded(first.id);
    await endless('two');
    await factory.resume(first.jobId ?? '');
    await assert.rejects(factory.resume(first.jobId ?? ''), (error) => isFactoryError(error, 'conflict'));
    await factory.forceStop();
  });

  it('M4: a rerun that is taken from the queue leaves no row', async () => {
    const job = await done('kept');
    const run = await endless();
    const runs = await factory.rerun([job, job]);
    const removed = eventOf(factory, 'removed');
    await factory.removeFromQueue([first(runs).id]);
    assert.deepEqual((await removed).jobIds, [runs[0]?.jobId]);
    assert.equal((await factory.runEnded(first(runs).id)).status, 'cancelled');
    assert.deepEqual(
      factory.queue().map(({ id }) => id),
      [runs[1]?.id],
    );
    assert.equal(await factory.jobCount({}), 3);
    await factory.forceStop();
    await factory.runEnded(run.id);
  });

  it('M4: hundreds of reruns are queued, and taken from the queue again, in turns that let other work in between', async () => {
    const job = await done('kept');
    const run = await endless();
    const many = Array<string>(300).fill(job);
    const queueing = await mostInOneTurn('job', async () =>
      assert.equal((await factory.rerun(many)).length, 300),
    );
    assert.ok(queueing <= 100, `${queueing} jobs were queued in one turn`);
    assert.deepEqual(new Set(waiting()), new Set(['waiting']));
    const runs = factory.queue();
    assert.equal(runs.length, 300);
    const clearing = await mostInOneTurn('run', () => factory.removeFromQueue(runs.map(({ id }) => id)));
    assert.ok(clearing <= 100, `${clearing} runs were taken away in one turn`);
    assert.deepEqual(waiting(), []);
    assert.equal(await factory.jobCount({}), 2);
    await factory.forceStop();
    await factory.runEnded(run.id);
  });

  it('M4: one of the jobs is gone: none is queued', async () => {
    const job = await done('kept');
    const run = await endless();
    await assert.rejects(factory.rerun([job, 'gone']), (error) => isFactoryError(error, 'notFound'));
    assert.deepEqual(waiting(), []);
    assert.equal(await factory.jobCount({}), 2);
    await factory.forceStop();
    await factory.runEnded(run.id);
  });

  it('M4: the queue survives a restart, is held, and one Continue finishes it with nothing done twice', async () => {
    const jobs = [await done('b'), await done('c')];
    const run = await endless('a');
    await factory.rerun(jobs);
    await factory.close();
    assert.deepEqual(readLeaseFile(workspace.root), { owner: null, unfinished: 3 });
    await fake.clearFaults();

    factory = await open();
    assert.deepEqual(
      factory.findInterrupted().map(({ id }) => id),
      [run.jobId],
    );
    assert.deepEqual(waiting(), ['held', 'held', 'held']);
    assert.equal(factory.activeRun(), null);
    const ids = factory.queue().map(({ id }) => id);
    await factory.continueQueue();
    const ends = await Promise.all(ids.map((id) => factory.runEnded(id)));
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['done', 'done', 'done'],
    );
    assert.deepEqual(
      (await statuses()).map(([, status]) => status),
      Array(5).fill('completed'),
    );
    assert.equal((await factory.imageIds({})).length, 5);
    assert.deepEqual(await fake.paidTwice(), []);
    assert.equal(readLeaseFile(workspace.root), null);
  });

  it('V3: a job that was renamed while its rerun waits is called so in the queue', async () => {
    const job = await done('old');
    const run = await endless();
    const rerun = first(await factory.rerun([job]));
    factory.rename(rerun.jobId ?? '', 'fresh');
    assert.match(factory.queue()[0]?.title ?? '', /^fresh \(Rerun /);
    await factory.forceStop();
    await factory.runEnded(run.id);
  });

  it('M5: a job that waited when it was deleted waits again after Undo, held, and one Continue runs it', async () => {
    const job = await done('original');
    const run = await endless();
    const rerun = first(await factory.rerun([job]));
    const { trashId } = await factory.deleteJobs([rerun.jobId ?? '']);
    await factory.undoDelete(trashId);
    assert.equal(factory.job(rerun.jobId ?? '').status, 'queued');
    assert.deepEqual(
      factory.queue().map(({ id, status }) => [id, status]),
      [[rerun.id, 'held']],
    );
    await factory.forceStop();
    await factory.runEnded(run.id);
    await factory.continueQueue();
    assert.equal((await factory.runEnded(rerun.id)).status, 'done');
    assert.equal(factory.job(rerun.jobId ?? '').status, 'completed');
  });

  it('M5: a running job is not deleted; deleting a waiting one takes it from the queue', async () => {
    const job = await done('deleted');
    const run = await endless();
    await assert.rejects(factory.deleteJobs([run.jobId ?? '']), (error) => isFactoryError(error, 'conflict'));
    const rerun = first(await factory.rerun([job]));
    await factory.deleteJobs([rerun.jobId ?? '']);
    assert.deepEqual(waiting(), []);
    await factory.forceStop();
    await factory.runEnded(run.id);
  });
});
