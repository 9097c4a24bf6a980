/** Rows of `runs` as records. */
import type { RunSummary } from '../../model/events.ts';
import { runKinds, runStatuses } from '../../model/events.ts';
import { CheckedRow, latest, longest } from './checkedRow.ts';
import { idOf, isId } from './ids.ts';
import { asRecord, asRunError } from './shapes.ts';
import { columnsWithin } from './size.ts';

export interface RunRow {
  seq: number;
  id: unknown;
  job_id: unknown;
}

const mostBytes = 64 * 1024;
const mostImages = 1_000_000_000;

/** To be followed by the conditions. */
export const selectRuns = `SELECT r.seq, ${columnsWithin(
  'r',
  ['total', 'done', 'failed', 'created_at'],
  ['id', 'kind', 'status', 'job_id', 'title', 'error'],
  mostBytes,
)} FROM runs AS r`;

export const selectRequest = `SELECT ${columnsWithin('r', [], ['request'], 4 * 1024 * 1024)} FROM runs AS r`;

export function toRun(raw: RunRow): RunSummary {
  const row = new CheckedRow(raw);
  row.expect(isId(raw.id), 'id');
  row.expect(raw.job_id === null || isId(raw.job_id), 'job_id');
  const run: RunSummary = {
    id: idOf(raw.id, raw.seq),
    kind: row.word('kind', runKinds, 'job'),
    status: row.word('status', runStatuses, 'failed'),
    jobId: isId(raw.job_id) ? raw.job_id : null,
    title: row.text('title', longest.name),
    createdAt: row.number('created_at', 0, latest),
    total: row.number('total', 0, mostImages),
    done: row.number('done', 0, mostImages),
    failed: row.number('failed', 0, mostImages),
    error: row.jsonOrNull('error', asRunError),
  };
  return { ...run, ...row.mark };
}

/** What it was asked to do; null where that cannot be known. */
export function toRequest(raw: object): Record<string, unknown> | null {
  return new CheckedRow(raw).jsonOrNull('request', asRecord);
}
