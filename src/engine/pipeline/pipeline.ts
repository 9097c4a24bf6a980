/** The order of the steps, in one place: what happens to a picture from its arrival to its delivery. */
import { toFactoryError } from '../model/errors.ts';
import { stages } from '../model/status.ts';
import type { Stage } from '../model/status.ts';
import type { VisionImage } from '../providers/provider.ts';
import type { Settings } from '../settings/settings.ts';
import { deliver, removeLeftovers } from './deliver.ts';
import { describe } from './describe.ts';
import { download, lookAgain } from './download.ts';
import { finishPicture, typeOf } from './finishPicture.ts';
import type { Marked } from './markPicture.ts';
import { nameOf } from './picture.ts';
import type { Picture } from './picture.ts';
import { endFor, failureOf, isHard, judge } from './policy.ts';
import { checkQuality } from './qualityCheck.ts';
import { cutoutWish, removeBackground } from './removeBackground.ts';
import type { Work } from './work.ts';

/** Which steps a picture has before it. */
export interface Plan {
  download: boolean;
  qualityCheck: boolean;
  removeBackground: boolean;
  /** Trim, enhance and convert, and with them the delivery of a file. */
  finish: boolean;
  describe: boolean;
}

/** What a picture of a job has still to do: what comes at its next stage and after. */
export function planOfJob(picture: Picture, settings: Settings): Plan {
  const from = stages.indexOf(picture.nextStage ?? 'download');
  const ahead = (stage: Stage): boolean => from <= stages.indexOf(stage);
  return {
    download: ahead('download'),
    qualityCheck: settings['ai.qualityCheck'] && ahead('qualityCheck'),
    removeBackground: settings['processing.removeBackground'] && ahead('removeBackground'),
    finish: true,
    describe: settings['ai.metadata'] && picture.unfinished.metadata === null,
  };
}

/** Takes the picture through its plan. Never fails: what goes wrong is written down, or ends the run. */
export async function walk(work: Work, picture: Picture, plan: Plan): Promise<void> {
  try {
    await walkSteps(work, picture, plan);
  } catch (thrown) {
    const error = toFactoryError(thrown);
    // Its row was deleted meanwhile: there is nobody left to tell.
    if (error.code === 'notFound') return;
    endFor(work, error, picture.nextStage ?? 'deliver');
  }
}

async function walkSteps(work: Work, picture: Picture, plan: Plan): Promise<void> {
  const { limits, journal } = work;
  const step = <T>(stage: Stage, run: () => Promise<T>): Promise<Outcome<T>> =>
    attempt(work, picture, stage, run);
  const needsLook = plan.qualityCheck || plan.describe;
  let seen: VisionImage | null = null;
  const look = async (): Promise<VisionImage> => (seen ??= await lookAgain(work, picture));

  if (plan.download) {
    const done = await step('download', () => limits.download(() => download(work, picture, needsLook)));
    if (done.kind !== 'done') return;
    seen = done.value;
  }
  if (picture.unfinished.flagged) {
    const reason = 'The provider marked the image as unsafe. Look at it, then approve or delete it.';
    await journal.failed(picture, { stage: 'generate', code: 'content.flagged', reason });
    return;
  }
  if (plan.qualityCheck) {
    const done = await step('qualityCheck', async () => checkQuality(work, picture, await look()));
    if (done.kind !== 'done' || !done.value.passed) return;
  }
  if (plan.removeBackground && !hasCutout(work, picture)) {
    if (isDrawing(picture)) await skipped(work, picture, ['removeBackground']);
    else if ((await step('removeBackground', () => removeBackground(work, picture))).kind === 'over') return;
  }
  if (!plan.finish) {
    await describeOnly(work, picture, plan, look);
    return;
  }
  await limits.finishing(async () => {
    const useCutout = work.settings['processing.removeBackground'] && hasCutout(work, picture);
    const finished = await step('convert', () => finishPicture(work, picture, useCutout));
    if (finished.kind !== 'done') return;
    await journal.softFailed(picture, finished.value.failures);
    await skipped(work, picture, finished.value.skipped);
    if (plan.describe) {
      const done = await step('metadata', async () => describe(work, picture, await look()));
      if (done.kind === 'over') return;
    }
    await finishWith(work, picture, finished.value);
  });
}

async function finishWith(work: Work, picture: Picture, finished: Marked): Promise<void> {
  const done = await attempt(work, picture, 'deliver', () => deliver(work, picture, finished));
  if (done.kind !== 'done') return;
  try {
    await removeLeftovers(work, picture);
  } catch (error) {
    // The picture is delivered; its row still names what could not be removed.
    work.journal.debug(picture.id, `deliver: ${toFactoryError(error).message}`);
  }
}

/** A delivered picture whose pixels stay as they are: only its words were missing. */
async function describeOnly(
  work: Work,
  picture: Picture,
  plan: Plan,
  look: () => Promise<VisionImage>,
): Promise<void> {
  if (plan.describe) {
    const done = await attempt(work, picture, 'metadata', async () => describe(work, picture, await look()));
    if (done.kind === 'over') return;
  }
  await work.journal.approved(picture, {});
}

/** `soft`: the step failed and the picture goes on. `over`: the picture failed, or the run ends. */
type Outcome<T> = { kind: 'done'; value: T } | { kind: 'soft' } | { kind: 'over' };

/** What is in hand is brought home after a stop: the bytes of a picture that was paid, a file that is finished. */
const goesOnAfterStop: readonly Stage[] = ['download', 'deliver'];

/** Runs a step, and decides what its failure means for the picture. */
async function attempt<T>(
  work: Work,
  picture: Picture,
  stage: Stage,
  run: () => Promise<T>,
): Promise<Outcome<T>> {
  if (work.gate.halt !== null && !goesOnAfterStop.includes(stage)) return { kind: 'over' };
  try {
    return { kind: 'done', value: await run() };
  } catch (thrown) {
    const error = toFactoryError(thrown);
    const failure = failureOf(error, stage);
    const verdict = await judge(work, error, { ...sourceOf(work, stage), stage });
    if (verdict === 'halt') return { kind: 'over' };
    // By the step that was to be done, not by where in it the error arose: the pass over the pixels brings soft
    // failures back with its result, so that one which is thrown leaves nothing to go on with.
    if (isHard(stage, work.settings)) {
      await work.journal.failed(picture, failure);
      return { kind: 'over' };
    }
    await work.journal.softFailed(
      picture,
      [failure],
      stage === 'removeBackground' ? { nextStage: 'trim' } : {},
    );
    return { kind: 'soft' };
  }
}

/** Whose errors a step's failures are counted with. */
function sourceOf(work: Work, stage: Stage): { provider: string; model: string } {
  const { image, background, text } = work.providers;
  switch (stage) {
    case 'download':
      return { provider: image.name, model: 'download' };
    case 'removeBackground':
      return {
        provider: background?.name ?? work.settings['provider.backgroundRemoval'],
        model: 'removeBackground',
      };
    case 'qualityCheck':
    case 'metadata':
      return { provider: text.name, model: work.textModel };
    default:
      return { provider: 'local', model: stage };
  }
}

/** True when the cutout that these settings ask for is there already, paid for by an earlier try. */
export function hasCutout(work: Pick<Work, 'settings'>, picture: Picture): boolean {
  return picture.cutoutPath !== null && picture.unfinished.cutoutBy === cutoutWish(work.settings);
}

function isDrawing(picture: Picture): boolean {
  return picture.originalPath !== null && typeOf(picture.originalPath) === 'svg';
}

async function skipped(work: Work, picture: Picture, steps: readonly Stage[]): Promise<void> {
  if (steps.length === 0) return;
  const names: Partial<Record<Stage, string>> = {
    removeBackground: 'background removal',
    trim: 'trimming',
    enhance: 'enhancement',
    convert: 'conversion',
  };
  const list = steps.map((stage) => names[stage] ?? stage).join(', ');
  work.journal.log(
    'info',
    `${nameOf(picture)} is a vector drawing: ${list} does not apply to it.`,
    picture.id,
  );
  if (steps.includes('removeBackground')) {
    await work.journal.write((db) => work.journal.change(db, picture, { nextStage: 'trim' }));
  }
}
