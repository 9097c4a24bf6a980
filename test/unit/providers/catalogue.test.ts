import assert from 'node:assert/strict';
import { pricesAsOf } from '../../../src/engine/providers/catalogue.ts';
import { checkSize, shutdownNotice } from '../../../src/engine/providers/modelFacts.ts';
import { openaiImageModel } from '../../../src/engine/providers/openai/imageModels.ts';
import { textModel } from '../../../src/engine/providers/openai/textModels.ts';
import {
  withMidjourneyVersion,
  withoutMidjourneyFlags,
} from '../../../src/engine/providers/piapi/promptFlags.ts';
import { priceList } from '../../../src/engine/providers/prices.ts';
import { runwareModel } from '../../../src/engine/providers/runware/models.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import { wordsOf } from '../../support/engine/said.ts';

describe('The catalogue of models', () => {
  it('S10: the default model takes multiples of 64 from 128 to 2048', () => {
    const model = runwareModel(defaultSettings()['runware.model']);
    assert.equal(model.known, true);
    for (const side of [128, 1024, 2048])
      assert.deepEqual(checkSize(model, side, 512), { ok: true, warning: null });
    for (const side of [64, 1000, 2112, 1024.5]) assert.equal(checkSize(model, side, 512).ok, false);
  });

  it('S10: an unknown model passes with a warning, in steps of 8', () => {
    const model = runwareModel('civitai:1@2');
    assert.deepEqual([model.negativePrompt, model.lora, model.delivery], [true, true, 'sync']);
    const verdict = checkSize(model, 1000, 512);
    assert.ok(verdict.ok);
    assert.match(wordsOf(verdict.warning), /civitai:1@2/);
    assert.equal(checkSize(model, 1001, 512).ok, false);
    assert.equal(runwareModel('newmaker:1@1').delivery, 'async');
  });

  it('P5: vector models are known as such, also new ones', () => {
    for (const id of ['recraft:v4@vector', 'recraft:v5@vector']) {
      const model = runwareModel(id);
      assert.deepEqual(
        [model.output, model.negativePrompt, model.lora, model.advanced],
        ['vector', false, false, false],
      );
    }
    assert.equal(checkSize(runwareModel('recraft:v4@vector'), 1000, 1000).ok, false);
  });

  it('sizes of OpenAI images are multiples of 16 with at most 3:1', () => {
    const model = openaiImageModel('gpt-image-2');
    assert.equal(checkSize(model, 1536, 1024).ok, true);
    assert.equal(checkSize(model, 3840, 1024).ok, false);
    assert.equal(checkSize(model, 1000, 1000).ok, false);
  });

  it('R10: default models are current', () => {
    const settings = defaultSettings();
    const now = Date.UTC(2026, 10, 22);
    assert.equal(shutdownNotice(textModel(settings['openai.model']), now), null);
    assert.equal(shutdownNotice(openaiImageModel(settings['openai.imageModel']), now), null);
    assert.equal(shutdownNotice(runwareModel(settings['runware.model']), now), null);
  });

  it('R10: a model that goes is named with its day and its successor', () => {
    const notice = (day: string): string => wordsOf(shutdownNotice(textModel('gpt-4o'), Date.parse(day)));
    assert.equal(
      notice('2026-11-22'),
      'The provider switches gpt-4o off on 2027-01-14. Use gpt-6-luna instead.',
    );
    assert.equal(
      notice('2027-01-14'),
      'The provider switched gpt-4o off on 2027-01-14. Use gpt-6-luna instead.',
    );
    assert.match(pricesAsOf, /^\d{4}-\d\d-\d\d$/);
  });

  it('B2: prices need no key, are zero for the sample provider and unknown where nobody knows them', () => {
    const settings = defaultSettings();
    const prices = priceList(settings);
    assert.equal(prices.images(2, 1024, 1024), 7600);
    assert.ok((prices.text('prompt') ?? 0) > 0);
    const unknown = priceList({ ...settings, 'runware.model': 'civitai:1@2', 'openai.model': 'local' });
    assert.deepEqual([unknown.images(1, 512, 512), unknown.text('prompt')], [null, null]);
    const sample = priceList({ ...settings, 'provider.image': 'sample', 'provider.text': 'sample' });
    assert.deepEqual([sample.images(9, 512, 512), sample.text('metadata')], [0, 0]);
  });
});

describe('Midjourney flags', () => {
  it('P4: are taken out wherever they stand, and nothing else is', () => {
    const cases: [string, string][] = [
      ['A fox --ar 16:9 --v 6.1', 'A fox'],
      ['A fox --stylize 250, in snow', 'A fox in snow'],
      ['A fox —ar 2:3 –v 5', 'A fox'],
      ['A fox --no text, people --q 2', 'A fox'],
      ['A fox --tile --niji 6 --style raw --seed 42', 'A fox'],
      ['A fox --sref https://a.example/x.png --iw 1.5', 'A fox'],
      ['--ar 1:1 A fox', 'A fox'],
      ['well-known fox -- red, e--ar 3 --argument', 'well-known fox -- red, e--ar 3 --argument'],
      ['A fox, 16:9, version 6', 'A fox, 16:9, version 6'],
    ];
    for (const [prompt, clean] of cases) assert.equal(withoutMidjourneyFlags(prompt), clean);
  });

  it('P4: for Midjourney the version of the settings wins', () => {
    assert.equal(withMidjourneyVersion('A fox --v 5 --stylize 100', '6.1'), 'A fox --stylize 100 --v 6.1');
    assert.equal(withMidjourneyVersion('A fox', ' '), 'A fox');
  });
});
