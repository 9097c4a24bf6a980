import { commands, type Disposable } from 'vscode';
import { setContext } from '../contexts.ts';
import type { Session } from '../session.ts';
import { FailedImages } from './failedImages.ts';
import { JobHistory } from './jobHistory.ts';
import type { MoreNode } from './pagedTree.ts';

export function registerTrees(session: Session): Disposable[] {
  const jobs = new JobHistory(session);
  const failed = new FailedImages(session);
  return [
    jobs,
    failed,
    commands.registerCommand('genImageFactory.loadMore', (node: MoreNode) => {
      jobs.loadMore(node);
      failed.loadMore(node);
    }),
    session.onFactoryEvent((event) => {
      if (event.kind === 'run') {
        setContext('running', event.run.status === 'running');
      }
      if (event.kind === 'job') setContext('stopping', event.job.status === 'running' && event.job.stopping);
      if (event.kind === 'queue')
        setContext(
          'queueHeld',
          event.waiting.some((run) => run.status === 'held'),
        );
    }),
  ];
}
