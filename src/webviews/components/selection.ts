/** Which rows are chosen: by id, over pages and filters, with the anchor that Shift extends from. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** What a range starts from; null before the first choice. */
  readonly anchor: Anchor | null;
}

/** A row, and where it stood when it was chosen: rows move, and those far out of sight are forgotten. */
export interface Anchor {
  readonly id: string;
  readonly index: number;
}

export const emptySelection: Selection = { ids: new Set(), anchor: null };

export function toggle(selection: Selection, id: string, index: number): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: { id, index } };
}

/** Where it stands now; where it stood where the list does not know it. */
export function placeOf({ id, index }: Anchor, list: { indexOf(id: string): number }): number {
  const found = list.indexOf(id);
  return found >= 0 ? found : index;
}

/** Adds a range to what is chosen; the anchor stays, so that the next range starts there too. */
export function extend(selection: Selection, range: Iterable<string>, fallbackAnchor: Anchor): Selection {
  return {
    ids: new Set([...selection.ids, ...range]),
    anchor: selection.anchor ?? fallbackAnchor,
  };
}

/** Adds all of the filter, or takes them away again when all are chosen already. */
export function toggleAll(selection: Selection, all: readonly string[]): Selection {
  const ids = new Set(selection.ids);
  if (all.every((id) => ids.has(id))) for (const id of all) ids.delete(id);
  else for (const id of all) ids.add(id);
  return { ids, anchor: null };
}

/** All that are chosen where it is one of them, else it alone: the rule of VS Code's own lists, for menus and keys. */
export function withChosen(id: string, { ids }: Selection): readonly string[] {
  return ids.has(id) ? [...ids] : [id];
}

export function without(selection: Selection, gone: Iterable<string>): Selection {
  const ids = new Set(selection.ids);
  for (const id of gone) ids.delete(id);
  return ids.size === selection.ids.size ? selection : { ids, anchor: selection.anchor };
}
