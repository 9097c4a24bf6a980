/** Preview Prompts: the filled instructions of the first rows in a read-only document, without any network call. */
import { l10n, Uri, ViewColumn, window, workspace, type Disposable } from 'vscode';
import { settingPath } from '../actions/keywordFile.ts';
import { saveInputs } from '../actions/inputs.ts';
import { requireTrust } from '../actions/trust.ts';
import type { Session } from '../session.ts';

const scheme = 'genimagefactory-preview';
const previewRows = 10;
const contents = new Map<string, string>();

/** Shown texts live as long as their document is open. */
export function registerPreview(): Disposable[] {
  return [
    workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: (uri) => contents.get(uri.toString()) ?? '',
    }),
    workspace.onDidCloseTextDocument((document) => {
      if (document.uri.scheme === scheme) contents.delete(document.uri.toString());
    }),
  ];
}

let counter = 0;

/** Of the configured keyword file, or of the one that the lens stands above. */
export async function previewPrompts(session: Session, file: unknown): Promise<void> {
  requireTrust();
  const factory = await session.factory();
  const { settings: configured } = session.configuration.read();
  const settings =
    file instanceof Uri
      ? { ...configured, 'files.keywordsFile': settingPath(factory.root, file.fsPath) }
      : configured;
  await saveInputs(factory.root, settings);
  const prompts = await factory.preview(settings, previewRows);
  const parts = prompts.map(({ row, keyword, instructions }) => {
    const cells = Object.entries(keyword).map(([column, value]) => `${column}: ${value}`);
    return [`# ${l10n.t('Row {0}', String(row + 1))}`, cells.join(' · '), '', instructions].join('\n');
  });
  counter += 1;
  const uri = Uri.from({ scheme, path: `/${l10n.t('Prompts')} ${counter}.md` });
  contents.set(uri.toString(), `${parts.join('\n\n---\n\n')}\n`);
  const document = await workspace.openTextDocument(uri);
  await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preview: true });
}
