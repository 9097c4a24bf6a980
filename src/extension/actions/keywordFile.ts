/** Start Job with a keyword file: from the palette, the explorer or the lens above the file. */
import { isAbsolute, relative, sep } from 'node:path';
import { l10n, Uri, window } from 'vscode';
import { definitionOf } from '../../engine/settings/settings.ts';
import { rememberKeywordFile } from '../language/keywordFiles.ts';
import type { Session } from '../session.ts';
import { startJob } from './startJob.ts';

/** The file's path as settings keep it: relative to the folder with forward slashes, absolute outside it. */
export function settingPath(root: string, file: string): string {
  const way = relative(root, file);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? file : way.split(sep).join('/');
}

async function pickFile(root: string): Promise<string | null> {
  const definition = definitionOf('files.keywordsFile');
  const endings = definition.kind === 'path' ? definition.extensions.map((ending) => ending.slice(1)) : [];
  const picked = await window.showOpenDialog({
    title: l10n.t('Keyword File'),
    defaultUri: Uri.file(root),
    filters: { [l10n.t('Keyword Files')]: endings },
  });
  return picked?.[0]?.fsPath ?? null;
}

/** One generation for each row of the file. */
export async function startWithFile(session: Session, file: unknown): Promise<{ jobId: string } | null> {
  const folder = await session.askFolder();
  const root = folder.uri.fsPath;
  const path = file instanceof Uri ? file.fsPath : await pickFile(root);
  if (path === null) return null;
  const keywordsFile = settingPath(root, path);
  const factory = await session.factory();
  const { settings } = session.configuration.read();
  const { rowCount } = await factory.plan({ settings: { ...settings, 'files.keywordsFile': keywordsFile } });
  const maxCount = Math.floor(10_000 / settings['generation.variations']);
  const count = Math.max(1, Math.min(rowCount, 2500, maxCount));
  const started = await startJob(session, {
    changes: { 'files.keywordsFile': keywordsFile, 'generation.count': count },
  });
  if (started !== null) await rememberKeywordFile(session, path);
  return started;
}
