/** The question before something is deleted: it names what goes, in the same words wherever it comes from. */
import { l10n } from 'vscode';
import { showWarningMessage } from '../messages.ts';

/** More are counted. */
const mostNamed = 3;

interface Deletion {
  ids: readonly string[];
  nameOf: (id: string) => string;
  one: (name: string) => string;
  several: (count: string) => string;
  /** What becomes of it. */
  detail: string;
}

/** Null when the user left it; `other` is the words of a second button. */
export async function askDelete(
  { ids, nameOf, one, several, detail }: Deletion,
  ...other: readonly [string?]
): Promise<'delete' | 'other' | null> {
  const names = ids.slice(0, mostNamed).map((id) => nameOf(id));
  const more = ids.length - names.length;
  const [first = ''] = names;
  const lines = names.map((name) => `"${name}"`);
  if (more > 0) lines.push(l10n.t('and {0} more', String(more)));
  const alone = ids.length === 1;
  const yes = l10n.t('Delete');
  const chosen = await showWarningMessage(
    alone ? one(first) : several(String(ids.length)),
    { modal: true, detail: alone ? detail : `${lines.join('\n')}\n\n${detail}` },
    yes,
    ...other.filter((words) => words !== undefined),
  );
  if (chosen === undefined) return null;
  return chosen === yes ? 'delete' : 'other';
}
