/** Preview Prompts: the filled instructions of the first rows in a read-only document, without any network call. */
import { l10n, Uri, ViewColumn, window, workspace, type Disposable } from 'vscode';
import { settingPath } from '../actions/keywordFile.ts';
import { errorOfProblems } from '../actions/problems.ts';
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

export async function previewPrompts(session: Session, file: unknown): Promise<void> {
  requireTrust();
  const folder = await session.askFolder();
  const { settings: configured, problems } = session.configuration.read();
  if (problems.length > 0) throw errorOfProblems(problems);
  const settings =
    file instanceof Uri
      ? { ...configured, 'files.keywordsFile': settingPath(folder.uri.fsPath, file.fsPath) }
      : configured;
  const prompts = await (await session.factory()).preview(settings, previewRows);
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
