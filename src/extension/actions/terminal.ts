/** The command line in a terminal, for work that should outlive the window. */
import { join } from 'node:path';
import { l10n, window } from 'vscode';
import { keyedProviders } from '../../engine/providers/provider.ts';
import { keyEnvironmentNames } from '../secrets.ts';
import type { Session } from '../session.ts';

/** The keys go along in the terminal's environment, never in a command line (W5). */
export async function runInTerminal(
  session: Session,
  folder: string,
  args: readonly string[],
): Promise<void> {
  const environment: Record<string, string> = { ELECTRON_RUN_AS_NODE: '1' };
  for (const provider of keyedProviders) {
    const key = await session.keys.read(provider);
    if (key !== null) environment[keyEnvironmentNames[provider]] = key;
  }
  const endpoints = session.configuration.endpoints();
  const endpointArgs = keyedProviders.flatMap((provider) => [
    '--endpoint',
    `${provider}=${endpoints[provider]}`,
  ]);
  const terminal = window.createTerminal({
    name: l10n.t('Gen Image Factory'),
    cwd: folder,
    env: environment,
    shellPath: process.execPath,
    shellArgs: [join(session.context.extensionPath, 'dist', 'cli.js'), ...args, ...endpointArgs],
  });
  terminal.show();
}
