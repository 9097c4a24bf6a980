import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../src/engine/model/logger.ts';
import {
  isGone,
  leasePath,
  machineOfProcess,
  readLeaseFile,
  writeLeaseFile,
} from '../../../src/engine/store/leaseFile.ts';

describe('the lease file', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'factory-lease-'));
    mkdirSync(join(root, '.gen-image-factory'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('J4: says who works and what is unfinished, and goes when nothing is', () => {
    assert.equal(readLeaseFile(root), null);
    const lease = { owner: { id: 'a', pid: 1, machine: null }, unfinished: 1 };
    writeLeaseFile(root, lease, silentLogger);
    assert.deepEqual(readLeaseFile(root), lease);
    writeLeaseFile(root, { owner: null, unfinished: 2 }, silentLogger);
    assert.deepEqual(readLeaseFile(root), { owner: null, unfinished: 2 });
    writeLeaseFile(root, { owner: null, unfinished: 0 }, silentLogger);
    assert.equal(existsSync(leasePath(root)), false);
    assert.deepEqual(readdirSync(join(root, '.gen-image-factory')), []);
  });

  it('takes a file that it cannot read for none', () => {
    writeFileSync(leasePath(root), '{"owner":');
    assert.equal(readLeaseFile(root), null);
    writeFileSync(leasePath(root), '{"owner":3,"unfinished":"x"}');
    assert.equal(readLeaseFile(root), null);
  });

  it('J5: calls an owner gone only on the same machine and when its process has ended', () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    assert.equal(isGone({ id: 'a', pid: ended, machine: 'm' }, 'm'), true);
    assert.equal(isGone({ id: 'a', pid: process.pid, machine: 'm' }, 'm'), false);
    assert.equal(isGone({ id: 'a', pid: ended, machine: 'other' }, 'm'), false);
    assert.equal(isGone({ id: 'a', pid: ended, machine: null }, null), false);
    assert.equal(machineOfProcess(), machineOfProcess());
  });
});
