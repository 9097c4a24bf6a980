/** What is done with jobs that exist: stop, resume, rerun, rename, delete. */
import { l10n, ProgressLocation, window } from 'vscode';
import type { DeleteResult, Factory, RemoverChange } from '../../engine/factory.ts';
import { FactoryError } from '../../engine/model/errors.ts';
import { spoken } from '../../engine/model/message.ts';
import type { RunSummary } from '../../engine/model/events.ts';
import type { Settings } from '../../engine/settings/settings.ts';
import type { Stoppable } from '../../webviews/protocol.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { askDelete } from './askDelete.ts';
import { confirmCost, confirmOne, imagesOf } from './confirm.ts';
import type { Answer } from './confirm.ts';
import { requireTrust } from './trust.ts';
import { showInformationMessage, showWarningMessage, withProgress } from '../messages.ts';
import { jobNameWords } from '../words.ts';

/** The run that works, if it is the one that is meant; null means whatever works. */
function workingRun(factory: Factory, what: Stoppable | null): RunSummary {
  const run = factory.activeRun();
  if (run === null) throw new FactoryError('conflict', spoken(l10n.t('No job is running.')));
  const meant = what === null || ('jobId' in what ? run.jobId === what.jobId : run.id === what.runId);
  if (!meant)
    throw new FactoryError(
      'conflict',
      spoken(l10n.t('It has ended meanwhile; "{0}" is running.', run.title)),
    );
  return run;
}

export async function stopJob(session: WorkspaceSession, what: Stoppable | null): Promise<void> {
  const factory = await session.factory();
  workingRun(factory, what);
  await factory.stop();
}

/** Asks first, naming what may be lost (J2); false when the user said no. */
export async function forceStopJob(session: WorkspaceSession, what: Stoppable | null): Promise<boolean> {
  const factory = await session.factory();
  const run = workingRun(factory, what);
  const yes = l10n.t('Force Stop');
  const chosen = await showWarningMessage(
    l10n.t('Force stop "{0}"?', run.title),
    {
      modal: true,
      detail: l10n.t(
        'Everything in flight ends at once. Images that a provider is making now may be billed and not arrive. What is finished is kept, and the job can be resumed.',
      ),
    },
    yes,
  );
  if (chosen !== yes) return false;
  workingRun(factory, { runId: run.id });
  await factory.forceStop();
  return true;
}

/** Goes on with a job that stands still, also with another service than one that has ended; false: the user said no. */
export async function resumeJob(
  session: WorkspaceSession,
  jobId: string,
  changes?: RemoverChange,
): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const plan = await factory.planResume(jobId, changes);
  const { label } = factory.job(jobId);
  const answer = await confirmOne(session, plan, {
    question:
      plan.images === 1
        ? l10n.t('Resume "{0}" and make 1 image?', label)
        : l10n.t('Resume "{0}" and make {1} images?', label, String(plan.images)),
    yes: l10n.t('Resume'),
    with: (other) => l10n.t('Resume with {0}', other),
  });
  if (answer === null) return false;
  if ('other' in answer) return resumeJob(session, jobId, answer.other);
  await factory.resume(jobId, answer.consent, changes);
  return true;
}

/** A retry or an approval that stands still goes on with another service; false when the user said no. */
export async function continueWith(
  session: WorkspaceSession,
  runId: string,
  changes: RemoverChange,
): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const plan = await factory.planContinue(runId, changes);
  const answer = await confirmOne(session, plan, {
    question:
      plan.images === 1 ? l10n.t('Finish 1 image?') : l10n.t('Finish {0} images?', String(plan.images)),
    yes: l10n.t('Continue'),
    with: (label) => l10n.t('Continue with {0}', label),
  });
  if (answer === null) return false;
  if ('other' in answer) return continueWith(session, runId, answer.other);
  await factory.continueWith(runId, changes, answer.consent);
  return true;
}

/** One question for all that stands still in the queue (M4, B7); false when the user said no. */
export async function continueQueue(session: WorkspaceSession): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const held = await factory.planQueue();
  const plans = held.map(({ plan }) => plan);
  const images = imagesOf(plans);
  // Each goes on with the service that it was asked for; where that has ended, it pauses and offers another.
  const answer = await confirmCost(session, plans, {
    question:
      images === 1
        ? l10n.t('Continue the queue and make 1 image?')
        : l10n.t('Continue the queue and make {0} images?', String(images)),
    yes: l10n.t('Continue'),
  });
  if (answer === null || 'other' in answer) return false;
  const runs = answer.consents.map((consent, index) => ({ runId: held[index]?.runId ?? '', consent }));
  await factory.continueQueue(runs);
  return true;
}

/** Asks once for all that will be made. */
async function confirmRerun(
  session: WorkspaceSession,
  factory: Factory,
  jobIds: readonly string[],
  changes: Partial<Settings> | undefined,
): Promise<Answer<RemoverChange>> {
  // What cannot be planned costs nothing: it is refused, or fails when its turn comes, with the reason.
  const plans = await withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Preparing reruns') },
    () => factory.planRerun(jobIds, changes),
  );
  const count = imagesOf(plans);
  const images = count === 1 ? l10n.t('1 image') : l10n.t('{0} images', String(count));
  const question =
    jobIds.length === 1
      ? l10n.t('Run the job again and make {0}?', images)
      : l10n.t('Run {0} jobs again and make {1}?', String(jobIds.length), images);
  return confirmCost(session, plans, {
    question,
    yes: l10n.t('Rerun'),
    with: (label) => l10n.t('Rerun with {0}', label),
  });
}

/** Starts now, or queues behind the active run and says so (V2); false when the user said no. */
export async function rerunJobs(
  session: WorkspaceSession,
  jobIds: readonly string[],
  changes?: Partial<Settings>,
): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const answer = await confirmRerun(session, factory, jobIds, changes);
  if (answer === null) return false;
  if ('other' in answer) return rerunJobs(session, jobIds, { ...changes, ...answer.other });
  const busy = factory.activeRun() !== null;
  const jobs = answer.consents.map((consent, index) => ({ jobId: jobIds[index] ?? '', consent }));
  const runs = await factory.rerun(jobs, changes);
  if (busy || runs.length > 1) {
    const waiting = factory.queue().length;
    void showInformationMessage(
      waiting === 1
        ? l10n.t('1 job waits in the queue.')
        : l10n.t('{0} jobs wait in the queue.', String(waiting)),
    );
  }
  return true;
}

/** True when the job has a new name. */
export async function askRename(session: WorkspaceSession, jobId: string): Promise<boolean> {
  requireTrust();
  const factory = await session.factory();
  const { ownLabel } = factory.job(jobId);
  const label = await window.showInputBox({
    title: l10n.t('Rename Job'),
    value: ownLabel,
    validateInput: (text) => {
      if (text.trim() === '') return l10n.t('Enter a name.');
      return text.trim().length > 120 ? l10n.t('Use at most 120 characters.') : undefined;
    },
  });
  if (label === undefined || label.trim() === ownLabel) return false;
  factory.rename(jobId, label.trim());
  return true;
}

/** Says what was deleted and offers to bring it back; files lie in the trash folder for 30 days. */
export function offerUndo(session: WorkspaceSession, result: DeleteResult): void {
  const undo = l10n.t('Undo');
  const images = result.images === 1 ? l10n.t('1 image') : l10n.t('{0} images', String(result.images));
  const jobs = result.jobs === 1 ? l10n.t('1 job') : l10n.t('{0} jobs', String(result.jobs));
  const message =
    result.jobs > 0 ? l10n.t('Deleted {0} and {1}.', jobs, images) : l10n.t('Deleted {0}.', images);
  void showInformationMessage(message, undo).then(async (chosen) => {
    if (chosen !== undo) return;
    try {
      await (await session.factory()).undoDelete(result.trashId);
    } catch (thrown) {
      session.fail(thrown);
    }
  });
}

/** One confirmation with the counts, with Export offered first (M5); null when the user said no. */
export async function deleteJobs(
  session: WorkspaceSession,
  jobIds: readonly string[],
  exportFirst: (jobIds: readonly string[]) => Promise<void>,
): Promise<DeleteResult | null> {
  requireTrust();
  const factory = await session.factory();
  const counts = await factory.imageCounts({ jobIds });
  const chosen = await askDelete(
    {
      ids: jobIds,
      nameOf: (id) => jobNameWords(factory.job(id)),
      one: (name) => l10n.t('Delete the job "{0}"?', name),
      several: (count) => l10n.t('Delete {0} jobs?', count),
      detail: l10n.t(
        'Images that go too, with their files: {0}. They lie in the trash folder of the workspace for 30 days, and Undo brings them back.',
        String(counts.total),
      ),
    },
    l10n.t('Export First…'),
  );
  if (chosen === 'other') await exportFirst(jobIds);
  if (chosen !== 'delete') return null;
  const result = await withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Deleting jobs') },
    () => factory.deleteJobs(jobIds),
  );
  offerUndo(session, result);
  return result;
}
