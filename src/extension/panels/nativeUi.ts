/** What handlers ask of VS Code itself: clipboard, files, save dialogs. */
import { commands, env, UIKind, Uri, window, workspace } from 'vscode';
import { showReadOnlyText } from '../readOnlyTexts.ts';

export interface SaveQuestion {
  title: string;
  /** Absolute path to begin with. */
  defaultPath: string;
  /** Label and endings, without dots. */
  filters: Record<string, string[]>;
}

export interface NativeUi {
  copy(text: string): Promise<void>;
  /** Opens a file as VS Code would. */
  openFile(path: string): Promise<void>;
  /** Shows a file in the system's file manager, or in the Explorer where there is none. */
  reveal(path: string): Promise<void>;
  /** The chosen absolute path, or null. */
  askSavePath(question: SaveQuestion): Promise<string | null>;
  writeText(path: string, text: string): Promise<void>;
  /** Opens a text that cannot be edited. */
  showText(title: string, text: string): Promise<void>;
}

export const nativeUi: NativeUi = {
  async copy(text) {
    await env.clipboard.writeText(text);
  },
  async openFile(path) {
    await commands.executeCommand('vscode.open', Uri.file(path));
  },
  async reveal(path) {
    const uri = Uri.file(path);
    const inWorkspace = workspace.getWorkspaceFolder(uri) !== undefined;
    const remote = env.remoteName !== undefined || env.uiKind === UIKind.Web;
    await commands.executeCommand(remote && inWorkspace ? 'revealInExplorer' : 'revealFileInOS', uri);
  },
  async askSavePath({ title, defaultPath, filters }) {
    const uri = await window.showSaveDialog({ title, defaultUri: Uri.file(defaultPath), filters });
    return uri?.fsPath ?? null;
  },
  async writeText(path, text) {
    await workspace.fs.writeFile(Uri.file(path), new TextEncoder().encode(text));
  },
  showText: showReadOnlyText,
};
