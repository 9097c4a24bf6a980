import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../src/engine/model/logger.ts';
import { watchChanges } from '../../../src/engine/store/changes.ts';
import type { Changes } from '../../../src/engine/store/changes.ts';

describe('notices between processes', () => {
  let root: string;
  const open: Changes[] = [];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'factory-changes-'));
    mkdirSync(join(root, '.gen-image-factory'));
  });
  afterEach(() => {
    for (const changes of open.splice(0)) changes.close();
    rmSync(root, { recursive: true, force: true });
  });
  const member = (id: string, onForeignChange: (by: 'run' | 'edit') => void, writes = true): Changes => {
    const changes = watchChanges({ root, id, writes, onForeignChange, logger: silentLogger });
    open.push(changes);
    return changes;
  };

  it('J5: tells the other window of a change, and never the one that made it', async () => {
    let own = 0;
    const a = member('a', () => (own += 1));
    const told = new Promise<void>((resolve) => member('b', () => resolve()));
    a.touch('edit', 'soon');
    await told;
    assert.equal(own, 0);
  });

  it('loses no change when both write at the same time', async () => {
    let toA = (): void => undefined;
    let toB = (): void => undefined;
    const heardA = new Promise<void>((resolve) => (toA = resolve));
    const heardB = new Promise<void>((resolve) => (toB = resolve));
    const a = member('a', () => toA());
    const b = member('b', () => toB());
    a.touch('edit', 'soon');
    b.touch('edit', 'soon');
    await Promise.all([heardA, heardB]);
  });

  it('tells the last of many changes, and that of a window that closes', () => {
    let heard = 0;
    const a = member('a', () => undefined);
    const b = member('b', () => (heard += 1));
    a.touch('edit', 'soon');
    b.check();
    assert.equal(heard, 1);
    a.touch('edit', 'soon');
    a.touch('edit', 'soon');
    b.check();
    assert.equal(heard, 1, 'within 100 ms of the last mark nothing is written');
    a.close();
    b.check();
    assert.equal(heard, 2);
  });

  it('tells work of a run from everything else, which is never taken for work', () => {
    const heard: string[] = [];
    const b = member('b', (by) => heard.push(by));
    for (const writes of [['edit'], ['run', 'run'], ['run', 'edit', 'run'], ['run']] as const) {
      const a = member('a', () => undefined);
      // Its own first mark, so that what follows waits for its end.
      a.touch('run', 'atOnce');
      b.check();
      heard.length = 0;
      for (const by of writes) a.touch(by, 'soon');
      a.close();
      b.check();
      assert.deepEqual(heard, [writes.some((by) => by === 'edit') ? 'edit' : 'run']);
    }
  });

  it('W3: a window that only reads writes no mark', () => {
    let heard = 0;
    const a = member('a', () => (heard += 1));
    const reader = member('reader', () => undefined, false);
    reader.touch('edit', 'soon');
    a.check();
    assert.equal(heard, 0);
  });
});
