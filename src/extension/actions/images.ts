/** What is done with images that exist: approve, retry, generate again, delete. */
import { l10n, window } from 'vscode';
import type { DeleteResult, RetryRequest } from '../../engine/factory.ts';
import type { Session } from '../session.ts';
import { offerUndo } from './jobs.ts';
import { requireTrust } from './trust.ts';

function sayIfQueued(busy: boolean, count: number): void {
  if (!busy) return;
  void window.showInformationMessage(
    count === 1
      ? l10n.t('1 image waits for the running job to end.')
      : l10n.t('{0} images wait for the running job to end.', String(count)),
  );
}

export async function approveImages(session: Session, imageIds: readonly string[]): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const busy = factory.activeRun() !== null;
  await factory.approve(imageIds);
  sayIfQueued(busy, imageIds.length);
  return true;
}

export async function retryImages(session: Session, request: RetryRequest): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const busy = factory.activeRun() !== null;
  await factory.retry(request);
  sayIfQueued(busy, request.imageIds.length);
  return true;
}

export async function generateAgain(
  session: Session,
  slots: readonly { jobId: string; generation: number; variation: number }[],
): Promise<boolean> {
  requireTrust();
  const yes = l10n.t('Generate Again');
  const chosen = await window.showInformationMessage(
    slots.length === 1
      ? l10n.t('Generate 1 image again?')
      : l10n.t('Generate {0} images again?', String(slots.length)),
    {
      modal: true,
      detail: l10n.t(
        'Each is a new request to the provider and may be billed, also where the first one was.',
      ),
    },
    yes,
  );
  if (chosen !== yes) return false;
  await (await session.factory()).generateAgain(slots);
  return true;
}

export async function deleteImages(
  session: Session,
  imageIds: readonly string[],
): Promise<DeleteResult | null> {
  const yes = l10n.t('Delete');
  const chosen = await window.showWarningMessage(
    imageIds.length === 1 ? l10n.t('Delete 1 image?') : l10n.t('Delete {0} images?', String(imageIds.length)),
    {
      modal: true,
      detail: l10n.t(
        'Their files lie in the trash folder of the workspace for 30 days, and Undo brings them back.',
      ),
    },
    yes,
  );
  if (chosen !== yes) return null;
  const result = await (await session.factory()).deleteImages(imageIds);
  offerUndo(session, result);
  return result;
}
