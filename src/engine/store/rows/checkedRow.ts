/**
 * One row as SQLite gives it, where any column may hold anything. Each column is asked for as what it should be; what
 * is something else is read as its empty value, and its name is kept.
 */
import type { Shape } from './shapes.ts';

/** Longest texts, in characters; `bytes` of any column of a list. */
export const longest = { name: 1000, path: 4096, text: 262_144, bytes: 1024 * 1024 } as const;

/** What JavaScript counts exactly. */
export const largest = Number.MAX_SAFE_INTEGER;
/** The last moment that a date can be, UTC ms. */
export const latest = 8_640_000_000_000_000;

export class CheckedRow {
  readonly damaged: string[] = [];
  readonly #row: Readonly<Record<string, unknown>>;

  constructor(row: object) {
    this.#row = row as Readonly<Record<string, unknown>>;
  }

  text(column: string, most: number): string {
    return this.textOrNull(column, most) ?? this.#bad(column, '');
  }

  textOrNull(column: string, most: number): string | null {
    const value = this.#row[column];
    if (value === null) return null;
    return typeof value === 'string' && value.length <= most && !value.includes('\0')
      ? value
      : this.#bad(column, null);
  }

  number(column: string, least: number, most: number): number {
    return this.numberOrNull(column, least, most) ?? this.#bad(column, least);
  }

  /** A whole number. */
  numberOrNull(column: string, least: number, most: number): number | null {
    const value = this.#row[column];
    if (value === null) return null;
    return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : this.#bad(column, null);
  }

  /** A number of a service, which may be of any size. */
  anyNumberOrNull(column: string): number | null {
    const value = this.#row[column];
    if (value === null) return null;
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#bad(column, null);
  }

  flag(column: string): boolean {
    return this.number(column, 0, 1) === 1;
  }

  word<T extends string>(column: string, words: readonly T[], otherwise: T): T {
    return this.wordOrNull(column, words) ?? this.#bad(column, otherwise);
  }

  wordOrNull<T extends string>(column: string, words: readonly T[]): T | null {
    const value = this.#row[column];
    if (value === null) return null;
    return words.find((word) => word === value) ?? this.#bad(column, null);
  }

  json<T>(column: string, shape: Shape<T>, otherwise: T): T {
    return this.jsonOrNull(column, shape) ?? this.#bad(column, otherwise);
  }

  jsonOrNull<T>(column: string, shape: Shape<T>): T | null {
    const value = this.#row[column];
    if (value === null) return null;
    const found = typeof value === 'string' ? shape(parse(value)) : undefined;
    return found === undefined ? this.#bad(column, null) : found;
  }

  /** Says what is wrong with a column that was read by other means. */
  expect(sound: boolean, column: string): void {
    if (!sound) this.#bad(column, null);
  }

  /** For the record: absent where all is well. */
  get mark(): { damaged?: string[] } {
    return this.damaged.length === 0 ? {} : { damaged: this.damaged };
  }

  #bad<T>(column: string, otherwise: T): T {
    if (!this.damaged.includes(column)) this.damaged.push(column);
    return otherwise;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
