/** Retry and approve: finishes images that failed, without making them again (F1–F4). */
import { isFactoryError, toFactoryError } from '../model/errors.ts';
import { createLimit } from '../model/semaphore.ts';
import { isUnusableCutout } from '../pipeline/finishImage.ts';
import { asksAgain, planOf, runSteps } from '../pipeline/pipeline.ts';
import { imageByPlace, toPipelineImage } from '../pipeline/pipelineImage.ts';
import type { PipelineImage } from '../pipeline/pipelineImage.ts';
import { endFor } from '../pipeline/policy.ts';
import { toOpenCall } from '../pipeline/journal.ts';
import type { OpenCall } from '../pipeline/records.ts';
import type { Plan } from '../pipeline/step.ts';
import type { PipelineContext } from '../pipeline/pipelineContext.ts';
import { openCalls } from '../store/calls.ts';
import { getPipelineImage } from '../store/images.ts';
import { countRun } from '../store/runs.ts';
import type { ImageRun, RunContext, RunOutcome } from './runContext.ts';
import { removeJobLeftovers, writeOffCalls } from './runJob.ts';
import { prepareRun } from './prepareRun.ts';
import { messages } from './messages.ts';

/** Images at once: each step has its own limit beside. */
const atOnce = 16;

/**
 * Takes each image through what is left of its processing. An image that fails is `retryFailed` with what it
 * had; the run itself ends `completed` unless it was stopped, paused or taken over.
 */
export async function runImages(context: RunContext, run: ImageRun): Promise<RunOutcome> {
  const { jobId, runId } = run;
  const prepared = prepareRun(context, { jobId, runId, ofImages: true, budgeted: false });
  const { pipeline, tasks } = prepared;
  const limit = createLimit(atOnce);
  try {
    await removeJobLeftovers(context, pipeline);
    await writeOffCalls(prepared, unaskable(context, run));
    for (const imageId of run.imageIds) {
      tasks.spawn(() => limit(() => workOnImage(context, pipeline, run, imageId)));
    }
    await tasks.done();
  } catch (thrown) {
    endFor(pipeline, toFactoryError(thrown), 'deliver');
    await tasks.done();
  }
  await prepared.end(false);
  return pipeline.gate.halt ?? { status: 'completed', error: null };
}

/** Texts and verdicts of these images that a killed process has sent; their backgrounds are asked for in time. */
function unaskable({ store }: RunContext, { jobId, imageIds }: ImageRun): OpenCall[] {
  return store
    .read((db) => openCalls(db, jobId))
    .map(toOpenCall)
    .filter(({ imageId, stage }) => imageId !== null && imageIds.includes(imageId) && !asksAgain(stage));
}

async function workOnImage(
  context: RunContext,
  pipeline: PipelineContext,
  run: ImageRun,
  imageId: string,
): Promise<void> {
  if (pipeline.gate.halt !== null) return;
  try {
    const image = toPipelineImage(context.store.read((db) => getPipelineImage(db, imageId)));
    if (image.status !== 'retryPending' && image.status !== 'processing') {
      // Done by this run before a crash, or given up meanwhile.
      await pipeline.journal.write((db) => countRun(db, run.runId, {}, imageId));
      return;
    }
    const plan = planOf(image, { settings: pipeline.settings, retry: run });
    await begin(pipeline, run, image, plan);
    await runSteps(pipeline, image, plan);
    if (image.status === 'processing') await returnToWaiting(pipeline, image);
  } catch (thrown) {
    const error = toFactoryError(thrown);
    // Its row says nothing that could be worked with: it stays as it is.
    if (error.code === 'store.damaged') await giveUp(pipeline, run, imageId);
    else if (!isFactoryError(error, 'notFound')) endFor(pipeline, error, 'deliver');
  }
}

async function begin(
  pipeline: PipelineContext,
  run: ImageRun,
  image: PipelineImage,
  plan: Plan,
): Promise<void> {
  const fresh = { softFailures: [], flagged: false };
  const stale = {
    ...(plan.has('metadata') ? { metadata: null, metadataRun: null } : {}),
    ...(isUnusableCutout(image) ? { cutoutBy: null } : {}),
  };
  await pipeline.journal.write((db) =>
    pipeline.journal.begin(db, image, {
      unfinished: { ...image.unfinished, ...fresh, ...stale },
      ...(plan.has('download') && image.sourceUrl !== null ? { originalPath: null } : {}),
    }),
  );
  const name = imageByPlace(image).toLowerCase();
  const told =
    run.kind === 'approve' ? messages.approving({ image: name }) : messages.retrying({ image: name });
  pipeline.journal.log('info', told, image.id);
}

async function giveUp(pipeline: PipelineContext, run: ImageRun, imageId: string): Promise<void> {
  await pipeline.journal
    .write((db) => countRun(db, run.runId, { failed: 1 }, imageId))
    .catch((thrown: unknown) => endFor(pipeline, toFactoryError(thrown), 'deliver'));
}

/** The run ended first: the image waits again. */
async function returnToWaiting(pipeline: PipelineContext, image: PipelineImage): Promise<void> {
  if (pipeline.gate.halt?.status === 'interrupted') return;
  await pipeline.journal.write((db) => pipeline.journal.rest(db, image));
}
