/** Create Sample Workspace: a keyword file, a prompt file and settings for the sample provider, in a folder of the user's choice. */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, l10n, Uri, window } from 'vscode';
import { FactoryError } from '../../engine/model/errors.ts';
import { spoken } from '../../engine/model/message.ts';
import { settingKeyPrefix, trialSettings } from '../../engine/settings/settings.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';

const sampleFiles = ['keywords.csv', 'prompt.md'];

/** Settings of the new folder only; those of the user and of open folders stay as they are. */
const sampleSettings = {
  ...trialSettings,
  'files.keywordsFile': 'keywords.csv',
  'files.systemPromptFile': 'prompt.md',
  'generation.count': 6,
};

/** Fills an empty folder; refuses one that has files, so that nothing is overwritten. */
export async function fillSampleWorkspace(extensionPath: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new FactoryError('conflict', spoken(l10n.t('{0} is not empty. Choose an empty folder.', folder)));
  }
  for (const file of sampleFiles) {
    await copyFile(join(extensionPath, 'media/sample', file), join(folder, file));
  }
  await mkdir(join(folder, '.vscode'));
  const entries = Object.entries(sampleSettings).map(([key, value]) => [settingKeyPrefix + key, value]);
  const settings = `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
  await writeFile(join(folder, '.vscode', 'settings.json'), settings);
}

export async function createSampleWorkspace(session: WorkspaceSession): Promise<void> {
  const picked = await window.showOpenDialog({
    title: l10n.t('Empty folder for the sample workspace'),
    openLabel: l10n.t('Create Here'),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  const folder = picked?.[0];
  if (folder === undefined) return;
  await fillSampleWorkspace(session.context.extensionPath, folder.fsPath);
  await commands.executeCommand('vscode.openFolder', Uri.file(folder.fsPath));
}
