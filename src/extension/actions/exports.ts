/** Exports from palette and trees: where to, progress with cancel, Reveal at the end (X4). */
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { l10n, ProgressLocation, Uri, window } from 'vscode';
import type { ExportControl, Exported, ExportProgress, ExportTarget, Factory } from '../../engine/factory.ts';
import { leftOutMessage } from '../../engine/model/leftOut.ts';
import { trimEnd } from '../../engine/model/trimEnd.ts';
import { nativeUi } from '../panels/nativeUi.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { showInformationMessage, showWarningMessage, withProgress } from '../messages.ts';
import { inWords } from '../../engine/model/message.ts';

type Kind = 'job' | 'jobs';

/** Shared with the export dialog of the views: the last custom location of this kind. */
function lastPathMemory(kind: Kind): string {
  return `exports.lastPath.${kind}`;
}

/** What no file system allows in a name, and what would hide or end it. */
function fileName(label: string): string {
  const allowed = label.slice(0, 100).replace(/[\\/:*?"<>|\p{Cc}]/gu, '_');
  return trimEnd(allowed.replace(/^\.+/u, '_'), '. ') || '_';
}

/** The default folder, or a place of the user's choice; null when the user said no. */
async function askTarget(session: WorkspaceSession, kind: Kind, name: string): Promise<ExportTarget | null> {
  const standard = {
    label: l10n.t('Default Exports Folder'),
    description: '.gen-image-factory/exports',
    custom: false,
  };
  const custom = { label: l10n.t('Custom Location…'), description: '', custom: true };
  const chosen = await window.showQuickPick([standard, custom], { title: l10n.t('Export to') });
  if (chosen === undefined) return null;
  if (!chosen.custom) return {};
  const ending = kind === 'job' ? 'xlsx' : 'zip';
  const last = session.context.workspaceState.get<string>(lastPathMemory(kind));
  const uri = await window.showSaveDialog({
    title: l10n.t('Export'),
    defaultUri: Uri.file(join(last === undefined ? homedir() : dirname(last), `${name}.${ending}`)),
    filters: kind === 'job' ? { [l10n.t('Excel Workbook')]: ['xlsx'] } : { [l10n.t('ZIP Archive')]: ['zip'] },
  });
  if (uri === undefined) return null;
  await session.context.workspaceState.update(lastPathMemory(kind), uri.fsPath);
  // VS Code's own dialog has asked about an existing file.
  return { path: uri.fsPath, onConflict: 'overwrite' };
}

async function withExportProgress(
  title: string,
  work: (control: ExportControl) => Promise<Exported>,
): Promise<Exported> {
  return withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let reported = 0;
      const onProgress = ({ phase, done, total }: ExportProgress): void => {
        const percent = total === 0 ? 0 : (done / total) * 100;
        progress.report({ message: `${phase} ${done}/${total}`, increment: Math.max(0, percent - reported) });
        reported = Math.max(reported, percent);
      };
      return work({ signal: abort.signal, onProgress });
    },
  );
}

/** Shows the finished file with a way to it. */
async function offerReveal({ path, leftOut }: Exported): Promise<void> {
  const reveal = l10n.t('Reveal');
  const done = l10n.t('Exported {0}.', basename(path));
  const note = leftOutMessage('jobs', leftOut);
  const chosen =
    note === null
      ? await showInformationMessage(done, reveal)
      : await showWarningMessage(`${done} ${inWords(note)}`, reveal);
  if (chosen === reveal) await nativeUi.reveal(path);
}

/** One job as a workbook, several as a ZIP of workbooks. */
export async function exportJobs(session: WorkspaceSession, jobIds: readonly string[]): Promise<void> {
  const factory: Factory = await session.factory();
  const [first, ...others] = jobIds;
  if (first === undefined) return;
  const single = others.length === 0;
  const name = single ? factory.job(first).label : 'bulk_export';
  const target = await askTarget(session, single ? 'job' : 'jobs', fileName(name));
  if (target === null) return;
  const title = single
    ? l10n.t('Exporting "{0}"', name)
    : l10n.t('Exporting {0} jobs', String(jobIds.length));
  const exported = await withExportProgress(title, (control) =>
    single ? factory.exportJob(first, target, control) : factory.exportJobs(jobIds, target, control),
  );
  offerReveal(exported).catch((thrown: unknown) => session.fail(thrown));
}
