import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { givenFolders, originLines, settingSources } from '../../../src/cli/settingSources.ts';
import type { SettingSources } from '../../../src/cli/settingSources.ts';
import { said } from '../../support/engine/said.ts';

describe('where settings come from', () => {
  let workspace: string;
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), 'factory-settings-'));
    mkdirSync(join(workspace, '.vscode'));
  });
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));

  const write = (path: string, content: string): void => writeFileSync(join(workspace, path), content);
  const read = (more: object = {}): Promise<SettingSources> =>
    settingSources({ workspace, cwd: workspace, ...more });

  it("I5: the workspace's settings.json comes first, then the file, then --set; each value says from where", async () => {
    write(
      '.vscode/settings.json',
      '\uFEFF{ // with comments\n "genImageFactory.generation.count": 2,\n "genImageFactory.generation.variations": 3,\n "editor.tabSize": 2, }',
    );
    write('job.json', '{"generation.count": 4, "ai.metadata": false}');
    const sources = await read({ settingsFile: 'job.json', sets: ['generation.count=5'], label: 'mine' });
    assert.deepEqual(sources.problems, []);
    assert.equal(sources.settings['generation.count'], 5);
    assert.deepEqual(originLines(sources), [
      'generation.count = 5 (--set)',
      'generation.variations = 3 (.vscode/settings.json)',
      'ai.metadata = false (job.json)',
      'job.label = "mine" (--label)',
    ]);
  });

  it("B8: a budget that is given with the command counts before the workspace's, higher or lower", async () => {
    write('.vscode/settings.json', '{"genImageFactory.budget.maxCostPerJob": 3}');
    write('job.json', '{"budget.maxCostPerJob": 8}');
    const budget = async (more: object): Promise<number> =>
      (await read(more)).settings['budget.maxCostPerJob'];
    assert.equal(await budget({}), 3);
    assert.equal(await budget({ settingsFile: 'job.json' }), 8);
    for (const given of [1, 8, 0])
      assert.equal(await budget({ sets: [`budget.maxCostPerJob=${given}`] }), given);
  });

  it('S14: only who gives the command names folders for images outside, never the workspace', async () => {
    const outside = join(tmpdir(), 'outside');
    write(
      '.vscode/settings.json',
      JSON.stringify({
        'genImageFactory.files.outputDirectory': outside,
        'genImageFactory.files.tempDirectory': join(outside, 'temp'),
      }),
    );
    assert.deepEqual(givenFolders(await read()), []);
    assert.deepEqual(givenFolders(await read({ sets: [`files.outputDirectory=${outside}`] })), [outside]);
    write('job.json', JSON.stringify({ 'files.tempDirectory': outside }));
    assert.deepEqual(givenFolders(await read({ settingsFile: 'job.json' })), [outside]);
    assert.deepEqual(givenFolders(await read({ sets: ['files.outputDirectory=../outside'] })), []);
  });

  it('W11, I5: a settings file that is a pipe, a device or a folder is named and never read', async () => {
    const path = join(workspace, '.vscode/settings.json');
    for (const make of [
      () => execFileSync('mkfifo', [path]),
      () => symlinkSync('/dev/zero', path),
      () => mkdirSync(path),
    ]) {
      rmSync(path, { recursive: true, force: true });
      make();
      const { problems } = await read();
      assert.match(said(problems[0]), /settings\.json is no file, so it is not read/u);
    }
  });

  it('I5: no settings at all are the defaults', async () => {
    const sources = await read();
    assert.deepEqual([sources.problems, sources.warnings, originLines(sources)], [[], [], []]);
    write('.vscode/settings.json', '');
    assert.deepEqual((await read()).problems, []);
  });

  it('I5: every bad value of every source is named with its place', async () => {
    write('.vscode/settings.json', '{\n  "genImageFactory.generation.count": "2"\n}');
    write('job.json', '{"generation.parallel": 99, "frob": 1}');
    const { problems } = await read({
      settingsFile: 'job.json',
      sets: ['ai.metadata=maybe', 'generation.seed'],
    });
    assert.deepEqual(
      problems.map(({ key, file, line }) => [key, file, line]),
      [
        ['generation.count', '.vscode/settings.json', 2],
        ['generation.parallel', 'job.json', 1],
        ['frob', 'job.json', 1],
        ['ai.metadata', null, null],
        ['generation.seed', null, null],
      ],
    );
    assert.match(
      said(problems[1]),
      /99 is not allowed\. Use a whole number from 1 to 32\. \(from job\.json\)/u,
    );
    assert.match(said(problems[4]), /has no value/u);
  });

  it('S5: no address is taken from the workspace, and the user is told', async () => {
    write(
      '.vscode/settings.json',
      '{"genImageFactory.endpoints.openai": "https://evil.example", "genImageFactory.frob": 1}',
    );
    const { settings, problems, warnings } = await read();
    assert.doesNotMatch(JSON.stringify(settings), /evil/u);
    assert.deepEqual(problems, []);
    assert.match(warnings[0] ?? '', /genImageFactory\.endpoints\.openai is ignored.*--endpoint/u);
    assert.match(warnings[1] ?? '', /genImageFactory\.frob is ignored/u);
  });

  it('I5: broken JSON is named with line and column', async () => {
    write('.vscode/settings.json', '{\n  "a": \n}');
    write('job.json', '[1]');
    const { problems } = await read({ settingsFile: 'job.json' });
    assert.match(said(problems[0]), /^\.vscode\/settings\.json, line 3, column 1: the JSON is broken/u);
    assert.match(said(problems.at(-1)), /^job\.json, line 1, column 1: the settings are no object/u);
    assert.match(
      said((await read({ settingsFile: 'gone.json' })).problems.at(-1)),
      /gone\.json does not exist/u,
    );
  });

  it('I5: a keyword file is found from the current folder or the workspace, and kept relative to it', async () => {
    write('rows.csv', 'A\n1\n');
    const elsewhere = mkdtempSync(join(tmpdir(), 'factory-elsewhere-'));
    try {
      const keywords = async (cwd: string, name: string): Promise<string> =>
        (await settingSources({ workspace, cwd, keywords: name })).settings['files.keywordsFile'];
      assert.equal(await keywords(workspace, 'rows.csv'), 'rows.csv');
      assert.equal(await keywords(elsewhere, 'rows.csv'), 'rows.csv');
      assert.equal(await keywords(elsewhere, join(workspace, 'rows.csv')), 'rows.csv');
      writeFileSync(join(elsewhere, 'rows.csv'), 'A\n1\n');
      assert.equal(await keywords(elsewhere, 'rows.csv'), join(elsewhere, 'rows.csv'));
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});
