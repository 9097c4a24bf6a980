/** What is selected in each tree, for key bindings: VS Code gives their commands no item. */

export type TreeName = 'jobs' | 'failed';

const selections = new Map<string, () => readonly unknown[]>();

export function offerSelection(tree: TreeName, selected: () => readonly unknown[]): void {
  selections.set(tree, selected);
}

/** The argument of a key binding, `{ "selectionOf": "jobs" }`, as the nodes that are selected; null for any other argument. */
export function selectionFor(argument: unknown): readonly unknown[] | null {
  if (typeof argument !== 'object' || argument === null || !('selectionOf' in argument)) return null;
  return selections.get(String(argument.selectionOf))?.() ?? [];
}
