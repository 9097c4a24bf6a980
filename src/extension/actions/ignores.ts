/** Generated images flood source control and search; the first job offers to leave them out, and never does so unasked. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigurationTarget, l10n, Uri, workspace } from 'vscode';
import { isInside, toStored } from '../../engine/files/inside.ts';
import { appendRootText, readRootText } from '../../engine/files/rootText.ts';
import type { Settings } from '../../engine/settings/settings.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { showInformationMessage } from '../messages.ts';

const memory = 'ignores.asked';
const gitignore = '.gitignore';

/** Folders as patterns from the workspace folder, with forward slashes; those outside need none. */
function patterns(root: string, settings: Settings): string[] {
  const folders = [settings['files.outputDirectory'], settings['files.tempDirectory']];
  const inside = folders
    .map((folder) => resolve(root, folder))
    .filter((folder) => isInside(root, folder))
    .map((folder) => toStored(root, folder));
  return [...new Set(inside)];
}

export async function offerIgnores(
  session: WorkspaceSession,
  root: string,
  settings: Settings,
): Promise<void> {
  const state = session.context.workspaceState;
  const folders = patterns(root, settings);
  if (folders.length === 0 || state.get<boolean>(memory) === true) return;
  // What is no text of this folder is not touched.
  const current = await readRootText(root, gitignore).catch(() => null);
  if (current === null) return;
  const known = new Set(current.split(/\r?\n/u).map((line) => line.trim()));
  const versioned = current !== '' || existsSync(join(root, '.git'));
  const missing = folders.map((folder) => `/${folder}/`).filter((line) => versioned && !known.has(line));
  const search = workspace.getConfiguration('search', Uri.file(root));
  const excluded = search.get<Record<string, unknown>>('exclude') ?? {};
  const unsearched = folders.filter((folder) => excluded[folder] === undefined);
  if (missing.length === 0 && unsearched.length === 0) return;
  await state.update(memory, true);
  const yes = l10n.t('Leave Them Out');
  const chosen = await showInformationMessage(
    versioned
      ? l10n.t(
          'Leave generated images out of source control and search? This adds {0} to .gitignore and search.exclude.',
          folders.join(', '),
        )
      : l10n.t('Leave generated images out of search? This adds {0} to search.exclude.', folders.join(', ')),
    yes,
    l10n.t('Not Now'),
  );
  if (chosen !== yes) return;
  if (missing.length > 0) {
    const separator = current === '' || current.endsWith('\n') ? '' : '\n';
    await appendRootText(root, gitignore, `${separator}${missing.join('\n')}`);
  }
  if (unsearched.length === 0) return;
  const several = workspace.workspaceFile !== undefined;
  const target = several ? ConfigurationTarget.WorkspaceFolder : ConfigurationTarget.Workspace;
  const found = search.inspect<Record<string, unknown>>('exclude');
  // Only what stands there already: the user's own patterns stay the user's.
  const own = (several ? found?.workspaceFolderValue : found?.workspaceValue) ?? {};
  const exclude = { ...own, ...Object.fromEntries(unsearched.map((folder) => [folder, true])) };
  await search.update('exclude', exclude, target);
}
