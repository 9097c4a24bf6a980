/** Preview Prompts: the filled instructions of the first rows in a read-only document, without any network call. */
import { l10n, Uri, ViewColumn } from 'vscode';
import { saveInputs } from '../actions/inputs.ts';
import { requireTrust } from '../actions/trust.ts';
import { showReadOnlyText } from '../readOnlyTexts.ts';
import { toStored } from '../../engine/files/inside.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';

const previewRows = 10;
let counter = 0;

/** Of the configured keyword file, or of the one that the lens stands above. */
export async function showPromptPreview(session: WorkspaceSession, file: unknown): Promise<void> {
  requireTrust();
  const factory = await session.factory();
  const { settings: configured } = session.configuration.read();
  const settings =
    file instanceof Uri
      ? { ...configured, 'files.keywordsFile': toStored(factory.root, file.fsPath) }
      : configured;
  await saveInputs(factory.root, settings);
  const prompts = await factory.preview(settings, previewRows);
  const parts = prompts.map(({ row, keyword, instructions }) => {
    const cells = Object.entries(keyword).map(([column, value]) => `${column}: ${value}`);
    return [`# ${l10n.t('Row {0}', String(row + 1))}`, cells.join(' · '), '', instructions].join('\n');
  });
  counter += 1;
  await showReadOnlyText(`${l10n.t('Prompts')} ${counter}.md`, `${parts.join('\n\n---\n\n')}\n`, {
    viewColumn: ViewColumn.Beside,
  });
}
