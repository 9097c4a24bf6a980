/** Retry, approve and generate again: work on single images, queued like every other run. */
import { randomUUID } from 'node:crypto';
import { FactoryError } from '../model/errors.ts';
import type { RunKind, RunSummary } from '../model/events.ts';
import { addCost, noCost } from '../model/money.ts';
import { jobStatusLabels } from '../model/status.ts';
import type { ImageStatus } from '../model/status.ts';
import { allNeeds } from '../providers/build.ts';
import type { ProviderNeeds } from '../providers/build.ts';
import { pricesAsOf } from '../providers/catalogue.ts';
import { limitsOf } from '../providers/limits.ts';
import { together } from '../providers/retirement.ts';
import type { RetirementPlan } from '../providers/retirement.ts';
import { estimateImages, needsOf, workloadOf } from '../queue/imageWorkload.ts';
import { keyProblem, missingKeys, planError } from '../planning/plan.ts';
import { retirementOf } from '../planning/replacements.ts';
import { queueImageRun } from '../queue/queueImages.ts';
import { readRetryRequest, retryRequest, slotsRequest } from '../queue/queueRequests.ts';
import { checkSettings, storedSettings } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { queueEvent } from '../store/asEvents.ts';
import { getImage } from '../store/images.ts';
import { getJob, workingContents } from '../store/jobs.ts';
import { refuseDamaged } from '../store/rows/damage.ts';
import { readEach } from '../store/readEach.ts';
import {
  getRun,
  imagesToDoByJob,
  insertRun,
  releaseRuns,
  runRequest,
  setRunRequest,
  statusBeforeHeld,
  unfinishedRunOf,
} from '../store/runs.ts';
import { slotPlaces } from '../store/slots.ts';
import type { Reader } from '../store/store.ts';
import { refuseReadOnly } from './active.ts';
import type { Factory, ImagePlan, RetryRequest } from './contract.ts';
import type { FactorySession } from './factorySession.ts';
import { toolsOf } from './tools.ts';
import { messages } from './messages.ts';
import { inWords } from '../model/message.ts';
import type { Message } from '../model/message.ts';

export type ImageActions = Pick<
  Factory,
  'planRetry' | 'planApprove' | 'retry' | 'approve' | 'planContinue' | 'continueWith' | 'generateAgain'
>;

const failedStatuses: readonly ImageStatus[] = ['failed', 'qcFailed', 'retryFailed'];

export function createImageActions(session: FactorySession): ImageActions {
  const { store, queue, now } = session;

  const enqueueImages = async (
    kind: Extract<RunKind, 'retry' | 'approve'>,
    images: readonly Chosen[],
    request: Record<string, unknown>,
  ): Promise<RunSummary> => {
    const [jobId, ...others] = new Set(images.map((image) => image.jobId));
    const count = images.length;
    const what = { images: count === 1 ? messages.oneImage() : messages.imageCount({ count }) };
    const runId = await queueImageRun(
      store,
      {
        kind,
        imageIds: images.map((image) => image.id),
        jobId: others.length === 0 ? (jobId ?? null) : null,
        title: inWords(kind === 'retry' ? messages.retryOf(what) : messages.approvalOf(what)),
        request,
      },
      now,
    );
    queue.queued([runId]);
    session.reconcile();
    return store.read((db) => getRun(db, runId));
  };

  return {
    planRetry: async (request) => (await checkRetry(session, request)).plan,
    planApprove: async (imageIds, changes) => (await checkApproval(session, imageIds, changes)).plan,

    async retry(request) {
      const { images, wish: options } = await checkRetry(session, request);
      const { changes, regenerateMetadata } = options;
      return enqueueImages('retry', images, retryRequest({ settings: changes, regenerateMetadata }));
    },

    async approve(imageIds, changes) {
      const { images, wish: options } = await checkApproval(session, imageIds, changes);
      const request = retryRequest({ settings: options.changes, regenerateMetadata: false });
      return enqueueImages('approve', images, request);
    },

    planContinue: async (runId, changes) => (await checkHeld(session, runId, changes)).plan,

    async continueWith(runId, changes) {
      const { wish: options } = await checkHeld(session, runId, changes);
      const { regenerateMetadata } = options;
      store.edit((db, emit) => {
        setRunRequest(db, runId, retryRequest({ settings: options.changes, regenerateMetadata }));
        releaseRuns(db, [runId]);
        emit(queueEvent(db));
      });
      queue.queued([runId]);
      session.reconcile();
      return store.read((db) => getRun(db, runId));
    },

    async generateAgain(slots) {
      refuseReadOnly(session);
      if (slots.length === 0) throw new FactoryError('conflict', messages.noImageToGenerate());
      const byJob = store.read((db) => slotsByJob(db, slots));
      for (const jobId of byJob.keys()) {
        await refuseWithoutKeys(session, settingsAsRun(session, jobId), allNeeds);
      }
      const runIds = store.edit((db, emit) => {
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
          return id;
        });
        emit(queueEvent(db));
        return ids;
      });
      queue.queued(runIds);
      session.reconcile();
      return store.read((db) => getRun(db, runIds[0] ?? ''));
    },
  };
}

/** Images that may be worked on as wished, and what that costs. */
interface CheckedImages {
  images: Chosen[];
  wish: ImageRunOptions;
  plan: ImagePlan;
}

async function checkRetry(
  session: FactorySession,
  { imageIds, settings, regenerateMetadata }: RetryRequest,
): Promise<CheckedImages> {
  refuseReadOnly(session);
  const images = await chosen(session, imageIds);
  refuse(
    images.filter((image) => !mayRetry(image, regenerateMetadata)),
    messages.notToRetry(),
  );
  const jobs = new Set(images.map((image) => image.jobId)).size;
  if (settings === 'original' && jobs > 1) {
    throw new FactoryError('conflict', messages.imagesOfSeveralJobs({ jobs }));
  }
  const options: ImageRunOptions = {
    kind: 'retry',
    changes: settings === 'original' ? {} : settings,
    regenerateMetadata,
  };
  return { images, wish: options, plan: await planOfImages(session, images, options) };
}

async function checkApproval(
  session: FactorySession,
  imageIds: readonly string[],
  changes: Partial<Settings> = {},
): Promise<CheckedImages> {
  refuseReadOnly(session);
  const images = await chosen(session, imageIds);
  refuse(
    images.filter(({ status }) => !failedStatuses.includes(status)),
    messages.notToApprove(),
  );
  refuse(
    images.filter(({ hasFile }) => !hasFile),
    messages.nothingToApprove(),
  );
  const options: ImageRunOptions = { kind: 'approve', changes, regenerateMetadata: false };
  return { images, wish: options, plan: await planOfImages(session, images, options) };
}

/** What a retry or an approval that stands still has left to do, with these changes to what it was asked. */
async function checkHeld(
  session: FactorySession,
  runId: string,
  changes: Partial<Settings>,
): Promise<{ wish: ImageRunOptions; plan: ImagePlan }> {
  refuseReadOnly(session);
  const { run, request, byJob } = session.store.read((db) => ({
    run: getRun(db, runId),
    request: readRetryRequest(runRequest(db, runId)),
    byJob: imagesToDoByJob(db, runId),
  }));
  if (run.status !== 'held' || (run.kind !== 'retry' && run.kind !== 'approve')) {
    throw new FactoryError('conflict', messages.goesOnAlready({ title: run.title }));
  }
  const options: ImageRunOptions = {
    kind: run.kind,
    changes: { ...request.settings, ...changes },
    regenerateMetadata: request.regenerateMetadata,
  };
  return { wish: options, plan: await planByJob(session, byJob, options, runId) };
}

/** What decides whether an image may be worked on. */
interface Chosen {
  id: string;
  jobId: string;
  status: ImageStatus;
  hasFile: boolean;
  softFailed: boolean;
}

/** The images, each once, in the order in which they were chosen. */
async function chosen({ store }: FactorySession, ids: readonly string[]): Promise<Chosen[]> {
  if (ids.length === 0) throw new FactoryError('conflict', messages.noImageChosen());
  const found = await readEach(store, ids, (db, id): Chosen => {
    const image = getImage(db, id);
    refuseDamaged(image);
    return {
      id: image.id,
      jobId: image.jobId,
      // One that a dead window or command had queued may be asked for again.
      status: statusBeforeHeld(db, image.id) ?? image.status,
      hasFile: image.path !== null || image.originalPath !== null,
      softFailed: image.softFailures.length > 0,
    };
  });
  return [...new Map(found.map((image) => [image.id, image])).values()];
}

/** An approved image may be retried for what went wrong softly, such as missing metadata (P10). */
function mayRetry(image: Chosen, regenerateMetadata: boolean): boolean {
  if (failedStatuses.includes(image.status)) return true;
  return image.status === 'approved' && (regenerateMetadata || image.softFailed);
}

function refuse(images: readonly Chosen[], why: Message): void {
  const [first] = images;
  if (first === undefined) return;
  const { id } = first;
  const more = images.length - 1;
  throw new FactoryError(
    'conflict',
    more === 0 ? messages.imageNotFree({ id, why }) : messages.imagesNotFree({ id, more, why }),
  );
}

interface ImageRunOptions {
  kind: 'retry' | 'approve';
  changes: Partial<Settings>;
  regenerateMetadata: boolean;
}

/** Before anything is marked: the settings of the work must be right, and the keys there of whom it will call. */
async function planOfImages(
  session: FactorySession,
  images: readonly Chosen[],
  options: ImageRunOptions,
): Promise<ImagePlan> {
  const byJob = new Map<string, string[]>();
  for (const { id, jobId } of images) {
    const ids = byJob.get(jobId);
    if (ids === undefined) byJob.set(jobId, [id]);
    else ids.push(id);
  }
  // The run has no id yet: nothing was paid for in its name.
  return planByJob(session, byJob, options, '');
}

async function planByJob(
  session: FactorySession,
  byJob: ReadonlyMap<string, readonly string[]>,
  { kind, changes, regenerateMetadata }: ImageRunOptions,
  runId: string,
): Promise<ImagePlan> {
  let images = 0;
  let estimate = noCost;
  const ends: RetirementPlan[] = [];
  for (const [jobId, ids] of byJob) {
    const settings = { ...settingsAsRun(session, jobId), ...changes };
    const problems = Object.keys(changes).length === 0 ? [] : checkSettings(settings, limitsOf);
    if (problems.length > 0) throw planError(problems);
    const workload = await workloadOf(session.store, ids, settings, { kind, regenerateMetadata, runId });
    await refuseWithoutKeys(session, settings, needsOf(workload));
    images += ids.length;
    estimate = addCost(estimate, estimateImages(settings, workload));
    if (workload.has('removeBackground')) ends.push(await retirementOf(settings, toolsOf(session)));
  }
  return { images, estimate, pricesAsOf, ...together(ends) };
}

function settingsAsRun({ store }: FactorySession, jobId: string): Settings {
  const contents = store.read((db) => workingContents(db, jobId));
  return storedSettings(contents.snapshot ?? contents.settings);
}

async function refuseWithoutKeys(
  { options }: FactorySession,
  settings: Settings,
  needs: ProviderNeeds,
): Promise<void> {
  const missing = await missingKeys(settings, options.keys, needs);
  if (missing.length > 0) throw planError(missing.map(keyProblem));
}

function slotsByJob(
  db: Reader,
  slots: readonly { jobId: string; generation: number; variation: number }[],
): Map<string, { generation: number; variation: number }[]> {
  const byJob = new Map<string, { generation: number; variation: number }[]>();
  for (const jobId of new Set(slots.map((slot) => slot.jobId))) {
    const job = getJob(db, jobId, 0);
    if (job.status === 'running' || job.status === 'queued') {
      throw new FactoryError(
        'conflict',
        messages.notEnded({ label: job.label, status: jobStatusLabels[job.status] }),
      );
    }
    const failed = new Set(slotPlaces(db, job.id, 'failed').map(keyOf));
    const places = slots.filter((slot) => slot.jobId === jobId);
    const other = places.find((slot) => !failed.has(keyOf(slot)));
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

function keyOf({ generation, variation }: { generation: number; variation: number }): string {
  return `${generation}-${variation}`;
}
