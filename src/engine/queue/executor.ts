/** What each kind of run does once it has the lease, and how its end looks to the queue. */
import { join } from 'node:path';
import type { Files } from '../files/files.ts';
import { thumbnailFolder } from '../model/storeFolder.ts';
import { FactoryError, isFactoryError, toFactoryError } from '../model/errors.ts';
import type { RunSummary } from '../model/events.ts';
import { inWords } from '../model/message.ts';
import { jobErrorOf } from '../pipeline/policy.ts';
import type { RunFolders } from '../pipeline/runFolders.ts';
import type { Retry } from '../pipeline/step.ts';
import { allNeeds } from '../providers/build.ts';
import type { ProviderNeeds } from '../providers/build.ts';
import type { Providers } from '../providers/provider.ts';
import { settingsAsRun, smallerBudget, storedSettings } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { jobEvent } from '../store/asEvents.ts';
import { endJob, startJob, workingContents } from '../store/jobs.ts';
import type { JobContents } from '../store/rows/job.ts';
import { insertLogs, jobRows } from '../store/logs.ts';
import { imagesToDo, imagesToDoByJob, runRequest } from '../store/runs.ts';
import type { Store } from '../store/store.ts';
import { needsOf, workloadOf } from './imageWorkload.ts';
import { interruption } from './interrupted.ts';
import { planError } from '../planning/plan.ts';
import type { Planned } from '../planning/plan.ts';
import { resolveConfigured } from '../planning/planFiles.ts';
import type { RunControl, RunEnd, ExecuteRun } from './queueTypes.ts';
import { startPlanned } from './queueJobs.ts';
import { restoreStatuses } from './queueImages.ts';
import { readRetryRequest, readSlotsRequest } from './queueRequests.ts';
import { runImages, runJob, runSlots } from '../runner/runner.ts';
import type { RunContext, RunOutcome } from '../runner/runner.ts';
import { messages } from './messages.ts';

export interface ExecutorOptions {
  files: Files;
  store: Store;
  /** Plans a job that waited, from the files as they are now. */
  plan: (contents: JobContents) => Promise<Planned>;
  /** Fails with `key.missing` for what is needed. */
  providers: (settings: Settings, needs: ProviderNeeds) => Promise<Providers>;
  /** The user's own budget for a job in USD; 0: none. */
  maxCostPerJob: () => number;
  /** UTC ms. */
  now: () => number;
}

export function createExecutor(options: ExecutorOptions): ExecuteRun {
  return async (run, control) => {
    if (run.kind === 'retry' || run.kind === 'approve') return executeImages(options, run, control);
    if (run.jobId === null) throw new FactoryError('notFound', messages.jobGone());
    return executeJob(options, run, run.jobId, control);
  };
}

async function executeJob(
  options: ExecutorOptions,
  run: RunSummary,
  jobId: string,
  control: RunControl,
): Promise<RunEnd> {
  const { store } = options;
  const contents = store.read((db) => workingContents(db, jobId));
  if (contents.snapshot === null) {
    const failed = await planNow(options, jobId, contents, control);
    if (failed !== null) return failed;
  } else {
    await store.write(control.lease, (db, emit) => {
      startJob(db, jobId, options.now());
      emit(jobEvent(db, jobId, options.now()));
    });
  }
  const outcome = await prepared(options, jobId, control, async (context) =>
    run.kind === 'generateAgain'
      ? runSlots(context, {
          runId: run.id,
          jobId,
          slots: readSlotsRequest(store.read((db) => runRequest(db, run.id))),
        })
      : runJob(context, { runId: run.id, jobId }),
  );
  const end = await endOfJob(options, jobId, control, outcome);
  // The slots are made; that the rest of a stopped job still waits for Resume is no reason to hold the queue.
  const made = run.kind === 'generateAgain' && outcome.status === 'stopped' && !control.stop.aborted;
  return made ? { status: 'done', error: null, holdsQueue: false } : end;
}

/**
 * A job that waited is planned when its turn comes; one that cannot be planned fails and lets the next start. One that
 * would cost more than was agreed to, because its files have grown, stands still until its user has seen the new sum.
 */
async function planNow(
  options: ExecutorOptions,
  jobId: string,
  contents: JobContents,
  { lease, consent }: RunControl,
): Promise<RunEnd | null> {
  const { plan, job: planned } = await options.plan(contents);
  const now = options.now();
  const excess = consent.excess(plan);
  if (excess !== null) return { status: 'held', error: jobErrorOf(excess, null), holdsQueue: false };
  if (planned !== null) {
    await startPlanned(options.store, lease, jobId, {
      planned,
      warnings: plan.warnings,
      now,
      beginning: null,
    });
    return null;
  }
  const error = jobErrorOf(planError(plan.problems), null);
  await options.store.write(lease, (db) => {
    endJob(db, jobId, 'failed', now, error);
    const lines = plan.problems.map(({ told }) => inWords(told));
    insertLogs(db, jobRows(jobId, 'error', lines, now));
  });
  return { status: 'failed', error, holdsQueue: false };
}

/** Single images of a job: why they are taken up again, and with which other settings than the job's own. */
interface ImagesToDo {
  ids: readonly string[];
  retry: Retry;
  changes: Partial<Settings>;
}

/** Builds what a run of a job needs; what the user can mend there (a key, a folder) pauses the job. */
async function prepared(
  options: ExecutorOptions,
  jobId: string,
  control: RunControl,
  work: (context: RunContext) => Promise<RunOutcome>,
  images: ImagesToDo | null = null,
): Promise<RunOutcome> {
  const settings = runSettings(
    options.store.read((db) => workingContents(db, jobId)),
    images?.changes ?? {},
    options.maxCostPerJob(),
  );
  let providers: Providers | null = null;
  try {
    const folders = await makeFolders(options.files, settings);
    const needs =
      images === null
        ? allNeeds
        : needsOf(await workloadOf(options.store, images.ids, settings, images.retry));
    providers = await options.providers(settings, needs);
    const context: RunContext = {
      store: options.store,
      lease: control.lease,
      files: options.files,
      settings,
      providers,
      folders,
      stop: control.stop,
      force: control.force,
      now: () => options.now(),
    };
    return await work(context);
  } catch (error) {
    if (providers !== null || !isMendable(error)) throw error;
    return { status: 'paused', error: jobErrorOf(toFactoryError(error), null) };
  } finally {
    providers?.close();
  }
}

function isMendable(error: unknown): boolean {
  return ['key.missing', 'provider.auth', 'disk.full', 'disk.unwritable'].some(
    (code) => isFactoryError(error) && error.code === code,
  );
}

/** As run, with today's budget (and what a retry changes). Keys are asked for anew by the providers. */
function runSettings(contents: JobContents, changes: Partial<Settings>, ownBudget: number): Settings {
  const { 'budget.maxCostPerJob': current } = storedSettings(contents.settings);
  const budget = smallerBudget(ownBudget, current);
  return { ...storedSettings(settingsAsRun(contents)), ...changes, 'budget.maxCostPerJob': budget };
}

/** Fails with `disk.unwritable` where nothing may be written: settings of a job from before may name any place. */
async function makeFolders(files: Files, settings: Settings): Promise<RunFolders> {
  const folders = {
    output: folderOf(files.root, 'files.outputDirectory', settings),
    temp: folderOf(files.root, 'files.tempDirectory', settings),
    thumbnails: join(files.root, thumbnailFolder),
  };
  for (const folder of Object.values(folders)) await files.makeFolder(folder);
  return folders;
}

function folderOf(
  root: string,
  key: 'files.outputDirectory' | 'files.tempDirectory',
  settings: Settings,
): string {
  const folder = resolveConfigured(root, key, settings);
  if (typeof folder !== 'string') throw planError([folder]);
  return folder;
}

/** The job's row says how the run ended; a run that this process's end cut short is interrupted, whoever saw it. */
async function endOfJob(
  { store, now }: ExecutorOptions,
  jobId: string,
  { lease, closing }: RunControl,
  outcome: RunOutcome,
): Promise<RunEnd> {
  const cutShort = closing.aborted && outcome.status !== 'completed' && outcome.status !== 'failed';
  const status = cutShort ? 'interrupted' : outcome.status;
  const error = cutShort ? interruption : outcome.error;
  await store.write(lease, (db) => endJob(db, jobId, status, now(), error));
  switch (status) {
    case 'completed':
      return { status: 'done', error: null, holdsQueue: false };
    case 'failed':
      return { status: 'failed', error, holdsQueue: false };
    case 'stopped':
      return { status: 'cancelled', error: null, holdsQueue: true };
    case 'paused':
      return { status: 'failed', error, holdsQueue: true };
    case 'interrupted':
      return { status: 'held', error: null, holdsQueue: true };
  }
}

/** A batch may reach over several jobs: one after another, each with its own settings. */
async function executeImages(
  options: ExecutorOptions,
  run: RunSummary,
  control: RunControl,
): Promise<RunEnd> {
  const { store } = options;
  const { changes, regenerateMetadata } = readRetryRequest(store.read((db) => runRequest(db, run.id)));
  const kind = run.kind === 'approve' ? 'approve' : 'retry';
  const retry: Retry = { runId: run.id, kind, regenerateMetadata };
  for (const [jobId, ids] of store.read((db) => imagesToDoByJob(db, run.id))) {
    const outcome = await prepared(
      options,
      jobId,
      control,
      (context) => runImages(context, { ...retry, jobId, imageIds: ids }),
      { ids, retry, changes },
    );
    if (outcome.status === 'completed' || outcome.status === 'failed') continue;
    if (outcome.status === 'stopped' && !control.closing.aborted) {
      const left = store.read((db) => imagesToDo(db, run.id));
      await restoreStatuses(
        left,
        (fn) => store.write(control.lease, fn),
        () => options.now(),
      );
      return { status: 'cancelled', error: null, holdsQueue: true };
    }
    return { status: 'held', error: outcome.error, holdsQueue: true };
  }
  return { status: 'done', error: null, holdsQueue: false };
}
