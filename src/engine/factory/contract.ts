/**
 * What the faces (extension, command line) can ask of the engine opened on one workspace folder.
 * What an index answers at once is answered at once; lists, totals and actions are promises; events tell what changed.
 */
import type { FactoryEvent, LogEntry, RunSummary } from '../model/events.ts';
import type { FailedSlot, ImageCounts, ImageFilter, ImageRecord, ImageSort } from '../model/image.ts';
import type { JobFilter, JobInputs, JobSort, JobStatistics, JobSummary, Progress } from '../model/job.ts';
import type { Logger } from '../model/logger.ts';
import type { Message } from '../model/message.ts';
import type { Cost } from '../model/money.ts';
import type { Page, PageRequest } from '../model/page.ts';
import type { JobSlot } from '../model/slot.ts';
import type { ConflictPolicy, ExportControl, Exported } from '../exports/destination.ts';
import type { Endpoints, KeySource } from '../providers/registry.ts';
import type { RemoverChange, Replacement } from '../providers/retirement.ts';
import type { CleanUpKind } from '../store/cleanUp.ts';
import type { LeaseTiming } from '../store/lease.ts';
import type { ForeignStore } from '../store/store.ts';
import type { Consent } from '../planning/consent.ts';
import type { JobPlan, JobRequest, PreviewedPrompt } from '../planning/planTypes.ts';
import type { Settings } from '../settings/settings.ts';

export type {
  ConflictPolicy,
  ExportControl,
  Exported,
  ExportPhase,
  ExportProgress,
} from '../exports/destination.ts';
export type { RemoverChange, Replacement } from '../providers/retirement.ts';
export type { Consent } from '../planning/consent.ts';
export type { JobPlan, JobRequest, PreviewedPrompt } from '../planning/planTypes.ts';

export interface FactoryOptions {
  /** Absolute path of the workspace folder. */
  root: string;
  endpoints: Endpoints;
  keys: KeySource;
  /** A page of history only: no run is started, nothing is written. */
  readOnly?: boolean;
  /** The user takes over a history that came from elsewhere, as `Factory.foreign` describes it. */
  adopt?: boolean;
  /** Takes what the engine has to say although nobody asked, for people to see. */
  logger: Logger;
  /**
   * Folders outside the workspace that the user has configured (absolute paths): stored paths may lie there.
   * Asked each time, because settings change.
   */
  folders?: () => readonly string[];
  /** The user's own budget for a job in USD, which none of a workspace or a stored job exceeds; 0: none. */
  maxCostPerJob?: () => number;
  /** Variables of the process, for its proxies; without them there is none. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** How fast a dead owner of the workspace is noticed; the defaults fit people. */
  leaseTiming?: LeaseTiming;
  /** The clock, UTC ms; the computer's where it is absent. */
  now?: () => number;
  /** Where the bundled worker lies, when it is not beside the bundle's entry points. */
  assets?: { readWorker?: string };
}

export type { Page, PageRequest };

/** The parts of a job that lists leave out. */
export interface JobDetails extends JobSummary {
  settings: Settings;
  /** As run; null before the first start. */
  snapshot: Settings | null;
  inputs: JobInputs;
}

/** What Retry does with the chosen images. */
export interface RetryRequest {
  imageIds: readonly string[];
  /** The settings that made them (all of one job), or one set for the whole batch. */
  settings: 'original' | Partial<Settings>;
  regenerateMetadata: boolean;
}

/** What work on a job or on images that exist would do, before anything is paid. */
export interface ImagePlan {
  images: number;
  /** The most that it may cost, by the catalogue of prices. */
  estimate: Cost;
  /** Date of the prices behind the estimate, `YYYY-MM-DD`. */
  pricesAsOf: string;
  warnings: Message[];
  /** As in `JobPlan`. */
  instead: Replacement[];
}

/** A run that stands still in the queue, and what is left of it. */
export interface HeldPlan {
  runId: string;
  plan: ImagePlan;
}

export interface ExportTarget {
  /** Absolute path; absent: a unique name in the exports folder. */
  path?: string;
  onConflict?: ConflictPolicy;
}

export interface DeleteResult {
  jobs: number;
  images: number;
  /** Pass to `undoDelete`. */
  trashId: string;
  /** Files that stay where they are, because they lie in no folder of this workspace; absent when there are none. */
  left?: number;
}

export type { CleanUpKind } from '../store/cleanUp.ts';
export type { ForeignStore } from '../store/store.ts';

export interface Factory {
  readonly root: string;
  /** Null, or why the store can only be read or was set aside, in words. */
  readonly notice: Message | null;
  /** What a history from elsewhere holds: it can only be looked at, until it is opened with `adopt`; null for our own. */
  readonly foreign: ForeignStore | null;

  onEvent(listener: (event: FactoryEvent) => void): () => void;

  // Reading. Ids accept a unique suffix of six or more characters. Promises may be read off this thread: a signal
  // that aborts drops them with `cancelled`.
  jobs(filter: JobFilter, sort: JobSort, page: PageRequest, signal?: AbortSignal): Promise<Page<JobSummary>>;
  newestJob(): JobSummary | null;
  jobCount(filter: JobFilter, signal?: AbortSignal): Promise<number>;
  /** Ids of all jobs that the filter shows, for Select All. */
  jobIds(filter: JobFilter, signal?: AbortSignal): Promise<string[]>;
  job(id: string): JobDetails;
  statistics(signal?: AbortSignal): Promise<JobStatistics>;
  images(
    filter: ImageFilter,
    sort: ImageSort,
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<Page<ImageRecord>>;
  image(id: string): ImageRecord;
  /** Ids of all images that the filter shows, for Select All. */
  imageIds(filter: ImageFilter, signal?: AbortSignal): Promise<string[]>;
  /** Id of the image whose delivered or original file lies at this absolute path; null where there is none. */
  imageAt(path: string): Promise<string | null>;
  imageCounts(filter: ImageFilter, signal?: AbortSignal): Promise<ImageCounts>;
  /** Failures grouped by cause: the reason key of `ImageFilter.reasons` and the error code. */
  failureGroups(
    filter: ImageFilter,
    signal?: AbortSignal,
  ): Promise<{ reason: string; code: string; count: number }[]>;
  failedSlots(filter: { jobId?: string }, page: PageRequest, signal?: AbortSignal): Promise<Page<FailedSlot>>;
  failedSlotCount(jobId?: string): number;
  logs(jobId: string, options: { debug: boolean; afterSeq?: number; limit: number }): LogEntry[];
  document(sha256: string): string;
  /**
   * A view opens: the thread for pages that take longer is started where the store will need it, and thumbnails
   * that are gone are made again when their images are read (told as `image` events).
   */
  prepareReading(): void;
  progress(): Progress | null;
  /** The run that works now, in whichever process; null when idle. */
  activeRun(): RunSummary | null;
  queue(): RunSummary[];
  /** True when the active run belongs to this process. */
  ownsActiveRun(): boolean;

  // Planning and running. What costs takes the consent to its plan (`planning/consent.ts`), and is refused with
  // `conflict` when it would cost more by now.
  plan(request: JobRequest): Promise<JobPlan>;
  preview(settings: Settings, rows: number): Promise<PreviewedPrompt[]>;
  /** Refuses with `busy` while a run is active. Resolves when the job has its row and works. */
  start(request: JobRequest, consent: Consent): Promise<JobSummary>;
  /** What `rerun` of these would do, one plan for each, for the confirmation before it. */
  planRerun(jobIds: readonly string[], changes?: Partial<Settings>): Promise<JobPlan[]>;
  /** Starts now, or queues behind the active run. A consent for each job; without a plan for its turn it stands still. */
  rerun(
    jobs: readonly { jobId: string; consent: Consent }[],
    changes?: Partial<Settings>,
  ): Promise<RunSummary[]>;
  /** What is left of the job, for the confirmation before `resume`; refuses what that refuses. */
  planResume(jobId: string, changes?: RemoverChange): Promise<ImagePlan>;
  /** A job goes on as it was planned, but for what replaces a service that has ended. */
  resume(jobId: string, consent: Consent, changes?: RemoverChange): Promise<RunSummary>;
  /** Those that could be approved now: between a choice and what follows others may delete, retry or approve them. */
  approvable(imageIds: readonly string[]): Promise<string[]>;
  /** For the confirmation before `retry` and `approve`; refuses what they refuse. */
  planRetry(request: RetryRequest): Promise<ImagePlan>;
  planApprove(imageIds: readonly string[], changes?: RemoverChange): Promise<ImagePlan>;
  retry(request: RetryRequest, consent: Consent): Promise<RunSummary>;
  approve(imageIds: readonly string[], consent: Consent, changes?: RemoverChange): Promise<RunSummary>;
  /** The same for a retry or an approval that stands still: with another remover it goes on. */
  planContinue(runId: string, changes: RemoverChange): Promise<ImagePlan>;
  continueWith(runId: string, changes: RemoverChange, consent: Consent): Promise<RunSummary>;
  /** One plan for each job. */
  planGenerateAgain(slots: readonly JobSlot[]): Promise<{ jobId: string; plan: ImagePlan }[]>;
  /** One run per job, with a consent for each; resolves with the first. */
  generateAgain(
    slots: readonly JobSlot[],
    consents: readonly { jobId: string; consent: Consent }[],
  ): Promise<RunSummary>;
  stop(): Promise<void>;
  forceStop(): Promise<void>;
  removeFromQueue(runIds: readonly string[]): Promise<void>;
  /** What is left of each run that stands still: after a restart, that is all that was left in the queue. */
  planQueue(): Promise<HeldPlan[]>;
  /** Lets these go on; those that do not stand still any more are left alone. */
  continueQueue(runs: readonly { runId: string; consent: Consent }[]): Promise<void>;
  /** Settles when the run has ended or stands still (paused), with how. */
  runEnded(runId: string): Promise<RunSummary>;
  /**
   * Interrupted jobs that wait in the queue to be let go on; what a dead owner left is marked so at once where
   * its death is certain, and else some seconds later (told as `job` events). Called once at open.
   */
  findInterrupted(): JobSummary[];

  // Editing.
  rename(jobId: string, label: string): JobSummary;
  editSettings(jobId: string, settings: Settings): void;
  editMetadata(
    imageId: string,
    metadata: { title?: string; description?: string; tags?: string[] },
  ): ImageRecord;
  deleteJobs(jobIds: readonly string[]): Promise<DeleteResult>;
  deleteImages(imageIds: readonly string[]): Promise<DeleteResult>;
  undoDelete(trashId: string): Promise<{ jobs: number; images: number }>;
  cleanUpSizes(): Promise<Record<CleanUpKind, { files: number; bytes: number }>>;
  cleanUp(kinds: readonly CleanUpKind[]): Promise<void>;

  // Exports.
  exportJob(jobId: string, target: ExportTarget, control?: ExportControl): Promise<Exported>;
  exportJobs(jobIds: readonly string[], target: ExportTarget, control?: ExportControl): Promise<Exported>;
  exportImages(
    images: { ids: readonly string[] } | { filter: ImageFilter },
    target: ExportTarget & { metadata: boolean },
    control?: ExportControl,
  ): Promise<Exported>;

  /** Stops work within a bound, gives the lease back and closes the store. */
  close(): Promise<void>;
}
