/** Rows of jobs that start or wait. */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JobInputs, JobSummary } from '../model/job.ts';
import { defaultLabel } from '../model/label.ts';
import type { RunSummary } from '../model/events.ts';
import { insertDocument } from '../store/documents.ts';
import { clearGenerations, insertGenerations } from '../store/generations.ts';
import { freezeJob, insertJob, jobBySeq, startJob } from '../store/jobs.ts';
import { insertLogs } from '../store/logs.ts';
import { getRun, insertRun } from '../store/runs.ts';
import type { RunStatus } from '../model/events.ts';
import type { LeaseEpoch, Store, Writer } from '../store/store.ts';
import type { Settings } from '../settings/settings.ts';
import type { PlannedWork } from './plan.ts';

export interface NewJobRun {
  settings: Settings;
  /** The job that is run again; null for a job of its own. */
  parent: { id: string; ownLabel: string } | null;
  /** UTC ms. */
  now: number;
  status: Extract<RunStatus, 'waiting' | 'running'>;
  /** Rows that were chosen when the original started, for a rerun that waits. */
  rows: readonly number[] | null;
}

const noInputs: JobInputs = {
  keywordsFile: null,
  systemPromptFile: null,
  qualityCheckPromptFile: null,
  metadataPromptFile: null,
};

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

/** Slots that one transaction plans: a few milliseconds of work. */
const slotsPerTurn = 200;

/**
 * Freezes the plan with the job and starts it: rows and slots in slices, then, in one transaction, snapshot, files
 * and start. What the plan warned of goes to the log.
 */
export async function startPlanned(
  store: Store,
  lease: LeaseEpoch,
  jobId: string,
  planned: { work: PlannedWork; warnings: readonly string[]; now: number },
): Promise<void> {
  const { work, warnings, now } = planned;
  const { generations, variations } = work;
  const perTurn = Math.max(1, Math.floor(slotsPerTurn / variations));
  await store.write(lease, (db) => clearGenerations(db, jobId));
  for (let at = 0; at < generations.length; at += perTurn) {
    if (at > 0) await nextTurn();
    const slice = generations
      .slice(at, at + perTurn)
      .map((one) => ({ ...one, keyword: { ...one.keyword }, prompt: null }));
    await store.write(lease, (db) => insertGenerations(db, jobId, slice, variations));
  }
  await store.write(lease, (db) => {
    for (const content of work.documents.values()) insertDocument(db, content);
    freezeJob(db, jobId, {
      snapshot: work.settings,
      inputs: work.inputs,
      plan: { seed: work.seed, rows: work.rows },
      planned: generations.length * variations,
    });
    insertLogs(
      db,
      warnings.map((message) => ({
        jobId,
        imageId: null,
        at: now,
        level: 'warn' as const,
        debug: false,
        message,
      })),
    );
    startJob(db, jobId, now);
  });
}
