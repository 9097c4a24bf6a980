import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, Uri, window, workspace } from 'vscode';
import type { CodeLens } from 'vscode';
import type { TestApi } from '../../src/extension/extension.ts';
import { useFakes } from './fakes.ts';
import type { Fakes } from './fakes.ts';
import { activeApi, asMade, configure, ended, folderPath, imagesOf } from './host.ts';

describe('The lenses above a keyword file', () => {
  let api: TestApi;
  let fakes: Fakes;

  const settingsFile = (): string => readFileSync(join(folderPath(), '.vscode/settings.json'), 'utf8');

  /** Does what a click on the lens does whose title begins like this. */
  async function click(title: string): Promise<unknown> {
    const uri = Uri.file(join(folderPath(), 'keywords.csv'));
    await workspace.openTextDocument(uri);
    const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', uri);
    const command = lenses.find((lens) => lens.command?.title.startsWith(title) === true)?.command;
    assert.ok(command, `There is no lens "${title}".`);
    return commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
  }

  before(async () => {
    api = await activeApi();
    fakes = await useFakes(api);
  });

  after(async () => {
    await configure({ ...asMade, 'generation.count': undefined });
    await fakes.end();
  });

  it('K12: "Preview prompts" shows the prompts of paid providers, and none of them is called', async () => {
    await click('Preview prompts');
    assert.match(window.activeTextEditor?.document.getText() ?? '', /red fox, watercolor, plain background/);
    assert.deepEqual(await fakes.calls(), []);
    assert.deepEqual(await fakes.charges(), []);
  });

  it('K9: "Start job with this file" makes one image for each row and changes no setting', async () => {
    const factory = await api.session.factory();
    const before = settingsFile();
    const started = (await click('Start job with this file (3 rows)')) as { jobId: string };
    const job = await ended(factory, started.jobId);
    const images = await imagesOf(factory, job.id);
    assert.deepEqual(images.map(({ keyword }) => keyword['Subject']).sort(), [
      'barn owl',
      'hedgehog',
      'red fox',
    ]);
    assert.ok((await fakes.calls()).length > 0, 'The fake providers must have seen the job.');
    assert.equal(settingsFile(), before);
  });
});
