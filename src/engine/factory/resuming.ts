/** Letting a job go on that stands still: as it was planned, or with another remover than one that has ended. */
import { randomUUID } from 'node:crypto';
import { FactoryError } from '../model/errors.ts';
import type { JobSummary } from '../model/job.ts';
import { jobStatusLabels } from '../model/status.ts';
import { offered } from '../planning/consent.ts';
import { retirementOf } from '../planning/replacements.ts';
import { allNeeds } from '../providers/build.ts';
import { pricesAsOf } from '../providers/catalogue.ts';
import { remainingOf } from '../queue/jobWorkload.ts';
import type { SlotPlace } from '../model/slot.ts';
import { cutoutKey, settingsAsRun, shownSetting, storedSettings } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { queueEvent } from '../store/asEvents.ts';
import { adoptCutouts } from '../store/images.ts';
import { changeJobSettings, getJob, workingContents } from '../store/jobs.ts';
import { insertLogs, jobRows } from '../store/logs.ts';
import { getRun, insertRun, setRunStatus, unfinishedRunOf } from '../store/runs.ts';
import type { Writer } from '../store/store.ts';
import { refuseReadOnly, refuseWithoutKeys } from './active.ts';
import type { Factory, ImagePlan, RemoverChange } from './contract.ts';
import type { FactorySession } from './factorySession.ts';
import { toolsOf } from './tools.ts';
import { messages } from './messages.ts';
import { inWords } from '../model/message.ts';

export type Resuming = Pick<Factory, 'planResume' | 'resume'>;

export function createResuming(session: FactorySession): Resuming {
  const { store, queue, now } = session;

  return {
    async planResume(jobId, changes) {
      const { job, after } = await checkResume(session, jobId, changes);
      return planOfJob(session, job.id, after);
    },

    async resume(jobId, consent, changes) {
      const { job, before, after } = await checkResume(session, jobId, changes);
      consent.refuseMore(await planOfJob(session, job.id, after));
      const runId = store.edit((db, emit) => {
        const id = waitingRun(db, job, now());
        if (changes !== undefined) goOnWith(db, job.id, { before, after, changes, now: now() });
        emit(queueEvent(db));
        return id;
      });
      queue.queued([{ id: runId, consent }]);
      session.reconcile();
      return store.read((db) => getRun(db, runId));
    },
  };
}

/** What is left of a job with these settings; of some of its slots only where they are named. */
export async function planOfJob(
  session: FactorySession,
  jobId: string,
  settings: Settings,
  slots: readonly SlotPlace[] | null = null,
): Promise<ImagePlan> {
  const remaining = await remainingOf(session.store, jobId, settings, slots);
  return offered({ ...remaining, pricesAsOf, ...(await retirementOf(settings, toolsOf(session))) });
}

/** Fails with `conflict`, or with `key.missing` where a key is missing. */
async function checkResume(
  session: FactorySession,
  jobId: string,
  changes: RemoverChange | undefined,
): Promise<{ job: JobSummary; before: Settings; after: Settings }> {
  refuseReadOnly(session);
  const { store, now } = session;
  const job = store.read((db) => getJob(db, jobId, now()));
  if (job.status !== 'paused' && job.status !== 'stopped' && job.status !== 'interrupted') {
    throw new FactoryError(
      'conflict',
      messages.notResumable({ label: job.label, status: jobStatusLabels[job.status] }),
    );
  }
  const contents = store.read((db) => workingContents(db, job.id));
  const before = storedSettings(settingsAsRun(contents));
  const after = { ...before, ...changes };
  await refuseWithoutKeys(session, after, allNeeds);
  return { job, before, after };
}

/** The run that was interrupted goes on in its place of the queue, and is not there twice. */
function waitingRun(db: Writer, job: JobSummary, now: number): string {
  const unfinished = unfinishedRunOf(db, job.id);
  if (unfinished !== null && unfinished.status !== 'held') {
    throw new FactoryError('conflict', messages.inQueue({ label: job.label }));
  }
  if (unfinished !== null) {
    setRunStatus(db, unfinished.id, 'waiting');
    return unfinished.id;
  }
  const id = randomUUID();
  insertRun(db, {
    id,
    kind: 'resume',
    status: 'waiting',
    jobId: job.id,
    title: job.label,
    request: {},
    total: job.planned,
    createdAt: now,
  });
  return id;
}

/**
 * The change is the job's own from here on, so that another resume or a rerun keeps it. Cutouts that are paid for
 * serve as they are; every delivered image says what made it.
 */
function goOnWith(
  db: Writer,
  jobId: string,
  { before, after, changes, now }: { before: Settings; after: Settings; changes: RemoverChange; now: number },
): void {
  changeJobSettings(db, jobId, changes);
  adoptCutouts(db, jobId, { before: cutoutKey(before), after: cutoutKey(after) });
  const shown = (settings: Settings): string =>
    shownSetting('provider.backgroundRemoval', settings['provider.backgroundRemoval']);
  const [from, to] = [shown(before), shown(after)];
  const message = inWords(messages.removerChanged({ to, from }));
  insertLogs(db, jobRows(jobId, 'info', [message], now));
}
