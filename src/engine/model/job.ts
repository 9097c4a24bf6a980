import type { ErrorCode } from './errors.ts';
import type { Cost } from './money.ts';
import type { JobStatus, Stage } from './status.ts';

/** Why a job stands still or ended badly, in words, with the code that decides which remedy is offered. */
export interface JobError {
  code: ErrorCode;
  stage: Stage | null;
  /** Name of a provider, or null. */
  provider: string | null;
  message: string;
}

export interface JobCounters {
  /** Slots: generations × variations. */
  planned: number;
  /** Images that arrived. */
  generated: number;
  /** Images with a quality verdict (all generated ones when the check is off). */
  checked: number;
  approved: number;
  /** Failed slots, failed images and images that the check rejected. */
  failed: number;
}

/** One line of the history. Times are UTC milliseconds. */
export interface JobSummary extends JobCounters {
  id: string;
  /** As shown everywhere: `shownLabel`. */
  label: string;
  /** The label without "(Rerun …)": what renaming edits. */
  ownLabel: string;
  rerun: boolean;
  status: JobStatus;
  /** True between Stop and its end ("Stopping..."). */
  stopping: boolean;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** Running time without pauses; a running job's value is as of `asOf`. */
  durationMs: number;
  asOf: number;
  cost: Cost;
  error: JobError | null;
  /** Name of the provider that makes the images; `sample` is marked in every view. */
  imageProvider: string;
  /** Columns of its row that hold what they should not, so that nothing works with it; absent where all is well. */
  damaged?: readonly string[];
}

/** What a job is made of, beside its settings. */
export interface JobInputs {
  keywordsFile: InputFile | null;
  systemPromptFile: InputFile | null;
  qualityCheckPromptFile: InputFile | null;
  metadataPromptFile: InputFile | null;
}

/** Of a job that was not planned yet, and of one whose row does not tell. */
export const noInputs: JobInputs = {
  keywordsFile: null,
  systemPromptFile: null,
  qualityCheckPromptFile: null,
  metadataPromptFile: null,
};

/** A file as it was when the job was planned; the text lies in the store once per hash. */
export interface InputFile {
  /** Workspace-relative with forward slashes, or absolute outside the workspace. */
  path: string;
  sha256: string;
}

/** What a run is at, in words (D2): a job in its two steps, a retry or approval in one of its own. */
export const stepLabels = {
  initialization: 'Step 1/2: Initialization',
  generation: 'Step 2/2: Image Generation',
  images: 'Image Processing',
} as const;

export interface Progress {
  jobId: string;
  /** One of `stepLabels`. */
  step: string;
  /** 0 to 100, never falls. */
  percent: number;
  planned: number;
  generated: number;
  checked: number;
  approved: number;
  failed: number;
  cost: Cost;
  elapsedMs: number;
  /** Null until three images have arrived. */
  etaMs: number | null;
}

export interface JobStatistics {
  totalJobs: number;
  completed: number;
  failed: number;
  /** completed / (completed + failed + stopped + interrupted), 0 to 1; null when none has ended. */
  successRate: number | null;
  /** Mean running time of completed jobs; null without any. */
  averageDurationMs: number | null;
  totalImages: number;
}

export type JobSort = 'newest' | 'oldest' | 'name';

export interface JobFilter {
  statuses?: readonly JobStatus[];
  /** Start time (creation for queued jobs), inclusive, UTC ms. */
  from?: number;
  /** Exclusive, UTC ms. */
  to?: number;
  /** In the shown label or the id, ignoring case. */
  search?: string;
}
