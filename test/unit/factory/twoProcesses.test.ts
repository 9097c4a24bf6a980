import assert from 'node:assert/strict';
import { readLeaseFile } from '../../../src/engine/factory.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { spawnFakeProviders } from '../../support/providers/standalone.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { startOther } from './otherProcess.ts';
import type { Other } from './otherProcess.ts';
import { eventOf, first, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

// Longer than a machine under load lets a living process stand still.
const timing = { heartbeatMs: 50, staleMs: 3000 };

describe('two processes on one workspace', () => {
  let workspace: Workspace;
  let fake: FakeProviders;
  let others: Other[];
  beforeEach(async () => {
    workspace = makeWorkspace();
    fake = await spawnFakeProviders();
    others = [];
  });
  afterEach(async () => {
    for (const other of others) await other.kill();
    await workspace.dispose();
    await fake.close();
  });

  const here = (): Promise<Agreeing> =>
    workspace.open({
      endpoints: fake.endpoints,
      keys: (provider) => Promise.resolve(fake.keys[provider]),
    });
  const there = async (): Promise<Other> => {
    const other = await startOther({
      root: workspace.root,
      endpoints: fake.endpoints,
      keys: fake.keys,
      leaseTiming: timing,
    });
    others.push(other);
    return other;
  };
  const settings = sampleSettings({
    'job.label': 'theirs',
    'provider.image': 'runware',
    'runware.dimensions': '256x256',
    'generation.count': 4,
    'generation.parallel': 1,
  });

  it('J5, D3: the second window sees the first’s job live and cannot start another', async () => {
    await fake.change({ latency: { image: 150 } });
    const factory = await here();
    const other = await there();
    const seen = eventOf(factory, 'progress', (event) => event.progress.generated > 0);
    const completed = eventOf(factory, 'job', (event) => event.job.status === 'completed');
    const job = await other.start(settings);
    const { progress } = await seen;
    assert.equal(progress.jobId, job.id);
    assert.equal(factory.activeRun()?.jobId, job.id);
    assert.equal(factory.ownsActiveRun(), false);
    assert.equal(factory.progress()?.jobId, job.id);
    await assert.rejects(
      factory.start({ settings: sampleSettings() }),
      (error: unknown) => isFactoryError(error, 'busy') && error.message.includes('"theirs"'),
    );
    assert.equal((await completed).job.approved, 4);
    assert.equal(factory.activeRun(), null);
    await other.close();
  });

  it('J5: a rerun waits for the other window’s job and then works here', async () => {
    const factory = await here();
    const own = await factory.start({ settings: sampleSettings({ 'generation.count': 1 }) });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    await fake.change({ latency: { image: 100 } });
    const other = await there();
    const theirs = await other.start(settings);
    const rerun = first(await factory.rerun([own.id]));
    assert.equal(rerun.status, 'waiting');
    assert.equal((await factory.runEnded(rerun.id)).status, 'done');
    assert.equal(factory.job(theirs.id).status, 'completed');
    await other.close();
  });

  it('J1: a job is stopped from another window', async () => {
    await fake.change({ latency: { image: 150 } });
    const factory = await here();
    const other = await there();
    const job = await other.start({ ...settings, 'generation.count': 2500 });
    await fake.waitForCalls('image', 1);
    const stopped = eventOf(factory, 'job', (event) => event.job.status === 'stopped');
    await factory.stop();
    assert.equal(factory.job(job.id).stopping, true);
    await stopped;
    assert.ok(factory.job(job.id).generated >= 1);
    await other.close();
  });

  it('J2: a job is force-stopped from another window within a second', async () => {
    await fake.script({ kind: 'image', do: 'hang' });
    const factory = await here();
    const other = await there();
    await other.start(settings);
    await fake.waitForCalls('image', 1);
    const asked = performance.now();
    const stopped = eventOf(factory, 'job', (event) => event.job.status === 'stopped');
    await factory.forceStop();
    await stopped;
    assert.ok(performance.now() - asked < 1000);
    await other.close();
  });

  it('J4: when the first window dies, the second finds its job interrupted and resumes it, paying nothing twice', async () => {
    await fake.change({ latency: { image: 100 } });
    const factory = await here();
    const other = await there();
    const job = await other.start(settings);
    await fake.waitForCalls('image', 2);
    const interrupted = eventOf(factory, 'job', (event) => event.job.status === 'interrupted');
    await other.kill();
    await interrupted;
    assert.deepEqual(
      factory.findInterrupted().map(({ id }) => id),
      [job.id],
    );
    assert.equal(readLeaseFile(workspace.root)?.owner ?? null, null);
    const resumed = await factory.resume(job.id);
    assert.equal((await factory.runEnded(resumed.id)).status, 'done');
    assert.equal(factory.job(job.id).generated, 4);
    assert.equal((await factory.imageIds({ jobIds: [job.id] })).length, 4);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('J4: a process that opens after the death finds it at once', async () => {
    await fake.change({ latency: { image: 100 } });
    const other = await there();
    const job = await other.start(settings);
    await fake.waitForCalls('image', 1);
    await other.kill();
    assert.equal(readLeaseFile(workspace.root)?.unfinished, 1);
    const factory = await here();
    // Where process ids tell nothing, the heartbeat must first stand still.
    const interrupted = eventOf(factory, 'job', (event) => event.job.status === 'interrupted');
    if (factory.findInterrupted().length === 0) await interrupted;
    assert.equal(factory.job(job.id).status, 'interrupted');
    assert.equal(factory.activeRun(), null);
    const started = await factory.start({ settings: sampleSettings() });
    assert.equal(started.status, 'running');
    await factory.runEnded(factory.activeRun()?.id ?? '');
  });

  it('J5, J7: a window that slept through a takeover pays for nothing and writes nothing when it wakes', async () => {
    // It falls asleep over an answer that does not come.
    await fake.script({ kind: 'image', at: [1], do: 'hang' });
    const factory = await here();
    const other = await there();
    const job = await other.start(settings);
    await fake.waitForCalls('image', 2);
    const interrupted = eventOf(factory, 'job', (event) => event.job.status === 'interrupted');
    other.freeze();
    await interrupted;
    const resumed = await factory.resume(job.id);
    assert.equal((await factory.runEnded(resumed.id)).status, 'done');
    const rows = async (): Promise<unknown> => [
      { ...factory.job(job.id), asOf: 0 },
      await factory.images({ jobIds: [job.id] }, 'oldest', { limit: 10 }),
    ];
    const [before, calls] = [await rows(), (await fake.calls({ kind: 'image' })).length];
    other.thaw();
    await other.settled();
    await other.close();
    assert.deepEqual(await rows(), before);
    assert.equal((await fake.calls({ kind: 'image' })).length, calls);
    assert.equal((await fake.charges({ kind: 'image' })).length, 4);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('M4: what a window queued and left behind when it died is held, not lost', async () => {
    const factory = await here();
    const own = await factory.start({ settings: sampleSettings({ 'generation.count': 1 }) });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    await fake.script({ kind: 'image', do: 'hang' });
    const other = await there();
    await other.start(settings);
    await other.rerun([own.id, own.id]);
    const held = eventOf(
      factory,
      'queue',
      ({ waiting }) => waiting.length === 3 && waiting.every(({ status }) => status === 'held'),
    );
    await other.kill();
    await held;
    await factory.removeFromQueue([first(factory.queue()).id]);
    const ids = factory.queue().map(({ id }) => id);
    await factory.continueQueue();
    for (const id of ids) assert.equal((await factory.runEnded(id)).status, 'done');
  });

  it('J8: a change made in one window is told in the other', async () => {
    const factory = await here();
    const second = await here();
    const job = await factory.start({ settings: sampleSettings({ 'generation.count': 1 }) });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    while (second.job(job.id).status !== 'completed') await eventOf(second, 'changed');
    const changed = eventOf(second, 'changed');
    factory.rename(job.id, 'renamed');
    await changed;
    assert.equal(second.job(job.id).label, 'renamed');
  });

  it('J8: while the other window works, only its job is told as changed; whatever else changes is told too', async () => {
    const factory = await here();
    const old = await factory.start({ settings: sampleSettings({ 'generation.count': 1 }) });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    // Many looks long: the first ones see the start too, which is more than work.
    await fake.change({ latency: { image: 150 } });
    const other = await there();
    const second = await here();
    const working = eventOf(factory, 'changed', ({ onlyJob }) => onlyJob !== undefined);
    const over = eventOf(factory, 'job', (event) => event.job.status === 'completed');
    const job = await other.start({ ...settings, 'generation.count': 8 });
    assert.equal((await working).onlyJob, job.id);
    const more = eventOf(factory, 'changed', ({ onlyJob }) => onlyJob === undefined);
    second.rename(old.id, 'renamed');
    await more;
    assert.equal(factory.job(old.id).label, 'renamed');
    await over;
  });
});
