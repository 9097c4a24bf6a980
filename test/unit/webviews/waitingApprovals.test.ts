import assert from 'node:assert/strict';
import { connectToHost } from '../../../src/webviews/client.ts';
import { WaitingApprovals } from '../../../src/webviews/failed/waitingApprovals.ts';

describe('approvals that wait, as the review shows them', () => {
  it('F11: an image that is pressed while earlier ones are being made still waits when those are made', async () => {
    let toView: (message: unknown) => void = () => undefined;
    const host = connectToHost({
      post: () => undefined,
      listen: (listener) => (toView = listener),
      getState: () => null,
      setState: () => undefined,
    });
    const shown: number[] = [];
    const approvals: WaitingApprovals = new WaitingApprovals(
      { requestUpdate: () => shown.push(approvals.images) },
      host,
    );
    const first = approvals.add(['a', 'b']);
    const second = approvals.add(['b', 'c']);
    toView({ kind: 'response', id: 1, ok: true, result: true });
    await first;
    assert.deepEqual(shown, [2, 3, 2]);
    toView({ kind: 'response', id: 2, ok: true, result: false });
    await second;
    assert.deepEqual(shown, [2, 3, 2, 0]);
  });
});
