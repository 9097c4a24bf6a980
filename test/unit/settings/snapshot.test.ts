import assert from 'node:assert/strict';
import {
  defaultSettings,
  differences,
  shownSetting,
  snapshotOf,
  storedSettings,
} from '../../../src/engine/settings/settings.ts';

describe('the snapshot of a job', () => {
  it('V4: it keeps the values as they were, whatever happens to the settings later', () => {
    const lora = ['a:1'];
    const settings = { ...defaultSettings(), 'runware.lora': lora, 'generation.count': 3 };
    const snapshot = snapshotOf(settings);
    lora.push('b:2');
    settings['generation.count'] = 9;
    assert.deepEqual(snapshot['runware.lora'], ['a:1']);
    assert.equal(snapshot['generation.count'], 3);
    assert.throws(() => Object.assign(snapshot, { 'generation.count': 4 }), TypeError);
  });

  it('W5: what is no setting of a job, such as a key, does not get into it', () => {
    const settings = Object.assign(defaultSettings(), {
      'apiKeys.openai': 'sk-secret',
      'endpoints.openai': 'x',
    });
    assert.doesNotMatch(JSON.stringify(snapshotOf(settings)), /sk-secret|endpoints/u);
  });

  it('V1: differences come in the order of the settings, without fields hidden on both sides', () => {
    const before = defaultSettings();
    const after = {
      ...before,
      'ai.metadata': false,
      'generation.count': 5,
      'processing.jpgQuality': 10,
      'runware.lora': [],
    };
    assert.deepEqual(differences(before, after), [
      { key: 'generation.count', before: 1, after: 5 },
      { key: 'ai.metadata', before: true, after: false },
    ]);
  });

  it('S12: a stored row of an older version gets defaults for what is missing or no longer allowed', () => {
    const settings = storedSettings({ 'generation.count': 7, 'processing.removeBgSize': '4k', gone: 1 });
    assert.equal(settings['generation.count'], 7);
    assert.equal(settings['processing.removeBgSize'], 'auto');
    assert.equal(settings['ai.qualityCheck'], true);
    assert.deepEqual(storedSettings(null), defaultSettings());
  });

  it('V1: values read as words', () => {
    assert.equal(shownSetting('ai.metadata', true), 'On');
    assert.equal(shownSetting('runware.steps', null), 'Not set');
    assert.equal(shownSetting('processing.removeBgFailureMode', 'markFailed'), 'Mark Failed');
    assert.equal(shownSetting('generation.pollingTimeoutMinutes', 15), '15 minutes');
    assert.equal(shownSetting('processing.failOnSteps', ['trim', 'metadata']), 'Trim, Metadata');
  });
});
