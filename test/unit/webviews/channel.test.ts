import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { openChannel } from '../../../src/extension/panels/channel.ts';
import { isCancelled, RequestError } from '../../../src/webviews/client.ts';
import type { ToView } from '../../../src/webviews/protocol.ts';
import type { Live } from './live.ts';
import { openLive } from './live.ts';

async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (thrown) {
    return thrown;
  }
  assert.fail('It was answered, though it should have failed.');
}

describe('Host and view talking', () => {
  let live: Live;
  before(async () => {
    live = await openLive(30);
  });
  after(() => live.close());

  it('every request gets exactly one answer, also when it fails', async () => {
    const before = live.toView.length;
    const results = await Promise.allSettled([
      live.host.request('statistics.get', {}),
      live.host.request('image.get', { imageId: 'no-such-image' }),
      live.host.request('jobs.count', { filter: {} }),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const answers = live.toView.slice(before).filter(({ kind }) => kind === 'response');
    assert.equal(answers.length, 3);
  });

  it('an error crosses with its code, its words and a remedy, without a stack', async () => {
    const error: unknown = await failure(live.host.request('image.get', { imageId: 'no-such-image' }));
    assert.ok(error instanceof RequestError);
    assert.equal(error.code, 'notFound');
    assert.ok(error.remedies.length > 0);
    assert.doesNotMatch(JSON.stringify(live.toView.at(-1)), /\.ts:\d+|node_modules/);
  });

  it('the title of an export writes its number as the views do', async () => {
    const ids = Array.from(
      { length: 1200 },
      (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    );
    const { exportId } = await live.host.request('exports.start', {
      what: { kind: 'images', images: { ids }, metadata: false },
      destinationId: null,
      onConflict: 'append',
    });
    const states = await live.host.request('exports.list', {});
    assert.equal(states.find((one) => one.exportId === exportId)?.title, 'Export of 1,200 images');
  });

  it('a forged request is refused with an answer and a line in the log', () => {
    const logged = live.logged.length;
    live.channel.receive({
      kind: 'request',
      id: 9_999,
      method: 'image.open',
      params: { path: '/etc/passwd' },
    });
    const answer = live.toView.at(-1);
    assert.ok(answer?.kind === 'response' && answer.id === 9_999 && !answer.ok);
    assert.ok(live.logged.length > logged);
    assert.deepEqual(live.desk, []);
  });

  it('a file outside the allowed folders is not opened, whatever its row says', async () => {
    const strict = await openLive(3, { refuse: true });
    try {
      const page = await strict.host.request('images.page', {
        filter: {},
        sort: 'newest',
        page: { limit: 1 },
      });
      const imageId = page.items[0]?.id ?? '';
      await assert.rejects(strict.host.request('image.open', { imageId }), { name: 'RequestError' });
      assert.deepEqual(strict.desk, []);
    } finally {
      await strict.close();
    }
  });

  it('U8: no path comes from a view: open, reveal and copy work by image id', async () => {
    const page = await live.host.request('images.page', {
      filter: { statuses: ['approved'] },
      sort: 'newest',
      page: { limit: 1 },
    });
    const imageId = page.items[0]?.id ?? '';
    await live.host.request('image.open', { imageId });
    await live.host.request('image.copyPath', { imageId });
    assert.match(live.desk.at(-2) ?? '', /^open .*picture-own/);
    assert.match(live.desk.at(-1) ?? '', /^copy .*picture-own/);
  });

  it('an aborted request rejects at once, and the host is told', async () => {
    const controller = new AbortController();
    const asked = live.host.request('images.counts', { filter: { search: 'fox' } }, controller.signal);
    controller.abort();
    const error: unknown = await failure(asked);
    assert.ok(isCancelled(error));
    assert.equal(live.toHost.at(-1)?.kind, 'cancel');
  });

  it('G4: metadata that was edited is found by search at once', async () => {
    const page = await live.host.request('images.page', { filter: {}, sort: 'newest', page: { limit: 1 } });
    const imageId = page.items[0]?.id ?? '';
    const saved = await live.host.request('image.editMetadata', {
      imageId,
      title: 'Zyx quokka',
      tags: ['wombat'],
    });
    assert.equal(saved.title, 'Zyx quokka');
    for (const search of ['quokka', 'WOMBAT']) {
      const found = await live.host.request('images.page', {
        filter: { search },
        sort: 'newest',
        page: { limit: 5 },
      });
      assert.deepEqual(
        found.items.map(({ id }) => id),
        [imageId],
      );
    }
  });
});

describe('Notices', () => {
  interface Opened {
    posted: ToView[];
    posts: EventEmitter;
    channel: ReturnType<typeof openChannel>;
  }

  function open(): Opened {
    const posted: ToView[] = [];
    const posts = new EventEmitter();
    const channel = openChannel({
      post(message) {
        posted.push(message);
        posts.emit('post');
      },
      handlers: {} as never,
      log: () => undefined,
    });
    return { posted, posts, channel };
  }

  const changed = { topic: 'changed', body: {} } as const;

  it('nothing is posted before the page says that it is ready, and none is kept for it', () => {
    const { posted, channel } = open();
    channel.notify(changed);
    channel.receive({ kind: 'request', id: 1, method: 'queue.get', params: {} });
    channel.receive({ kind: 'ready' });
    assert.deepEqual(posted, []);
    channel.dispose();
  });

  it('D3: at most ten batches in a second, the last value of each', async () => {
    const { posted, posts, channel } = open();
    channel.receive({ kind: 'ready' });
    const began = performance.now();
    let told = 0;
    const tell = (): void => {
      told += 1;
      channel.notify({
        topic: 'session',
        body: {
          folder: String(told),
          trusted: true,
          notice: null,
          foreign: false,
          language: 'en',
          debugMode: false,
        },
      });
    };
    while (posted.length < 4) {
      tell();
      await new Promise((resolve) => setImmediate(resolve));
    }
    // What comes right behind a batch waits for the next one.
    const next = once(posts, 'post');
    tell();
    await next;
    const tenths = (performance.now() - began) / 100;
    channel.dispose();
    assert.ok(
      posted.length <= tenths + 2,
      `${posted.length} batches in ${tenths.toFixed(1)} tenths of a second`,
    );
    const last = posted.at(-1);
    assert.ok(last?.kind === 'notices');
    assert.equal(last.notices.length, 1);
    assert.equal((last.notices[0]?.body as { folder: string }).folder, String(told));
  });

  it('a page that was thrown away gets nothing more; a new one starts counting anew', async () => {
    const { posted, posts, channel } = open();
    channel.receive({ kind: 'ready' });
    channel.notify(changed);
    channel.lost();
    channel.notify(changed);
    channel.receive({ kind: 'ready' });
    channel.notify(changed);
    await once(posts, 'post');
    channel.dispose();
    assert.deepEqual(posted, [{ kind: 'notices', rev: 1, notices: [changed] }]);
  });
});
