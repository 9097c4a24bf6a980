/** Retry and approve: finishes pictures that failed, without making them again (F1–F4). */
import { isFactoryError, toFactoryError } from '../model/errors.ts';
import { createLimit } from '../model/semaphore.ts';
import { isSpoilt } from '../pipeline/finishPicture.ts';
import { asksAgain, planOf, walk } from '../pipeline/pipeline.ts';
import { nameOf, toPicture } from '../pipeline/picture.ts';
import type { Picture } from '../pipeline/picture.ts';
import { endFor } from '../pipeline/policy.ts';
import { toOpenCall } from '../pipeline/journal.ts';
import type { OpenCall } from '../pipeline/records.ts';
import type { Plan } from '../pipeline/step.ts';
import type { Work } from '../pipeline/work.ts';
import { openCalls } from '../store/calls.ts';
import { getImageWork } from '../store/images.ts';
import { countRun } from '../store/runs.ts';
import type { ImageRun, RunContext, RunOutcome } from './runContext.ts';
import { clean, giveUp } from './runJob.ts';
import { prepareRun } from './runJobWork.ts';
import { messages } from './messages.ts';

/** Pictures at once: each step has its own limit beside. */
const atOnce = 16;

/**
 * Takes each image through what is left of its processing. An image that fails is `retryFailed` with what it
 * had; the run itself ends `completed` unless it was stopped, paused or taken over.
 */
export async function runImages(context: RunContext, run: ImageRun): Promise<RunOutcome> {
  const { jobId, runId } = run;
  const prepared = prepareRun(context, { jobId, runId, ofImages: true, budgeted: false });
  const { work, tasks } = prepared;
  const limit = createLimit(atOnce);
  try {
    await clean(context, work);
    await giveUp(prepared, unaskable(context, run));
    for (const imageId of run.imageIds) {
      tasks.spawn(() => limit(() => workOnImage(context, work, run, imageId)));
    }
    await tasks.done();
  } catch (thrown) {
    endFor(work, toFactoryError(thrown), 'deliver');
    await tasks.done();
  }
  await prepared.end(false);
  return work.gate.halt ?? { status: 'completed', error: null };
}

/** Texts and verdicts of these images that a killed process has sent; their backgrounds are asked for in time. */
function unaskable({ store }: RunContext, { jobId, imageIds }: ImageRun): OpenCall[] {
  return store
    .read((db) => openCalls(db, jobId))
    .map(toOpenCall)
    .filter(({ imageId, stage }) => imageId !== null && imageIds.includes(imageId) && !asksAgain(stage));
}

async function workOnImage(context: RunContext, work: Work, run: ImageRun, imageId: string): Promise<void> {
  if (work.gate.halt !== null) return;
  try {
    const picture = toPicture(context.store.read((db) => getImageWork(db, imageId)));
    if (picture.status !== 'retryPending' && picture.status !== 'processing') {
      // Done by this run before a crash, or given up meanwhile.
      await work.journal.write((db) => countRun(db, run.runId, {}, imageId));
      return;
    }
    const plan = planOf(picture, { settings: work.settings, retry: run });
    await begin(work, run, picture, plan);
    await walk(work, picture, plan);
    if (picture.status === 'processing') await rest(work, picture);
  } catch (thrown) {
    const error = toFactoryError(thrown);
    if (!isFactoryError(error, 'notFound')) endFor(work, error, 'deliver');
  }
}

async function begin(work: Work, run: ImageRun, picture: Picture, plan: Plan): Promise<void> {
  const fresh = { softFailures: [], flagged: false };
  const stale = {
    ...(plan.has('metadata') ? { metadata: null, metadataRun: null } : {}),
    ...(isSpoilt(picture) ? { cutoutBy: null } : {}),
  };
  await work.journal.write((db) =>
    work.journal.begin(db, picture, {
      unfinished: { ...picture.unfinished, ...fresh, ...stale },
      ...(plan.has('download') && picture.sourceUrl !== null ? { originalPath: null } : {}),
    }),
  );
  const image = nameOf(picture).toLowerCase();
  const told = run.kind === 'approve' ? messages.approving({ image }) : messages.retrying({ image });
  work.journal.log('info', told, picture.id);
}

/** The run ended first: the picture waits again. */
async function rest(work: Work, picture: Picture): Promise<void> {
  if (work.gate.halt?.status === 'interrupted') return;
  await work.journal.write((db) => work.journal.rest(db, picture));
}
