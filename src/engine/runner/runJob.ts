/** A job from its first start or from wherever it was left. */
import { formatDuration } from '../model/duration.ts';
import { errorCodes, toFactoryError } from '../model/errors.ts';
import { inWords, spoken } from '../model/message.ts';
import type { Message } from '../model/message.ts';
import { stepLabels } from '../model/job.ts';
import type { JobError } from '../model/job.ts';
import { formatCost } from '../model/money.ts';
import { createSemaphore } from '../model/semaphore.ts';
import { stageFailureLabels } from '../model/status.ts';
import { removeLeftovers } from '../pipeline/deliver.ts';
import { generate } from '../pipeline/generate.ts';
import type { OpenCall } from '../pipeline/records.ts';
import { toPipelineImage } from '../pipeline/pipelineImage.ts';
import type { PipelineImage } from '../pipeline/pipelineImage.ts';
import { planOf, runSteps } from '../pipeline/pipeline.ts';
import { endFor } from '../pipeline/policy.ts';
import type { PipelineContext } from '../pipeline/pipelineContext.ts';
import { imagesWithLeftovers, unfinishedImages } from '../store/images.ts';
import { getJob } from '../store/jobs.ts';
import { countFailedSlots, listFailedSlots } from '../store/slots.ts';
import type { JobRun, RunContext, RunOutcome } from './runContext.ts';
import { readRemainingWork } from './remainingWork.ts';
import type { RemainingWork, SlotFilter } from './remainingWork.ts';
import { prepareRun } from './prepareRun.ts';
import type { PreparedRun } from './prepareRun.ts';
import { messages } from './messages.ts';

/**
 * Runs a job until every slot has reached its end, or the run is stopped, paused or taken over. First start
 * and resume are the same. Never fails for a reason that belongs to an image.
 */
export async function runJob(context: RunContext, { jobId, runId }: JobRun): Promise<RunOutcome> {
  const run = prepareRun(context, { jobId, runId, ofImages: false, budgeted: true });
  return workOn(context, run, () => true);
}

/** Works on what the rows say is unfinished. */
export async function workOn(context: RunContext, run: PreparedRun, wanted: SlotFilter): Promise<RunOutcome> {
  const { pipeline, tasks, progress } = run;
  try {
    pipeline.journal.log('info', spoken(stepLabels.initialization));
    await removeJobLeftovers(context, pipeline);
    const remaining = await readRemainingWork(context.store, pipeline.jobId, wanted);
    await writeOffCalls(run, remaining.hopeless);
    pipeline.journal.log('info', beginning(remaining));
    progress.generating();
    pipeline.journal.log('info', spoken(stepLabels.generation));
    tasks.spawn(() => startAll(run, remaining));
    await tasks.done();
  } catch (thrown) {
    endFor(pipeline, toFactoryError(thrown), 'generate');
    await tasks.done();
  }
  const outcome = outcomeOf(context, run);
  pipeline.journal.log(outcome.error === null ? 'info' : 'error', ending(context, pipeline.jobId, outcome));
  await run.end(
    outcome.status === 'completed' || (outcome.status === 'failed' && pipeline.gate.halt === null),
  );
  return outcome;
}

/** Texts and verdicts cost fractions of a cent and cannot be asked for: they are sent again. */
export async function writeOffCalls({ pipeline }: PreparedRun, calls: readonly OpenCall[]): Promise<void> {
  if (calls.length === 0) return;
  await pipeline.journal.write((db) => {
    for (const call of calls) pipeline.journal.settleCall(db, call, 'lost', null, null);
  });
  for (const call of calls) pipeline.budget.settle(call.reserved, null);
}

/** What a killed process has left: half written files, and files that a delivered image no longer needs. */
export async function removeJobLeftovers(
  { files, folders, store }: RunContext,
  pipeline: PipelineContext,
): Promise<void> {
  for (const folder of [folders.output, folders.temp, folders.thumbnails]) await files.removeAside(folder);
  const delivered = store.read((db) => imagesWithLeftovers(db, pipeline.jobId)).map(toPipelineImage);
  for (const image of delivered) await removeLeftovers(pipeline, image);
}

/** Images that wait for their steps before no further prompt is written. */
const mostUnfinishedImages = 64;

async function startAll(run: PreparedRun, remaining: RemainingWork): Promise<void> {
  const { pipeline, tasks } = run;
  const parallel = pipeline.settings['generation.parallel'];
  const variations = pipeline.settings['generation.variations'];
  // Prompts are written ahead, so that no call of the image provider waits for one.
  const ahead = createSemaphore(2 * parallel);
  const room = createSemaphore(Math.max(mostUnfinishedImages, 4 * parallel * variations));

  const take = (image: PipelineImage, counted: boolean): void =>
    tasks.spawn(async () => {
      await runSteps(pipeline, image, planOf(image, { settings: pipeline.settings, retry: null }));
      if (counted) room.release();
    });

  for (const image of remaining.images) take(image, false);
  for (const generation of remaining.generations) {
    // One place per image that will come; given back when the image has ended or will never come.
    let places = 0;
    for (; places < generation.planned.length; places++)
      if (!(await room.acquire(pipeline.gate.closed))) return;
    if (!(await ahead.acquire(pipeline.gate.closed))) return;
    let waiting = true;
    const onRequest = (): void => {
      if (waiting) ahead.release();
      waiting = false;
    };
    tasks.spawn(async () => {
      try {
        await generate(pipeline, generation, remaining.open.get(generation.generation) ?? [], {
          onRequest,
          onImage: (image) => {
            places -= 1;
            take(image, true);
          },
        });
      } catch (thrown) {
        endFor(pipeline, toFactoryError(thrown), 'generate');
      }
      onRequest();
      for (; places > 0; places--) room.release();
    });
  }
}

function outcomeOf(context: RunContext, { pipeline }: PreparedRun): RunOutcome {
  const { halt } = pipeline.gate;
  if (halt?.status === 'interrupted') return halt;
  const { job, failedSlots, unfinished } = context.store.read((db) => ({
    job: getJob(db, pipeline.jobId, context.now()),
    failedSlots: countFailedSlots(db, { jobId: pipeline.jobId }),
    unfinished: unfinishedImages(db, pipeline.jobId).length,
  }));
  const open = job.planned - job.generated - failedSlots + unfinished;
  // Without a halt, what is open is the rest of a stopped job that this run was not about.
  if (open > 0) return halt ?? { status: 'stopped', error: null };
  // A stop that came too late to leave anything undone.
  if (job.generated > 0) return { status: 'completed', error: null };
  return { status: 'failed', error: nothingMade(context, pipeline.jobId) };
}

function nothingMade({ store }: RunContext, jobId: string): JobError {
  const [slot] = store.read((db) => listFailedSlots(db, { jobId }, { limit: 1 })).items;
  if (slot === undefined) {
    return { code: 'unexpected', stage: null, provider: null, message: inWords(messages.nothingMade()) };
  }
  const { stage, code, reason } = slot.failure;
  const message = inWords(messages.nothingMadeBecause({ label: stageFailureLabels[stage], reason }));
  return { code: errorCodes.find((known) => known === code) ?? 'unexpected', stage, provider: null, message };
}

function beginning(remaining: RemainingWork): Message {
  const slots = remaining.generations.reduce((sum, { planned }) => sum + planned.length, 0);
  const told = { images: count(slots, 'image'), prompts: count(remaining.generations.length, 'prompt') };
  if (remaining.images.length === 0) return messages.begins(told);
  return messages.beginsWithMore({ ...told, waiting: count(remaining.images.length, 'image') });
}

function ending(context: RunContext, jobId: string, { status, error }: RunOutcome): Message {
  const job = context.store.read((db) => getJob(db, jobId, context.now()));
  const told = {
    status,
    approved: job.approved,
    planned: job.planned,
    failed: job.failed,
    cost: formatCost(job.cost),
    duration: formatDuration(job.durationMs),
  };
  return error === null ? messages.ended(told) : messages.endedBecause({ ...told, reason: error.message });
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
