/** Shows an error with the buttons that help; every command and action ends here when it fails. */
import { l10n, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { isFactoryError, toFactoryError } from '../engine/model/errors.ts';
import type { Problem } from '../engine/model/errors.ts';
import type { WayOut } from '../engine/model/waysOut.ts';
import { wayOutLabels, waysOut } from '../engine/model/waysOut.ts';

/** "keywords.csv, line 3: …" or "Image Provider: …". */
export function problemLine(problem: Problem): string {
  if (problem.file === null) return problem.message;
  const place =
    problem.line === null ? problem.file : l10n.t('{0}, line {1}', problem.file, String(problem.line));
  return `${place}: ${problem.message}`;
}

const shownProblems = 3;

/** One message with at most three problems; the log has all of them. */
function messageOf(message: string, problems: readonly Problem[]): string {
  const [first, ...rest] = problems;
  if (first === undefined) return message;
  if (rest.length === 0) return problemLine(first);
  const shown = problems.slice(0, shownProblems).map(problemLine).join(' · ');
  const more = problems.length - shownProblems;
  return more > 0 ? l10n.t('{0} · and {1} more (see the log)', shown, String(more)) : shown;
}

/** Resolves when the user has chosen or closed the message. A cancelled action says nothing. */
export async function showError(
  thrown: unknown,
  log: LogOutputChannel,
  takeWayOut: (wayOut: WayOut) => Promise<void>,
): Promise<void> {
  if (isFactoryError(thrown, 'cancelled')) return;
  const error = toFactoryError(thrown);
  log.error(error.code === 'unexpected' && thrown instanceof Error ? thrown : error.message);
  for (const problem of error.problems) log.error(problemLine(problem));
  const ways = waysOut(error).filter((way) => way.kind !== 'reload');
  const chosen = await window.showErrorMessage(
    messageOf(error.message, error.problems),
    ...ways.map((way) => ({ title: l10n.t(wayOutLabels[way.kind]), way })),
  );
  if (chosen !== undefined) await takeWayOut(chosen.way);
}
