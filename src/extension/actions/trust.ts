import { l10n, workspace } from 'vscode';
import { FactoryError } from '../../engine/model/errors.ts';
import { spoken } from '../../engine/model/message.ts';

/** Commands can be called even where they are hidden, so each that works or reads prompt files asks here (S6). */
export function requireTrust(): void {
  if (workspace.isTrusted) return;
  throw new FactoryError(
    'untrusted',
    spoken(
      l10n.t(
        'This workspace is not trusted. History and images can be read; jobs start in trusted workspaces only.',
      ),
    ),
  );
}
