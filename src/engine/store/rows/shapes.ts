/**
 * What the JSON of a column may be: each gives the value, or undefined where it is none. Those of every row of a list
 * are written out, because a page has hundreds.
 */
import { z } from 'zod';
import { errorCodes } from '../../model/errors.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { JobError, JobInputs } from '../../model/job.ts';
import { stages } from '../../model/status.ts';
import type { Failure, Stage } from '../../model/status.ts';

export type Shape<T> = (value: unknown) => T | undefined;

/** An object of any values: settings, plans, requests. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  const fits = typeof value === 'object' && value !== null && !Array.isArray(value);
  return fits ? (value as Record<string, unknown>) : undefined;
}

/** Column to cell. Not copied: a column may be called `__proto__`. */
export function asCells(value: unknown): Record<string, string> | undefined {
  const record = asRecord(value);
  if (record === undefined || !Object.values(record).every((cell) => typeof cell === 'string'))
    return undefined;
  return record as Record<string, string>;
}

export function asTags(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string') ? value : undefined;
}

export function asTimings(value: unknown): Partial<Record<Stage, number>> | undefined {
  const record = asRecord(value);
  const fits = (stage: string, ms: unknown): boolean =>
    stages.some((name) => name === stage) && typeof ms === 'number' && Number.isFinite(ms) && ms >= 0;
  return record !== undefined && Object.entries(record).every(([stage, ms]) => fits(stage, ms))
    ? record
    : undefined;
}

function shaped<T>(shape: z.ZodType<T>): Shape<T> {
  return (value) => {
    const parsed = shape.safeParse(value);
    return parsed.success ? parsed.data : undefined;
  };
}

const stageWord = z.enum(stages);
const failure = z.object({ stage: stageWord, code: z.string(), reason: z.string() });
const failures = shaped(z.array(failure));

export const asFailure: Shape<Failure> = shaped(failure);

export function asFailures(value: unknown): Failure[] | undefined {
  return Array.isArray(value) && value.length === 0 ? [] : failures(value);
}

export const asJobError: Shape<JobError> = shaped(
  z.object({
    code: z.enum(errorCodes).catch('unexpected'),
    stage: stageWord.nullable().catch(null),
    provider: z.string().nullable().catch(null),
    message: z.string(),
  }),
);

export const asRunError: Shape<{ code: ErrorCode; message: string }> = shaped(
  z.object({ code: z.enum(errorCodes).catch('unexpected'), message: z.string() }),
);

const inputFile = z.object({ path: z.string(), sha256: z.string() }).nullable().catch(null);
export const asInputs: Shape<JobInputs> = shaped(
  z.object({
    keywordsFile: inputFile,
    systemPromptFile: inputFile,
    qualityCheckPromptFile: inputFile,
    metadataPromptFile: inputFile,
  }),
);

export const asRowNumbers: Shape<number[]> = shaped(z.array(z.int().positive()));
