/**
 * Which files of the workspace are keyword and prompt files: the configured ones and keyword files once used.
 * Other .txt and .csv files get the explorer menu only, so that the editor stays quiet.
 */
import { Uri, workspace, type TextDocument } from 'vscode';
import type { ParsedKeywords } from '../../engine/keywords/keywordFile.ts';
import { inputPath } from '../actions/inputs.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';

const usedMemory = 'language.keywordFiles';
const usedLimit = 50;

function configured(
  session: WorkspaceSession,
  key: 'files.keywordsFile' | 'files.systemPromptFile',
): string | null {
  const folder = session.folder();
  return folder === null ? null : inputPath(folder.uri.fsPath, session.configuration.read().settings[key]);
}

function usedFiles(session: WorkspaceSession): string[] {
  return session.context.workspaceState.get<string[]>(usedMemory) ?? [];
}

/** Absolute path, as VS Code writes it. */
export async function rememberKeywordFile(session: WorkspaceSession, path: string): Promise<void> {
  const used = usedFiles(session);
  if (used[0] === path) return;
  const others = used.filter((other) => other !== path);
  await session.context.workspaceState.update(usedMemory, [path, ...others].slice(0, usedLimit));
  session.announce();
}

/** Any other file is passed over before a setting is read: most windows never open one of these. */
export function isCandidate({ uri }: TextDocument): boolean {
  return workspace.isTrusted && uri.scheme === 'file' && /\.(txt|csv|md)$/iu.test(uri.path);
}

export function isKeywordFile(session: WorkspaceSession, document: TextDocument): boolean {
  if (!isCandidate(document)) return false;
  const path = document.uri.fsPath;
  return path === configured(session, 'files.keywordsFile') || usedFiles(session).includes(path);
}

export function isPromptFile(session: WorkspaceSession, document: TextDocument): boolean {
  return isCandidate(document) && document.uri.fsPath === configured(session, 'files.systemPromptFile');
}

/** The path as problems name it. */
export function shownPath(document: TextDocument): string {
  return workspace.asRelativePath(document.uri, false);
}

/** The rows of an open keyword file, changes not yet saved included. */
export async function readKeywords(document: TextDocument): Promise<ParsedKeywords> {
  const { parseKeywordText } = await import('../../engine/keywords/keywordFile.ts');
  return parseKeywordText(document.getText(), shownPath(document));
}

/** The configured keyword file as the editor has it; null where there is none that can be used. */
export async function readConfiguredKeywords(session: WorkspaceSession): Promise<ParsedKeywords | null> {
  const path = configured(session, 'files.keywordsFile');
  if (path === null || !workspace.isTrusted) return null;
  try {
    const reading = await readKeywords(await workspace.openTextDocument(Uri.file(path)));
    return reading.problems.length > 0 ? null : reading;
  } catch {
    // A missing file is reported where the setting is checked; here there is just nothing to complete from.
    return null;
  }
}

/** The configured keyword file, to be watched; null where there is none. */
export function configuredKeywordFile(session: WorkspaceSession): Uri | null {
  const path = configured(session, 'files.keywordsFile');
  return path === null || !workspace.isTrusted ? null : Uri.file(path);
}
