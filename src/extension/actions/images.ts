/** What is done with images that exist: approve, retry, generate again, delete. */
import { l10n, window } from 'vscode';
import type { DeleteResult, ImagePlan, RemoverChange, RetryRequest } from '../../engine/factory.ts';
import type { JobSlot } from '../../engine/model/slot.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { askDelete } from './askDelete.ts';
import { confirmCost, sumOf } from './confirm.ts';
import type { Answer, Priced } from './confirm.ts';
import { offerUndo } from './jobs.ts';
import { requireTrust } from './trust.ts';
import { showInformationMessage } from '../messages.ts';
import { imageNameWords } from '../words.ts';

function sayIfQueued(busy: boolean, count: number): void {
  if (!busy) return;
  void showInformationMessage(
    count === 1
      ? l10n.t('1 image waits for the running job to end.')
      : l10n.t('{0} images wait for the running job to end.', String(count)),
  );
}

/** False when the user said no to what it costs. */
export async function approveImages(
  session: WorkspaceSession,
  imageIds: readonly string[],
  changes?: RemoverChange,
): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const plan = await factory.planApprove(imageIds, changes);
  const question =
    plan.images === 1 ? l10n.t('Approve 1 image?') : l10n.t('Approve {0} images?', String(plan.images));
  const answer = await confirmCost(session, plan, {
    question,
    yes: l10n.t('Approve'),
    with: (label) => l10n.t('Approve with {0}', label),
  });
  if (typeof answer === 'object') return approveImages(session, imageIds, answer);
  if (!answer) return false;
  const busy = factory.activeRun() !== null;
  await factory.approve(imageIds, changes);
  sayIfQueued(busy, imageIds.length);
  return true;
}

async function confirmRetry(session: WorkspaceSession, plan: Priced): Promise<Answer> {
  const question =
    plan.images === 1 ? l10n.t('Retry 1 image?') : l10n.t('Retry {0} images?', String(plan.images));
  return confirmCost(session, plan, {
    question,
    yes: l10n.t('Retry'),
    with: (label) => l10n.t('Retry with {0}', label),
  });
}

/** False when the user said no to what it costs. */
export async function retryImages(session: WorkspaceSession, request: RetryRequest): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const answer = await confirmRetry(session, await factory.planRetry(request));
  if (typeof answer === 'object') {
    const settings = request.settings === 'original' ? answer : { ...request.settings, ...answer };
    return retryImages(session, { ...request, settings });
  }
  if (!answer) return false;
  const busy = factory.activeRun() !== null;
  await factory.retry(request);
  sayIfQueued(busy, request.imageIds.length);
  return true;
}

/** Retries with the settings that made the images: one run for each job, because each job has its own. */
async function retryAsMade(
  session: WorkspaceSession,
  imageIds: readonly string[],
  changes?: RemoverChange,
): Promise<void> {
  const factory = await session.factory();
  const byJob = new Map<string, string[]>();
  for (const imageId of imageIds) {
    const { jobId } = factory.image(imageId);
    byJob.set(jobId, [...(byJob.get(jobId) ?? []), imageId]);
  }
  const requests = [...byJob.values()].map((ids): RetryRequest => ({
    imageIds: ids,
    settings: changes ?? 'original',
    regenerateMetadata: false,
  }));
  const plans: ImagePlan[] = [];
  for (const request of requests) plans.push(await factory.planRetry(request));
  const answer = await confirmRetry(session, sumOf(plans));
  if (typeof answer === 'object') return retryAsMade(session, imageIds, answer);
  if (!answer) return;
  const busy = factory.activeRun() !== null;
  for (const request of requests) await factory.retry(request);
  sayIfQueued(busy, imageIds.length);
}

/** Original settings at once, or the review's dialog for all that can be changed (F2). */
export async function askRetry(
  session: WorkspaceSession,
  imageIds: readonly string[],
  openReview: (jobId: string) => void,
): Promise<void> {
  requireTrust();
  const [first] = imageIds;
  if (first === undefined) return;
  const original = {
    label: l10n.t('Original Settings'),
    detail: l10n.t('The failed step and those after it, as the job had them. Nothing is generated anew.'),
    modified: false,
  };
  const modified = {
    label: l10n.t('Modified Settings…'),
    detail: l10n.t('Opens Failed Images Review, where background, size, format and metadata can be changed.'),
    modified: true,
  };
  const title =
    imageIds.length === 1 ? l10n.t('Retry 1 image') : l10n.t('Retry {0} images', String(imageIds.length));
  const chosen = await window.showQuickPick([original, modified], { title });
  if (chosen === undefined) return;
  if (chosen.modified) openReview((await session.factory()).image(first).jobId);
  else await retryAsMade(session, imageIds);
}

export async function generateAgain(session: WorkspaceSession, slots: readonly JobSlot[]): Promise<boolean> {
  requireTrust();
  const yes = l10n.t('Generate Again');
  const chosen = await showInformationMessage(
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
  session: WorkspaceSession,
  imageIds: readonly string[],
): Promise<DeleteResult | null> {
  requireTrust();
  const factory = await session.factory();
  const chosen = await askDelete({
    ids: imageIds,
    nameOf: (id) => imageNameWords(factory.image(id)),
    one: (name) => l10n.t('Delete the image "{0}"?', name),
    several: (count) => l10n.t('Delete {0} images?', count),
    detail: l10n.t(
      'The files lie in the trash folder of the workspace for 30 days, and Undo brings them back.',
    ),
  });
  if (chosen !== 'delete') return null;
  const result = await factory.deleteImages(imageIds);
  offerUndo(session, result);
  return result;
}
