/** Context keys for `when` and `enablement` clauses; VS Code is told only when a value changes. */
import { commands } from 'vscode';

export type ContextName =
  /** A folder is open and may be written. */
  | 'hasFolder'
  /** Any window or process works in this folder. */
  | 'running'
  /** This window's own run is stopping. */
  | 'stopping'
  | 'hasJobs'
  | 'hasFailedImages'
  | 'queueHeld';

const told = new Map<ContextName, boolean>();

export function setContext(name: ContextName, value: boolean): void {
  if (told.get(name) === value) return;
  told.set(name, value);
  void commands.executeCommand('setContext', `genImageFactory:${name}`, value);
}
