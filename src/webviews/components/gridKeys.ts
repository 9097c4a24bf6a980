/** Where the keys of a grid lead: arrows, Home, End and the Page keys, as in VS Code's own lists. */
interface GridPlace {
  active: number;
  last: number;
  columns: number;
  rowsPerPage: number;
}

/** The position that a key leads to; null for every other key. */
export function movedTo(
  event: KeyboardEvent,
  { active, last, columns, rowsPerPage }: GridPlace,
): number | null {
  if (event.altKey) return null;
  const page = Math.max(1, rowsPerPage) * columns;
  const rowStart = active - (active % columns);
  const within = (index: number): number => Math.max(0, Math.min(last, index));
  const whole = event.ctrlKey || event.metaKey || columns === 1;
  switch (event.key) {
    case 'ArrowRight':
      return columns === 1 ? null : within(active + 1);
    case 'ArrowLeft':
      return columns === 1 ? null : within(active - 1);
    case 'ArrowDown':
      return active + columns > last && rowStart + columns > last ? active : within(active + columns);
    case 'ArrowUp':
      return active - columns < 0 ? active : active - columns;
    case 'PageDown':
      return within(active + page);
    case 'PageUp':
      return within(active - page);
    case 'Home':
      return whole || active === rowStart ? 0 : rowStart;
    case 'End': {
      const rowEnd = within(rowStart + columns - 1);
      return whole || active === rowEnd ? last : rowEnd;
    }
    default:
      return null;
  }
}
