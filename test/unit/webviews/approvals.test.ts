import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { approvalWaitMs, gatherApprovals } from '../../../src/extension/actions/approvals.ts';

describe('approvals by key', () => {
  const runs: string[][] = [];
  const gone = new Set<string>();
  const approvals = gatherApprovals({
    approvable: (ids) => Promise.resolve(ids.filter((id) => !gone.has(id))),
    approve: (ids) => {
      runs.push([...ids]);
      return Promise.resolve(true);
    },
  });
  beforeEach(() => {
    runs.length = 0;
    gone.clear();
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => mock.timers.reset());

  it('F11: all that are pressed within the wait are one run, each image once', async () => {
    const first = approvals.add(['a']);
    mock.timers.tick(approvalWaitMs - 1);
    const second = approvals.add(['b', 'a']);
    mock.timers.tick(approvalWaitMs - 1);
    assert.deepEqual(runs, [], 'Nothing is made before.');
    mock.timers.tick(1);
    assert.deepEqual(await Promise.all([first, second]), [true, true]);
    assert.deepEqual(runs, [['a', 'b']]);
  });

  it('F11: Undo takes back all that wait, and what comes after is a run of its own', async () => {
    const first = approvals.add(['a']);
    approvals.undo();
    assert.equal(await first, false);
    const second = approvals.add(['b']);
    mock.timers.tick(approvalWaitMs);
    assert.equal(await second, true);
    assert.deepEqual(runs, [['b']]);
  });

  it('F11: what was deleted or approved elsewhere during the wait is left out, and the rest is made', async () => {
    const made = approvals.add(['a', 'b', 'c']);
    gone.add('b');
    mock.timers.tick(approvalWaitMs);
    assert.equal(await made, true);
    const none = approvals.add(['b']);
    mock.timers.tick(approvalWaitMs);
    assert.equal(await none, false);
    assert.deepEqual(runs, [['a', 'c']]);
  });
});
