/** Clean Up…: shows what takes space, removes what is chosen. */
import { l10n, ProgressLocation, window } from 'vscode';
import type { CleanUpKind } from '../../engine/factory.ts';
import { formatBytes } from '../../engine/model/bytes.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { requireTrust } from './trust.ts';
import { showInformationMessage, showWarningMessage, withProgress } from '../messages.ts';

export async function askCleanUp(session: WorkspaceSession): Promise<void> {
  requireTrust();
  const factory = await session.factory();
  const sizes = await factory.cleanUpSizes();
  const words: Record<CleanUpKind, { label: string; detail: string }> = {
    originals: {
      label: l10n.t('Originals'),
      detail: l10n.t(
        'Images as the provider made them. Without them an approved image cannot be processed again.',
      ),
    },
    thumbnails: { label: l10n.t('Thumbnails'), detail: l10n.t('Made again when they are needed.') },
    logs: { label: l10n.t('Logs'), detail: l10n.t('Logs of jobs that have ended.') },
    trash: {
      label: l10n.t('Trash'),
      detail: l10n.t('Deleted jobs and images. Undo no longer brings them back.'),
    },
  };
  const kinds = Object.keys(words) as CleanUpKind[];
  const items = kinds
    .filter((kind) => sizes[kind].files > 0)
    .map((kind) => ({
      ...words[kind],
      description: l10n.t('{0} in {1} files', formatBytes(sizes[kind].bytes), String(sizes[kind].files)),
      what: kind,
    }));
  if (items.length === 0) {
    void showInformationMessage(l10n.t('There is nothing to clean up.'));
    return;
  }
  const picked = await window.showQuickPick(items, { title: l10n.t('Clean Up'), canPickMany: true });
  if (picked === undefined || picked.length === 0) return;
  const bytes = picked.reduce((sum, item) => sum + sizes[item.what].bytes, 0);
  const yes = l10n.t('Remove');
  const chosen = await showWarningMessage(
    l10n.t('Remove {0}?', formatBytes(bytes)),
    { modal: true, detail: picked.map((item) => `${item.label}: ${item.description}`).join('\n') },
    yes,
  );
  if (chosen !== yes) return;
  await withProgress({ location: ProgressLocation.Notification, title: l10n.t('Cleaning up') }, () =>
    factory.cleanUp(picked.map((item) => item.what)),
  );
  void showInformationMessage(l10n.t('Removed {0}.', formatBytes(bytes)));
}
