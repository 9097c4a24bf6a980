/** Keyword and prompt files that are open with changes: what runs is what the editor shows, so they are saved first. */
import { isAbsolute, join } from 'node:path';
import { l10n, Uri, workspace } from 'vscode';
import { FactoryError } from '../../engine/model/errors.ts';
import { spoken } from '../../engine/model/message.ts';
import type { Settings } from '../../engine/settings/settings.ts';

const inputKeys = [
  'files.keywordsFile',
  'files.systemPromptFile',
  'files.qualityCheckPromptFile',
  'files.metadataPromptFile',
] as const;

/** The path of a setting as VS Code writes it, to be compared with those of documents; null for none. */
export function inputPath(root: string, value: string): string | null {
  if (value.trim() === '') return null;
  return Uri.file(isAbsolute(value) ? value : join(root, value)).fsPath;
}

/** Fails with `conflict` where a file cannot be saved. */
export async function saveInputs(root: string, settings: Settings): Promise<void> {
  const paths = new Set(inputKeys.map((key) => inputPath(root, settings[key])));
  const dirty = workspace.textDocuments.filter(
    (document) => document.isDirty && document.uri.scheme === 'file' && paths.has(document.uri.fsPath),
  );
  for (const document of dirty) {
    if (await document.save()) continue;
    throw new FactoryError(
      'conflict',
      spoken(l10n.t('{0} could not be saved. Save or close it, then start again.', document.uri.fsPath)),
    );
  }
}
