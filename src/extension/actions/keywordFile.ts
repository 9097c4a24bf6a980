/** Start Job with a keyword file: from the palette, the explorer or the lens above the file. */
import { l10n, Uri, window } from 'vscode';
import { toStored } from '../../engine/files/inside.ts';
import { definitionOf, maxImagesPerJob } from '../../engine/settings/settings.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { saveInputs } from './inputs.ts';
import { refuseWhileRunning, startJob } from './startJob.ts';
import { requireTrust } from './trust.ts';

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

function mostGenerations(): number {
  const definition = definitionOf('generation.count');
  return definition.kind === 'integer' ? definition.max : maxImagesPerJob;
}

/** One generation for each row of the file. */
export async function startWithFile(
  session: WorkspaceSession,
  file: unknown,
): Promise<{ jobId: string } | null> {
  requireTrust();
  const folder = await session.askFolder();
  const root = folder.uri.fsPath;
  const path = file instanceof Uri ? file.fsPath : await pickFile(root);
  if (path === null) return null;
  const keywordsFile = toStored(root, path);
  const factory = await session.factory();
  refuseWhileRunning(factory);
  const settings = { ...session.configuration.read().settings, 'files.keywordsFile': keywordsFile };
  await saveInputs(root, settings);
  const { rowCount } = await factory.plan({ settings });
  const most = Math.min(mostGenerations(), Math.floor(maxImagesPerJob / settings['generation.variations']));
  const count = Math.max(1, Math.min(rowCount, most));
  return startJob(session, {
    changes: { 'files.keywordsFile': keywordsFile, 'generation.count': count },
  });
}
