/** What is done with images that exist: approve, retry, generate again, delete. */
import { l10n, window } from 'vscode';
import type { DeleteResult, ImagePlan, RemoverChange, RetryRequest } from '../../engine/factory.ts';
import type { JobSlot } from '../../engine/model/slot.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { askDelete } from './askDelete.ts';
import { askCost, confirmCost, confirmOne, imagesOf } from './confirm.ts';
import type { Answer } from './confirm.ts';
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
  const answer = await confirmOne(session, plan, {
    question,
    yes: l10n.t('Approve'),
    with: (label) => l10n.t('Approve with {0}', label),
  });
  if (answer === null) return false;
  if ('other' in answer) return approveImages(session, imageIds, answer.other);
  const busy = factory.activeRun() !== null;
  await factory.approve(imageIds, answer.consent, changes);
  sayIfQueued(busy, imageIds.length);
  return true;
}

async function confirmRetry(
  session: WorkspaceSession,
  plans: readonly ImagePlan[],
): Promise<Answer<RemoverChange>> {
  const images = imagesOf(plans);
  const question = images === 1 ? l10n.t('Retry 1 image?') : l10n.t('Retry {0} images?', String(images));
  return confirmCost(session, plans, {
    question,
    yes: l10n.t('Retry'),
    with: (label) => l10n.t('Retry with {0}', label),
  });
}

/** False when the user said no to what it costs. */
export async function retryImages(session: WorkspaceSession, request: RetryRequest): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const answer = await confirmRetry(session, [await factory.planRetry(request)]);
  if (answer === null) return false;
  if ('other' in answer) {
    const { settings } = request;
    const changed = settings === 'original' ? answer.other : { ...settings, ...answer.other };
    return retryImages(session, { ...request, settings: changed });
  }
  const [consent] = answer.consents;
  if (consent === undefined) return false;
  const busy = factory.activeRun() !== null;
  await factory.retry(request, consent);
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
  const answer = await confirmRetry(session, plans);
  if (answer === null) return;
  if ('other' in answer) {
    await retryAsMade(session, imageIds, answer.other);
    return;
  }
  const busy = factory.activeRun() !== null;
  for (const [index, consent] of answer.consents.entries()) {
    const request = requests[index];
    if (request !== undefined) await factory.retry(request, consent);
  }
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
  const factory = await session.factory();
  const planned = await factory.planGenerateAgain(slots);
  const answer = await askCost(
    planned.map(({ plan }) => plan),
    {
      question:
        slots.length === 1
          ? l10n.t('Generate 1 image again?')
          : l10n.t('Generate {0} images again?', String(slots.length)),
      lines: [
        l10n.t('Each is a new request to the provider and may be billed, also where the first one was.'),
      ],
      yes: l10n.t('Generate Again'),
    },
  );
  if (answer === null || 'other' in answer) return false;
  const consents = answer.consents.map((consent, index) => ({ jobId: planned[index]?.jobId ?? '', consent }));
  await factory.generateAgain(slots, consents);
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
