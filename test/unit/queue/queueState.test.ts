/** Every transition from every state: where it leads, or that it fails. */
import assert from 'node:assert/strict';
import type { RunSummary } from '../../../src/engine/model/events.ts';
import { createQueueState } from '../../../src/engine/queue/queueState.ts';
import type { Owning, QueueState } from '../../../src/engine/queue/queueState.ts';
import type { HeldLease } from '../../../src/engine/store/lease.ts';

const lease: HeldLease = { epoch: 1, lost: new AbortController().signal, release: () => undefined };
const run: RunSummary = {
  id: 'run',
  kind: 'job',
  status: 'running',
  jobId: 'job',
  title: 'Job',
  createdAt: 0,
  total: 1,
  done: 0,
  failed: 0,
  error: null,
};

/** A state, and what it owns or owned last. */
interface Reached {
  state: QueueState;
  owning: Owning;
}

const nothing: Owning = {
  lease,
  phase: 'taken',
  run: null,
  stop: new AbortController(),
  force: new AbortController(),
};

const transitions = {
  wait: ({ state }: Reached) => state.wait(1_000_000, () => undefined),
  take: ({ state }: Reached) => state.take(lease),
  claim: ({ state }: Reached) => state.claim(run),
  begin: ({ state }: Reached) => state.begin(),
  end: ({ state, owning }: Reached) => state.end(owning),
  release: ({ state, owning }: Reached) => state.release(owning),
  close: ({ state }: Reached) => state.close(),
};
type Transition = keyof typeof transitions;

/** The shortest way to each state, and the transitions that it has. All others must fail. */
const states: Record<string, { by: Transition[]; to: Partial<Record<Transition, string>> }> = {
  idle: { by: [], to: { wait: 'grace', take: 'owning taken', close: 'closing' } },
  grace: { by: ['wait'], to: { take: 'owning taken', close: 'closing' } },
  'owning taken': {
    by: ['take'],
    to: { claim: 'owning claimed', release: 'idle', close: 'closing taken' },
  },
  'owning claimed': {
    by: ['take', 'claim'],
    to: { begin: 'owning working', release: 'idle', close: 'closing claimed' },
  },
  'owning working': {
    by: ['take', 'claim', 'begin'],
    to: { end: 'owning ending', close: 'closing working' },
  },
  'owning ending': {
    by: ['take', 'claim', 'begin', 'end'],
    to: { release: 'idle', close: 'closing ending' },
  },
  closing: { by: ['close'], to: { end: 'closing', release: 'closing' } },
  'closing taken': {
    by: ['take', 'close'],
    to: { claim: 'closing claimed', release: 'closing' },
  },
  'closing claimed': { by: ['take', 'claim', 'close'], to: { release: 'closing' } },
  'closing working': {
    by: ['take', 'claim', 'begin', 'close'],
    to: { end: 'closing ending', release: 'closing' },
  },
  'closing ending': { by: ['take', 'claim', 'begin', 'end', 'close'], to: { release: 'closing' } },
};

describe('the states of the queue', () => {
  const reached: QueueState[] = [];
  // A time of grace that is still under way would keep the process.
  afterEach(() => {
    for (const state of reached.splice(0)) if (state.name !== 'closing') state.close();
  });

  const reach = (by: readonly Transition[]): Reached => {
    const state = createQueueState();
    reached.push(state);
    const so: Reached = { state, owning: nothing };
    for (const transition of by) {
      transitions[transition](so);
      so.owning = state.owning ?? so.owning;
    }
    return so;
  };
  const nameOf = ({ state }: Reached): string =>
    state.owning === null ? state.name : `${state.name} ${state.owning.phase}`;

  for (const [name, { by, to }] of Object.entries(states)) {
    it(`${name}: ${Object.keys(to).join(', ')} and nothing else`, () => {
      assert.equal(nameOf(reach(by)), name);
      for (const transition of Object.keys(transitions) as Transition[]) {
        const so = reach(by);
        const target = to[transition];
        if (target === undefined) {
          assert.throws(() => transitions[transition](so), /The queue does not/, transition);
          assert.equal(nameOf(so), name, `${transition} has failed and changed nothing`);
        } else {
          transitions[transition](so);
          assert.equal(nameOf(so), target, transition);
        }
      }
    });
  }

  it('grace is over by its clock, or when the lease is taken', async () => {
    let over = 0;
    const { state } = reach([]);
    await new Promise<void>((resolve) => {
      state.wait(1, () => {
        over += 1;
        resolve();
      });
    });
    assert.deepEqual([state.name, over], ['idle', 1]);
    const other = reach([]);
    other.state.wait(1, () => (over += 1));
    other.state.take(lease);
    // Timers of one length end in the order in which they began.
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual([other.state.name, over], ['owning', 1]);
  });

  it('what closing gave up does nothing any more when its work ends at last', () => {
    const so = reach(['take', 'claim', 'begin', 'close']);
    assert.equal(so.state.release(so.owning), true);
    so.state.end(so.owning);
    assert.equal(so.state.release(so.owning), false);
    assert.equal(nameOf(so), 'closing');
  });
});
