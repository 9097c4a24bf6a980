import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { chooseFolder } from '../../../src/engine/files/chosenFolders.ts';
import type { FactoryError } from '../../../src/engine/model/errors.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { fakeEndpoints } from '../../support/providers/fakes.ts';
import { makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';
import { said } from '../../support/engine/said.ts';
import { inWords } from '../../../src/engine/model/message.ts';

describe('planning a job', () => {
  let workspace: Workspace;
  let factory: Agreeing;
  beforeEach(async () => {
    workspace = makeWorkspace();
    factory = await workspace.open();
  });
  afterEach(() => workspace.dispose());

  const messages = async (settings = sampleSettings(), request = {}): Promise<string[]> =>
    (await factory.plan({ settings, ...request })).problems.map(said);

  it('K4, S2: names everything that is wrong at once, with file, line and setting', async () => {
    workspace.write('keywords.csv', 'Animal,Place\nfox\ncat,roof\n');
    workspace.write('prompt.txt', 'Draw\na ${{Anmal}}\n');
    workspace.write('out', 'a file where a folder should be');
    const plan = await factory.plan({
      settings: sampleSettings({
        'generation.variations': 21,
        'files.systemPromptFile': 'prompt.txt',
        'files.outputDirectory': 'out',
        'provider.text': 'openai',
      }),
    });
    const found = plan.problems.map(({ key, file, line }) => [key, file, line]);
    assert.deepEqual(found, [
      ['generation.variations', null, null],
      ['files.outputDirectory', 'out', null],
      [null, 'keywords.csv', 2],
      [null, 'prompt.txt', 2],
      [null, null, null],
    ]);
    assert.match(said(plan.problems[3]), /Did you mean \$\{\{Animal\}\}/);
    assert.match(said(plan.problems[4]), /no OpenAI API key.*OPENAI_API_KEY/);
  });

  it('K4: an interactive start that cannot plan is refused without a row, before anything is written', async () => {
    workspace.write('keywords.csv', 'Animal,Place\n');
    await assert.rejects(factory.start({ settings: sampleSettings() }), (error: FactoryError) => {
      assert.equal(error.code, 'input.invalid');
      assert.match(error.message, /header but no rows/);
      assert.equal(error.problems.length, 1);
      return true;
    });
    assert.equal(await factory.jobCount({}), 0);
    assert.equal(factory.queue().length, 0);
    assert.equal(existsSync(join(workspace.root, 'pictures')), false);
  });

  it('K4: a missing key alone is told as such, with its provider', async () => {
    const settings = sampleSettings({ 'provider.image': 'runware' });
    await assert.rejects(factory.start({ settings }), (error: FactoryError) => {
      assert.equal(error.code, 'key.missing');
      assert.equal(error.provider, 'runware');
      return true;
    });
  });

  it('K4: says that no keyword file is chosen, or that it is not there', async () => {
    assert.match(
      (await messages(sampleSettings({ 'files.keywordsFile': '' })))[0] ?? '',
      /no file is chosen/,
    );
    assert.match(
      (await messages(sampleSettings({ 'files.keywordsFile': 'gone.csv' })))[0] ?? '',
      /gone\.csv does not exist/,
    );
  });

  it('reads only regular files, and relative paths only inside the workspace', async () => {
    mkdirSync(join(workspace.root, 'folder.csv'));
    symlinkSync('/etc/hosts', join(workspace.root, 'link.txt'));
    const of = (file: string): Promise<string[]> => messages(sampleSettings({ 'files.keywordsFile': file }));
    assert.match((await of('folder.csv'))[0] ?? '', /is no file/);
    assert.match((await of('link.txt'))[0] ?? '', /link to a file outside/);
    assert.match((await of('../keywords.csv'))[0] ?? '', /leads out of the workspace/);
    const elsewhere = makeWorkspace();
    const absolute = elsewhere.write('other.txt', 'one\ntwo\n');
    const plan = await factory.plan({ settings: sampleSettings({ 'files.keywordsFile': absolute }) });
    await elsewhere.dispose();
    assert.deepEqual(plan.problems, []);
    assert.equal(plan.inputs.keywordsFile?.path, absolute);
  });

  it('W2, W9: images go to no folder where they could not be shown, exported or deleted', async () => {
    const elsewhere = makeWorkspace();
    symlinkSync(elsewhere.root, join(workspace.root, 'link'));
    const of = (folder: string): Promise<string[]> =>
      messages(sampleSettings({ 'files.outputDirectory': folder }));
    assert.match((await of('link'))[0] ?? '', /Output Directory: link is a link to a folder outside/);
    assert.match((await of('link/below'))[0] ?? '', /link to a folder outside.*full path/);
    assert.match((await of('.gen-image-factory'))[0] ?? '', /folder of the store/);
    assert.match((await of('.gen-image-factory/trash'))[0] ?? '', /folder of the store/);
    const outside = join(elsewhere.root, 'out');
    assert.match((await of(outside))[0] ?? '', /lies outside the workspace folder, and nobody has chosen it/);
    chooseFolder(workspace.root, outside);
    assert.deepEqual(await of(outside), []);
    assert.match((await of(`${outside}-2`))[0] ?? '', /lies outside/);
    assert.deepEqual(await of('.'), []);
    await elsewhere.dispose();
  });

  it('B4: counts rows, generations and images, and takes chosen rows once each', async () => {
    const whole = await factory.plan({
      settings: sampleSettings({ 'generation.count': 6, 'generation.variations': 2 }),
    });
    assert.deepEqual([whole.rowCount, whole.generations, whole.images], [4, 6, 12]);
    const three = await factory.plan({
      settings: sampleSettings({ 'generation.count': 2500, 'generation.variations': 20 }),
      rows: [0, 1, 2],
    });
    assert.deepEqual(three.problems, []);
    assert.deepEqual([three.rowCount, three.generations, three.images], [4, 3, 60]);
    assert.match((await messages(sampleSettings(), { rows: [4] }))[0] ?? '', /has no row 5/);
    assert.match((await messages(sampleSettings(), { rows: [] }))[0] ?? '', /No row is chosen/);
  });

  it('K14: says what is allowed in the files and probably not meant', async () => {
    workspace.write('keywords.csv', 'Animal,Place\nfox,\ncat,roof\n');
    workspace.write('prompt.txt', 'Draw\na {Animal} in ${{Place}}\n');
    const settings = sampleSettings({ 'files.systemPromptFile': 'prompt.txt' });
    const { problems, warnings } = await factory.plan({ settings });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      warnings.map(inWords).filter((warning) => /^(prompt|keywords)\./.test(warning)),
      [
        'prompt.txt, line 2, column 3: {Animal} is sent as it stands. Write ${{Animal}} for the value of the column.',
        'keywords.csv: 1 row has an empty cell in "Place", which the prompt uses; the first is in line 2.',
      ],
    );
  });

  it('B4: estimates with the worst prices, and shows an unknown price as such', async () => {
    const keyed = await workspace.open({ keys: () => Promise.resolve('key') });
    const settings = sampleSettings({ 'provider.image': 'runware', 'generation.count': 3 });
    const known = await keyed.plan({ settings });
    assert.deepEqual(known.estimate, { microUsd: 3 * 3800, unknown: false });
    assert.match(known.pricesAsOf, /^\d{4}-\d\d-\d\d$/);
    const unknown = await keyed.plan({ settings: { ...settings, 'runware.model': 'someone:new@1' } });
    assert.deepEqual(unknown.estimate, { microUsd: 0, unknown: true });
    assert.match(unknown.warnings.map(inWords).join('\n'), /someone:new@1 is not in the list of models/);
    const sample = await keyed.plan({ settings: sampleSettings({ 'ai.qualityCheck': true }) });
    assert.deepEqual(sample.estimate, { microUsd: 0, unknown: false });
  });

  it('P5, L3: warns of the end of remove.bg and of what a vector model does not take', async () => {
    const keyed = await workspace.open({
      keys: () => Promise.resolve('key'),
      endpoints: { ...fakeEndpoints(), removebg: 'https://api.remove.bg' },
    });
    const settings = sampleSettings({
      'provider.image': 'runware',
      'runware.model': 'recraft:v4@vector',
      'runware.format': 'svg',
      'generation.negativePrompt': 'text',
      'processing.removeBackground': true,
      'provider.backgroundRemoval': 'removebg',
    });
    const warnings = (await keyed.plan({ settings })).warnings.map(inWords).join('\n');
    assert.match(warnings, /remove\.bg end/);
    assert.match(warnings, /does not take: Negative Prompt/);
    assert.match(warnings, /Remove Background will be skipped/);
  });

  it('K12: previews the first prompts without a network call', async () => {
    workspace.write('prompt.txt', 'Draw ${{Animal}} at ${{Place}}');
    const settings = sampleSettings({ 'files.systemPromptFile': 'prompt.txt', 'provider.image': 'runware' });
    assert.deepEqual(await factory.preview(settings, 2), [
      { row: 0, keyword: { Animal: 'fox', Place: 'forest' }, instructions: 'Draw fox at forest' },
      { row: 1, keyword: { Animal: 'cat', Place: 'roof' }, instructions: 'Draw cat at roof' },
    ]);
    workspace.write('prompt.txt', 'Draw ${{Colour}}');
    await assert.rejects(factory.preview(settings, 2), (error) => isFactoryError(error, 'input.invalid'));
  });

  it('S6: an untrusted workspace plans and starts nothing and writes nothing', async () => {
    const fresh = makeWorkspace();
    const reader = await fresh.open({ readOnly: true });
    const refused = (error: unknown): boolean => isFactoryError(error, 'untrusted');
    await assert.rejects(reader.plan({ settings: sampleSettings() }), refused);
    await assert.rejects(reader.start({ settings: sampleSettings() }), refused);
    await assert.rejects(reader.preview(sampleSettings(), 1), refused);
    assert.equal(await reader.jobCount({}), 0);
    assert.equal(existsSync(join(fresh.root, '.gen-image-factory')), false);
    await fresh.dispose();
  });
});
