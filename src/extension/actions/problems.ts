/** What keeps a job from starting, as one error; and the way to the setting that is wrong. */
import { l10n } from 'vscode';
import { FactoryError, isFactoryError } from '../../engine/model/errors.ts';
import type { Problem } from '../../engine/model/errors.ts';
import { spoken } from '../../engine/model/message.ts';
import { isSettingKey, isVisible } from '../../engine/settings/settings.ts';
import type { Settings } from '../../engine/settings/settings.ts';
import type { Panels } from '../panels/panelServices.ts';

/** One error for all that is wrong with settings and files; its first setting is where the editor opens. */
export function errorOfProblems(problems: readonly Problem[]): FactoryError {
  const code = problems.some((problem) => problem.key !== null) ? 'settings.invalid' : 'input.invalid';
  return new FactoryError(code, spoken(l10n.t('The job cannot start with these settings.')), { problems });
}

/** Problems of configured values that this start would use: hidden fields keep their value unused (S4), changes replace it. */
export function problemsThatCount(
  problems: readonly Problem[],
  settings: Settings,
  changes: Partial<Settings>,
): Problem[] {
  return problems.filter(
    ({ key }) => key === null || !isSettingKey(key) || (!(key in changes) && isVisible(key, settings)),
  );
}

/** A start that is refused for a setting opens the settings editor at its field (S2); the error goes on. */
export async function showingProblems<T>(panels: Panels, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (thrown) {
    const problems = isFactoryError(thrown) ? thrown.problems : [];
    const field = problems.find(({ key, line }) => key !== null && line === null)?.key ?? null;
    if (field !== null) panels.open('settings', { field });
    throw thrown;
  }
}
