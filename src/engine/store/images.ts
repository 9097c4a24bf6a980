/** Images: one row per image that arrived. */
import { FactoryError } from '../model/errors.ts';
import type { ImageRecord, Signature } from '../model/image.ts';
import type { MicroUsd } from '../model/money.ts';
import type { Failure, ImageStatus, Stage } from '../model/status.ts';
import { refreshImageCost } from './costs.ts';
import { findSeq } from './ids.ts';
import { findJob } from './jobs.ts';
import { refuseDamaged } from './rows/damage.ts';
import { idInSql } from './rows/ids.ts';
import {
  selectImages,
  selectImageSizes,
  selectOrdinaryImages,
  selectShortImages,
  toImage,
  toPipelineImage,
} from './rows/image.ts';
import type { ImageRow, PipelineImageRecord } from './rows/image.ts';
import { fillSlot } from './slots.ts';
import type { Reader, Values, Writer } from './store.ts';
import { imageText, nameKey } from './words.ts';
import { messages } from './messages.ts';

/** An image that a provider delivered, before its first step. */
export interface NewImage {
  /** UUID, lower case. */
  id: string;
  jobId: string;
  generation: number;
  variation: number;
  status: ImageStatus;
  failure?: Failure | null;
  /** Where work goes on; null when there is none left. */
  nextStage: Stage | null;
  keywordRow: number;
  keyword: Readonly<Record<string, string>>;
  prompt: string;
  provider: string;
  model: string;
  providerImageId: string | null;
  /** The address to download from; null once the bytes lie in `originalPath`. */
  sourceUrl: string | null;
  originalPath?: string | null;
  seed: number | null;
  /** This image's part of the generation call; null when unknown. */
  generationCostMicroUsd: MicroUsd | null;
  processing?: Readonly<Record<string, unknown>>;
  unfinished?: Readonly<Record<string, unknown>>;
  /** UTC ms. */
  createdAt: number;
}

/** What a step may change; what is left out stays. */
export interface ImageChange {
  status?: ImageStatus;
  statusBefore?: ImageStatus | null;
  failure?: Failure | null;
  softFailures?: readonly Failure[];
  nextStage?: Stage | null;
  sourceUrl?: string | null;
  seed?: number | null;
  width?: number | null;
  height?: number | null;
  bytes?: number | null;
  timings?: Partial<Record<Stage, number>>;
  qcPassed?: boolean | null;
  qcReason?: string | null;
  title?: string | null;
  description?: string | null;
  tags?: readonly string[];
  processing?: Readonly<Record<string, unknown>>;
  /** What unfinished work has paid for; the pipeline alone knows its shape. */
  unfinished?: Readonly<Record<string, unknown>>;
  originalPath?: string | null;
  cutoutPath?: string | null;
  path?: string | null;
  sidecarPath?: string | null;
  signature?: Signature | null;
  thumbnailPath?: string | null;
}

/** Returns the row number; the slot then counts as received. */
export function insertImage(db: Writer, image: NewImage): number {
  const jobSeq = findJob(db, image.jobId);
  const { lastInsertRowid } = db
    .sql(
      `INSERT INTO images (id, job_seq, generation, variation, status, failure_stage, failure_code, failure_reason,
         next_stage, keyword_row, keyword, prompt, provider, model, provider_image_id, source_url, original_path, seed,
         generation_cost_micro_usd, processing, unfinished, created_at, updated_at)
       VALUES (@id, @jobSeq, @generation, @variation, @status, @failureStage, @failureCode, @failureReason,
         @nextStage, @keywordRow, @keyword, @prompt, @provider, @model, @providerImageId, @sourceUrl, @originalPath,
         @seed, @generationCost, @processing, @unfinished, @createdAt, @createdAt)`,
    )
    .run({
      id: image.id,
      jobSeq,
      generation: image.generation,
      variation: image.variation,
      status: image.status,
      failureStage: image.failure?.stage ?? null,
      failureCode: image.failure?.code ?? null,
      failureReason: image.failure?.reason ?? null,
      nextStage: image.nextStage,
      keywordRow: image.keywordRow,
      keyword: JSON.stringify(image.keyword),
      prompt: image.prompt,
      provider: image.provider,
      model: image.model,
      providerImageId: image.providerImageId,
      sourceUrl: image.sourceUrl,
      originalPath: image.originalPath ?? null,
      seed: image.seed,
      generationCost: image.generationCostMicroUsd,
      processing: JSON.stringify(image.processing ?? {}),
      unfinished: JSON.stringify(image.unfinished ?? {}),
      createdAt: image.createdAt,
    });
  const seq = Number(lastInsertRowid);
  db.sql('INSERT INTO image_texts (seq, text) VALUES (?, ?)').run(
    seq,
    imageText({ prompt: image.prompt, title: null, description: null, tags: [] }),
  );
  fillSlot(db, image, seq, image.createdAt);
  refreshName(db, seq);
  refreshImageCost(db, seq);
  return seq;
}

const plainColumns = {
  status: 'status',
  statusBefore: 'status_before',
  nextStage: 'next_stage',
  sourceUrl: 'source_url',
  seed: 'seed',
  width: 'width',
  height: 'height',
  bytes: 'bytes',
  qcReason: 'qc_reason',
  title: 'title',
  description: 'description',
  originalPath: 'original_path',
  cutoutPath: 'cutout_path',
  path: 'path',
  sidecarPath: 'sidecar_path',
  signature: 'signature',
  thumbnailPath: 'thumbnail_path',
} as const satisfies Partial<Record<keyof ImageChange, string>>;

const jsonColumns = {
  softFailures: 'soft_failures',
  timings: 'timings',
  tags: 'tags',
  processing: 'processing',
  unfinished: 'unfinished',
} as const satisfies Partial<Record<keyof ImageChange, string>>;

/** What a step did, in the caller's transaction together with the job's counters (P3). `now` is UTC ms. */
export function updateImage(db: Writer, id: string, change: ImageChange, now: number): void {
  const seq = findSeq(db, 'images', id);
  const assignments = ['updated_at = @now'];
  const values: Values = { seq, now };
  const set = (column: string, value: string | number | null): void => {
    assignments.push(`${column} = @${column}`);
    values[column] = value;
  };
  for (const [key, column] of Object.entries(plainColumns) as [keyof typeof plainColumns, string][]) {
    const value = change[key];
    if (value !== undefined) set(column, value);
  }
  for (const [key, column] of Object.entries(jsonColumns) as [keyof typeof jsonColumns, string][]) {
    if (change[key] !== undefined) set(column, JSON.stringify(change[key]));
  }
  if (change.qcPassed !== undefined)
    set('qc_passed', change.qcPassed === null ? null : Number(change.qcPassed));
  if (change.failure !== undefined) {
    set('failure_stage', change.failure?.stage ?? null);
    set('failure_code', change.failure?.code ?? null);
    set('failure_reason', change.failure?.reason ?? null);
  }
  db.sql(`UPDATE images SET ${assignments.join(', ')} WHERE seq = @seq`).run(values);
  const described =
    change.title !== undefined || change.description !== undefined || change.tags !== undefined;
  if (described) refreshText(db, seq);
  if (change.title !== undefined || change.path !== undefined || change.originalPath !== undefined) {
    refreshName(db, seq);
  }
}

/** Marks images for a retry; their status is kept for the case that it is cancelled. Returns how many it marked. */
export function markRetryPending(db: Writer, ids: readonly string[], now: number): number {
  return db
    .sql(
      `UPDATE images SET status_before = coalesce(status_before, status), status = 'retryPending', updated_at = @now
       WHERE id IN (SELECT value FROM json_each(@ids)) AND status NOT IN ('processing', 'retryPending')`,
    )
    .run({ ids: JSON.stringify(ids), now }).changes;
}

/** A retry is cancelled before it touched these images: they are what they were. */
export function cancelRetryPending(db: Writer, ids: readonly string[], now: number): void {
  db.sql(
    `UPDATE images SET status = coalesce(status_before, 'retryFailed'), status_before = NULL, updated_at = @now
     WHERE id IN (SELECT value FROM json_each(@ids)) AND status IN ('retryPending', 'processing')`,
  ).run({ ids: JSON.stringify(ids), now });
}

/** After a crash: what was in work waits again, as part of its job or of its retry. Returns the images' ids. */
export function resetProcessing(db: Writer, now: number): string[] {
  return db
    .sql<{ id: string }>(
      `UPDATE images SET status = CASE WHEN status_before IS NULL THEN 'pending' ELSE 'retryPending' END,
         updated_at = ? WHERE status = 'processing' RETURNING ${idInSql('images')} AS id`,
    )
    .all(now)
    .map(({ id }) => id);
}

/** Delivered images of a job whose rows still name files that are to be removed: a cutout, a replaced file. */
export function imagesWithLeftovers(db: Reader, jobId: string): PipelineImageRecord[] {
  return db
    .sql<ImageRow>(
      `${selectImages} WHERE i.job_seq = ? AND i.status = 'approved'
         AND (i.cutout_path IS NOT NULL OR (json_valid(i.unfinished) AND (i.unfinished ->> 'replaces' IS NOT NULL
           OR i.unfinished ->> 'replacesSidecar' IS NOT NULL))) ORDER BY i.seq`,
    )
    .all(findJob(db, jobId))
    .map(toPipelineImage)
    .filter(({ damaged }) => damaged === undefined);
}

function findImage(db: Reader, id: string): number {
  return findSeq(db, 'images', id);
}

/** By id or a unique end of it. Fails with `notFound` or `ambiguous`. */
export function getImage(db: Reader, id: string): ImageRecord {
  return toImage(rowBySeq(db, findImage(db, id)));
}

/** To work with. Fails as `getImage`, and with `store.damaged`. */
export function getPipelineImage(db: Reader, id: string): PipelineImageRecord {
  const image = toPipelineImage(rowBySeq(db, findImage(db, id)));
  refuseDamaged(image);
  return image;
}

/** What was paid for before a change serves after it: cutouts of this job are not made again. */
export function adoptCutouts(db: Writer, jobId: string, keys: { before: string; after: string }): void {
  db.sql(
    `UPDATE images SET unfinished = json_set(unfinished, '$.cutoutBy', @after)
     WHERE job_seq = @seq AND cutout_path IS NOT NULL AND json_valid(unfinished) AND unfinished ->> 'cutoutBy' = @before`,
  ).run({ seq: findJob(db, jobId), ...keys });
}

/** Images of a job that a run has still to work on, in creation order; without those of a retry and damaged ones. */
export function unfinishedImages(db: Reader, jobId: string): PipelineImageRecord[] {
  return db
    .sql<ImageRow>(
      `${selectImages} WHERE i.job_seq = ? AND i.status IN ('pending', 'processing') AND i.status_before IS NULL
       ORDER BY i.seq`,
    )
    .all(findJob(db, jobId))
    .map(toPipelineImage)
    .filter(({ damaged }) => damaged === undefined);
}

/** Bytes of the long rows of a page together. */
const mostOfPage = 8 * 1024 * 1024;

/** The images in the order of their row numbers; those that are gone are left out. */
export function imagesBySeq(db: Reader, seqs: readonly number[]): ImageRecord[] {
  const bySeq = new Map<number, ImageRecord>();
  const read = (statement: string, wanted: readonly number[]): void => {
    if (wanted.length === 0) return;
    const rows = db.sql<ImageRow>(`${statement} i.seq IN (SELECT value FROM json_each(?))`);
    for (const row of rows.all(JSON.stringify(wanted))) bySeq.set(row.seq, toImage(row));
  };
  read(`${selectOrdinaryImages} AND`, seqs);
  const { whole, shortened } = withinPage(
    db,
    seqs.filter((seq) => !bySeq.has(seq)),
  );
  read(`${selectImages} WHERE`, whole);
  read(`${selectShortImages} WHERE`, shortened);
  return seqs.flatMap((seq) => bySeq.get(seq) ?? []);
}

/** Of long rows, as many are read as a page can hold; of the others only short texts are. */
function withinPage(db: Reader, seqs: readonly number[]): { whole: number[]; shortened: number[] } {
  const whole: number[] = [];
  const shortened: number[] = [];
  if (seqs.length === 0) return { whole, shortened };
  const sizes = db
    .sql<{ seq: number; size: number }>(`${selectImageSizes} WHERE i.seq IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(seqs));
  let left = mostOfPage;
  for (const { seq, size } of sizes) {
    left -= size;
    (left >= 0 ? whole : shortened).push(seq);
  }
  return { whole, shortened };
}

function rowBySeq(db: Reader, seq: number): ImageRow {
  const row = db.sql<ImageRow>(`${selectImages} WHERE i.seq = ?`).get(seq);
  if (row === undefined) throw new FactoryError('notFound', messages.imageGone());
  return row;
}

function refreshText(db: Writer, seq: number): void {
  db.sql('UPDATE image_texts SET text = ? WHERE seq = ?').run(imageText(toImage(rowBySeq(db, seq))), seq);
}

function refreshName(db: Writer, seq: number): void {
  const { path, originalPath, title } = toImage(rowBySeq(db, seq));
  const fileName = (path ?? originalPath ?? '').split('/').at(-1) ?? '';
  const shown = title?.trim() ?? '';
  const name = nameKey(shown === '' ? fileName : shown);
  db.sql('UPDATE images SET name = ? WHERE seq = ? AND name IS NOT ?').run(name, seq, name);
}
