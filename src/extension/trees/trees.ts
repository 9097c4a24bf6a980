import { commands, type Disposable } from 'vscode';
import type { Session } from '../session.ts';
import { FailedImages } from './failedImages.ts';
import { JobHistory } from './jobHistory.ts';
import type { MoreNode } from './pagedTree.ts';

export interface Trees extends Disposable {
  readonly jobs: JobHistory;
  readonly failed: FailedImages;
}

export function createTrees(session: Session): Trees {
  const jobs = new JobHistory(session);
  const failed = new FailedImages(session);
  const loadMore = commands.registerCommand('genImageFactory.loadMore', (node: MoreNode) => {
    (node.tree === 'jobs' ? jobs : failed).loadMore(node);
  });
  return {
    jobs,
    failed,
    dispose: () => {
      for (const each of [jobs, failed, loadMore]) each.dispose();
    },
  };
}
