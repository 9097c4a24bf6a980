/** The command line in a terminal: work that VS Code asks about before its window closes. */
import { join } from 'node:path';
import { l10n, ProcessExecution, Task, TaskPanelKind, TaskRevealKind, tasks, workspace } from 'vscode';
import { keyedProviders, keyVariable } from '../../engine/providers/registry.ts';
import { defaultSettings, sameValue, settingKeys } from '../../engine/settings/settings.ts';
import type { SettingKey, Settings } from '../../engine/settings/settings.ts';
import { FactoryError } from '../../engine/model/errors.ts';
import { spoken } from '../../engine/model/message.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';

/** One value as `--set` reads it. */
function valueText(value: Settings[SettingKey]): string {
  if (value === null) return '';
  if (typeof value === 'object') return value.join('\n');
  return String(value);
}

/** What the command line would not know by itself: it reads the folder's settings.json and nothing of the user's. */
function settingArguments(session: WorkspaceSession, settings: Settings): string[] {
  const known: Partial<Record<SettingKey, unknown>> = {
    ...defaultSettings(),
    ...session.configuration.folderValues(),
  };
  return settingKeys
    .filter((key) => !sameValue(known[key], settings[key]))
    .flatMap((key) => ['--set', `${key}=${valueText(settings[key])}`]);
}

/**
 * Runs one job. It is a task and no plain terminal: VS Code keeps the environment of plain terminals on the disk, and
 * starts them again after a restart. The keys go along in the environment, never in the command line (W5).
 */
export async function runInTerminal(
  session: WorkspaceSession,
  root: string,
  settings: Settings,
): Promise<void> {
  const env: Record<string, string> = { ELECTRON_RUN_AS_NODE: '1' };
  for (const provider of keyedProviders) {
    const key = await session.keys.read(provider);
    if (key !== null) env[keyVariable(provider)] = key;
  }
  const endpoints = session.configuration.endpoints();
  const args = [
    join(session.context.extensionPath, 'dist', 'cli.js'),
    'run',
    // It was asked before.
    '--yes',
    ...['--workspace', root],
    ...settingArguments(session, settings),
    ...keyedProviders.flatMap((provider) => ['--endpoint', `${provider}=${endpoints[provider]}`]),
  ];
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === root);
  if (folder === undefined) throw new FactoryError('noFolder', spoken(l10n.t('The folder was closed.')));
  const task = new Task(
    { type: 'genImageFactory' },
    folder,
    l10n.t('Start Job'),
    'Gen Image Factory',
    new ProcessExecution(process.execPath, args, { cwd: root, env }),
    [],
  );
  task.presentationOptions = { reveal: TaskRevealKind.Always, panel: TaskPanelKind.New, clear: false };
  await tasks.executeTask(task);
}
