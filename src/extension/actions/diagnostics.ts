/** Copy Diagnostics: facts that help with a problem report; no keys, prompts or paths. */
import { env, l10n, version, workspace } from 'vscode';
import { differences, defaultSettings } from '../../engine/settings/settings.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { showInformationMessage } from '../messages.ts';

export async function copyDiagnostics(session: WorkspaceSession): Promise<void> {
  const factory = session.current();
  const { settings, problems } = session.configuration.read();
  const changed = differences(defaultSettings(), settings).map(({ key }) => key);
  const keys = (await session.keys.states()).map(({ provider, source }) => `${provider} ${source}`);
  const packageJson = session.context.extension.packageJSON as { version: string };
  const statistics = await factory?.statistics();
  const lines = [
    `Gen Image Factory ${packageJson.version}`,
    `VS Code ${version}, ${env.appHost}, remote ${env.remoteName ?? 'no'}`,
    `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    `Trusted ${workspace.isTrusted}, folders ${workspace.workspaceFolders?.length ?? 0}`,
    `Keys: ${keys.join(', ')}`,
    `Image provider ${settings['provider.image']}, text provider ${settings['provider.text']}`,
    `Settings that differ from their default: ${changed.join(', ') || 'none'}`,
    `Settings with problems: ${problems.map((problem) => problem.key).join(', ') || 'none'}`,
    statistics === undefined
      ? `Store: ${session.notice === null ? 'not opened' : 'could not be opened'}`
      : `Store: ${statistics.totalJobs} jobs, ${statistics.totalImages} images, ${session.notice === null ? 'sound' : 'with a notice'}`,
    `Running: ${factory?.activeRun()?.kind ?? 'nothing'}`,
  ];
  await env.clipboard.writeText(lines.join('\n'));
  void showInformationMessage(l10n.t('Copied diagnostics to the clipboard.'));
}
