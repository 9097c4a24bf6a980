/** One status bar item: hidden when idle, percent while running, error background when paused (D3). */
import type { Disposable } from 'vscode';
import { l10n, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { Factory } from '../engine/factory.ts';
import type { FactoryEvent, RunSummary } from '../engine/model/events.ts';
import type { JobSummary, Progress } from '../engine/model/job.ts';
import { formatDuration } from '../engine/model/duration.ts';
import { timeLeftWords } from '../engine/model/timeLeft.ts';
import { formatCost } from '../engine/model/money.ts';
import { plainText } from './plainText.ts';
import type { WorkspaceSession } from './workspaceSession.ts';

/** What the item shows; `null` hides it. */
interface Shown {
  text: string;
  tooltip: string;
  spoken: string;
  blocked: boolean;
}

function progressShown(progress: Progress): Shown {
  const counts = l10n.t(
    '{0} of {1} images · {2} approved · {3} failed',
    String(progress.generated),
    String(progress.planned),
    String(progress.approved),
    String(progress.failed),
  );
  const left =
    progress.etaMs === null ? '' : ` · ${l10n.t(timeLeftWords.known, formatDuration(progress.etaMs))}`;
  const percent = `${progress.percent}%`;
  return {
    text: `$(sync~spin) ${percent}`,
    tooltip: `${progress.step}\n${counts}${left} · ${formatCost(progress.cost)}`,
    spoken: l10n.t('Job running, {0}', percent),
    blocked: false,
  };
}

/** Retries, approvals and images that are generated again count images. */
function runShown(run: RunSummary): Shown {
  const text = `${run.done + run.failed}/${run.total}`;
  return {
    text: `$(sync~spin) ${text}`,
    tooltip: run.title,
    spoken: `${run.title}, ${text}`,
    blocked: false,
  };
}

function pausedShown(job: JobSummary): Shown {
  const reason = job.error?.message ?? l10n.t('The job is paused.');
  return {
    text: `$(debug-pause) ${l10n.t('Paused')}`,
    tooltip: `${job.label}\n${reason}`,
    spoken: l10n.t('Job paused: {0}', reason),
    blocked: true,
  };
}

/** The newest job stands still and waits for the user; older ones were passed over. */
function pausedJob(factory: Factory): JobSummary | null {
  const newest = factory.newestJob();
  return newest?.status === 'paused' ? newest : null;
}

function shownAtOpen(factory: Factory): Shown | null {
  const progress = factory.progress();
  if (progress !== null) return progressShown(progress);
  const run = factory.activeRun();
  if (run !== null) return runShown(run);
  const paused = pausedJob(factory);
  return paused === null ? null : pausedShown(paused);
}

export function createStatusBar(session: WorkspaceSession): Disposable {
  const item = window.createStatusBarItem('genImageFactory.progress', StatusBarAlignment.Left, 10);
  item.name = l10n.t('Gen Image Factory');
  item.command = 'genImageFactory.openDashboard';
  /** The job that is shown; null when none or other work is. */
  let shownJob: string | null = null;

  const show = (shown: Shown | null, jobId: string | null): void => {
    shownJob = jobId;
    if (shown === null) {
      item.hide();
      return;
    }
    item.text = shown.text;
    item.tooltip = plainText(shown.tooltip);
    item.accessibilityInformation = { label: plainText(shown.spoken), role: 'button' };
    item.backgroundColor = shown.blocked ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    item.show();
  };

  const onEvent = (event: FactoryEvent): void => {
    if (event.kind === 'progress') show(progressShown(event.progress), event.progress.jobId);
    else if (event.kind === 'job') {
      const { job } = event;
      if (job.status === 'paused') show(pausedShown(job), job.id);
      else if (job.status !== 'running' && job.status !== 'queued' && shownJob === job.id) show(null, null);
    } else if (event.kind === 'run') {
      const { run } = event;
      const counts = run.kind === 'retry' || run.kind === 'approve' || run.kind === 'generateAgain';
      if (counts && run.status === 'running') show(runShown(run), null);
      // Its own job may stand still and keep its sign.
      else if (counts && run.status !== 'waiting' && shownJob === null) show(null, null);
    } else if (event.kind === 'removed' && shownJob !== null && event.jobIds.includes(shownJob)) {
      show(null, null);
    }
  };

  const subscriptions = [
    session.onFactoryEvent(onEvent),
    session.onDidOpen((factory) => {
      const jobId = factory.activeRun()?.jobId ?? pausedJob(factory)?.id ?? null;
      show(shownAtOpen(factory), jobId);
    }),
    session.onDidChange(() => {
      if (session.current() === null) show(null, null);
    }),
  ];
  return {
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
      item.dispose();
    },
  };
}
