import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commands, languages, Uri, workspace } from 'vscode';
import type { CodeLens } from 'vscode';
import { z } from 'zod';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import { activeApi, expectSoon, folderPath, hasCode, ourExtension, run, shown, writeText } from '../host.ts';
import { errorShownBy } from '../shownErrors.ts';

describe('A workspace that is not trusted', () => {
  const untrusted = (error: unknown): boolean => hasCode(error, 'untrusted');

  it('S6: without a history nothing is made, not even a store', async () => {
    const { session, trees } = await activeApi();
    assert.equal(workspace.isTrusted, false);
    assert.equal(session.state().trusted, false);
    await assert.rejects(session.factory(), untrusted);
    assert.deepEqual(await shown(trees.jobs), []);
    assert.equal(existsSync(join(folderPath(), '.gen-image-factory')), false);
  });

  it('S5, S6: folders, files and addresses of its settings have no effect', async () => {
    const { session } = await activeApi();
    const path = '.vscode/settings.json';
    const asFound = readFileSync(join(folderPath(), path), 'utf8');
    const endpoints = session.configuration.endpoints();
    const inside = session.imageFolders().map(({ fsPath }) => fsPath);
    const hostile = {
      'files.keywordsFile': 'keywords.csv',
      'files.systemPromptFile': 'prompt.md',
      'files.qualityCheckPromptFile': 'prompt.md',
      'files.metadataPromptFile': 'prompt.md',
      'files.outputDirectory': '/etc',
      'files.tempDirectory': '../elsewhere',
      ...Object.fromEntries(
        Object.keys(endpoints).map((provider) => [`endpoints.${provider}`, 'https://thief.example/v1']),
      ),
    };
    // The last one is harmless: once it counts, the others have been read too.
    const written = Object.entries({ ...hostile, 'generation.count': 3 });
    await writeText(
      path,
      JSON.stringify(Object.fromEntries(written.map(([key, value]) => [`genImageFactory.${key}`, value]))),
    );
    try {
      const read = (): Settings => session.configuration.read().settings;
      await expectSoon('the settings', () => read()['generation.count'] === 3);
      const files = Object.entries(read()).filter(([key]) => key.startsWith('files.'));
      const usual = Object.entries(defaultSettings()).filter(([key]) => key.startsWith('files.'));
      assert.equal(files.length, 6);
      assert.deepEqual(Object.fromEntries(files), Object.fromEntries(usual));
      assert.deepEqual(session.configuration.endpoints(), endpoints);
      assert.deepEqual(
        session.imageFolders().map(({ fsPath }) => fsPath),
        inside,
      );
      assert.equal(session.resolvePath('/etc/passwd'), null);
    } finally {
      await writeText(path, asFound);
    }
  });

  it('S6: no prompt file is read: no lenses, no diagnostics', async () => {
    const uri = Uri.file(join(folderPath(), 'keywords.csv'));
    await workspace.openTextDocument(uri);
    const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', uri);
    assert.deepEqual(lenses, []);
    assert.deepEqual(languages.getDiagnostics(uri), []);
  });

  it('S6: starts are refused with the reason, from every command', async () => {
    const api = await activeApi();
    const { session } = api;
    const keywords = Uri.file(join(folderPath(), 'keywords.csv'));
    for (const command of [
      'startJob',
      'testWith3Rows',
      'startSampleJob',
      'startJobWithFile',
      'previewPrompts',
    ]) {
      const told = await errorShownBy(api, async () => {
        assert.equal(await run(command, keywords), undefined, command);
      });
      assert.match(
        told,
        /not trusted\. History and images can be read; jobs start in trusted workspaces only/,
      );
    }
    assert.equal(session.current(), null);
    assert.equal(existsSync(join(folderPath(), '.gen-image-factory')), false);
  });

  it('S6: a history can be read, and nothing of it changed', async () => {
    const { session, trees } = await activeApi();
    const jobId = await makeHistory(folderPath());
    const jobs = await expectSoon('the history', async () => {
      const found = await shown(trees.jobs);
      return found.length > 0 ? found : null;
    });
    assert.equal(jobs[0]?.label, 'Made elsewhere');
    const images = await shown(trees.jobs, jobs[0].node);
    assert.equal(images.length, 1);
    const factory = await session.factory();
    assert.throws(() => factory.rename(jobId, 'Other'), untrusted);
    await assert.rejects(factory.plan({ settings: defaultSettings() }), untrusted);
    await assert.rejects(factory.deleteJobs([jobId]), untrusted);
    for (const command of ['resumeJob', 'rerunJob', 'deleteJob', 'renameJob', 'exportJob']) {
      await run(command, { jobId });
    }
    assert.equal(factory.job(jobId).label, 'Made elsewhere');
    assert.equal(await factory.jobCount({}), 1);
    // Images of the default folders can be looked at.
    const [image] = (await factory.images({}, 'newest', { limit: 1 })).items;
    assert.ok(image?.path);
    assert.ok(session.resolvePath(image.path));
  });
});

/** A job that the command line made, which its user trusts. */
async function makeHistory(root: string): Promise<string> {
  mkdirSync(join(root, 'earlier'), { recursive: true });
  writeFileSync(join(root, 'earlier/keywords.txt'), 'fox\n');
  const settings = {
    'job.label': 'Made elsewhere',
    'provider.image': 'sample',
    'provider.text': 'sample',
    'files.keywordsFile': 'earlier/keywords.txt',
    'files.systemPromptFile': '',
    'files.outputDirectory': 'pictures/toupload',
    'files.tempDirectory': 'pictures/generated',
  };
  const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const cli = join(ourExtension().extensionPath, 'dist/cli.js');
  const args = [cli, 'run', '--workspace', root, '--json', ...sets];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [first = ''] = stdout.split('\n');
  return z.object({ jobId: z.string() }).parse(JSON.parse(first)).jobId;
}
