/** What the transitions do: on a real store, with real leases, between processes that are played by two connections. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import { createLogger } from '../../../src/engine/model/logger.ts';
import { noCost } from '../../../src/engine/model/money.ts';
import { offered } from '../../../src/engine/planning/consent.ts';
import type { Consent } from '../../../src/engine/planning/consent.ts';
import { createQueue } from '../../../src/engine/queue/queue.ts';
import type { PaidRun, Queue, RunControl, RunEnd } from '../../../src/engine/queue/queueTypes.ts';
import { createEvents } from '../../../src/engine/store/events.ts';
import type { Events } from '../../../src/engine/store/events.ts';
import { getJob, startJob } from '../../../src/engine/store/jobs.ts';
import { createLease } from '../../../src/engine/store/lease.ts';
import type { Lease } from '../../../src/engine/store/lease.ts';
import { readLeaseFile } from '../../../src/engine/store/leaseFile.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import { getRun, insertRun } from '../../../src/engine/store/runs.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { yesTo } from '../../support/engine/agreeing.ts';
import { addJob, workspaces } from '../store/support.ts';

/** A consent to what costs nothing. */
const free = (): Consent => yesTo(offered({ images: 1, estimate: noCost }));
const agreedTo = (...ids: string[]): PaidRun[] => ids.map((id) => ({ id, consent: free() }));

/** A work of the test: what it was given, and how it ends. */
interface Begun {
  runId: string;
  control: RunControl;
  end: (end?: Partial<RunEnd>) => void;
  fail: (error: unknown) => void;
}

/** A process on the workspace. */
interface Member {
  store: Store;
  lease: Lease;
  queue: Queue;
  told: string[];
  said: string[];
  begun: Begun[];
}

describe('the queue of a process', () => {
  const buses: Events[] = [];
  const queues: Queue[] = [];
  let clock = 0;
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close();
    for (const bus of buses.splice(0)) bus.close();
  });
  // Its stores close after the queues.
  const { open, root } = workspaces();

  const timing = { heartbeatMs: 1000, staleMs: 6000 };
  const join = async (folder: string, graceMs = 1_000_000): Promise<Member> => {
    const [told, said, begun]: [string[], string[], Begun[]] = [[], [], []];
    const logger = createLogger(({ message }) => said.push(message));
    const events = createEvents(logger);
    buses.push(events);
    const store = await open({ root: folder, onEvents: (emitted) => events.emit(emitted) });
    const id = randomUUID();
    const lease = createLease({
      rows: leaseRows(store),
      root: folder,
      id,
      machine: null,
      timing,
      now: () => clock,
      logger,
    });
    const queue = createQueue({
      root: folder,
      id,
      machine: null,
      store,
      onEvent: (listener) => events.on(listener),
      lease,
      execute: (run, control) =>
        new Promise((resolve, reject) => {
          begun.push({
            runId: run.id,
            control,
            end: (end = {}) => resolve({ status: 'done', error: null, holdsQueue: false, ...end }),
            fail: reject,
          });
        }),
      logger,
      now: () => 0,
      graceMs,
    });
    queues.push(queue);
    events.on((event) => told.push(lineOf(event, queue)));
    return { store, lease, queue, told, said, begun };
  };
  const enqueue = ({ store }: Member, job: { id?: string } = {}): string => {
    const id = randomUUID();
    store.edit((db) =>
      insertRun(db, {
        id,
        kind: 'resume',
        status: 'waiting',
        jobId: job.id ?? null,
        title: 'run',
        request: {},
        createdAt: 0,
      }),
    );
    return id;
  };
  const statusOf = ({ store }: Member, id: string): string => store.read((db) => getRun(db, id)).status;
  const begunBy = ({ begun }: Member, at = 0): Begun => {
    const work = begun[at];
    assert.ok(work, 'a work has begun');
    return work;
  };
  /** As a watcher sees an owner whose heart stands still. */
  const outlive = ({ lease }: Member): void => {
    for (let looks = 0; looks <= timing.staleMs / timing.heartbeatMs; looks += 1) {
      lease.look();
      clock += timing.heartbeatMs;
    }
  };

  it('idle, owning, idle: a run is claimed, worked on and ended; its listeners see whose it is', async () => {
    const one = await join(root());
    const id = enqueue(one);
    one.queue.queued(agreedTo(id));
    assert.equal(one.queue.own()?.id, id);
    assert.equal(one.lease.look(), 'own');
    assert.equal(readLeaseFile(one.store.root)?.unfinished, 1);
    const ended = one.queue.ended(id);
    begunBy(one).end();
    assert.equal((await ended).status, 'done');
    assert.deepEqual(one.told, ['run running, own', 'queue 0, own', 'run done, not own']);
    assert.equal(one.queue.own(), null);
    assert.equal(one.lease.look(), 'free');
    assert.equal(readLeaseFile(one.store.root), null);
  });

  it('owning: a second run waits until the first has ended', async () => {
    const one = await join(root());
    const [first, second] = [enqueue(one), enqueue(one)];
    one.queue.queued(agreedTo(first, second));
    assert.deepEqual([statusOf(one, first), statusOf(one, second)], ['running', 'waiting']);
    one.queue.startNext();
    assert.equal(one.begun.length, 1);
    const ended = one.queue.ended(first);
    begunBy(one).end();
    await ended;
    assert.deepEqual([statusOf(one, second), one.begun.length], ['running', 2]);
    begunBy(one, 1).end();
  });

  it('taken, released: a lease for a run that came to nothing is free again', async () => {
    const one = await join(root());
    assert.notEqual(one.queue.take(), null);
    assert.equal(one.queue.take(), null, 'it is had once');
    assert.equal(one.queue.own(), null);
    one.queue.release();
    assert.equal(one.lease.look(), 'free');
    one.queue.release();
  });

  it('fails loudly where a run would begin that was not claimed, or be claimed without the lease', async () => {
    const one = await join(root());
    const run = one.store.read((db) => getRun(db, enqueue(one)));
    assert.throws(() => one.queue.claim(run, free()), /does not claim while it is idle/);
    assert.throws(() => one.queue.begin(), /does not begin while it is idle/);
    one.queue.take();
    assert.throws(() => one.queue.begin(), /does not begin while it is owning \(taken\)/);
    one.queue.release();
  });

  it('M4: grace: the run of another process is left to it, then held, and blocks no longer', async () => {
    const folder = root();
    const two = await join(folder, 20);
    const one = await join(folder);
    const foreign = enqueue(one);
    two.queue.startNext();
    assert.deepEqual([statusOf(two, foreign), two.begun.length], ['waiting', 0]);
    const own = enqueue(two);
    two.queue.queued(agreedTo(own));
    const held = await two.queue.ended(foreign);
    assert.equal(held.status, 'held');
    assert.equal(statusOf(two, own), 'running', 'what waited behind it begins');
    begunBy(two).end();
  });

  it('grace: a start takes the lease at once, and what another queued waits on', async () => {
    const folder = root();
    const two = await join(folder, 20);
    const one = await join(folder);
    const foreign = enqueue(one);
    two.queue.startNext();
    assert.notEqual(two.queue.take(), null);
    // Timers of one length end in the order in which they began.
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(statusOf(two, foreign), 'waiting');
    two.queue.release();
  });

  it('closing while owning: the work is told to stop, its end is stored, what waits here is held', async () => {
    const one = await join(root());
    const [first, second] = [enqueue(one), enqueue(one)];
    one.queue.queued(agreedTo(first, second));
    const { control, end } = begunBy(one);
    const before = one.told.length;
    const closed = one.queue.close();
    assert.deepEqual(
      [control.stop, control.force, control.closing].map(({ aborted }) => aborted),
      [true, true, true],
    );
    end({ status: 'held', holdsQueue: true });
    await closed;
    assert.deepEqual([statusOf(one, first), statusOf(one, second)], ['held', 'held']);
    assert.equal(one.lease.look(), 'free');
    assert.equal(one.told.length, before, 'a process that closes tells nothing');
    one.queue.queued(agreedTo(first));
    assert.deepEqual([one.queue.take(), one.begun.length], [null, 1], 'nothing starts any more');
  });

  it('closing while owning: a work that does not end is given up after a bound; its late end harms nothing', async function () {
    this.timeout(10_000);
    const one = await join(root());
    const id = enqueue(one);
    one.queue.queued(agreedTo(id));
    const waiting = one.queue.ended(id);
    await one.queue.close();
    assert.equal(one.lease.look(), 'free');
    assert.equal((await waiting).status, 'running', 'who comes next finds it without an owner');
    begunBy(one).end();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(statusOf(one, id), 'running');
    assert.equal(one.lease.look(), 'free');
  });

  it('closing while a start has claimed its run: nothing begins', async () => {
    const one = await join(root());
    const id = enqueue(one);
    one.queue.take();
    one.queue.claim(
      one.store.read((db) => getRun(db, id)),
      free(),
    );
    await one.queue.close();
    assert.throws(
      () => one.queue.begin(),
      (error) => isFactoryError(error, 'cancelled'),
    );
    one.queue.release();
    assert.equal(one.lease.look(), 'free');
  });

  it('J5: takeover: who lost the lease stores no end, says no fault of it, and the next owner has the rows', async () => {
    const folder = root();
    const one = await join(folder);
    const job = one.store.edit((db) => addJob(db));
    const id = enqueue(one, { id: job });
    one.queue.queued(agreedTo(id));
    await one.store.write(begunBy(one).control.lease, (db) => startJob(db, job, 0));
    const two = await join(folder);
    two.queue.reclaim();
    assert.equal(statusOf(two, id), 'running', 'an owner that may live is left alone');
    outlive(two);
    two.queue.reclaim();
    assert.equal(statusOf(two, id), 'held');
    assert.equal(two.store.read((db) => getJob(db, job, 0)).status, 'interrupted');
    assert.equal(two.lease.look(), 'free', 'it was taken to mark what lay there');
    const ended = one.queue.ended(id);
    begunBy(one).end();
    assert.equal((await ended).error?.code, 'lease.lost');
    assert.equal(statusOf(two, id), 'held');
    assert.deepEqual([one.queue.own(), one.said], [null, []]);
    const next = enqueue(one);
    one.queue.queued(agreedTo(next));
    assert.equal(one.queue.own()?.id, next, 'it can work again');
    begunBy(one, 1).end();
  });

  it('P13: work that throws ends its run as failed, with the reason', async () => {
    const one = await join(root());
    const id = enqueue(one);
    one.queue.queued(agreedTo(id));
    const ended = one.queue.ended(id);
    begunBy(one).fail(new Error('a fault of ours'));
    const run = await ended;
    assert.deepEqual([run.status, run.error?.code], ['failed', 'unexpected']);
    assert.equal(one.lease.look(), 'free');
  });

  it('J1: a stop that any process asks for reaches the work', async () => {
    const folder = root();
    const one = await join(folder);
    const two = await join(folder);
    one.queue.queued(agreedTo(enqueue(one)));
    const { control, end } = begunBy(one);
    two.queue.stop('stop');
    one.queue.lookAround();
    assert.deepEqual([control.stop.aborted, control.force.aborted], [true, false]);
    one.queue.stop('force');
    assert.equal(control.force.aborted, true);
    end({ status: 'cancelled' });
  });
});

function lineOf(event: FactoryEvent, queue: Queue): string {
  const whose = queue.own() === null ? 'not own' : 'own';
  if (event.kind === 'run') return `run ${event.run.status}, ${whose}`;
  return event.kind === 'queue' ? `queue ${event.waiting.length}, ${whose}` : event.kind;
}
