/** Rows of `jobs` and `job_inputs` as records. */
import { noInputs } from '../../model/job.ts';
import type { JobInputs, JobSummary } from '../../model/job.ts';
import { shownLabel } from '../../model/label.ts';
import { jobStatuses } from '../../model/status.ts';
import { CheckedRow, largest, latest, longest } from './checkedRow.ts';
import { damageOf } from './damage.ts';
import { idOf, isId } from './ids.ts';
import { asInputs, asJobError, asRecord } from './shapes.ts';
import { columnsWithin } from './size.ts';

export interface JobRow {
  seq: number;
  id: unknown;
}

const numbers = [
  ...[
    'rerun',
    'stopping',
    'created_at',
    'started_at',
    'finished_at',
    'running_ms',
    'running_since',
    'planned',
  ],
  ...['generated', 'checked', 'approved', 'failed', 'percent', 'cost_micro_usd', 'unknown_costs'],
];
const texts = ['id', 'label', 'status', 'image_provider', 'error'];

/** What an error may say. */
const mostBytes = 64 * 1024;
/** More images than anybody makes, so that sums stay exact. */
const mostImages = 1_000_000_000;

/** To be followed by the conditions. */
export const selectJobs = `SELECT j.seq, ${columnsWithin('j', numbers, texts, mostBytes)} FROM jobs AS j`;

/** `now` is the time up to which a running job's duration counts. */
export function toJob(raw: JobRow, now: number): JobSummary {
  const row = new CheckedRow(raw);
  row.expect(isId(raw.id), 'id');
  const id = idOf(raw.id, raw.seq);
  const label = row.text('label', longest.name);
  const rerun = row.flag('rerun');
  const since = row.numberOrNull('running_since', 0, latest);
  const cost = row.numberOrNull('cost_micro_usd', 0, largest);
  row.number('percent', 0, 100);
  const summary: JobSummary = {
    id,
    label: shownLabel({ id, label, rerun }),
    ownLabel: label,
    rerun,
    status: row.word('status', jobStatuses, 'failed'),
    stopping: row.flag('stopping'),
    createdAt: row.number('created_at', 0, latest),
    startedAt: row.numberOrNull('started_at', 0, latest),
    finishedAt: row.numberOrNull('finished_at', 0, latest),
    // A clock that was set back must not take time away.
    durationMs: row.number('running_ms', 0, latest) + (since === null ? 0 : Math.max(0, now - since)),
    asOf: now,
    planned: row.number('planned', 0, mostImages),
    generated: row.number('generated', 0, mostImages),
    checked: row.number('checked', 0, mostImages),
    approved: row.number('approved', 0, mostImages),
    failed: row.number('failed', 0, mostImages),
    cost: { microUsd: cost ?? 0, unknown: cost === null || row.number('unknown_costs', 0, largest) > 0 },
    error: row.jsonOrNull('error', asJobError),
    imageProvider: row.text('image_provider', longest.name),
  };
  if (row.damaged.length === 0) return summary;
  const message = damageOf(row.damaged);
  return { ...summary, ...row.mark, error: { code: 'store.damaged', stage: null, provider: null, message } };
}

/** The long texts of one job. */
export interface JobContents {
  settings: Readonly<Record<string, unknown>>;
  /** As run; null before the first start. */
  snapshot: Readonly<Record<string, unknown>> | null;
  inputs: JobInputs;
  plan: Record<string, unknown>;
  parentId: string | null;
  /** Highest percent that was shown: progress never falls. */
  percent: number;
  /** Columns that hold what they should not; absent where all is well. */
  damaged?: readonly string[];
}

/** The chosen rows of the largest job take a tenth of this. */
const mostContents = 4 * 1024 * 1024;

/** To be followed by the conditions. */
export const selectContents = `SELECT ${columnsWithin('i', [], ['settings', 'snapshot', 'inputs', 'plan'], mostContents)},
  ${columnsWithin('j', ['percent'], ['parent_id'], longest.name)}
  FROM jobs AS j JOIN job_inputs AS i ON i.job_seq = j.seq`;

export function toContents(raw: object): JobContents {
  const row = new CheckedRow(raw);
  const contents = {
    settings: row.json('settings', asRecord, {}),
    snapshot: row.jsonOrNull('snapshot', asRecord),
    inputs: row.json('inputs', asInputs, noInputs),
    plan: row.json('plan', asRecord, {}),
    parentId: row.textOrNull('parent_id', longest.name),
    percent: row.number('percent', 0, 100),
  };
  return { ...contents, ...row.mark };
}
