import assert from 'node:assert/strict';
import { noticeBatch } from '../../../src/extension/panels/noticeBatch.ts';
import type { ImageTile } from '../../../src/webviews/protocol.ts';

const tile = (id: string, title = ''): ImageTile => ({ id, title }) as ImageTile;

describe('A batch of notices', () => {
  it('says each image once, with its latest state, the newest change last', () => {
    const batch = noticeBatch();
    batch.add({ topic: 'images', body: [tile('a', 'old'), tile('b')] });
    batch.add({ topic: 'images', body: [tile('a', 'new')] });
    assert.deepEqual(batch.take(), [{ topic: 'images', body: [tile('b'), tile('a', 'new')] }]);
    assert.deepEqual(batch.take(), []);
  });

  it('an image that was removed is not told as changed', () => {
    const batch = noticeBatch();
    batch.add({ topic: 'images', body: [tile('a')] });
    batch.add({ topic: 'removed', body: { jobIds: ['j'], imageIds: ['a'] } });
    assert.deepEqual(batch.take(), [{ topic: 'removed', body: { jobIds: ['j'], imageIds: ['a'] } }]);
  });

  it('very many changes become one "ask again"', () => {
    const batch = noticeBatch();
    for (let i = 0; i < 400; i += 1) batch.add({ topic: 'images', body: [tile(String(i))] });
    const notices = batch.take();
    assert.equal(notices[0]?.topic, 'changed');
    assert.ok(JSON.stringify(notices).length < 20_000);
  });

  it('log rows of several jobs are told together', () => {
    const batch = noticeBatch();
    for (const jobId of ['a', 'b', 'a']) batch.add({ topic: 'logs', body: { jobIds: [jobId] } });
    assert.deepEqual(batch.take(), [{ topic: 'logs', body: { jobIds: ['a', 'b'] } }]);
  });
});
