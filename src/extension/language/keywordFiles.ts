/**
 * Which files of the workspace are keyword and prompt files: the configured ones and keyword files once used.
 * Other .txt and .csv files get the explorer menu only, so that the editor stays quiet.
 */
import { isAbsolute, join } from 'node:path';
import { Uri, workspace, type TextDocument } from 'vscode';
import { parseKeywordText, type KeywordReading } from '../../engine/keywords/keywordFile.ts';
import type { Session } from '../session.ts';

const usedMemory = 'language.keywordFiles';
const usedLimit = 50;

function configured(session: Session, key: 'files.keywordsFile' | 'files.systemPromptFile'): string | null {
  const folder = session.folder();
  const value = session.configuration.read().settings[key];
  if (folder === null || value === '') return null;
  return isAbsolute(value) ? value : join(folder.uri.fsPath, value);
}

export async function rememberKeywordFile(session: Session, path: string): Promise<void> {
  const state = session.context.workspaceState;
  const used = state.get<string[]>(usedMemory) ?? [];
  if (used[0] === path) return;
  await state.update(usedMemory, [path, ...used.filter((other) => other !== path)].slice(0, usedLimit));
}

export function isKeywordFile(session: Session, document: TextDocument): boolean {
  if (!workspace.isTrusted || document.uri.scheme !== 'file') return false;
  const path = document.uri.fsPath;
  const used = session.context.workspaceState.get<string[]>(usedMemory) ?? [];
  return path === configured(session, 'files.keywordsFile') || used.includes(path);
}

export function isPromptFile(session: Session, document: TextDocument): boolean {
  if (!workspace.isTrusted || document.uri.scheme !== 'file') return false;
  return document.uri.fsPath === configured(session, 'files.systemPromptFile');
}

/** The configured keyword file as the editor has it, changes not yet saved included; null where there is none. */
export async function readConfiguredKeywords(session: Session): Promise<KeywordReading | null> {
  const path = configured(session, 'files.keywordsFile');
  if (path === null || !workspace.isTrusted) return null;
  try {
    const document = await workspace.openTextDocument(Uri.file(path));
    return await parseKeywordText(document.getText(), path);
  } catch {
    // A missing file is reported where the setting is checked; here there is just nothing to complete from.
    return null;
  }
}
