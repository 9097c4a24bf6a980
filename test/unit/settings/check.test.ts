import assert from 'node:assert/strict';
import { limitsOf } from '../../../src/engine/providers/limits.ts';
import {
  checkSettings,
  checkValue,
  defaultSettings,
  isSafeUrl,
  parseSettings,
  parseAspectRatios,
  parseDimensions,
  parseLora,
  settingWarnings,
  valueFromText,
} from '../../../src/engine/settings/settings.ts';
import { said, wordsOf } from '../../support/engine/said.ts';
import { inWords } from '../../../src/engine/model/message.ts';

const check = (changes: object) => checkSettings({ ...defaultSettings(), ...changes }, limitsOf);
const keysOf = (problems: readonly { key: string | null }[]) => problems.map((problem) => problem.key);

describe('checking settings', () => {
  it('S2: defaults are right', () => {
    assert.deepEqual(check({}), []);
  });

  it('S2: every bad value is named by key, value and allowed range, and none is clamped', () => {
    const { settings, problems } = parseSettings({
      'generation.count': 2501,
      'generation.parallel': 0,
      'processing.sharpening': 5.3,
      'processing.convertFormat': 'gif',
      'ai.qualityCheck': 'yes',
      'runware.steps': 1.5,
      'processing.failOnSteps': ['convert'],
    });
    assert.deepEqual(keysOf(problems), [
      'generation.count',
      'generation.parallel',
      'processing.sharpening',
      'processing.convertFormat',
      'ai.qualityCheck',
      'runware.steps',
      'processing.failOnSteps',
    ]);
    assert.equal(said(problems[0]), 'Generations: 2501 is not allowed. Use a whole number from 1 to 2500.');
    assert.equal(wordsOf(problems[0]?.allowed), 'a whole number from 1 to 2500');
    assert.match(said(problems[2]), /5\.3 is not allowed\. Use 0 to 10 in steps of 0\.5\./u);
    assert.match(said(problems[3]), /"gif" is not allowed\. Use png, jpg or webp\./u);
    assert.match(said(problems[5]), /1 to 100, or unset/u);
    assert.equal(settings['generation.count'], 1);
    assert.equal(settings['processing.convertFormat'], 'png');
  });

  it('S2: every step of a slider is allowed, in spite of binary fractions', () => {
    for (let tenths = 0; tenths <= 20; tenths++) {
      assert.equal(checkValue('processing.saturation', tenths / 10), null, String(tenths / 10));
    }
  });

  it('S2: count × variations over 10,000 is refused with the product', () => {
    const problems = check({ 'generation.count': 2500, 'generation.variations': 5 });
    assert.deepEqual(keysOf(problems), ['generation.count']);
    assert.match(said(problems[0]), /2500 × 5 = 12,500 images are too many.*at most 10,000/u);
    assert.deepEqual(check({ 'generation.count': 2500, 'generation.variations': 4 }), []);
  });

  it('S4: a bad value in a hidden field does not keep a job from starting', () => {
    assert.deepEqual(check({ 'processing.jpgQuality': 900 }), []);
    const shown = { 'processing.convert': true, 'processing.convertFormat': 'jpg' };
    assert.deepEqual(keysOf(check({ ...shown, 'processing.jpgQuality': 900 })), ['processing.jpgQuality']);
  });

  it('S2: unknown keys are named, with the one that was probably meant', () => {
    const { problems } = parseSettings({ 'generation.cuont': 3, nonsense: 1, __proto__x: 1 });
    assert.match(said(problems[0]), /no setting "generation\.cuont"\. Did you mean generation\.count\?/u);
    assert.equal(said(problems[1]), 'There is no setting "nonsense".');
    assert.equal(problems.length, 3);
  });

  it('S2: names that every object inherits are no settings', () => {
    const input = JSON.parse(
      '{"constructor": 1, "__proto__": {"generation.count": 9}, "toString": 2}',
    ) as unknown;
    const { settings, problems } = parseSettings(input);
    assert.deepEqual(keysOf(problems), ['constructor', '__proto__', 'toString']);
    assert.deepEqual(settings, defaultSettings());
  });

  it('S5: an address among job settings is refused', () => {
    const { problems } = parseSettings({ 'endpoints.openai': 'https://evil.example' });
    assert.match(said(problems[0]), /belongs to this computer/u);
  });

  it('S5: https is required except on loopback', () => {
    assert.ok(isSafeUrl('https://api.example/v1'));
    assert.ok(isSafeUrl('http://127.0.0.1:8080'));
    assert.ok(isSafeUrl('http://localhost:1') && isSafeUrl('http://[::1]:1'));
    for (const url of [
      'http://api.example',
      'http://127.0.0.1.example',
      'http://localhost.example',
      'https://user:secret@api.example',
      'https://api.example/?key=1',
      'ftp://api.example',
      'api.example',
      '',
    ]) {
      assert.equal(isSafeUrl(url), false, url);
    }
  });

  it('S9: a file of another kind and a missing output folder are refused', () => {
    assert.deepEqual(keysOf(check({ 'files.keywordsFile': 'rows.xlsx' })), ['files.keywordsFile']);
    assert.deepEqual(keysOf(check({ 'files.outputDirectory': ' ' })), ['files.outputDirectory']);
    assert.deepEqual(check({ 'files.keywordsFile': 'Rows.CSV', 'files.systemPromptFile': 'a.md' }), []);
  });

  it('S2: settings that are no object are one clear problem', () => {
    for (const input of [null, 3, [], 'x']) assert.equal(parseSettings(input).problems.length, 1);
  });
});

describe('dimensions, aspect ratios and LoRA lists', () => {
  it('S10: sizes that the default model cannot make are refused with what it can', () => {
    const problems = check({ 'runware.dimensions': '1024x1024, 1000x1000' });
    assert.deepEqual(keysOf(problems), ['runware.dimensions']);
    assert.match(said(problems[0]), /1000x1000 does not fit the model runware:101@1.*multiples of 64/u);
  });

  it('S10: a model that the catalogue does not list takes steps of 8, with a warning', () => {
    const unknown = { 'runware.model': 'civitai:1@2', 'runware.dimensions': '1000x1000' };
    assert.deepEqual(check(unknown), []);
    const settings = { ...defaultSettings(), ...unknown };
    assert.match(wordsOf(settingWarnings(settings, limitsOf)[0]), /civitai:1@2/u);
    assert.deepEqual(settingWarnings(defaultSettings(), limitsOf), []);
    assert.deepEqual(keysOf(check({ ...unknown, 'runware.dimensions': '1001x1000' })), [
      'runware.dimensions',
    ]);
  });

  it('S10: sizes that are no sizes are refused', () => {
    for (const text of [
      '',
      '1024',
      '1024x',
      'x1024',
      '0x64',
      '1024x1024,',
      '1024x1024;512x512',
      '-64x64',
      '1e3x64',
    ]) {
      assert.deepEqual(keysOf(check({ 'runware.dimensions': text })), ['runware.dimensions'], text);
    }
    assert.deepEqual(parseDimensions(' 512 x 768 ,64X64').values, [
      { width: 512, height: 768 },
      { width: 64, height: 64 },
    ]);
  });

  it('S10: SVG from a model that makes pixels is refused, from a vector model not', () => {
    assert.deepEqual(keysOf(check({ 'runware.format': 'svg' })), ['runware.format']);
    assert.deepEqual(check({ 'runware.format': 'svg', 'runware.model': 'recraft:v4@vector' }), []);
    assert.deepEqual(check({ 'runware.format': 'svg', 'provider.image': 'sample' }), []);
  });

  it('S10: aspect ratios are width:height', () => {
    assert.deepEqual(parseAspectRatios('1:1, 16 : 9').values, ['1:1', '16:9']);
    for (const text of ['', '1', '1:0', '16/9', '1:1,']) {
      assert.deepEqual(
        keysOf(check({ 'provider.image': 'piapi', 'midjourney.aspectRatios': text })),
        ['midjourney.aspectRatios'],
        text,
      );
    }
  });

  it('S10: a LoRA weight stands after the last colon and is a number as a whole', () => {
    assert.deepEqual(
      parseLora([
        'runware:5@1',
        'civitai:144142@160130',
        'civitai:144142@160130:0.8',
        ' name : -1.5 ',
        'name',
        'zero:0',
        '',
        'half:.5',
      ]),
      {
        values: [
          { model: 'runware:5@1', weight: 1 },
          { model: 'civitai:144142@160130', weight: 1 },
          { model: 'civitai:144142@160130', weight: 0.8 },
          { model: 'name', weight: -1.5 },
          { model: 'name', weight: 1 },
          { model: 'zero', weight: 0 },
          { model: 'half', weight: 0.5 },
        ],
        bad: [],
      },
    );
  });

  it('S10: a weight of an old list that Runware would refuse is named, not read as part of the model', () => {
    assert.deepEqual(
      parseLora(['style:7']).bad.map(({ text, why }) => ({ text, why: inWords(why) })),
      [{ text: 'style:7', why: 'has the weight 7, outside −4 to 4' }],
    );
    const settings = { 'runware.loraEnabled': true, 'runware.lora': ['a:1', 'b:7', ':1'] };
    const problems = check(settings);
    assert.deepEqual(keysOf(problems), ['runware.lora']);
    assert.match(said(problems[0]), /"b:7" has the weight 7/u);
    assert.deepEqual(check({ ...settings, 'runware.loraEnabled': false }), []);
  });
});

describe('settings as typed on a command line', () => {
  it('I5: text becomes a value of the kind of the setting', () => {
    assert.equal(valueFromText('generation.count', '12'), 12);
    assert.equal(valueFromText('processing.saturation', '0.5'), 0.5);
    assert.equal(valueFromText('ai.metadata', 'false'), false);
    assert.equal(valueFromText('runware.steps', ''), null);
    assert.deepEqual(valueFromText('runware.lora', 'a:1, b'), ['a:1', 'b']);
    assert.deepEqual(valueFromText('processing.failOnSteps', ''), []);
    assert.equal(valueFromText('runware.dimensions', '64x64,128x128'), '64x64,128x128');
  });

  it('I5: text that does not fit is named by the check', () => {
    for (const [key, text] of [
      ['generation.count', 'twelve'],
      ['generation.count', '0x10'],
      ['generation.count', ''],
      ['ai.metadata', 'yes'],
    ] as const) {
      assert.notEqual(checkValue(key, valueFromText(key, text)), null, `${key}=${text}`);
    }
  });
});
