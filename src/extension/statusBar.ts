/** One status bar item: hidden when idle, percent while running, error background when paused (D3). */
import type { Disposable } from 'vscode';
import { l10n, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { FactoryEvent } from '../engine/model/events.ts';
import type { JobSummary, Progress } from '../engine/model/job.ts';
import { formatDuration } from '../engine/model/duration.ts';
import { formatCost } from '../engine/model/money.ts';
import type { Session } from './session.ts';

function progressTooltip(progress: Progress): string {
  const counts = l10n.t(
    '{0} of {1} images · {2} approved · {3} failed',
    String(progress.generated),
    String(progress.planned),
    String(progress.approved),
    String(progress.failed),
  );
  const left =
    progress.etaMs === null ? '' : ` · ${l10n.t('about {0} left', formatDuration(progress.etaMs))}`;
  return `${progress.step}\n${counts}${left} · ${formatCost(progress.cost)}`;
}

export function createStatusBar(session: Session): Disposable {
  const item = window.createStatusBarItem('genImageFactory.progress', StatusBarAlignment.Left, 10);
  item.name = l10n.t('Gen Image Factory');
  item.command = 'genImageFactory.openDashboard';
  /** The job that stands still and waits for the user; its sign stays until it goes on or another starts. */
  let pausedJob: string | null = null;

  const show = (text: string, tooltip: string, spoken: string): void => {
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: spoken };
    item.show();
  };

  const showProgress = (progress: Progress): void => {
    pausedJob = null;
    item.backgroundColor = undefined;
    const percent = `${progress.percent}%`;
    show(`$(sync~spin) ${percent}`, progressTooltip(progress), l10n.t('Job running, {0}', percent));
  };

  const showJob = (job: JobSummary): void => {
    if (job.status === 'paused') {
      pausedJob = job.id;
      item.backgroundColor = new ThemeColor('statusBarItem.errorBackground');
      const reason = job.error?.message ?? l10n.t('The job is paused.');
      show(
        `$(debug-pause) ${l10n.t('Paused')}`,
        `${job.label}\n${reason}`,
        l10n.t('Job paused: {0}', reason),
      );
    } else if (job.status !== 'running' && (pausedJob === null || pausedJob === job.id)) {
      pausedJob = null;
      item.hide();
    }
  };

  const onEvent = (event: FactoryEvent): void => {
    if (event.kind === 'progress') showProgress(event.progress);
    if (event.kind === 'job') showJob(event.job);
    if (event.kind === 'run' && event.run.kind !== 'job' && event.run.kind !== 'resume') {
      const { done, failed, total, status } = event.run;
      if (status === 'running') {
        item.backgroundColor = undefined;
        const text = `${done + failed}/${total}`;
        show(`$(sync~spin) ${text}`, event.run.title, `${event.run.title}, ${text}`);
      } else if (status !== 'waiting') {
        item.hide();
      }
    }
  };

  const subscriptions = [
    session.onFactoryEvent(onEvent),
    session.onDidOpen((factory) => {
      const progress = factory.progress();
      if (progress !== null) showProgress(progress);
      else item.hide();
    }),
  ];
  return {
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
      item.dispose();
    },
  };
}
