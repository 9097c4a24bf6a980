import { l10n } from 'vscode';
import { FactoryError } from '../../engine/model/errors.ts';
import type { Problem } from '../../engine/model/errors.ts';

/** One error for all that is wrong with settings and files; its first setting is where the editor opens. */
export function errorOfProblems(problems: readonly Problem[]): FactoryError {
  const code = problems.some((problem) => problem.key !== null) ? 'settings.invalid' : 'input.invalid';
  return new FactoryError(code, l10n.t('The job cannot start with these settings.'), { problems });
}
