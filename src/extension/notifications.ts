/** What interrupts the user: progress until the first image, ends that need a look, work that was cut off (D3, J4). */
import type { Disposable } from 'vscode';
import { commands, l10n, ProgressLocation, window, workspace } from 'vscode';
import type { Factory } from '../engine/factory.ts';
import type { RunSummary } from '../engine/model/events.ts';
import type { JobSummary } from '../engine/model/job.ts';
import { remedyLabels, remediesFor, type Remedy } from '../engine/providers/remedies.ts';
import { replacementsFor } from '../engine/providers/retirement.ts';
import { continueQueue, continueWith, resumeJob } from './actions/jobs.ts';
import type { Panels } from './panels/panelServices.ts';
import type { WorkspaceSession } from './workspaceSession.ts';
import { atMostEvery } from '../engine/model/throttle.ts';
import { showErrorMessage, showInformationMessage, showWarningMessage, withProgress } from './messages.ts';
import { inWords } from '../engine/model/message.ts';

interface Button {
  title: string;
  act: () => unknown;
}

interface Tools {
  session: WorkspaceSession;
  panels: Panels;
  applyRemedy: (way: Remedy) => Promise<void>;
}

/** A progress notification from the start of a job until its first image or its end; Cancel stops the job. */
function followUntilFirstImage({ session }: Tools, job: JobSummary): void {
  void withProgress(
    { location: ProgressLocation.Notification, title: job.label, cancellable: true },
    (progress, token) =>
      new Promise<void>((resolve) => {
        const end = (): void => {
          for (const subscription of subscriptions) subscription.dispose();
          resolve();
        };
        const subscriptions = [
          session.onFactoryEvent((event) => {
            if (event.kind === 'progress' && event.progress.jobId === job.id) {
              progress.report({ message: event.progress.step });
              if (event.progress.generated > 0) end();
            }
            if (event.kind === 'job' && event.job.id === job.id && event.job.status !== 'running') end();
            if (event.kind === 'removed' && event.jobIds.includes(job.id)) end();
          }),
          // The folder was closed, and its factory with it.
          session.onDidChange(() => {
            if (session.current() === null) end();
          }),
          token.onCancellationRequested(() => {
            session
              .current()
              ?.stop()
              .catch((thrown: unknown) => session.fail(thrown));
            end();
          }),
        ];
      }),
  );
}

function viewJob(panels: Panels, jobId: string): Button {
  return { title: l10n.t('View Job'), act: () => panels.open('job', { jobId }) };
}

function reviewFailed(panels: Panels): Button {
  return { title: l10n.t('Review Failed Images'), act: () => panels.open('failed') };
}

/** What helps most against an error; nothing without one. */
function firstWay(error: Parameters<typeof remediesFor>[0] | null, take: Tools['applyRemedy']): Button[] {
  const way = error === null ? undefined : remediesFor(error).find(({ kind }) => kind !== 'reload');
  return way === undefined ? [] : [{ title: l10n.t(inWords(remedyLabels[way.kind])), act: () => take(way) }];
}

async function notifyPaused({ session, panels, applyRemedy }: Tools, job: JobSummary): Promise<void> {
  const resume: Button = { title: l10n.t('Resume'), act: () => resumeJob(session, job.id) };
  const others = replacementsFor(job.error).map(({ label, changes }): Button => ({
    title: l10n.t('Resume with {0}', label),
    act: () => resumeJob(session, job.id, changes),
  }));
  const reason = job.error?.message ?? '';
  const chosen = await showWarningMessage(
    l10n.t('"{0}" is paused. {1}', job.label, reason),
    // Settings are of no help here: the job goes on as it was planned.
    ...(others.length > 0 ? others : firstWay(job.error, applyRemedy)),
    resume,
    viewJob(panels, job.id),
  );
  await chosen?.act();
}

async function notifyEnd({ panels }: Tools, job: JobSummary): Promise<void> {
  const buttons = [...(job.failed > 0 ? [reviewFailed(panels)] : []), viewJob(panels, job.id)];
  const counts = l10n.t(
    '{0} of {1} images approved, {2} failed.',
    String(job.approved),
    String(job.planned),
    String(job.failed),
  );
  const chosen =
    job.status === 'failed'
      ? await showErrorMessage(
          l10n.t('"{0}" failed. {1}', job.label, job.error?.message ?? counts),
          ...buttons,
        )
      : job.failed > 0
        ? await showWarningMessage(l10n.t('"{0}" is completed. {1}', job.label, counts), ...buttons)
        : await showInformationMessage(l10n.t('"{0}" is completed. {1}', job.label, counts), ...buttons);
  await chosen?.act();
}

/** Why the store can only be read or was set aside; a history from elsewhere can be taken over at once. */
async function tellNotice({ applyRemedy }: Tools, notice: string, foreign: boolean): Promise<void> {
  const way: Remedy = { kind: foreign ? 'adoptHistory' : 'showLog' };
  const button: Button = { title: l10n.t(inWords(remedyLabels[way.kind])), act: () => applyRemedy(way) };
  const chosen = await showWarningMessage(notice, button);
  await chosen?.act();
}

/** Retries, approvals and images generated again: what came of them. */
async function notifyRunEnd({ session, panels, applyRemedy }: Tools, run: RunSummary): Promise<void> {
  const counts = l10n.t(
    '{0} of {1} images done, {2} failed.',
    String(run.done),
    String(run.total),
    String(run.failed),
  );
  if (run.error === null && run.failed === 0) {
    void showInformationMessage(l10n.t('{0}: {1}', run.title, counts));
    return;
  }
  const { jobId } = run;
  const others = replacementsFor(run.error).map(({ label, changes }): Button => ({
    title: l10n.t('Continue with {0}', label),
    // Images that are made again are their job's, which is paused; a retry stands still itself.
    act: () =>
      run.kind === 'generateAgain' && jobId !== null
        ? resumeJob(session, jobId, changes)
        : continueWith(session, run.id, changes),
  }));
  const chosen = await showWarningMessage(
    l10n.t('{0}: {1}', run.title, run.error?.message ?? counts),
    ...(others.length > 0 ? others : firstWay(run.error, applyRemedy)),
    reviewFailed(panels),
  );
  await chosen?.act();
}

function heldRuns(factory: Factory | null): RunSummary[] {
  return factory?.queue().filter((run) => run.status === 'held') ?? [];
}

/** One question for all that was cut off when a window or process died, or was left in the queue (J4, M4). */
async function askInterrupted({ session }: Tools, factory: Factory): Promise<void> {
  // Nothing of a history from elsewhere goes on, or goes: it is asked when it was adopted.
  if (!workspace.isTrusted || factory.foreign !== null) return;
  const jobs = factory.findInterrupted();
  const held = heldRuns(factory);
  const [only] = jobs;
  if (held.length === 0) return;
  const discard: Button = {
    title: l10n.t('Discard'),
    act: () => {
      // The question may be answered long after it was asked: what goes on meanwhile is not taken away.
      const still = heldRuns(session.current());
      const discarded = held.filter(({ id }) => still.some((run) => run.id === id));
      return session.current()?.removeFromQueue(discarded.map((run) => run.id));
    },
  };
  const goOn = (title: string): Button => ({ title, act: () => continueQueue(session) });
  // The interrupted ones are in the queue themselves.
  const waiting = held.length - jobs.length;
  let chosen: Button | undefined;
  if (waiting === 0 && jobs.length === 1 && only !== undefined) {
    const message = l10n.t('"{0}" was interrupted.', only.label);
    chosen = await showWarningMessage(message, goOn(l10n.t('Resume')));
  } else {
    const message =
      jobs.length === 0
        ? l10n.t('{0} waiting in the queue.', String(waiting))
        : l10n.t('{0} interrupted, {1} waiting.', String(jobs.length), String(waiting));
    chosen = await showWarningMessage(message, goOn(l10n.t('Continue')), discard);
  }
  await chosen?.act();
}

/** The deaths that are noticed together are told together. */
const interruptedMs = 300;

export function registerNotifications(tools: Tools): Disposable[] {
  const { session } = tools;
  const caught = (work: Promise<void>): void => {
    work.catch((thrown: unknown) => session.fail(thrown));
  };
  /** Jobs and other runs that this window works on. */
  const own = new Set<string>();
  /** The question that is open; VS Code keeps it among its notifications until somebody answers. */
  let asked: Promise<void> | null = null;
  const interrupted = atMostEvery(interruptedMs, () => {
    const factory = session.current();
    if (factory === null || asked !== null) return;
    const question = askInterrupted(tools, factory).finally(() => {
      if (asked === question) asked = null;
    });
    asked = question;
    caught(question);
  });
  /** Answered elsewhere, in a view or in another window: it goes out of sight, and the next one can be asked. */
  const withdraw = (): void => {
    if (asked === null || heldRuns(session.current()).length > 0) return;
    asked = null;
    void commands.executeCommand('notifications.hideToasts');
  };

  const onJob = (job: JobSummary): void => {
    if (job.status === 'interrupted') interrupted.ask();
    if (job.status === 'running' || job.status === 'queued') return;
    // Only ends of what worked here: history that is loaded or edited is no news, and other windows tell their own.
    if (!own.delete(job.id)) return;
    if (job.status === 'paused') caught(notifyPaused(tools, job));
    const ended = job.status === 'completed' || job.status === 'failed';
    if (ended && (!window.state.focused || job.failed > 0 || job.status === 'failed')) {
      caught(notifyEnd(tools, job));
    }
  };

  const onRun = (run: RunSummary): void => {
    const ofJob = run.kind === 'job' || run.kind === 'resume';
    const id = ofJob ? run.jobId : run.id;
    const factory = session.current();
    if (id === null || factory === null) return;
    if (run.status === 'running') {
      if (!factory.ownsActiveRun() || own.has(id)) return;
      own.add(id);
      if (!ofJob) return;
      const job = factory.job(id);
      if (job.generated === 0) followUntilFirstImage(tools, job);
      return;
    }
    if (ofJob || !own.delete(id) || run.status === 'cancelled') return;
    if (!window.state.focused || run.failed > 0 || run.error !== null) caught(notifyRunEnd(tools, run));
  };

  return [
    interrupted,
    session.onFactoryEvent((event) => {
      if (event.kind === 'job') onJob(event.job);
      if (event.kind === 'run') onRun(event.run);
      if (event.kind === 'queue' || event.kind === 'changed') withdraw();
    }),
    session.onDidOpen((factory) => {
      own.clear();
      if (factory.notice !== null)
        caught(tellNotice(tools, inWords(factory.notice), factory.foreign !== null));
      interrupted.ask();
    }),
  ];
}
