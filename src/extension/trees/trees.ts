import { commands, type Disposable } from 'vscode';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { FailedImagesTree } from './failedImages.ts';
import { JobHistoryTree } from './jobHistory.ts';
import type { MoreNode } from './pagedTree.ts';

export interface Trees extends Disposable {
  readonly jobs: JobHistoryTree;
  readonly failed: FailedImagesTree;
}

export function createTrees(session: WorkspaceSession): Trees {
  const jobs = new JobHistoryTree(session);
  const failed = new FailedImagesTree(session);
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
