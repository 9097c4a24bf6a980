/** The extension's start: registers everything, opens nothing. The engine loads when a view or command needs it. */
import type { ExtensionContext } from 'vscode';
import { ExtensionMode, window } from 'vscode';
import { registerCommands } from './commands/commands.ts';
import { registerContexts } from './contexts.ts';
import { registerLanguage } from './language/language.ts';
import { LazyPanels } from './lazyPanels.ts';
import { registerNotifications } from './notifications.ts';
import { createActions, createPanelServices } from './createPanelServices.ts';
import { WorkspaceSession } from './workspaceSession.ts';
import { createStatusBar } from './statusBar.ts';
import { createTrees } from './trees/trees.ts';
import type { Trees } from './trees/trees.ts';

let session: WorkspaceSession | null = null;

/** What our own tests reach. Other extensions get nothing: the session knows the API keys. */
export interface TestApi {
  readonly session: WorkspaceSession;
  readonly trees: Trees;
}

export function activate(context: ExtensionContext): TestApi | undefined {
  const log = window.createOutputChannel('Gen Image Factory', { log: true });
  const opened = new WorkspaceSession(context, log);
  session = opened;
  const panels: LazyPanels = new LazyPanels(
    () => createPanelServices(opened, () => panels),
    (thrown) => opened.fail(thrown),
  );
  const actions = createActions(opened, () => panels);
  const trees = createTrees(opened);
  context.subscriptions.push(
    log,
    opened,
    panels,
    trees,
    ...registerContexts(opened),
    ...registerCommands(opened, panels),
    createStatusBar(opened),
    ...registerNotifications({
      session: opened,
      panels,
      applyRemedy: (remedy) => actions.applyRemedy(remedy),
    }),
    ...registerLanguage(opened),
    panels.onDidOpen((view) => {
      if (view === 'failed') void trees.failed.markReviewed();
    }),
  );
  void opened.openUnfinished();
  return context.extensionMode === ExtensionMode.Test ? { session: opened, trees } : undefined;
}

/** Work in flight stops within a bound; it can be resumed. */
export async function deactivate(): Promise<void> {
  await session?.end();
  session = null;
}
