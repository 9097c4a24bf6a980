/** Generate again: slots that ended without an image, queued like every other run (F5). */
import { randomUUID } from 'node:crypto';
import { FactoryError } from '../model/errors.ts';
import { placeKey } from '../model/slot.ts';
import type { JobSlot, SlotPlace } from '../model/slot.ts';
import { jobStatusLabels } from '../model/status.ts';
import type { Consent } from '../planning/consent.ts';
import { allNeeds } from '../providers/build.ts';
import { slotsRequest } from '../queue/queueRequests.ts';
import { queueEvent } from '../store/asEvents.ts';
import { getJob } from '../store/jobs.ts';
import { getRun, insertRun, unfinishedRunOf } from '../store/runs.ts';
import { slotPlaces } from '../store/slots.ts';
import type { Reader } from '../store/store.ts';
import { refuseReadOnly, refuseWithoutKeys } from './active.ts';
import type { Factory, ImagePlan } from './contract.ts';
import type { FactorySession } from './factorySession.ts';
import { settingsOf } from './images.ts';
import { planOfJob } from './resuming.ts';
import { messages } from './messages.ts';

export type GeneratingAgain = Pick<Factory, 'planGenerateAgain' | 'generateAgain'>;

export function createGeneratingAgain(session: FactorySession): GeneratingAgain {
  const { store, queue, now } = session;

  return {
    async planGenerateAgain(slots) {
      const byJob = await checkSlots(session, slots);
      const plans: { jobId: string; plan: ImagePlan }[] = [];
      for (const [jobId, places] of byJob)
        plans.push({ jobId, plan: await planOfSlots(session, jobId, places) });
      return plans;
    },

    async generateAgain(slots, consents) {
      const byJob = await checkSlots(session, slots);
      const paid = new Map(consents.map(({ jobId, consent }) => [jobId, consent]));
      const agreedTo = (jobId: string): Consent => {
        const consent = paid.get(jobId);
        if (consent === undefined) throw new Error('Slots of a job are made again that nobody agreed to.');
        return consent;
      };
      for (const [jobId, places] of byJob) {
        agreedTo(jobId).refuseMore(await planOfSlots(session, jobId, places));
      }
      const runs = store.edit((db, emit) => {
        const ids = [...byJob].map(([jobId, places]) => {
          const job = getJob(db, jobId, now());
          if (unfinishedRunOf(db, jobId) !== null) {
            throw new FactoryError('conflict', messages.alreadyQueued({ label: job.label }));
          }
          const id = randomUUID();
          insertRun(db, {
            id,
            kind: 'generateAgain',
            status: 'waiting',
            jobId,
            title: job.label,
            request: slotsRequest(places),
            total: places.length,
            createdAt: now(),
          });
          return { id, consent: agreedTo(jobId) };
        });
        emit(queueEvent(db));
        return ids;
      });
      queue.queued(runs);
      session.reconcile();
      return store.read((db) => getRun(db, runs[0]?.id ?? ''));
    },
  };
}

/** The slots of each job, all of which failed; fails where one did not, or a key is missing. */
async function checkSlots(
  session: FactorySession,
  slots: readonly JobSlot[],
): Promise<Map<string, SlotPlace[]>> {
  refuseReadOnly(session);
  if (slots.length === 0) throw new FactoryError('conflict', messages.noImageToGenerate());
  const byJob = session.store.read((db) => slotsByJob(db, slots));
  for (const jobId of byJob.keys()) {
    await refuseWithoutKeys(session, settingsOf(session, jobId), allNeeds);
  }
  return byJob;
}

function planOfSlots(
  session: FactorySession,
  jobId: string,
  places: readonly SlotPlace[],
): Promise<ImagePlan> {
  return planOfJob(session, jobId, settingsOf(session, jobId), places);
}

function slotsByJob(db: Reader, slots: readonly JobSlot[]): Map<string, SlotPlace[]> {
  const byJob = new Map<string, SlotPlace[]>();
  for (const jobId of new Set(slots.map((slot) => slot.jobId))) {
    const job = getJob(db, jobId, 0);
    if (job.status === 'running' || job.status === 'queued') {
      throw new FactoryError(
        'conflict',
        messages.notEnded({ label: job.label, status: jobStatusLabels[job.status] }),
      );
    }
    const failed = new Set(slotPlaces(db, job.id, 'failed').map(placeKey));
    const places = slots.filter((slot) => slot.jobId === jobId);
    const other = places.find((slot) => !failed.has(placeKey(slot)));
    if (other !== undefined) {
      throw new FactoryError(
        'conflict',
        messages.slotDidNotFail({
          generation: other.generation + 1,
          variation: other.variation + 1,
          label: job.label,
        }),
      );
    }
    byJob.set(
      job.id,
      places.map(({ generation, variation }) => ({ generation, variation })),
    );
  }
  return byJob;
}
