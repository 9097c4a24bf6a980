import assert from 'node:assert/strict';
import { FactoryError } from '../../../src/engine/model/errors.ts';
import { isAmbiguous, isHard } from '../../../src/engine/pipeline/policy.ts';
import { stages } from '../../../src/engine/model/status.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import { spoken } from '../../../src/engine/model/message.ts';

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
