/**
 * What the window says in notifications and questions. VS Code makes links of `[words](command:…)` and icons of
 * `$(name)` in such texts; names and reasons come from the workspace and from providers, so here all text is text.
 */
import { window } from 'vscode';
import type { CancellationToken, MessageItem, Progress, ProgressOptions } from 'vscode';
import { plainText } from './plainText.ts';

type Show = typeof window.showInformationMessage;

function plainly(name: 'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage'): Show {
  const show = (message: string, ...rest: readonly MessageItem[]): Thenable<MessageItem | undefined> =>
    window[name](plainText(message), ...rest);
  return show as Show;
}

export const showInformationMessage = plainly('showInformationMessage');
export const showWarningMessage = plainly('showWarningMessage');
export const showErrorMessage = plainly('showErrorMessage');

export function withProgress<T>(
  options: ProgressOptions & { title: string },
  work: (
    progress: Progress<{ message?: string; increment?: number }>,
    token: CancellationToken,
  ) => Thenable<T>,
): Thenable<T> {
  return window.withProgress({ ...options, title: plainText(options.title) }, work);
}
