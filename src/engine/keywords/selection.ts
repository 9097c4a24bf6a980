/** Which row each generation uses. */

export interface RowSelection {
  /** 0-based rows that may be used, in the order of the file. */
  rows: readonly number[];
  random: boolean;
  /** Stored with the job, so that the same job takes the same rows again; ignored unless random. */
  seed: number;
}

/**
 * The row of each of `count` generations: in turn, or in shuffled passes over all rows before any repeats (K2).
 * The same selection gives the same rows everywhere and always.
 */
export function selectRows(selection: RowSelection, count: number): number[] {
  const { rows, random, seed } = selection;
  if (rows.length === 0) return [];
  const chosen: number[] = [];
  for (let pass = 0; chosen.length < count; pass++) {
    chosen.push(...(random ? shuffled(rows, seed, pass) : rows).slice(0, count - chosen.length));
  }
  return chosen;
}

/** All rows of a file with so many rows. */
export function allRows(rowCount: number): number[] {
  return Array.from({ length: rowCount }, (_, row) => row);
}

function shuffled(rows: readonly number[], seed: number, pass: number): number[] {
  const result = [...rows];
  const next = numbersFrom(seed, pass);
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    const moved = result[last] as number;
    result[last] = result[other] as number;
    result[other] = moved;
  }
  return result;
}

/** Evenly spread numbers from 0 to 1 (mulberry32): small, fast, the same on every machine. */
function numbersFrom(seed: number, pass: number): () => number {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(pass + 1, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
