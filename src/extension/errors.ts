/** Shows an error with the buttons that help; every command and action ends here when it fails. */
import { isAbsolute, join } from 'node:path';
import { l10n, Range, Uri, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { isFactoryError, toFactoryError } from '../engine/model/errors.ts';
import type { FactoryError, Problem } from '../engine/model/errors.ts';
import { inWords } from '../engine/model/message.ts';
import type { Remedy } from '../engine/providers/remedies.ts';
import { remedyLabels, remediesFor } from '../engine/providers/remedies.ts';
import { showErrorMessage } from './messages.ts';

const shownProblems = 3;

/** One message with at most three problems, each of which says where it is; the log has all of them. */
function messageOf(message: string, problems: readonly Problem[]): string {
  if (problems.length === 0) return message;
  const shown = problems
    .slice(0, shownProblems)
    .map((problem) => inWords(problem.told))
    .join(' · ');
  const more = problems.length - shownProblems;
  return more > 0 ? l10n.t('{0} · and {1} more (see the log)', shown, String(more)) : shown;
}

interface Button {
  title: string;
  act: () => Promise<void>;
}

export interface ErrorOptions {
  log: LogOutputChannel;
  applyRemedy: (remedy: Remedy) => Promise<void>;
  /** Absolute path of the workspace folder; null without one. */
  root: string | null;
}

/** A problem at a line of a file: the way to it. */
function fileButton(error: FactoryError, root: string | null): Button[] {
  const problem = error.problems.find(({ file, line }) => file !== null && line !== null);
  const file = problem?.file ?? null;
  if (file === null || root === null) return [];
  const path = isAbsolute(file) ? file : join(root, file);
  const line = (problem?.line ?? 1) - 1;
  const column = (problem?.column ?? 1) - 1;
  return [
    {
      title: l10n.t('Open File'),
      act: async () => {
        await window.showTextDocument(Uri.file(path), { selection: new Range(line, column, line, column) });
      },
    },
  ];
}

/** Resolves when the user has chosen or closed the message. A cancelled action says nothing. */
export async function showError(thrown: unknown, options: ErrorOptions): Promise<void> {
  if (isFactoryError(thrown, 'cancelled')) return;
  const error = toFactoryError(thrown);
  options.log.error(error.code === 'unexpected' && thrown instanceof Error ? thrown : inWords(error.told));
  for (const problem of error.problems) options.log.error(inWords(problem.told));
  const ways = remediesFor(error).filter((way) => way.kind !== 'reload');
  const buttons: Button[] = [
    ...fileButton(error, options.root),
    ...ways.map((way) => ({
      title: l10n.t(inWords(remedyLabels[way.kind])),
      act: () => options.applyRemedy(way),
    })),
  ];
  const chosen = await showErrorMessage(messageOf(inWords(error.told), error.problems), ...buttons);
  await chosen?.act();
}
