/** A job from its first start or from wherever it was left. */
import { removeLeftAside } from '../images/files.ts';
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
import { toPicture } from '../pipeline/picture.ts';
import type { Picture } from '../pipeline/picture.ts';
import { planOf, walk } from '../pipeline/pipeline.ts';
import { endFor } from '../pipeline/policy.ts';
import type { Work } from '../pipeline/work.ts';
import { imagesWithLeftovers, unfinishedImages } from '../store/images.ts';
import { getJob } from '../store/jobs.ts';
import { countFailedSlots, listFailedSlots } from '../store/slots.ts';
import type { JobRun, RunContext, RunOutcome } from './runContext.ts';
import { readTodo } from './runJobTodo.ts';
import type { Todo, Wanted } from './runJobTodo.ts';
import { prepareRun } from './runJobWork.ts';
import type { PreparedRun } from './runJobWork.ts';
import { messages } from './messages.ts';

/**
 * Runs a job until every slot has reached its end, or the run is stopped, paused or taken over. First start
 * and resume are the same. Never fails for a reason that belongs to a picture.
 */
export async function runJob(context: RunContext, { jobId, runId }: JobRun): Promise<RunOutcome> {
  const run = prepareRun(context, { jobId, runId, ofImages: false, budgeted: true });
  return workOn(context, run, () => true);
}

/** Works on what the rows say is unfinished. */
export async function workOn(context: RunContext, run: PreparedRun, wanted: Wanted): Promise<RunOutcome> {
  const { work, tasks, progress } = run;
  try {
    work.journal.log('info', spoken(stepLabels.initialization));
    await clean(context, work);
    const todo = await readTodo(context.store, work.jobId, wanted);
    await giveUp(run, todo.hopeless);
    work.journal.log('info', beginning(todo));
    progress.generating();
    work.journal.log('info', spoken(stepLabels.generation));
    tasks.spawn(() => startAll(run, todo));
    await tasks.done();
  } catch (thrown) {
    endFor(work, toFactoryError(thrown), 'generate');
    await tasks.done();
  }
  const outcome = outcomeOf(context, run);
  work.journal.log(outcome.error === null ? 'info' : 'error', ending(context, work.jobId, outcome));
  await run.end(outcome.status === 'completed' || (outcome.status === 'failed' && work.gate.halt === null));
  return outcome;
}

/** Texts and verdicts cost fractions of a cent and cannot be asked for: they are sent again. */
export async function giveUp({ work }: PreparedRun, calls: readonly OpenCall[]): Promise<void> {
  if (calls.length === 0) return;
  await work.journal.write((db) => {
    for (const call of calls) work.journal.settleCall(db, call, 'lost', null, null);
  });
  for (const call of calls) work.budget.settle(call.reserved, null);
}

/** What a killed process has left: half written files, and files that a delivered picture no longer needs. */
export async function clean({ folders, store }: RunContext, work: Work): Promise<void> {
  for (const folder of [folders.output, folders.temp, folders.thumbnails]) await removeLeftAside(folder);
  const delivered = store.read((db) => imagesWithLeftovers(db, work.jobId)).map(toPicture);
  for (const picture of delivered) await removeLeftovers(work, picture);
}

/** Pictures that wait for their steps before no further prompt is written. */
const mostUnfinishedPictures = 64;

async function startAll(run: PreparedRun, todo: Todo): Promise<void> {
  const { work, tasks } = run;
  const parallel = work.settings['generation.parallel'];
  const variations = work.settings['generation.variations'];
  // Prompts are written ahead, so that no call of the image provider waits for one.
  const ahead = createSemaphore(2 * parallel);
  const room = createSemaphore(Math.max(mostUnfinishedPictures, 4 * parallel * variations));

  const take = (picture: Picture, counted: boolean): void =>
    tasks.spawn(async () => {
      await walk(work, picture, planOf(picture, { settings: work.settings, retry: null }));
      if (counted) room.release();
    });

  for (const picture of todo.pictures) take(picture, false);
  for (const generation of todo.generations) {
    // One place per picture that will come; given back when the picture has ended or will never come.
    let places = 0;
    for (; places < generation.planned.length; places++) if (!(await room.acquire(work.gate.closed))) return;
    if (!(await ahead.acquire(work.gate.closed))) return;
    let waiting = true;
    const onRequest = (): void => {
      if (waiting) ahead.release();
      waiting = false;
    };
    tasks.spawn(async () => {
      try {
        await generate(work, generation, todo.open.get(generation.generation) ?? [], {
          onRequest,
          onPicture: (picture) => {
            places -= 1;
            take(picture, true);
          },
        });
      } catch (thrown) {
        endFor(work, toFactoryError(thrown), 'generate');
      }
      onRequest();
      for (; places > 0; places--) room.release();
    });
  }
}

function outcomeOf(context: RunContext, { work }: PreparedRun): RunOutcome {
  const { halt } = work.gate;
  if (halt?.status === 'interrupted') return halt;
  const { job, failedSlots, unfinished } = context.store.read((db) => ({
    job: getJob(db, work.jobId, context.now()),
    failedSlots: countFailedSlots(db, { jobId: work.jobId }),
    unfinished: unfinishedImages(db, work.jobId).length,
  }));
  const open = job.planned - job.generated - failedSlots + unfinished;
  // Without a halt, what is open is the rest of a stopped job that this run was not about.
  if (open > 0) return halt ?? { status: 'stopped', error: null };
  // A stop that came too late to leave anything undone.
  if (job.generated > 0) return { status: 'completed', error: null };
  return { status: 'failed', error: nothingMade(context, work.jobId) };
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

function beginning(todo: Todo): Message {
  const slots = todo.generations.reduce((sum, { planned }) => sum + planned.length, 0);
  const told = { images: count(slots, 'image'), prompts: count(todo.generations.length, 'prompt') };
  if (todo.pictures.length === 0) return messages.begins(told);
  return messages.beginsWithMore({ ...told, waiting: count(todo.pictures.length, 'image') });
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
