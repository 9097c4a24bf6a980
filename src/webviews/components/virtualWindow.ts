/** Arithmetic of a long list of rows of one height, of which only those in sight are in the page. */

export interface Columns {
  columns: number;
  /** Width of one tile in CSS pixels, without the gap. */
  tile: number;
}

/** More tiles than this are never in the page. */
export const maxTiles = 300;

/**
 * As many columns as fit at `least` pixels, but tiles grow where a large screen would show more than about
 * `mostTiles` with a row above and below.
 */
export function columnsFor(
  width: number,
  height: number,
  least: number,
  gap: number,
  caption: number,
): Columns {
  let columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  for (;;) {
    const tile = Math.floor((width - gap * (columns - 1)) / columns);
    const rows = Math.ceil(height / (tile + caption + gap)) + 1 + 2;
    if (columns === 1 || rows * columns <= maxTiles) return { columns, tile };
    columns -= 1;
  }
}

export interface WindowInput {
  rows: number;
  /** Height of a row with its gap, in CSS pixels. */
  rowHeight: number;
  /** Where the view begins, measured from the top of the list; negative while something stands above it. */
  top: number;
  /** Height in sight. */
  height: number;
  /** Rows kept above and below. */
  overscan: number;
}

export interface Window {
  /** First row in the page, and the row after the last. */
  first: number;
  end: number;
  /** Distance of row `first` from the top of the list, in CSS pixels. */
  offset: number;
  /** Height that the list takes in the page. */
  total: number;
}

/** Browsers stop laying out at about 33 million pixels; beyond half of that the bar is scaled. */
export const tallest = 16_000_000;

/** How many list pixels one pixel of the page stands for; 1 until the list is taller than `tallest`. */
export function scaleOf(rows: number, rowHeight: number, height: number): number {
  const full = rows * rowHeight;
  return full <= tallest ? 1 : (full - height) / (tallest - height);
}

export function windowOf({ rows, rowHeight, top, height, overscan }: WindowInput): Window {
  const scale = scaleOf(rows, rowHeight, height);
  const listTop = Math.max(0, top) * scale;
  const first = Math.min(Math.max(0, Math.floor(listTop / rowHeight) - overscan), Math.max(0, rows - 1));
  const end = Math.min(rows, Math.ceil((listTop + Math.min(height, height + top)) / rowHeight) + overscan);
  // Scaled: rows are placed relative to the view, so that they move pixel by pixel under the reader's eye.
  const offset = scale === 1 ? first * rowHeight : Math.max(0, top) + (first * rowHeight - listTop);
  return { first, end: Math.max(first, end), offset, total: Math.min(rows * rowHeight, tallest) };
}

/** Where the page must be scrolled to, for the row to begin at the top of the view. */
export function topOfRow(row: number, rows: number, rowHeight: number, height: number): number {
  return (row * rowHeight) / scaleOf(rows, rowHeight, height);
}
