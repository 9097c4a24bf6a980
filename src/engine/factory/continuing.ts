/** What stands still in the queue: what is left of it, and letting it go on once its user has agreed to that (M4, B7). */
import { toFactoryError } from '../model/errors.ts';
import type { RunSummary } from '../model/events.ts';
import { noCost } from '../model/money.ts';
import { offered } from '../planning/consent.ts';
import { pricesAsOf } from '../providers/catalogue.ts';
import { readSlotsRequest } from '../queue/queueRequests.ts';
import { storedSettings } from '../settings/settings.ts';
import { queueEvent } from '../store/asEvents.ts';
import { jobContents, workingContents } from '../store/jobs.ts';
import { getRun, releaseRuns, runRequest, waitingRuns } from '../store/runs.ts';
import { refuseReadOnly } from './active.ts';
import type { Factory, HeldPlan, ImagePlan } from './contract.ts';
import type { FactorySession } from './factorySession.ts';
import { planOfHeldImages } from './images.ts';
import { planOfJob } from './resuming.ts';
import { planRequest, requestOf } from './starting.ts';
import { messages } from './messages.ts';

export type Continuing = Pick<Factory, 'planQueue' | 'continueQueue'>;

export function createContinuing(session: FactorySession): Continuing {
  const { store, queue } = session;

  return {
    async planQueue() {
      refuseReadOnly(session);
      const plans: HeldPlan[] = [];
      for (const run of store.read(waitingRuns)) {
        if (run.status === 'held') plans.push({ runId: run.id, plan: await planOfHeld(session, run) });
      }
      return plans;
    },

    async continueQueue(runs) {
      refuseReadOnly(session);
      for (const { runId, consent } of runs) {
        const run = store.read((db) => getRun(db, runId));
        // A job without a snapshot is planned, and refused, when its turn comes.
        if (run.status === 'held' && !isUnplanned(session, run)) {
          consent.refuseMore(await planOfHeld(session, run));
        }
      }
      const released = store.edit((db, emit) => {
        const still = runs.filter(({ runId }) => getRun(db, runId).status === 'held');
        releaseRuns(
          db,
          still.map(({ runId }) => runId),
        );
        emit(queueEvent(db));
        return still;
      });
      queue.queued(released.map(({ runId, consent }) => ({ id: runId, consent })));
      session.reconcile();
    },
  };
}

/** What cannot be planned now costs nothing: it fails, or stands still, when its turn comes. */
async function planOfHeld(session: FactorySession, run: RunSummary): Promise<ImagePlan> {
  try {
    const plan = await planOf(session, run);
    if (plan !== null) return plan;
  } catch (error) {
    session.logger.info(messages.leftUnknown({ title: run.title, reason: toFactoryError(error).told }));
  }
  return offered({ images: 0, estimate: noCost, pricesAsOf, warnings: [], instead: [] });
}

async function planOf(session: FactorySession, run: RunSummary): Promise<ImagePlan | null> {
  if (run.kind === 'retry' || run.kind === 'approve') return planOfHeldImages(session, run.id);
  if (run.jobId === null) return null;
  const { jobId } = run;
  const contents = session.store.read((db) => workingContents(db, jobId));
  if (contents.snapshot === null) {
    const { plan } = await planRequest(session, requestOf(contents));
    return plan.problems.length === 0 ? plan : null;
  }
  const slots =
    run.kind === 'generateAgain'
      ? readSlotsRequest(session.store.read((db) => runRequest(db, run.id)))
      : null;
  return planOfJob(session, jobId, storedSettings(contents.snapshot), slots);
}

function isUnplanned({ store }: FactorySession, { kind, jobId }: RunSummary): boolean {
  return kind === 'job' && jobId !== null && store.read((db) => jobContents(db, jobId)).snapshot === null;
}
