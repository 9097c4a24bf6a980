/** Retry and approve: work on single images, queued like every other run. */
import { FactoryError, isFactoryError } from '../model/errors.ts';
import type { RunSummary } from '../model/events.ts';
import { addCost, noCost } from '../model/money.ts';
import { fileOfImage } from '../model/image.ts';
import type { ImageStatus } from '../model/status.ts';
import { pricesAsOf } from '../providers/catalogue.ts';
import type { Retry } from '../pipeline/step.ts';
import { limitsOf } from '../providers/limits.ts';
import { together } from '../providers/retirement.ts';
import type { RetirementPlan } from '../providers/retirement.ts';
import { estimateImages, needsOf, workloadOf } from '../queue/imageWorkload.ts';
import { offered } from '../planning/consent.ts';
import type { Consent } from '../planning/consent.ts';
import { planError } from '../planning/plan.ts';
import { retirementOf } from '../planning/replacements.ts';
import { queueImageRun } from '../queue/queueImages.ts';
import { readRetryRequest, retryRequest } from '../queue/queueRequests.ts';
import type { ImageRunOptions } from '../queue/queueRequests.ts';
import { checkSettings, settingsAsRun, storedSettings } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { queueEvent } from '../store/asEvents.ts';
import { getImage } from '../store/images.ts';
import { workingContents } from '../store/jobs.ts';
import { refuseDamaged } from '../store/rows/damage.ts';
import type { Reader } from '../store/store.ts';
import { readEach } from '../store/readEach.ts';
import {
  getRun,
  imagesToDoByJob,
  releaseRuns,
  runRequest,
  setRunRequest,
  statusBeforeHeld,
} from '../store/runs.ts';
import { refuseReadOnly, refuseWithoutKeys } from './active.ts';
import type { Factory, ImagePlan, RetryRequest } from './contract.ts';
import type { FactorySession } from './factorySession.ts';
import { toolsOf } from './tools.ts';
import { messages } from './messages.ts';
import { inWords } from '../model/message.ts';
import type { Message } from '../model/message.ts';

export type ImageActions = Pick<
  Factory,
  'approvable' | 'planRetry' | 'planApprove' | 'retry' | 'approve' | 'planContinue' | 'continueWith'
>;

const failedStatuses: readonly ImageStatus[] = ['failed', 'qcFailed', 'retryFailed'];

export function createImageActions(session: FactorySession): ImageActions {
  const { store, queue, now } = session;

  const enqueueImages = async (
    kind: Retry['kind'],
    { images, options, plan }: CheckedImages,
    consent: Consent,
  ): Promise<RunSummary> => {
    consent.refuseMore(plan);
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
        request: retryRequest(options),
      },
      now,
    );
    queue.queued([{ id: runId, consent }]);
    session.reconcile();
    return store.read((db) => getRun(db, runId));
  };

  return {
    async approvable(imageIds) {
      const found = await readEach(store, imageIds, approvableIn);
      return imageIds.filter((_, index) => found[index]);
    },

    planRetry: async (request) => (await checkRetry(session, request)).plan,
    planApprove: async (imageIds, changes) => (await checkApproval(session, imageIds, changes)).plan,

    retry: async (request, consent) => enqueueImages('retry', await checkRetry(session, request), consent),
    approve: async (imageIds, consent, changes) =>
      enqueueImages('approve', await checkApproval(session, imageIds, changes), consent),

    planContinue: async (runId, changes) => (await checkHeld(session, runId, changes)).plan,

    async continueWith(runId, changes, consent) {
      const { options, plan } = await checkHeld(session, runId, changes);
      consent.refuseMore(plan);
      store.edit((db, emit) => {
        setRunRequest(db, runId, retryRequest(options));
        releaseRuns(db, [runId]);
        emit(queueEvent(db));
      });
      queue.queued([{ id: runId, consent }]);
      session.reconcile();
      return store.read((db) => getRun(db, runId));
    },
  };
}

/** Images that may be worked on in this way, and what that costs. */
interface CheckedImages {
  images: Chosen[];
  options: ImageRunOptions;
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
    changes: settings === 'original' ? {} : settings,
    regenerateMetadata,
  };
  return { images, options, plan: await planOfImages(session, 'retry', images, options) };
}

async function checkApproval(
  session: FactorySession,
  imageIds: readonly string[],
  changes: Partial<Settings> = {},
): Promise<CheckedImages> {
  refuseReadOnly(session);
  const images = await chosen(session, imageIds);
  refuse(
    images.filter((image) => !hasFailed(image)),
    messages.notToApprove(),
  );
  refuse(
    images.filter(({ hasFile }) => !hasFile),
    messages.nothingToApprove(),
  );
  const options: ImageRunOptions = { changes, regenerateMetadata: false };
  return { images, options, plan: await planOfImages(session, 'approve', images, options) };
}

/** What a retry or an approval that stands still has left to do, with these changes to what it was asked. */
async function checkHeld(
  session: FactorySession,
  runId: string,
  changes: Partial<Settings>,
): Promise<Omit<CheckedImages, 'images'>> {
  refuseReadOnly(session);
  const { run, request, byJob } = readHeld(session, runId);
  if (run.status !== 'held' || (run.kind !== 'retry' && run.kind !== 'approve')) {
    throw new FactoryError('conflict', messages.goesOnAlready({ title: run.title }));
  }
  const options: ImageRunOptions = {
    changes: { ...request.changes, ...changes },
    regenerateMetadata: request.regenerateMetadata,
  };
  return { options, plan: await planByJob(session, byJob, { kind: run.kind, runId, ...options }) };
}

/** The same as it was asked, also while a key for it is missing: then it pauses when its turn comes. */
export async function planOfHeldImages(session: FactorySession, runId: string): Promise<ImagePlan> {
  const { run, request, byJob } = readHeld(session, runId);
  const kind = run.kind === 'approve' ? 'approve' : 'retry';
  return planByJob(session, byJob, { kind, runId, ...request }, false);
}

function readHeld(
  { store }: FactorySession,
  runId: string,
): { run: RunSummary; request: ImageRunOptions; byJob: ReadonlyMap<string, readonly string[]> } {
  return store.read((db) => ({
    run: getRun(db, runId),
    request: readRetryRequest(runRequest(db, runId)),
    byJob: imagesToDoByJob(db, runId),
  }));
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
  const found = await readEach(store, ids, chosenIn);
  return [...new Map(found.map((image) => [image.id, image])).values()];
}

function chosenIn(db: Reader, id: string): Chosen {
  const image = getImage(db, id);
  refuseDamaged(image);
  return {
    id: image.id,
    jobId: image.jobId,
    // One that a dead window or command had queued may be asked for again.
    status: statusBeforeHeld(db, image.id) ?? image.status,
    hasFile: fileOfImage(image) !== null,
    softFailed: image.softFailures.length > 0,
  };
}

function hasFailed({ status }: Chosen): boolean {
  return failedStatuses.includes(status);
}

function approvableIn(db: Reader, id: string): boolean {
  try {
    const image = chosenIn(db, id);
    return hasFailed(image) && image.hasFile;
  } catch (error) {
    if (isFactoryError(error, 'notFound') || isFactoryError(error, 'store.damaged')) return false;
    throw error;
  }
}

/** An approved image may be retried for what went wrong softly, such as missing metadata (P10). */
function mayRetry(image: Chosen, regenerateMetadata: boolean): boolean {
  if (hasFailed(image)) return true;
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

/** Before anything is marked: the settings of the work must be right, and the keys there of whom it will call. */
async function planOfImages(
  session: FactorySession,
  kind: Retry['kind'],
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
  return planByJob(session, byJob, { kind, runId: '', ...options });
}

async function planByJob(
  session: FactorySession,
  byJob: ReadonlyMap<string, readonly string[]>,
  { changes, ...retry }: Retry & ImageRunOptions,
  checked = true,
): Promise<ImagePlan> {
  let images = 0;
  let estimate = noCost;
  const ends: RetirementPlan[] = [];
  for (const [jobId, ids] of byJob) {
    const settings = { ...settingsOf(session, jobId), ...changes };
    const problems = !checked || Object.keys(changes).length === 0 ? [] : checkSettings(settings, limitsOf);
    if (problems.length > 0) throw planError(problems);
    const workload = await workloadOf(session.store, ids, settings, retry);
    if (checked) await refuseWithoutKeys(session, settings, needsOf(workload));
    images += ids.length;
    estimate = addCost(estimate, estimateImages(settings, workload));
    if (workload.has('removeBackground')) ends.push(await retirementOf(settings, toolsOf(session)));
  }
  return offered({ images, estimate, pricesAsOf, ...together(ends) });
}

/** What made the images of a job. */
export function settingsOf({ store }: FactorySession, jobId: string): Settings {
  return storedSettings(settingsAsRun(store.read((db) => workingContents(db, jobId))));
}
