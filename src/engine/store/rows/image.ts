/** Rows of `images` as records. */
import type { ImageRecord } from '../../model/image.ts';
import { shownLabel } from '../../model/label.ts';
import { imageStatuses, stages } from '../../model/status.ts';
import type { ImageStatus, Stage } from '../../model/status.ts';
import { CheckedRow, largest, latest, longest } from './checkedRow.ts';
import { damageOf } from './damage.ts';
import { idOf, isId } from './ids.ts';
import { asCells, asFailures, asRecord, asTags, asTimings } from './shapes.ts';
import { mostGenerations, mostVariations } from './places.ts';
import { columnsWithin, numbersInSql, sizeInSql, textWithin } from './size.ts';

/** An image with what only the pipeline needs. */
export interface PipelineImageRecord extends ImageRecord {
  statusBefore: ImageStatus | null;
  nextStage: Stage | null;
  providerImageId: string | null;
  sourceUrl: string | null;
  qcPassed: boolean | null;
  cutoutPath: string | null;
  unfinished: Record<string, unknown>;
}

export interface ImageRow {
  seq: number;
  id: unknown;
  job_seq: number;
  id_of_job: unknown;
  label_of_job: unknown;
  rerun_of_job: unknown;
}

const numbers = [
  ...['generation', 'variation', 'keyword_row', 'seed', 'width', 'height', 'bytes'],
  ...['cost_micro_usd', 'qc_passed', 'created_at'],
];
const texts = [
  ...['id', 'status', 'status_before', 'failure_stage', 'failure_code', 'failure_reason', 'soft_failures'],
  ...['next_stage', 'keyword', 'prompt', 'provider', 'model', 'provider_image_id', 'source_url', 'timings'],
  ...[
    'qc_reason',
    'title',
    'description',
    'tags',
    'processing',
    'unfinished',
    'original_path',
    'cutout_path',
  ],
  ...['path', 'sidecar_path', 'signature', 'thumbnail_path'],
];

const select = (most: number): string =>
  `SELECT i.seq, i.job_seq, ${columnsWithin('i', numbers, texts, most)},
     ${textWithin('j', 'id', longest.path, 'id_of_job')}, ${textWithin('j', 'label', longest.path, 'label_of_job')}, j.rerun AS rerun_of_job
   FROM images AS i JOIN jobs AS j ON j.seq = i.job_seq`;

/** Of a row as the program writes them: small, and a number where one belongs. */
const isOrdinary = `${sizeInSql('i', texts)} <= 16384 AND ${numbersInSql('i', numbers)}`;

/** Rows of a list, to be followed by further conditions: nearly all, and quickly. */
export const selectOrdinaryImages = `SELECT i.*, j.id AS id_of_job, j.label AS label_of_job, j.rerun AS rerun_of_job
  FROM images AS i JOIN jobs AS j ON j.seq = i.job_seq AND octet_length(j.label) <= ${longest.path}
  WHERE ${isOrdinary}`;

/** To be followed by the conditions. Texts that nobody could show stay where they are. */
export const selectImages = select(longest.bytes);
/** Without all but short texts. */
export const selectShortImages = select(256);

/** Row numbers with the bytes of their texts. */
export const selectImageSizes = `SELECT i.seq, ${sizeInSql('i', texts)} AS size FROM images AS i`;

export function toImage(row: ImageRow): ImageRecord {
  return imageOf(new CheckedRow(row), row);
}

export function toPipelineImage(row: ImageRow): PipelineImageRecord {
  const checked = new CheckedRow(row);
  const work = {
    statusBefore: checked.wordOrNull('status_before', imageStatuses),
    nextStage: checked.wordOrNull('next_stage', stages),
    providerImageId: checked.textOrNull('provider_image_id', longest.text),
    sourceUrl: checked.textOrNull('source_url', longest.text),
    qcPassed: flagOrNull(checked, 'qc_passed'),
    cutoutPath: checked.textOrNull('cutout_path', longest.path),
    unfinished: checked.json('unfinished', asRecord, {}),
  };
  return { ...imageOf(checked, row), ...work };
}

function imageOf(row: CheckedRow, raw: ImageRow): ImageRecord {
  const { seq, id } = raw;
  row.expect(isId(id), 'id');
  const record: ImageRecord = {
    seq,
    id: idOf(id, seq),
    ...jobOf(raw),
    generation: row.number('generation', 0, mostGenerations),
    variation: row.number('variation', 0, mostVariations),
    status: row.word('status', imageStatuses, 'failed'),
    failure: failureOf(row),
    softFailures: row.json('soft_failures', asFailures, []),
    keywordRow: row.number('keyword_row', 0, largest),
    keyword: row.json('keyword', asCells, {}),
    prompt: row.text('prompt', longest.text),
    provider: row.text('provider', longest.name),
    model: row.text('model', longest.name),
    seed: row.anyNumberOrNull('seed'),
    width: row.numberOrNull('width', 0, 1_000_000),
    height: row.numberOrNull('height', 0, 1_000_000),
    bytes: row.numberOrNull('bytes', 0, largest),
    costMicroUsd: row.numberOrNull('cost_micro_usd', 0, largest),
    timings: row.json('timings', asTimings, {}),
    qcReason: row.textOrNull('qc_reason', longest.text),
    title: row.textOrNull('title', longest.text),
    description: row.textOrNull('description', longest.text),
    tags: row.json('tags', asTags, []),
    processing: row.json('processing', asRecord, {}),
    originalPath: row.textOrNull('original_path', longest.path),
    path: row.textOrNull('path', longest.path),
    sidecarPath: row.textOrNull('sidecar_path', longest.path),
    signature: row.wordOrNull('signature', ['kept', 'removed'] as const),
    thumbnailPath: row.textOrNull('thumbnail_path', longest.path),
    createdAt: row.number('created_at', 0, latest),
  };
  if (row.damaged.length === 0) return record;
  const reason = damageOf(row.damaged);
  return { ...record, ...row.mark, failure: { stage: 'deliver', code: 'store.damaged', reason } };
}

/** What is wrong with the job's own row is shown with the job. */
function jobOf(row: ImageRow): { jobId: string; jobLabel: string } {
  const id = idOf(row.id_of_job, row.job_seq);
  const label = typeof row.label_of_job === 'string' ? row.label_of_job : '';
  return { jobId: id, jobLabel: shownLabel({ id, label, rerun: row.rerun_of_job === 1 }) };
}

function failureOf(row: CheckedRow): ImageRecord['failure'] {
  const stage = row.wordOrNull('failure_stage', stages);
  const code = row.textOrNull('failure_code', longest.name) ?? 'unexpected';
  const reason = row.textOrNull('failure_reason', longest.text) ?? '';
  return stage === null ? null : { stage, code, reason };
}

function flagOrNull(row: CheckedRow, column: string): boolean | null {
  const value = row.numberOrNull(column, 0, 1);
  return value === null ? null : value === 1;
}
