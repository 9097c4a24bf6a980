import assert from 'node:assert/strict';
import { FactoryError } from '../../../src/engine/model/errors.ts';
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import { createCircuit } from '../../../src/engine/pipeline/circuit.ts';
import { createGate } from '../../../src/engine/pipeline/gate.ts';
import type { Halt } from '../../../src/engine/pipeline/gate.ts';
import { isAmbiguous, isHard, judgeFailure, pause } from '../../../src/engine/pipeline/policy.ts';
import type { Source } from '../../../src/engine/pipeline/policy.ts';
import { stages } from '../../../src/engine/model/status.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import { spoken } from '../../../src/engine/model/message.ts';

const source: Source = { stage: 'generate', provider: 'openai', model: 'gpt-image-2' };

/** The gate and the circuit of a run, and what a failure of its image provider means to them. */
function run() {
  const never = new AbortController().signal;
  const gate = createGate({ stop: never, force: never, lost: never });
  const circuit = createCircuit({ trip: (error) => pause({ gate }, error, source), onHeld: () => undefined });
  const context = { gate, circuit };
  const judge = (code: ErrorCode): Promise<'fail' | 'halt'> =>
    judgeFailure(context, new FactoryError(code, spoken(code)), source);
  return { context, judge };
}

describe('Failure policy', () => {
  const settings = defaultSettings();

  it('P12: download, quality check, conversion and delivery always fail the image', () => {
    for (const stage of ['download', 'qualityCheck', 'convert', 'deliver'] as const)
      assert.ok(isHard(stage, settings));
  });

  it('P12: background removal, trim, enhancement and metadata fail it only on request', () => {
    const soft = ['removeBackground', 'trim', 'enhance', 'metadata'] as const;
    for (const stage of soft) {
      assert.equal(isHard(stage, settings), false);
      assert.equal(isHard(stage, { ...settings, 'processing.failOnSteps': [stage] }), true);
    }
    assert.ok(isHard('removeBackground', { ...settings, 'processing.removeBgFailureMode': 'markFailed' }));
    assert.deepEqual(
      stages.filter((stage) => !isHard(stage, settings)),
      soft,
    );
  });

  it('P13: what is left when retries are used up: a busy provider or a refused key pauses, a bad answer fails its image', async () => {
    const cases: [ErrorCode, Halt['status'] | null][] = [
      ['provider.rateLimited', 'paused'],
      ['provider.auth', 'paused'],
      ['provider.modelGone', 'failed'],
      ['lease.lost', 'interrupted'],
      ['provider.badAnswer', null],
      ['content.refused', null],
    ];
    for (const [code, status] of cases) {
      const { context, judge } = run();
      assert.equal(await judge(code), status === null ? 'fail' : 'halt', code);
      assert.equal(context.gate.halt?.status ?? null, status, code);
    }
  });

  it('P13: a silent network pauses with the third call in a row, and what was held goes on later', async () => {
    const { context, judge } = run();
    const held = [judge('network.unreachable'), judge('network.timeout')];
    assert.ok(!context.gate.closed.aborted);
    assert.equal(await judge('network.unreachable'), 'halt');
    assert.deepEqual(await Promise.all(held), ['halt', 'halt']);
    assert.equal(context.gate.halt?.status, 'paused');
  });

  it('P13: a call may have been billed when no readable answer came, unless it certainly never went out', () => {
    const error = (
      code: 'network.timeout' | 'provider.badAnswer' | 'provider.unavailable',
      notSent = false,
    ): FactoryError => new FactoryError(code, spoken('Nothing came.'), { notSent });
    assert.equal(isAmbiguous(error('network.timeout'), false), true);
    assert.equal(isAmbiguous(error('network.timeout', true), false), false);
    assert.equal(isAmbiguous(error('provider.badAnswer'), false), true);
    assert.equal(isAmbiguous(error('provider.unavailable'), false), false);
    assert.equal(isAmbiguous(error('provider.unavailable'), true), true);
    assert.equal(isAmbiguous(new FactoryError('provider.credit', spoken('Empty.')), true), false);
  });
});
