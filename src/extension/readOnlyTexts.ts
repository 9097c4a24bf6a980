/** Texts that are shown and never edited: the prompts of a preview, a file as it was when a job ran with it. */
import type { Disposable, TextDocumentShowOptions } from 'vscode';
import { l10n, Uri, window, workspace } from 'vscode';

const scheme = 'genimagefactory-preview';
const contents = new Map<string, string>();
let counter = 0;

/** Shown texts live as long as their document is open. */
export function registerReadOnlyTexts(): Disposable[] {
  return [
    workspace.registerTextDocumentContentProvider(scheme, {
      // A tab that came back with the window has no text any more.
      provideTextDocumentContent: (uri) =>
        contents.get(uri.toString()) ?? l10n.t('This text was shown before the window was reloaded.'),
    }),
    workspace.onDidCloseTextDocument((document) => {
      if (document.uri.scheme === scheme) contents.delete(document.uri.toString());
    }),
  ];
}

/** `name` is the title of its tab; its ending chooses the language. */
export async function showReadOnlyText(
  name: string,
  text: string,
  options: TextDocumentShowOptions = {},
): Promise<void> {
  counter += 1;
  const uri = Uri.from({ scheme, path: `/${name}`, query: String(counter) });
  contents.set(uri.toString(), text);
  await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true, ...options });
}
