/** The extension's start: registers everything, opens nothing. The engine loads when a view or command needs it. */
import type { ExtensionContext } from 'vscode';
import { window, workspace } from 'vscode';
import { registerCommands } from './commands/commands.ts';
import { setContext } from './contexts.ts';
import { registerLanguage } from './language/language.ts';
import { registerNotifications } from './notifications.ts';
import { PanelHost } from './panels/panelHost.ts';
import { createActions, createPanelServices } from './services.ts';
import { Session } from './session.ts';
import { createStatusBar } from './statusBar.ts';
import { registerTrees } from './trees/trees.ts';
import { readLeaseFile } from '../engine/runs/leaseFile.ts';

let session: Session | null = null;

/** What tests and other extensions may use. */
export interface Api {
  readonly session: Session;
}

export function activate(context: ExtensionContext): Api {
  const log = window.createOutputChannel('Gen Image Factory', { log: true });
  const opened = new Session(context, log);
  session = opened;
  const panels: PanelHost = new PanelHost(createPanelServices(opened, () => panels));
  const actions = createActions(opened, () => panels);
  context.subscriptions.push(
    log,
    opened,
    panels,
    ...registerCommands(opened, panels),
    createStatusBar(opened),
    ...registerNotifications(opened, panels, (wayOut) => actions.takeWayOut(wayOut)),
    ...registerTrees(opened),
    ...registerLanguage(opened),
    opened.onDidChange((state) => setContext('hasFolder', state.folder !== null)),
  );
  setContext('hasFolder', opened.folder() !== null);
  void openUnfinished(opened);
  return { session: opened };
}

/** After a crash or a reload there may be work to offer again: then, and only then, the store opens by itself (J4). */
async function openUnfinished(opened: Session): Promise<void> {
  const folder = opened.folder();
  if (folder === null || !workspace.isTrusted || !opened.hasStore()) return;
  try {
    const lease = await readLeaseFile(folder.uri.fsPath);
    if (lease !== null && lease.unfinished > 0) await opened.factory();
  } catch (thrown) {
    opened.fail(thrown);
  }
}

/** Work in flight stops within a bound; it can be resumed. */
export async function deactivate(): Promise<void> {
  await session?.close();
  session = null;
}
