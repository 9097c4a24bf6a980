/** Rows of jobs that start or wait. */
import { randomUUID } from 'node:crypto';
import { noInputs } from '../model/job.ts';
import type { JobSummary } from '../model/job.ts';
import { defaultLabel } from '../model/label.ts';
import type { RunStatus, RunSummary } from '../model/events.ts';
import type { Logger } from '../model/logger.ts';
import { inWords } from '../model/message.ts';
import type { Message } from '../model/message.ts';
import { inTurns } from '../model/turns.ts';
import { jobEvent, queueEvent, runEvent } from '../store/asEvents.ts';
import { insertDocument } from '../store/documents.ts';
import { clearGenerations, insertGenerations } from '../store/generations.ts';
import { deleteJob, freezeJob, getJob, insertJob, jobBySeq, jobContents, startJob } from '../store/jobs.ts';
import { insertLogs, jobRows } from '../store/logs.ts';
import { cancelRuns, getRun, holdRuns, insertRun, releaseRuns } from '../store/runs.ts';
import type { Emit, LeaseEpoch, Store, Writer } from '../store/store.ts';
import type { Settings } from '../settings/settings.ts';
import type { PlannedJob } from '../planning/plan.ts';
import { messages } from './messages.ts';

export interface NewJobRun {
  settings: Settings;
  /** The job that is run again; null for a job of its own. */
  parent: { id: string; ownLabel: string } | null;
  /** UTC ms. */
  now: number;
  status: Extract<RunStatus, 'held' | 'running'>;
  /** Rows that were chosen when the original started, for a rerun that waits. */
  rows: readonly number[] | null;
}

/** A job and its run. The job is queued until its work begins. */
export function insertJobRun(db: Writer, job: NewJobRun): { job: JobSummary; run: RunSummary } {
  const id = randomUUID();
  const own = job.settings['job.label'].trim();
  // A rerun of a rerun keeps the label of the first (D5).
  const label = own !== '' ? own : (job.parent?.ownLabel ?? defaultLabel(job.now));
  const seq = insertJob(db, {
    id,
    label,
    rerun: job.parent !== null,
    parentId: job.parent?.id ?? null,
    status: 'queued',
    createdAt: job.now,
    planned: job.settings['generation.count'] * job.settings['generation.variations'],
    imageProvider: job.settings['provider.image'],
    settings: job.settings,
    inputs: noInputs,
    plan: job.rows === null ? {} : { rows: job.rows },
  });
  const summary = jobBySeq(db, seq, job.now);
  const runId = randomUUID();
  insertRun(db, {
    id: runId,
    kind: 'job',
    status: job.status,
    jobId: id,
    title: summary.label,
    request: {},
    total: summary.planned,
    createdAt: job.now,
  });
  return { job: summary, run: getRun(db, runId) };
}

/** Jobs that one transaction queues or takes away: a few milliseconds of work. */
const jobsPerTurn = 25;

/**
 * Queues reruns, all or none; resolves with the ids of their runs. They are held until the last one is written: none
 * of them starts before, and a process that dies in the middle leaves them held.
 */
export async function queueJobRuns(
  store: Store,
  jobs: readonly Omit<NewJobRun, 'status'>[],
  logger: Logger,
): Promise<string[]> {
  const runIds: string[] = [];
  try {
    for await (const slice of inTurns(jobs, jobsPerTurn)) {
      const inserted = store.edit((db, emit) =>
        slice.map((one) => {
          const { job, run } = insertJobRun(db, { ...one, status: 'held' });
          emit({ kind: 'job', job });
          return run.id;
        }),
      );
      runIds.push(...inserted);
    }
    store.edit((db, emit) => {
      releaseRuns(db, runIds);
      emit(queueEvent(db));
    });
    return runIds;
  } catch (error) {
    await cancelQueued(store, runIds, jobs[0]?.now ?? 0).catch((failure: unknown) => {
      logger.warn(messages.rerunsHeld({ reason: String(failure) }));
    });
    throw error;
  }
}

/** Takes waiting and held runs from the queue, in turns. They are held first, so that none of them starts meanwhile. */
export async function cancelQueued(store: Store, runIds: readonly string[], now: number): Promise<void> {
  store.edit((db) => holdRuns(db, runIds));
  for await (const slice of inTurns(runIds, jobsPerTurn)) {
    store.edit((db, emit) => cancelSome(db, emit, slice, now));
  }
}

/** A job that was only queued goes with its run, for nothing was made of it. */
function cancelSome(db: Writer, emit: Emit, runIds: readonly string[], now: number): void {
  const runs = cancelRuns(db, runIds, now).map((id) => getRun(db, id));
  const jobIds: string[] = [];
  for (const run of runs) {
    emit({ kind: 'run', run });
    const { kind, jobId } = run;
    if (kind !== 'job' || jobId === null) continue;
    const { status } = getJob(db, jobId, now);
    if (status !== 'queued' || jobContents(db, jobId).snapshot !== null) continue;
    deleteJob(db, jobId);
    jobIds.push(jobId);
  }
  if (jobIds.length > 0) emit({ kind: 'removed', jobIds, imageIds: [] });
  emit({ kind: 'changed' });
  emit(queueEvent(db));
}

/** Slots that one transaction plans: a few milliseconds of work. */
const slotsPerTurn = 200;

/**
 * Freezes the plan with the job and starts it: rows and slots in slices, then, in one transaction, snapshot, files
 * and start. What the plan warned of goes to the log. `beginning` is a run that begins with its job, not before it.
 */
export async function startPlanned(
  store: Store,
  lease: LeaseEpoch,
  jobId: string,
  job: { planned: PlannedJob; warnings: readonly Message[]; now: number; beginning: string | null },
): Promise<void> {
  const { planned, warnings, now, beginning } = job;
  const { generations, variations } = planned;
  const perTurn = Math.max(1, Math.floor(slotsPerTurn / variations));
  await store.write(lease, (db) => clearGenerations(db, jobId));
  for await (const slice of inTurns(generations, perTurn)) {
    const rows = slice.map((one) => ({ ...one, keyword: { ...one.keyword }, prompt: null }));
    await store.write(lease, (db) => insertGenerations(db, jobId, rows, variations));
  }
  const start = (db: Writer, emit: Emit): void => {
    for (const content of planned.documents.values()) insertDocument(db, content);
    freezeJob(db, jobId, {
      snapshot: planned.settings,
      inputs: planned.inputs,
      plan: { seed: planned.seed, rows: planned.rows },
      planned: generations.length * variations,
    });
    insertLogs(db, jobRows(jobId, 'warn', warnings.map(inWords), now));
    startJob(db, jobId, now);
    emit(jobEvent(db, jobId, now));
    if (beginning === null) return;
    emit(runEvent(db, beginning));
    emit(queueEvent(db));
  };
  await store.write(lease, start, 'atOnce');
}
