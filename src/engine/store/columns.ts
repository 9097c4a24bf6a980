/**
 * JSON columns. The store travels with its folder, so its rows are outside data: what does not have the
 * expected shape is read as its empty value instead of breaking a list.
 */
import { z } from 'zod';
import { errorCodes } from '../model/errors.ts';
import type { JobError, JobInputs } from '../model/job.ts';
import { imageStatuses, jobStatuses, stages } from '../model/status.ts';
import type { Failure, ImageStatus, JobStatus, Stage } from '../model/status.ts';

const stageWord = z.enum(stages);
const failureShape = z.object({ stage: stageWord, code: z.string(), reason: z.string() });
const failuresShape = z.array(failureShape);
const tagsShape = z.array(z.string());
const jobErrorShape = z.object({
  code: z.enum(errorCodes).catch('unexpected'),
  stage: stageWord.nullable().catch(null),
  provider: z.string().nullable().catch(null),
  message: z.string(),
});
const inputFile = z.object({ path: z.string(), sha256: z.string() }).nullable().catch(null);
const inputsShape = z.object({
  keywordsFile: inputFile,
  systemPromptFile: inputFile,
  qualityCheckPromptFile: inputFile,
  metadataPromptFile: inputFile,
});
const timingsShape = z.partialRecord(stageWord, z.number());

function parse(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function shaped<T>(shape: z.ZodType<T>, text: string | null): T | null {
  // Most rows have nothing here, and to say so by a shape that does not fit is what takes long.
  if (text === null) return null;
  const result = shape.safeParse(parse(text));
  return result.success ? result.data : null;
}

/** An object of any values: settings, plans, requests. */
export function readRecord(text: string | null): Record<string, unknown> {
  const value = parse(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** Column to cell. Not copied by a schema: a column may be called `__proto__`. */
export function readCells(text: string): Record<string, string> {
  const value = readRecord(text);
  return Object.values(value).every((cell) => typeof cell === 'string')
    ? (value as Record<string, string>)
    : {};
}

export function readTags(text: string): string[] {
  return shaped(tagsShape, text) ?? [];
}

export function readFailure(text: string | null): Failure | null {
  return shaped(failureShape, text);
}

export function readFailures(text: string): Failure[] {
  return shaped(failuresShape, text) ?? [];
}

export function readJobError(text: string | null): JobError | null {
  return shaped(jobErrorShape, text);
}

export function readTimings(text: string): Partial<Record<Stage, number>> {
  return shaped(timingsShape, text) ?? {};
}

const noInputs: JobInputs = {
  keywordsFile: null,
  systemPromptFile: null,
  qualityCheckPromptFile: null,
  metadataPromptFile: null,
};

export function parseJobInputs(text: string): JobInputs {
  return shaped(inputsShape, text) ?? noInputs;
}

export function readStage(text: string | null): Stage | null {
  return stages.find((stage) => stage === text) ?? null;
}

export function readImageStatus(text: string): ImageStatus {
  return imageStatuses.find((status) => status === text) ?? 'failed';
}

export function readJobStatus(text: string): JobStatus {
  return jobStatuses.find((status) => status === text) ?? 'failed';
}
