/** Taking over a history that came from elsewhere: one question that says what is in it and what is not done. */
import { l10n } from 'vscode';
import type { ForeignStore } from '../../engine/factory.ts';
import { showInformationMessage, showWarningMessage } from '../messages.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { requireTrust } from './trust.ts';

export async function adoptHistory(session: WorkspaceSession): Promise<void> {
  requireTrust();
  const { foreign } = await session.factory();
  if (foreign === null) {
    void showInformationMessage(l10n.t('The history in this folder is yours.'));
    return;
  }
  const yes = l10n.t('Adopt History');
  const chosen = await showWarningMessage(
    l10n.t('Adopt the history in this folder?'),
    { modal: true, detail: [...holdings(foreign), '', ...consequences(foreign)].join('\n') },
    yes,
  );
  if (chosen === yes) await session.adopt();
}

function holdings({ jobs, images, unfinishedRuns, unfinishedDeletions }: ForeignStore): string[] {
  return [
    l10n.t('It came from elsewhere: another computer or user, a copy, or an earlier version.'),
    [
      l10n.t('Jobs: {0} · Images: {1}', String(jobs), String(images)),
      ...(unfinishedRuns > 0 ? [l10n.t('Unfinished work: {0}', String(unfinishedRuns))] : []),
      ...(unfinishedDeletions > 0 ? [l10n.t('Unfinished deletions: {0}', String(unfinishedDeletions))] : []),
    ].join(' · '),
  ];
}

function consequences({ unfinishedRuns, unfinishedDeletions }: ForeignStore): string[] {
  return [
    l10n.t('Nothing starts and nothing is paid by adopting it.'),
    ...(unfinishedRuns > 0 ? [l10n.t('Unfinished work waits until you let it go on.')] : []),
    ...(unfinishedDeletions > 0 ? [l10n.t('Unfinished deletions are given up; files stay.')] : []),
    l10n.t('Adopt it only if you know where this folder comes from.'),
  ];
}
