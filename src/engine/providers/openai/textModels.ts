/** The text and vision models of OpenAI that are known: prices, effort, last days. */
import type { TextModelFacts } from '../modelFacts.ts';

type TextRow = [
  id: string,
  input: number | null,
  cached: number | null,
  output: number | null,
  effort: TextModelFacts['effort'],
  goneOn: string | null,
  replacement: string | null,
];

const textRows: readonly TextRow[] = [
  ['gpt-6-astra', 10, 1, 50, 'low', null, null],
  ['gpt-6.1-sol', 2, 0.1, 10, 'low', null, null],
  ['gpt-6-sol', 2, 0.2, 10, 'none', null, null],
  ['gpt-6.1-terra', 1, 0.05, 5, 'none', null, null],
  ['gpt-6-luna', 0.1, 0.01, 0.5, 'none', null, null],
  ['gpt-5.6-terra', 2, 0.2, 12, 'none', null, null],
  ['gpt-5.6-luna', 0.2, 0.02, 1.2, 'none', null, null],
  ['gpt-5', 1.25, 0.125, 10, 'minimal', '2026-12-11', 'gpt-6.1-sol'],
  ['gpt-5-mini', 0.25, 0.025, 2, 'minimal', '2026-12-11', 'gpt-6.1-terra'],
  ['gpt-5-nano', null, null, null, 'minimal', '2026-12-11', 'gpt-6-luna'],
  ['o3', null, null, null, 'low', '2026-12-11', 'gpt-6.1-sol'],
  ['gpt-5.1', null, null, null, 'none', '2027-04-01', 'gpt-6-luna'],
  ['gpt-5.4-nano', null, null, null, 'none', '2027-04-01', 'gpt-6-luna'],
  ['gpt-4.1', 2, 0.5, 8, null, '2027-01-14', 'gpt-6-luna'],
  ['gpt-4.1-mini', null, null, null, null, '2027-01-14', 'gpt-6-luna'],
  ['gpt-4o', 2.5, 1.25, 10, null, '2027-01-14', 'gpt-6-luna'],
  ['gpt-4o-mini', 0.15, 0.075, 0.6, null, '2027-01-14', 'gpt-6-luna'],
  ['gpt-4', null, null, null, null, '2026-10-23', 'gpt-6-luna'],
  ['gpt-4-turbo', null, null, null, null, '2026-10-23', 'gpt-6-luna'],
  ['gpt-3.5-turbo', null, null, null, null, '2026-10-23', 'gpt-6-luna'],
  ['gpt-4.1-nano', null, null, null, null, '2026-10-23', 'gpt-6-luna'],
  ['o1', null, null, null, null, '2026-10-23', 'gpt-6.1-sol'],
  ['o3-mini', null, null, null, null, '2026-10-23', 'gpt-6.1-terra'],
  ['o4-mini', null, null, null, null, '2026-10-23', 'gpt-6.1-terra'],
];

/** Facts of a text model; unknown ones have no price. */
export function textModel(id: string): TextModelFacts {
  const row = textRows.find(([known]) => known === id);
  return {
    id,
    known: row !== undefined,
    inputPerToken: row?.[1] ?? null,
    cachedInputPerToken: row?.[2] ?? null,
    outputPerToken: row?.[3] ?? null,
    effort: row?.[4] ?? null,
    goneOn: row?.[5] ?? null,
    replacement: row?.[6] ?? null,
  };
}
