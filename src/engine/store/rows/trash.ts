/** Rows of `trash` as records. */
import { CheckedRow, latest, longest } from './checkedRow.ts';
import { asRowNumbers } from './shapes.ts';
import { columnsWithin } from './size.ts';

const trashStates = ['deleting', 'moving', 'done', 'restoring', 'purging'] as const;
export type TrashState = (typeof trashStates)[number];

/** What was deleted, by the numbers of its rows. */
export interface Deletion {
  /** Whole jobs. */
  jobs: number[];
  /** Single images of other jobs. */
  images: number[];
}

export interface TrashRecord extends Deletion {
  state: TrashState;
  jobCount: number;
  imageCount: number;
}

/** To be followed by the conditions. */
export const selectTrash = `SELECT ${columnsWithin(
  't',
  ['deleted_at', 'job_count', 'image_count'],
  ['id', 'state', 'title', 'jobs', 'images'],
  64 * longest.bytes,
)} FROM trash AS t`;

/** Null where the row holds what it should not: nothing is moved, brought back or removed by what it says. */
export function toTrash(raw: object): TrashRecord | null {
  const row = new CheckedRow(raw);
  row.number('deleted_at', 0, latest);
  const record = {
    state: row.word('state', trashStates, 'done'),
    jobs: row.json('jobs', asRowNumbers, []),
    images: row.json('images', asRowNumbers, []),
    jobCount: row.number('job_count', 0, 1_000_000_000),
    imageCount: row.number('image_count', 0, 1_000_000_000),
  };
  return row.damaged.length === 0 ? record : null;
}
