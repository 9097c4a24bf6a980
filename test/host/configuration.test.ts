import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationTarget, workspace } from 'vscode';
import { defaultSettings } from '../../src/engine/settings/settings.ts';
import type { TestApi } from '../../src/extension/extension.ts';
import type { Configuration } from '../../src/extension/configuration.ts';
import { activeApi, asMade, configure, expectSoon, folderPath, run, writeText } from './host.ts';
import { errorShownBy } from './shownErrors.ts';
import { said } from '../support/engine/said.ts';

describe('Configuration', () => {
  let api: TestApi;
  let configuration: Configuration;
  const path = '.vscode/settings.json';
  const file = (): string => join(folderPath(), path);
  const written = (): Record<string, unknown> =>
    JSON.parse(readFileSync(file(), 'utf8')) as Record<string, unknown>;

  before(async () => {
    api = await activeApi();
    ({ configuration } = api.session);
  });

  afterEach(async () => {
    await configuration.reset();
    await configure(asMade);
  });

  it('S1: reads what settings.json says, and defaults for the rest', () => {
    const { settings, problems } = configuration.read();
    assert.deepEqual(problems, []);
    assert.deepEqual(settings, { ...defaultSettings(), ...asMade });
  });

  it('S1: a value that somebody changes in VS Code arrives by itself', async () => {
    let changes = 0;
    const listener = configuration.onDidChange(() => (changes += 1));
    await configure({ 'generation.count': 7 });
    await expectSoon('the change is told', () => changes > 0);
    listener.dispose();
    assert.equal(configuration.read().settings['generation.count'], 7);
  });

  it('S13: Save writes changed keys only, and takes out what equals the default', async () => {
    await configuration.save({ ...configuration.read().settings, 'generation.count': 12 });
    const prefixed = Object.fromEntries(
      Object.entries(asMade).map(([key, value]) => [`genImageFactory.${key}`, value]),
    );
    assert.deepEqual(written(), { ...prefixed, 'genImageFactory.generation.count': 12 });
    await configuration.save({ 'generation.count': 1 });
    assert.deepEqual(written(), prefixed);
  });

  it('S13: the form shows where each value comes from', async () => {
    const user = workspace.getConfiguration('genImageFactory');
    await user.update('generation.parallel', 2, ConfigurationTarget.Global);
    try {
      const sources = configuration.sources();
      assert.deepEqual(
        [sources['provider.image'], sources['generation.parallel'], sources['generation.seed']],
        ['folder', 'user', 'default'],
      );
      await configuration.save({ 'generation.parallel': 4 });
      assert.equal(configuration.read().settings['generation.parallel'], 4);
      assert.equal(
        written()['genImageFactory.generation.parallel'],
        4,
        'A default above a user value is written.',
      );
    } finally {
      await user.update('generation.parallel', undefined, ConfigurationTarget.Global);
    }
  });

  it("B8: a workspace cannot silence the question about a cost, and may only lower its user's budget", async () => {
    const user = workspace.getConfiguration('genImageFactory');
    const before = readFileSync(file(), 'utf8');
    const ofFolder = async (budget: number): Promise<number> => {
      const values = {
        'genImageFactory.budget.confirmAbove': 1000,
        'genImageFactory.budget.maxCostPerJob': budget,
      };
      await writeText(path, JSON.stringify(values));
      await expectSoon(
        'the folder says so',
        () => configuration.folderValues()['budget.maxCostPerJob'] === budget,
      );
      return configuration.read().settings['budget.maxCostPerJob'];
    };
    try {
      assert.deepEqual([await ofFolder(7), configuration.confirmAbove()], [7, 0.1]);
      await user.update('budget.maxCostPerJob', 5, ConfigurationTarget.Global);
      await user.update('budget.confirmAbove', 0.5, ConfigurationTarget.Global);
      assert.deepEqual([await ofFolder(9), configuration.confirmAbove()], [5, 0.5]);
      assert.equal(await ofFolder(3), 3);
      assert.equal(await ofFolder(0), 5);
    } finally {
      await user.update('budget.maxCostPerJob', undefined, ConfigurationTarget.Global);
      await user.update('budget.confirmAbove', undefined, ConfigurationTarget.Global);
      await writeText(path, before);
      await expectSoon(
        'the settings as before',
        () => configuration.folderValues()['budget.maxCostPerJob'] === undefined,
      );
    }
  });

  it('S2: a bad value is named, and its default stands in for it', async () => {
    await configure({ 'generation.count': 0, 'ai.imageDetail': 'huge' });
    const { settings, problems } = configuration.read();
    assert.deepEqual(problems.map(({ key }) => key).sort(), ['ai.imageDetail', 'generation.count']);
    assert.match(
      problems.map(said).join('\n'),
      /Generations: 0 is not allowed. Use a whole number from 1 to 2500/,
    );
    assert.equal(settings['generation.count'], 1);
  });

  it('S2: a settings.json with a wrong type for every key names each of them, and nothing breaks', async () => {
    const before = readFileSync(file(), 'utf8');
    const keys = Object.keys(defaultSettings()).filter((key) => key !== 'job.label');
    await writeText(
      path,
      JSON.stringify(Object.fromEntries(keys.map((key) => [`genImageFactory.${key}`, { wrong: ['type'] }]))),
    );
    try {
      const named = await expectSoon('every key', () => {
        const found = configuration.read().problems.map(({ key }) => key);
        return found.length === keys.length ? found : null;
      });
      assert.deepEqual(named.toSorted(), keys.toSorted());
      assert.deepEqual(configuration.read().settings, defaultSettings());
      const told = await errorShownBy(api, () => run('startJob'));
      assert.match(told, /cannot start with these settings/);
      const { problems } = configuration.read();
      assert.deepEqual(
        problems.filter((problem) => !/\. Use /.test(said(problem))),
        [],
        'Each says what to use instead.',
      );
    } finally {
      await writeText(path, before);
      await expectSoon('the settings as before', () => configuration.read().problems.length === 0);
    }
  });

  it('S3: Reset takes every value of ours out of settings.json and leaves the others', async () => {
    await writeText(path, JSON.stringify({ 'editor.tabSize': 3, 'genImageFactory.generation.count': 5 }));
    await expectSoon('the file is read', () => configuration.read().settings['generation.count'] === 5);
    await configuration.reset();
    assert.deepEqual(written(), { 'editor.tabSize': 3 });
    assert.deepEqual(configuration.read().settings, defaultSettings());
  });

  it('says which setting could not be saved where settings.json is broken', async () => {
    const before = readFileSync(file(), 'utf8');
    await writeText(path, '{ "editor.tabSize": ');
    try {
      await assert.rejects(
        configuration.save({ 'generation.count': 9 }),
        /The setting "Generations" could not be saved/,
      );
    } finally {
      await writeText(path, before);
    }
  });

  it('S5: a workspace cannot send a key to another host', async () => {
    const machine = configuration.endpoints();
    const before = readFileSync(file(), 'utf8');
    await writeText(
      path,
      JSON.stringify({
        'genImageFactory.endpoints.openai': 'https://thief.example',
        'genImageFactory.generation.count': 3,
      }),
    );
    await expectSoon('the file is read', () => configuration.read().settings['generation.count'] === 3);
    assert.deepEqual(configuration.endpoints(), machine);
    await writeText(path, before);
    await assert.rejects(
      Promise.resolve(
        workspace
          .getConfiguration('genImageFactory')
          .update('endpoints.openai', 'https://thief.example', ConfigurationTarget.Workspace),
      ),
    );
  });

  it('S5: an address of the user is used; a bad one is a problem and never replaced unasked', async () => {
    const user = workspace.getConfiguration('genImageFactory');
    try {
      await user.update('endpoints.openai', 'https://models.example/v1', ConfigurationTarget.Global);
      await expectSoon('the address', () => configuration.endpoints().openai === 'https://models.example/v1');
      await user.update('endpoints.openai', 'http://models.example/v1', ConfigurationTarget.Global);
      await expectSoon('the problem', () =>
        configuration.read().problems.some(({ key }) => key === 'endpoints.openai'),
      );
    } finally {
      await user.update('endpoints.openai', undefined, ConfigurationTarget.Global);
    }
    assert.deepEqual(configuration.read().problems, []);
  });

  it('W2: images load from thumbnails, output and temp folder, and from nowhere else', async () => {
    await configure({ 'files.outputDirectory': 'out/pictures' });
    const paths = api.session.imageFolders().map(({ fsPath }) => fsPath);
    const folder = folderPath();
    assert.deepEqual(paths, [
      join(folder, '.gen-image-factory/thumbnails'),
      join(folder, 'out/pictures'),
      join(folder, 'pictures/generated'),
    ]);
    assert.equal(api.session.resolvePath('out/pictures/a.png')?.fsPath, join(folder, 'out/pictures/a.png'));
    assert.equal(api.session.resolvePath('../secret.png'), null);
    assert.equal(api.session.resolvePath('/etc/passwd'), null);
  });

  it('S14: a folder outside that the workspace names loads no image until the user chooses it', async () => {
    const { session } = api;
    const outside = mkdtempSync(join(realpathSync(tmpdir()), 'factory-outside-'));
    const image = join(outside, 'a.png');
    try {
      await configure({ 'files.outputDirectory': outside });
      assert.ok(!session.imageFolders().some(({ fsPath }) => fsPath === outside));
      assert.equal(session.resolvePath(image), null);
      await session.chooseFolders([outside]);
      assert.ok(session.imageFolders().some(({ fsPath }) => fsPath === outside));
      assert.equal(session.resolvePath(image)?.fsPath, image);
      assert.equal(session.resolvePath(join(outside, '..', 'a.png')), null);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('S14: a folder outside of the user settings loads images without a question', async () => {
    const { session } = api;
    const outside = mkdtempSync(join(realpathSync(tmpdir()), 'factory-outside-'));
    const user = workspace.getConfiguration('genImageFactory');
    try {
      await user.update('files.tempDirectory', outside, ConfigurationTarget.Global);
      await expectSoon('the folder', () => configuration.userFolders().includes(outside));
      assert.equal(session.resolvePath(join(outside, 'a.png'))?.fsPath, join(outside, 'a.png'));
    } finally {
      await user.update('files.tempDirectory', undefined, ConfigurationTarget.Global);
      rmSync(outside, { recursive: true });
    }
  });

  it('W2, W9: no image loads through a link, and a folder whose name begins with two dots lies inside', async () => {
    const { session } = api;
    const outside = mkdtempSync(join(realpathSync(tmpdir()), 'factory-outside-'));
    const link = join(folderPath(), 'linked');
    try {
      symlinkSync(outside, link);
      await configure({ 'files.outputDirectory': 'linked', 'files.tempDirectory': '..temp' });
      const paths = session.imageFolders().map(({ fsPath }) => fsPath);
      assert.ok(!paths.includes(link) && paths.includes(join(folderPath(), '..temp')), paths.join());
      assert.equal(session.resolvePath('linked/a.png'), null);
      assert.ok(session.resolvePath('..temp/a.png') !== null);
      assert.equal(session.resolvePath('.git/a.png'), null);
    } finally {
      rmSync(link, { force: true });
      rmSync(outside, { recursive: true });
    }
  });
});
