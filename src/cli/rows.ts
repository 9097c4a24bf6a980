/** What the command line prints as JSON: one shape for each kind of row. Times are UTC milliseconds, money is USD. */
import type { LogEntry } from '../engine/model/events.ts';
import type { FailedSlot, ImageRecord } from '../engine/model/image.ts';
import type { JobSummary, Progress } from '../engine/model/job.ts';
import { toUsd, type Cost } from '../engine/model/money.ts';

/** USD; null where nothing is known. A sum with unknown parts says so: it is at least this much. */
export function costFields(cost: Cost): { cost: number | null; costUnknown?: true } {
  if (!cost.unknown) return { cost: toUsd(cost.microUsd) };
  return { cost: cost.microUsd === 0 ? null : toUsd(cost.microUsd), costUnknown: true };
}

export function jobRow(job: JobSummary): Record<string, unknown> {
  return {
    id: job.id,
    label: job.label,
    status: job.status,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    durationMs: job.durationMs,
    planned: job.planned,
    generated: job.generated,
    checked: job.checked,
    approved: job.approved,
    failed: job.failed,
    ...costFields(job.cost),
    imageProvider: job.imageProvider,
    error: job.error,
  };
}

export function imageRow(image: ImageRecord): Record<string, unknown> {
  return {
    id: image.id,
    jobId: image.jobId,
    jobLabel: image.jobLabel,
    generation: image.generation,
    variation: image.variation,
    status: image.status,
    failure: image.failure,
    softFailures: image.softFailures,
    prompt: image.prompt,
    keyword: image.keyword,
    keywordRow: image.keywordRow,
    provider: image.provider,
    model: image.model,
    seed: image.seed,
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    cost: image.costMicroUsd === null ? null : toUsd(image.costMicroUsd),
    path: image.path,
    originalPath: image.originalPath,
    sidecarPath: image.sidecarPath,
    signature: image.signature,
    thumbnailPath: image.thumbnailPath,
    title: image.title,
    description: image.description,
    tags: image.tags,
    qcReason: image.qcReason,
    processing: image.processing,
    timings: image.timings,
    createdAt: image.createdAt,
  };
}

export function failedSlotRow(slot: FailedSlot): Record<string, unknown> {
  const { generation, variation, keywordRow, keyword, prompt, failure, failedAt } = slot;
  return { generation, variation, keywordRow, keyword, prompt, failure, failedAt };
}

export function logRow(entry: LogEntry): Record<string, unknown> {
  const { at, level, debug, imageId, message } = entry;
  return { at, level, debug, imageId, message };
}

/** The lines of `run`, `resume`, `rerun`, `retry` and `approve`. */
export const eventLines = {
  jobBegan: (job: JobSummary): Record<string, unknown> => ({
    event: 'job',
    jobId: job.id,
    label: job.label,
    status: 'running',
    planned: job.planned,
  }),
  jobEnded: (job: JobSummary): Record<string, unknown> => ({
    event: 'job',
    jobId: job.id,
    status: job.status,
    planned: job.planned,
    generated: job.generated,
    approved: job.approved,
    failed: job.failed,
    ...costFields(job.cost),
    durationMs: job.durationMs,
    ...(job.error === null ? {} : { error: job.error }),
  }),
  progress: (progress: Progress): Record<string, unknown> => ({
    event: 'progress',
    jobId: progress.jobId,
    step: progress.step,
    percent: progress.percent,
    planned: progress.planned,
    generated: progress.generated,
    checked: progress.checked,
    approved: progress.approved,
    failed: progress.failed,
    ...costFields(progress.cost),
    elapsedMs: progress.elapsedMs,
    etaMs: progress.etaMs,
  }),
  image: (image: ImageRecord): Record<string, unknown> => ({
    event: 'image',
    jobId: image.jobId,
    imageId: image.id,
    generation: image.generation,
    variation: image.variation,
    status: image.status,
    path: image.path,
    failure: image.failure,
  }),
  log: (entry: LogEntry): Record<string, unknown> => ({
    event: 'log',
    jobId: entry.jobId,
    level: entry.level,
    message: entry.message,
  }),
};
