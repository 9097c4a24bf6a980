/** What interrupts the user: progress until the first image, ends that need a look, work that was cut off (D3, J4). */
import type { Disposable } from 'vscode';
import { commands, l10n, ProgressLocation, window } from 'vscode';
import type { Factory } from '../engine/factory.ts';
import type { JobSummary } from '../engine/model/job.ts';
import { wayOutLabels, waysOut, type WayOut } from '../engine/model/waysOut.ts';
import { resumeJob } from './actions/jobs.ts';
import type { Panels } from './panels/services.ts';
import type { Session } from './session.ts';

/** A progress notification from the start of a job until its first image or its end. */
function followUntilFirstImage(session: Session, job: JobSummary): void {
  void window.withProgress(
    { location: ProgressLocation.Notification, title: job.label, cancellable: true },
    (progress, token) =>
      new Promise<void>((resolve) => {
        const listener = session.onFactoryEvent((event) => {
          if (event.kind === 'progress' && event.progress.jobId === job.id) {
            progress.report({ message: event.progress.step });
            if (event.progress.generated > 0) end();
          }
          if (event.kind === 'job' && event.job.id === job.id && event.job.status !== 'running') end();
        });
        const end = (): void => {
          listener.dispose();
          resolve();
        };
        token.onCancellationRequested(() => {
          void session.factory().then((factory) => factory.stop());
          end();
        });
      }),
  );
}

async function tellPaused(
  session: Session,
  panels: Panels,
  takeWayOut: (way: WayOut) => Promise<void>,
  job: JobSummary,
): Promise<void> {
  const resume = {
    title: l10n.t('Resume'),
    run: async () => {
      await resumeJob(session, job.id);
    },
  };
  const open = {
    title: l10n.t('View Job'),
    run: () => {
      panels.open('job', { jobId: job.id });
      return Promise.resolve();
    },
  };
  const ways = job.error === null ? [] : waysOut(job.error).filter((way) => way.kind !== 'reload');
  const first = ways[0];
  const help =
    first === undefined ? [] : [{ title: l10n.t(wayOutLabels[first.kind]), run: () => takeWayOut(first) }];
  const reason = job.error?.message ?? '';
  const chosen = await window.showWarningMessage(
    l10n.t('"{0}" is paused. {1}', job.label, reason),
    ...help,
    resume,
    open,
  );
  await chosen?.run();
}

async function tellEnd(panels: Panels, job: JobSummary): Promise<void> {
  const view = l10n.t('View Job');
  const review = l10n.t('Review Failed Images');
  const buttons = job.failed > 0 ? [review, view] : [view];
  const counts = l10n.t(
    '{0} of {1} images approved, {2} failed.',
    String(job.approved),
    String(job.planned),
    String(job.failed),
  );
  const chosen =
    job.status === 'failed'
      ? await window.showErrorMessage(
          l10n.t('"{0}" failed. {1}', job.label, job.error?.message ?? counts),
          ...buttons,
        )
      : await window.showInformationMessage(l10n.t('"{0}" is completed. {1}', job.label, counts), ...buttons);
  if (chosen === view) panels.open('job', { jobId: job.id });
  if (chosen === review) panels.open('failed', { jobId: job.id });
}

/** One question for all that was cut off when a window or process died. */
async function tellInterrupted(session: Session, factory: Factory): Promise<void> {
  const jobs = factory.findInterrupted();
  const waiting = factory.queue().filter((run) => run.status === 'held').length;
  const [job] = jobs;
  if (job === undefined && waiting === 0) return;
  const go = job === undefined ? l10n.t('Continue') : l10n.t('Resume');
  const discard = l10n.t('Discard Queue');
  const buttons = waiting > 0 ? [go, discard] : [go];
  const message =
    waiting > 0
      ? l10n.t('{0} interrupted, {1} waiting.', String(jobs.length), String(waiting))
      : l10n.t('"{0}" was interrupted.', job?.label ?? '');
  const chosen = await window.showWarningMessage(message, ...buttons);
  if (chosen === go) {
    if (job === undefined) factory.continueQueue();
    else await resumeJob(session, job.id);
  }
  if (chosen === discard) factory.removeFromQueue(factory.queue().map((run) => run.id));
}

export function registerNotifications(
  session: Session,
  panels: Panels,
  takeWayOut: (way: WayOut) => Promise<void>,
): Disposable[] {
  /** Last status told, so that each change is told once. */
  const told = new Map<string, string>();
  const onJob = async (job: JobSummary): Promise<void> => {
    const before = told.get(job.id);
    if (before === job.status) return;
    told.set(job.id, job.status);
    const factory = await session.opened();
    if (job.status === 'running' && job.generated === 0 && factory?.ownsActiveRun() === true) {
      followUntilFirstImage(session, job);
    }
    // Only ends of jobs that were seen running: history that is loaded or edited is no news.
    if (before !== 'running') return;
    if (job.status === 'paused') await tellPaused(session, panels, takeWayOut, job);
    const ended = job.status === 'completed' || job.status === 'failed';
    if (ended && (!window.state.focused || job.failed > 0 || job.status === 'failed'))
      await tellEnd(panels, job);
    if (ended) await commands.executeCommand('setContext', 'genImageFactory:finishedOnce', true);
  };
  return [
    session.onFactoryEvent((event) => {
      if (event.kind === 'job') onJob(event.job).catch((thrown: unknown) => session.fail(thrown));
    }),
    session.onDidOpen((factory) => {
      tellInterrupted(session, factory).catch((thrown: unknown) => session.fail(thrown));
    }),
  ];
}
