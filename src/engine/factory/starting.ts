/** Planning, previewing and starting jobs, and letting old ones run again. */
import { randomInt } from 'node:crypto';
import { FactoryError } from '../model/errors.ts';
import type { JobSummary } from '../model/job.ts';
import { insertJobRun, queueJobRuns, startPlanned } from '../queue/queueJobs.ts';
import { makePlan, planError, previewPrompts } from '../planning/plan.ts';
import type { Planned } from '../planning/plan.ts';
import type { SourceJob } from '../planning/planInputs.ts';
import { checkSettings, storedSettings } from '../settings/settings.ts';
import { limitsOf } from '../providers/limits.ts';
import { getDocument } from '../store/documents.ts';
import { doneRowKeys } from '../store/generations.ts';
import { deleteJob, getJob, jobContents, workingContents } from '../store/jobs.ts';
import type { JobContents } from '../store/rows/job.ts';
import { readEach } from '../store/readEach.ts';
import { deleteRunsOf, getRun } from '../store/runs.ts';
import type { Settings } from '../settings/settings.ts';
import type { Factory, JobPlan, JobRequest } from './contract.ts';
import type { FactorySession } from './factorySession.ts';
import { toolsOf } from './tools.ts';
import { activeRun, refuseBusy, refuseReadOnly, takeLease } from './active.ts';
import { messages } from './messages.ts';

export type Starting = Pick<Factory, 'plan' | 'preview' | 'planRerun' | 'start' | 'rerun'>;

export function createStarting(session: FactorySession): Starting {
  const { store, queue, now } = session;

  return {
    async plan(request) {
      refuseReadOnly(session);
      return (await planRequest(session, request)).plan;
    },

    async preview(settings, rows) {
      refuseReadOnly(session);
      return previewPrompts(session.root, settings, rows);
    },

    async start(request, consent) {
      refuseReadOnly(session);
      refuseBusy(session);
      const { plan, job: planned } = await planRequest(session, request);
      if (planned === null) throw planError(plan.problems);
      consent.refuseMore(plan);
      const lease = await takeLease(session);
      chooseFolders(session, planned.settings);
      let jobId: string | null = null;
      try {
        const at = now();
        const settings = { ...planned.settings };
        const { run, job } = await store.write(lease, (db) =>
          insertJobRun(db, { settings, parent: null, now: at, status: 'running', rows: null }),
        );
        jobId = job.id;
        queue.claim(run, consent);
        const { warnings } = plan;
        await startPlanned(store, lease, job.id, { planned, warnings, now: at, beginning: run.id });
        const started = store.read((db) => getJob(db, job.id, now()));
        queue.begin();
        return started;
      } catch (error) {
        if (jobId !== null) forget(session, jobId);
        queue.release();
        throw error;
      }
    },

    async planRerun(jobIds, changes = {}) {
      refuseReadOnly(session);
      const plans: JobPlan[] = [];
      // One after another: each reads the files of its job.
      for (const original of await originalsOf(session, jobIds, changes)) {
        plans.push((await planRequest(session, requestOfRerun(original))).plan);
      }
      return plans;
    },

    async rerun(jobs, changes = {}) {
      refuseReadOnly(session);
      const originals = await originalsOf(
        session,
        jobs.map(({ jobId }) => jobId),
        changes,
      );
      if (Object.keys(changes).length > 0) {
        const problems = originals.flatMap(({ settings }) => checkSettings(settings, limitsOf));
        if (problems.length > 0) throw planError(problems);
      }
      const [first] = originals;
      const [only] = jobs;
      // One that could start now is refused like any start; what waits is planned when its turn comes.
      if (jobs.length === 1 && first !== undefined && activeRun(session) === null) {
        const { plan, job: planned } = await planRequest(session, requestOfRerun(first));
        if (planned === null) throw planError(plan.problems);
        only?.consent.refuseMore(plan);
      }
      const runIds = await queueJobRuns(
        store,
        originals.map(({ job, settings, rows }) => ({ settings, parent: job, now: now(), rows })),
        session.logger,
      );
      queue.queued(jobs.map(({ consent }, index) => ({ id: runIds[index] ?? '', consent })));
      session.reconcile();
      return readEach(store, runIds, getRun);
    },
  };
}

/** Its images stay within reach when the settings name other folders later. */
function chooseFolders({ files }: FactorySession, settings: Settings): void {
  for (const key of ['files.outputDirectory', 'files.tempDirectory'] as const)
    files.choose(settings[key].trim());
}

/** A job to run again, with the settings and rows of its rerun. */
interface Rerun {
  job: JobSummary;
  settings: Settings;
  rows: number[] | null;
}

async function originalsOf(
  { store, now }: FactorySession,
  jobIds: readonly string[],
  changes: Partial<Settings>,
): Promise<Rerun[]> {
  if (jobIds.length === 0) throw new FactoryError('conflict', messages.noJobToRerun());
  return readEach(store, jobIds, (db, id) => {
    const job = getJob(db, id, now());
    const contents = workingContents(db, job.id);
    const settings = { ...storedSettings(contents.settings), ...changes };
    return { job, settings, rows: rowsOf(contents, settings['generation.count']) };
  });
}

function requestOfRerun({ job, settings, rows }: Rerun): JobRequest {
  return { settings, copiesOf: job.id, ...(rows === null ? {} : { rows }) };
}

/** A start that failed half-way leaves nothing; if even that cannot be written, it waits, held, in the queue. */
function forget({ store, logger }: FactorySession, jobId: string): void {
  try {
    store.edit((db) => {
      deleteRunsOf(db, jobId);
      deleteJob(db, jobId);
    });
  } catch (error) {
    logger.warn(messages.startKept({ reason: String(error) }));
  }
}

/** As planned now; what `copiesOf` names stands in for files that are gone. */
export function planRequest(session: FactorySession, request: JobRequest): Promise<Planned> {
  const { store } = session;
  return makePlan(request, {
    files: session.files,
    ...toolsOf(session),
    doneRows: (rowKeys) => store.read((db) => doneRowKeys(db, rowKeys)),
    sourceJob: request.copiesOf === undefined ? null : sourceJobOf(session, request.copiesOf),
    randomSeed: () => randomInt(2 ** 31),
  });
}

/** The request of a job that waited: its settings, the rows that were chosen, and its original's copies. */
export function requestOf(contents: JobContents): JobRequest {
  const settings = storedSettings(contents.settings);
  const rows = rowsOf(contents, settings['generation.count']);
  return {
    settings,
    ...(rows === null ? {} : { rows }),
    ...(contents.parentId === null ? {} : { copiesOf: contents.parentId }),
  };
}

/** Rows that were chosen for a job; they count only while its settings ask for as many. */
function rowsOf(contents: JobContents, count: number): number[] | null {
  const rows = contents.plan['rows'];
  if (!Array.isArray(rows) || rows.length !== count) return null;
  return rows.every((row): row is number => Number.isInteger(row)) ? rows : null;
}

/** Null when the original job was deleted meanwhile. */
function sourceJobOf({ store }: FactorySession, jobId: string): SourceJob | null {
  try {
    const { inputs } = store.read((db) => jobContents(db, jobId));
    return {
      inputs,
      document(sha256) {
        try {
          return store.read((db) => getDocument(db, sha256));
        } catch {
          return null;
        }
      },
    };
  } catch {
    return null;
  }
}
