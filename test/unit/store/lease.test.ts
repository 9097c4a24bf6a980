import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { silentLogger } from '../../../src/engine/model/logger.ts';
import { createLease } from '../../../src/engine/store/lease.ts';
import type { HeldLease, Lease } from '../../../src/engine/store/lease.ts';
import { openStore } from '../../../src/engine/store/database.ts';
import { leaseRows } from '../../../src/engine/store/leaseRow.ts';
import type { Store } from '../../../src/engine/store/store.ts';

const timing = { heartbeatMs: 20, staleMs: 100 };
const nothing = (): void => undefined;

describe('the lease of a workspace', () => {
  let root: string;
  let stores: Store[];
  let held: HeldLease[];
  let clock: number;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'factory-lease-'));
    stores = [];
    held = [];
    clock = 0;
  });
  afterEach(() => {
    for (const lease of held) lease.release();
    for (const store of stores) store.close();
    rmSync(root, { recursive: true, force: true });
  });

  const member = async (id: string): Promise<{ lease: Lease; store: Store }> => {
    const store = await openStore({ root });
    stores.push(store);
    const lease = createLease({
      rows: leaseRows(store),
      root,
      id,
      machine: null,
      timing,
      now: () => clock,
      logger: silentLogger,
    });
    return { lease, store };
  };
  const take = (lease: Lease, onBeat: () => void = nothing): HeldLease => {
    const got = lease.take(onBeat);
    assert.ok(got !== null, 'the lease should have been free');
    held.push(got);
    return got;
  };

  it('J5: one at a time, and the next gets a higher epoch', async () => {
    const a = await member('a');
    const b = await member('b');
    const first = take(a.lease);
    assert.equal(a.lease.look(), 'own');
    assert.equal(b.lease.look(), 'unsure');
    assert.equal(b.lease.take(nothing), null);
    first.release();
    assert.equal(b.lease.look(), 'free');
    assert.ok(take(b.lease).epoch > first.epoch);
  });

  it('J5: an owner whose heartbeat moves lives, however long it holds the lease', async () => {
    const a = await member('a');
    const b = await member('b');
    let beat = nothing;
    const beaten = (): Promise<void> => new Promise((resolve) => (beat = resolve));
    take(a.lease, () => beat());
    b.lease.look();
    for (let i = 0; i < 4; i += 1) {
      await beaten();
      clock += 1000;
      assert.equal(b.lease.look(), 'living');
    }
  });

  it('J5: takes over from an owner whose heartbeat stands still, and fences what it still writes', async () => {
    const a = await member('a');
    const b = await member('b');
    const epoch = leaseRows(a.store).take('a', leaseRows(a.store).read());
    assert.ok(epoch !== null);
    b.lease.look();
    for (let look = 0; look < 3; look += 1) {
      clock += 40;
      b.lease.look();
    }
    assert.equal(b.lease.look(), 'dead');
    take(b.lease);
    await assert.rejects(
      a.store.write({ epoch }, () => undefined),
      (error) => isFactoryError(error, 'lease.lost'),
    );
  });

  it('J5: a gap in our own watching, such as a machine that slept, does not make the owner dead', async () => {
    const a = await member('a');
    const b = await member('b');
    leaseRows(a.store).take('a', leaseRows(a.store).read());
    b.lease.look();
    clock += 3_600_000;
    assert.equal(b.lease.look(), 'unsure');
    assert.equal(b.lease.take(nothing), null);
  });

  it('J7: an owner that wakes with an old epoch learns it at its next heartbeat', async () => {
    const a = await member('a');
    const b = await member('b');
    const first = take(a.lease);
    const row = leaseRows(b.store).read();
    leaseRows(b.store).take('b', row);
    if (!first.lost.aborted) await once(first.lost, 'abort');
    first.release();
    assert.equal(leaseRows(b.store).read().owner, 'b', 'what is lost is not given back');
    leaseRows(b.store).release('b', row.epoch + 1);
  });
});
