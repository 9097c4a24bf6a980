/** What a person can do about an error: one table, for views, notifications and the command line. */
import type { ErrorCode, Problem } from '../model/errors.ts';
import { remedyOf } from './registry.ts';
import type { Message } from '../model/message.ts';
import { messages } from './messages.ts';

export type Remedy =
  | { kind: 'setKey'; provider: string }
  /** Opens the settings editor, at a field where one is known. */
  | { kind: 'openSettings'; field: string | null }
  | { kind: 'openFolder' }
  | { kind: 'trustWorkspace' }
  | { kind: 'adoptHistory' }
  | { kind: 'editPrompt' }
  | { kind: 'cleanUp' }
  | { kind: 'reload' }
  | { kind: 'showLog' };

export const remedyLabels: Record<Remedy['kind'], Message> = {
  setKey: messages.remedySetKey(),
  openSettings: messages.remedyOpenSettings(),
  openFolder: messages.remedyOpenFolder(),
  trustWorkspace: messages.remedyTrustWorkspace(),
  adoptHistory: messages.remedyAdoptHistory(),
  editPrompt: messages.remedyEditPrompt(),
  cleanUp: messages.remedyCleanUp(),
  reload: messages.remedyReload(),
  showLog: messages.remedyShowLog(),
};

/** Remedies of an error, the most helpful first; never empty. */
export function remediesFor(error: {
  code: ErrorCode;
  provider?: string | null | undefined;
  problems?: readonly Problem[] | undefined;
}): Remedy[] {
  const field = error.problems?.find((problem) => problem.key !== null)?.key ?? null;
  const provider = error.provider ?? null;
  const log: Remedy = { kind: 'showLog' };
  switch (error.code) {
    case 'key.missing':
    case 'provider.auth':
      return provider === null
        ? [{ kind: 'openSettings', field: null }, log]
        : [{ kind: 'setKey', provider }, log];
    case 'settings.invalid':
    case 'input.invalid':
    case 'disk.unwritable':
      return [{ kind: 'openSettings', field }, log];
    case 'provider.credit':
    case 'provider.modelGone':
    case 'provider.parameter':
    case 'provider.retired':
      return [{ kind: 'openSettings', field: remedyOf(provider) }, log];
    case 'provider.rateLimited':
      return [{ kind: 'openSettings', field: 'generation.parallel' }, log];
    case 'budget.exceeded':
      return [{ kind: 'openSettings', field: 'budget.maxCostPerJob' }, log];
    case 'content.refused':
    case 'content.flagged':
      return [{ kind: 'editPrompt' }, log];
    case 'disk.full':
      return [{ kind: 'cleanUp' }, log];
    case 'noFolder':
      return [{ kind: 'openFolder' }];
    case 'untrusted':
      return [{ kind: 'trustWorkspace' }];
    case 'store.foreign':
      return [{ kind: 'adoptHistory' }];
    default:
      return [{ kind: 'reload' }, log];
  }
}
