import assert from 'node:assert/strict';
import { createGate } from '../../../src/engine/pipeline/gate.ts';

describe('Gate', () => {
  const signals = (): { stop: AbortController; force: AbortController; lost: AbortController } => ({
    stop: new AbortController(),
    force: new AbortController(),
    lost: new AbortController(),
  });
  const open = (from: ReturnType<typeof signals>): ReturnType<typeof createGate> =>
    createGate({ stop: from.stop.signal, force: from.force.signal, lost: from.lost.signal });
  const paused = {
    status: 'paused' as const,
    error: { code: 'provider.auth' as const, stage: null, provider: 'openai', message: 'No.' },
  };

  it('J1: Stop lets nothing start and cuts nothing off', () => {
    const from = signals();
    const gate = open(from);
    gate.check();
    from.stop.abort();
    assert.throws(() => gate.check(), { code: 'cancelled' });
    assert.deepEqual(gate.halt, { status: 'stopped', error: null });
    assert.equal(gate.closed.aborted, true);
    assert.equal(gate.cut.aborted, false);
  });

  it('J2: Force Stop cuts off what is in flight', () => {
    const from = signals();
    const gate = open(from);
    from.stop.abort();
    from.force.abort();
    assert.equal(gate.cut.aborted, true);
    assert.equal(gate.halt?.status, 'stopped');
  });

  it('P13: the first reason counts, so that the job says what happened first', () => {
    const from = signals();
    const gate = open(from);
    gate.close(paused);
    from.stop.abort();
    gate.close({ status: 'failed', error: null });
    assert.equal(gate.halt, paused);
  });

  it('J5: a lost lease replaces every other reason', () => {
    const from = signals();
    const gate = open(from);
    gate.close(paused);
    from.lost.abort();
    assert.equal(gate.halt?.status, 'interrupted');
    assert.equal(gate.halt.error?.code, 'lease.lost');
    assert.equal(gate.cut.aborted, true);
  });

  it('J1: a signal that was given before the run began counts; after dispose none does', () => {
    const from = signals();
    from.stop.abort();
    assert.equal(open(from).halt?.status, 'stopped');
    const later = signals();
    const gate = open(later);
    gate.dispose();
    later.stop.abort();
    assert.equal(gate.halt, null);
  });
});
