import assert from 'node:assert/strict';
import {
  allSettingKeys,
  checkValue,
  defaultHostSettings,
  defaultSettings,
  definitionOf,
  isSafeUrl,
  isSettingKey,
  isVisible,
  settingKeys,
  settingSections,
} from '../../../src/engine/settings/settings.ts';
import { describedSetting, settingsJsonSchema } from '../../../src/engine/settings/jsonSchema.ts';
import { openaiImageModel } from '../../../src/engine/providers/openai/imageModels.ts';
import { textModel } from '../../../src/engine/providers/openai/textModels.ts';
import { keyedProviders } from '../../../src/engine/providers/registry.ts';
import { runwareModel } from '../../../src/engine/providers/runware/models.ts';

describe('the declaration of settings', () => {
  it('S2: every default is itself an allowed value', () => {
    for (const key of allSettingKeys) assert.equal(checkValue(key, definitionOf(key).default), null, key);
  });

  it('S4: a condition names only settings and values that exist', () => {
    for (const key of allSettingKeys) {
      for (const [other, values] of Object.entries(definitionOf(key).when ?? {})) {
        assert.ok(isSettingKey(other), `${key} depends on ${other}`);
        for (const value of values)
          assert.equal(checkValue(other, value), null, `${key}: ${other} = ${value}`);
      }
    }
  });

  it('S5: service addresses belong to the machine and are no part of a job', () => {
    const endpoints = allSettingKeys.filter((key) => key.startsWith('endpoints.'));
    assert.deepEqual(
      endpoints,
      keyedProviders.map((provider) => `endpoints.${provider}`),
    );
    for (const key of endpoints) {
      assert.equal(definitionOf(key).scope, 'machine');
      assert.equal(Object.hasOwn(defaultSettings(), key), false);
    }
    for (const [key, value] of Object.entries(defaultHostSettings())) {
      if (key.startsWith('endpoints.')) assert.ok(isSafeUrl(String(value)), key);
    }
  });

  it('S6: every path is restricted, so that an untrusted workspace cannot set it', () => {
    for (const key of allSettingKeys.filter((one) => definitionOf(one).kind === 'path')) {
      assert.equal(definitionOf(key).restricted, true, key);
    }
  });

  it('W5: no setting holds a key', () => {
    for (const key of allSettingKeys) assert.doesNotMatch(key, /api.?key|token|secret|password/iu);
  });

  it('R10: the default models are current ones of the catalogue', () => {
    const settings = defaultSettings();
    for (const model of [
      runwareModel(settings['runware.model']),
      openaiImageModel(settings['openai.imageModel']),
      textModel(settings['openai.model']),
    ]) {
      assert.equal(model.known, true, model.id);
      assert.equal(model.goneOn, null, model.id);
    }
  });

  it('S7: every setting stands in a known section, with a label, a help text and its own words', () => {
    const sections = settingSections.map((section) => section.id as string);
    const labels = new Set<string>();
    for (const key of allSettingKeys) {
      const { section, label, help } = definitionOf(key);
      assert.ok(sections.includes(section), key);
      assert.match(help, /^[A-Z0-9].*[.]$/su, key);
      assert.equal(labels.has(label), false, `${label} is used twice`);
      labels.add(label);
      assert.ok(describedSetting(key).startsWith(label));
    }
  });

  it('V3: the job form has every setting of a job', () => {
    assert.deepEqual(
      settingKeys.filter((key) => !definitionOf(key).forms.includes('job')),
      [],
    );
  });

  it('F2: the retry form has the processing settings and no others', () => {
    const shown = settingKeys.filter((key) => definitionOf(key).forms.includes('retry'));
    const processing = settingKeys.filter((key) => definitionOf(key).section === 'processing');
    assert.deepEqual(shown, processing);
    assert.ok(shown.includes('processing.failOnSteps'));
  });

  it('S7: the JSON Schema names every setting of a job, with its default and label', () => {
    const schema = settingsJsonSchema();
    const properties = schema['properties'] as Record<string, { default: unknown; title: string }>;
    assert.deepEqual(Object.keys(properties), [...settingKeys]);
    for (const key of settingKeys) {
      assert.deepEqual(properties[key]?.default, definitionOf(key).default);
      assert.equal(properties[key].title, definitionOf(key).label);
    }
  });
});

describe('visibility of settings', () => {
  const shown = (changes: object): string[] => {
    const settings = { ...defaultSettings(), ...changes };
    return settingKeys.filter((key) => isVisible(key, settings));
  };

  it('S4: the fields of other image providers are hidden', () => {
    const runware = shown({ 'provider.image': 'runware' });
    assert.ok(runware.includes('runware.model') && runware.includes('generation.negativePrompt'));
    assert.ok(!runware.includes('midjourney.version') && !runware.includes('openai.imageModel'));
    const piapi = shown({ 'provider.image': 'piapi' });
    assert.ok(
      piapi.includes('midjourney.aspectRatios') && piapi.includes('generation.pollingIntervalSeconds'),
    );
    assert.ok(!piapi.includes('runware.dimensions') && !piapi.includes('generation.seed'));
    const openai = shown({ 'provider.image': 'openai' });
    assert.ok(openai.includes('runware.dimensions') && openai.includes('openai.imageQuality'));
    assert.ok(!openai.includes('generation.pollingIntervalSeconds'));
  });

  it('S4: a field whose own switch is hidden is hidden too', () => {
    const on = { 'runware.loraEnabled': true, 'runware.advancedEnabled': true };
    assert.ok(shown(on).includes('runware.lora') && shown(on).includes('runware.cfgScale'));
    const elsewhere = shown({ ...on, 'provider.image': 'sample' });
    assert.ok(!elsewhere.includes('runware.lora') && !elsewhere.includes('runware.steps'));
  });

  it('S4: the JPG colour shows only when a removed background meets JPG', () => {
    const jpg = { 'processing.convert': true, 'processing.convertFormat': 'jpg' };
    assert.ok(!shown(jpg).includes('processing.jpgBackground'));
    assert.ok(shown({ ...jpg, 'processing.removeBackground': true }).includes('processing.jpgBackground'));
    assert.ok(!shown({ 'processing.convertFormat': 'jpg' }).includes('processing.jpgQuality'));
  });

  it('S4: the remove.bg size shows only for that remover', () => {
    const removing = { 'processing.removeBackground': true };
    assert.ok(!shown(removing).includes('processing.removeBgSize'));
    const removebg = shown({ ...removing, 'provider.backgroundRemoval': 'removebg' });
    assert.ok(
      removebg.includes('processing.removeBgSize') && removebg.includes('processing.trimTransparent'),
    );
  });
});
