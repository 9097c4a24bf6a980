import type { ErrorCode } from './errors.ts';
import type { JobSummary, Progress } from './job.ts';
import type { ImageRecord } from './image.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** One row of a job's log. Standard shows rows without `debug`. */
export interface LogEntry {
  seq: number;
  jobId: string;
  imageId: string | null;
  /** UTC ms. */
  at: number;
  level: LogLevel;
  debug: boolean;
  message: string;
}

export const runKinds = ['job', 'resume', 'retry', 'approve', 'generateAgain'] as const;
export type RunKind = (typeof runKinds)[number];
export const runStatuses = ['waiting', 'held', 'running', 'done', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** One piece of long work in the queue of the workspace; one runs at a time. */
export interface RunSummary {
  id: string;
  kind: RunKind;
  status: RunStatus;
  /** The job it works on; null for a retry over images of several jobs. */
  jobId: string | null;
  /** What people read: the job's label, or "Retry of 12 images". */
  title: string;
  createdAt: number;
  /** Images to do and done, for retry and approve. */
  total: number;
  done: number;
  failed: number;
  /** Why it ended badly; null otherwise. */
  error: { code: ErrorCode; message: string } | null;
  /** Columns of its row that hold what they should not; absent where all is well. */
  damaged?: readonly string[];
}

/** What the engine tells its faces. Values are whole, never deltas; `changed` says "ask again". */
export type FactoryEvent =
  | { kind: 'job'; job: JobSummary }
  | { kind: 'progress'; progress: Progress }
  | { kind: 'image'; image: ImageRecord }
  | { kind: 'log'; entry: LogEntry }
  | { kind: 'run'; run: RunSummary }
  | { kind: 'queue'; waiting: RunSummary[] }
  | { kind: 'removed'; jobIds: string[]; imageIds: string[] }
  /**
   * Another process wrote to the store, or many rows changed at once. With `onlyJob`, nothing changed but this job and
   * its images, by its own work: the job is told beside it.
   */
  | { kind: 'changed'; onlyJob?: string };
