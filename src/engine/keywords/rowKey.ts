/** How a row is known again in a later job: "only rows not done yet". */
import { sha256 } from '../model/sha256.ts';

/**
 * SHA-256 (hex) of a row's values and the template that was filled with them. The order of the columns and the place of
 * the row in the file do not matter; another value or another template makes another row.
 */
export function rowKey(values: Readonly<Record<string, string>>, templateSource: string): string {
  const cells = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sha256(JSON.stringify([cells, templateSource]));
}
