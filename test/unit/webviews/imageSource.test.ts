import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import { ImageSource, imagePageSize } from '../../../src/webviews/components/imageSource.ts';
import type { ImageTile } from '../../../src/webviews/protocol.ts';
import type { Live } from './live.ts';
import { openLive } from './live.ts';

interface Watched {
  source: ImageSource;
  errors: unknown[];
  /** Resolves when the claim holds, asked after each change. */
  until: (claim: () => boolean) => Promise<void>;
}

function watch(live: Live): Watched {
  const waiting = new Set<() => void>();
  const errors: unknown[] = [];
  const source = new ImageSource(live.host, {
    onChange: () => {
      for (const ask of [...waiting]) ask();
    },
    onError: (error) => errors.push(error),
  });
  return {
    source,
    errors,
    until: (claim) =>
      new Promise((resolve) => {
        const ask = (): void => {
          if (!claim()) return;
          waiting.delete(ask);
          resolve();
        };
        waiting.add(ask);
        ask();
      }),
  };
}

function ids(source: ImageSource, first: number, end: number): (string | undefined)[] {
  return Array.from({ length: end - first }, (_, i) => source.at(first + i)?.id);
}

describe('The list behind the gallery', () => {
  let live: Live;
  let all: ImageTile[];
  beforeEach(async () => {
    live = await openLive(450);
    all = [];
    let after: string | null | undefined;
    while (after !== null) {
      const page = await live.host.request('images.page', {
        filter: {},
        sort: 'newest',
        page: { limit: 200, ...(after === undefined ? {} : { after }) },
      });
      all.push(...page.items);
      after = page.next;
    }
    assert.equal(all.length, 450);
  });
  afterEach(() => live.close());

  it('knows its length and counts, and loads only what is in sight', async () => {
    const { source, until } = watch(live);
    source.setQuery({ filter: {}, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    assert.equal(source.length, 450);
    assert.equal(source.counts?.total, 450);
    assert.deepEqual(
      ids(source, 0, imagePageSize),
      all.slice(0, imagePageSize).map(({ id }) => id),
    );
    assert.equal(source.at(imagePageSize), undefined);
    source.dispose();
  });

  it('the last image is reached by a jump to the end, without the pages between', async () => {
    const { source, until } = watch(live);
    source.setQuery({ filter: {}, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    source.ensure(430, 450);
    await until(() => source.at(449) !== undefined);
    assert.deepEqual(
      ids(source, 430, 450),
      all.slice(430).map(({ id }) => id),
    );
    assert.equal(source.at(150), undefined);
    source.dispose();
  });

  it('a bar dragged over everything asks for at most two pages at a time, and ends where it is let go', async () => {
    const { source, until } = watch(live);
    source.setQuery({ filter: {}, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    const asked = live.toHost.length;
    for (let at = 0; at <= 430; at += 10) source.ensure(at, at + 20);
    await until(() => source.at(449) !== undefined);
    const pages = live.toHost.slice(asked).filter((m) => m.kind === 'request' && m.method === 'images.page');
    assert.ok(pages.length <= 3, `${pages.length} pages`);
    source.dispose();
  });

  it('a range over pages that were never in sight has every id, in order', async () => {
    const { source, until } = watch(live);
    source.setQuery({ filter: {}, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    assert.deepEqual(
      await source.idsBetween(320, 90),
      all.slice(90, 321).map(({ id }) => id),
    );
    source.dispose();
  });

  it('each position has a key of its own: its image, else the position', async () => {
    const { source, until } = watch(live);
    source.setQuery({ filter: {}, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    assert.deepEqual(source.keys(98, 102), [all[98]?.id, all[99]?.id, 100, 101]);
    source.dispose();
  });

  it('G1: a new filter starts anew, and counts leave its status out', async () => {
    const { source, until } = watch(live);
    source.setQuery({ filter: { statuses: ['qcFailed'] }, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    assert.equal(source.counts?.total, 450);
    assert.equal(source.length, source.counts.byStatus.qcFailed);
    assert.equal(source.at(0)?.status, 'qcFailed');
    source.dispose();
  });

  it('deleted images leave no gap, and the rest stays in order', async () => {
    const { source, until } = watch(live);
    source.setQuery({ filter: {}, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    const gone = [all[3]?.id ?? '', all[7]?.id ?? ''];
    await live.host.request('images.delete', { imageIds: gone });
    await until(() => source.length === 448 && source.at(97) !== undefined);
    const rest = all.filter(({ id }) => !gone.includes(id)).map(({ id }) => id);
    assert.deepEqual(ids(source, 0, 98), rest.slice(0, 98));
    source.dispose();
  });

  it('while it is held, new images wait above and nothing moves; let go, they are there', async () => {
    const { source, until, errors } = watch(live);
    source.setQuery({ filter: { statuses: ['approved'] }, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    const before = ids(source, 0, imagePageSize);
    const length = source.length;
    source.hold(true);
    writeFileSync(join(live.root, 'keywords.txt'), 'red fox\nblue whale\ngreen tree frog\n');
    const settings = {
      ...defaultSettings(),
      'provider.image': 'sample',
      'provider.text': 'sample',
      'files.keywordsFile': 'keywords.txt',
      'generation.count': 3,
    } as const;
    await live.factory.start({ settings });
    await until(() => source.fresh === 3);
    assert.deepEqual(ids(source, 0, imagePageSize), before);
    // A page that was not loaded yet still joins without a gap or a double.
    source.ensure(imagePageSize, imagePageSize * 2);
    await until(() => source.at(imagePageSize * 2 - 1) !== undefined);
    assert.equal(new Set(ids(source, 0, imagePageSize * 2)).size, imagePageSize * 2);
    assert.equal(source.length, length);
    // What Select All takes, and so what it says.
    const taken = await live.host.request('images.ids', { filter: source.query.filter });
    assert.equal(source.total, taken.length);
    source.hold(false);
    source.ensure(0, imagePageSize);
    await until(() => source.fresh === 0 && source.length === length + 3 && source.at(3)?.id === before[0]);
    assert.deepEqual(errors, []);
    source.dispose();
  });

  it('who takes hold while newer images are on their way keeps what is shown; they wait above', async () => {
    const { source, until, errors } = watch(live);
    source.setQuery({ filter: { statuses: ['approved'] }, sort: 'newest' });
    await until(() => source.loaded && source.counts !== null);
    const before = ids(source, 0, imagePageSize);
    const { length } = source;
    writeFileSync(join(live.root, 'keywords.txt'), 'red fox\nblue whale\n');
    const settings = {
      ...defaultSettings(),
      'provider.image': 'sample',
      'provider.text': 'sample',
      'files.keywordsFile': 'keywords.txt',
      'generation.count': 2,
    } as const;
    await live.factory.start({ settings });
    await until(() => {
      // Its first page is asked for in the same turn.
      if (source.length > length) source.hold(true);
      return source.fresh > 0;
    });
    assert.deepEqual(ids(source, 0, imagePageSize), before);
    await until(() => source.fresh === 2);
    assert.deepEqual(ids(source, 0, imagePageSize), before);
    assert.equal(source.length, length);
    assert.deepEqual(errors, []);
    source.dispose();
  });

  it('an error of the store is told once, not asked for ever', async () => {
    const { source, errors, until } = watch(live);
    await live.factory.close();
    const asked = live.toHost.length;
    source.setQuery({ filter: {}, sort: 'newest' });
    await until(() => source.failed && errors.length >= 2);
    source.ensure(0, 50);
    source.ensure(0, 60);
    const pages = live.toHost.slice(asked).filter((m) => m.kind === 'request' && m.method === 'images.page');
    assert.equal(pages.length, 1);
    source.dispose();
  });
});
