/** The steps of an image from its arrival to its delivery, in one table, and the one loop that takes them. */
import { toFactoryError } from '../model/errors.ts';
import type { Stage } from '../model/status.ts';
import { contentFlag } from './contentFlag.ts';
import { delivery } from './deliver.ts';
import { description } from './describe.ts';
import { arrival, loadVisionImage } from './download.ts';
import { finishing } from './finishImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import { endFor, failureOf, isHard, judgeFailure } from './policy.ts';
import type { Source, WayOn } from './policy.ts';
import { qualityControl } from './qualityCheck.ts';
import { backgroundRemoval } from './removeBackground.ts';
import type { Onward, Plan, Purpose, Step, Walk } from './step.ts';
import type { PipelineContext } from './pipelineContext.ts';

/** Any row of the table: which of its failures have a way to go on is known to `Step` alone. */
export type Row = Omit<Step<Stage, Stage>, 'onFailure'> & {
  onFailure: Readonly<Partial<Record<Stage, WayOn>>>;
};

/** In the order of `stages` (`model/status.ts`), which says where work goes on. */
export const steps: readonly Row[] = [
  arrival,
  contentFlag,
  qualityControl,
  backgroundRemoval,
  finishing,
  description,
  delivery,
];

/** What an image has before it. */
export function planOf(image: PipelineImage, purpose: Purpose): Plan {
  return new Set(steps.filter((step) => step.applies(image, purpose)).flatMap(stagesOf));
}

/** True for steps that ask for the answer of a call which a killed process has sent; nobody asks for the others. */
export function asksAgain(stage: Stage): boolean {
  return steps.some((step) => step.stage === stage && step.asksAgain === true);
}

function stagesOf({ parts = [], stage }: Row): Stage[] {
  return [...parts, stage];
}

/** Takes the image through its plan. Never fails: what goes wrong is written down, or ends the run. */
export async function runSteps(context: PipelineContext, image: PipelineImage, plan: Plan): Promise<void> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  try {
    await walkSteps(context, image, plan, ended);
  } catch (thrown) {
    const error = toFactoryError(thrown);
    // Its row was deleted meanwhile: there is nobody left to tell.
    if (error.code === 'notFound') return;
    endFor(context, error, image.nextStage ?? 'deliver');
  } finally {
    end();
  }
}

async function walkSteps(
  context: PipelineContext,
  image: PipelineImage,
  plan: Plan,
  ended: Promise<void>,
): Promise<void> {
  const planned = steps.filter(({ stage }) => plan.has(stage));
  const walkState: Walk = {
    context,
    image,
    looks: planned.some(({ looks }) => looks === true),
    seen: null,
    finished: null,
    noted: [],
    look: async () => (walkState.seen ??= await loadVisionImage(context, image)),
    hold: (limit) =>
      new Promise((taken) => {
        void limit(() => {
          taken();
          return ended;
        });
      }),
    partFailed: (stage, error) => {
      if (isHard(stage, context.settings)) throw error;
      walkState.noted.push(failureOf(error, stage));
    },
  };
  for (const step of planned) {
    if (!(await take(walkState, step))) return;
  }
}

/** Takes one step, and does what its failure means for the image; false when the walk is over. */
async function take(walkState: Walk, step: Row): Promise<boolean> {
  const { context, image } = walkState;
  if (context.gate.halt !== null && step.afterStop !== true) return false;
  walkState.noted = [];
  let onward: Onward = 'next';
  try {
    onward = await step.run(walkState);
  } catch (thrown) {
    const error = toFactoryError(thrown);
    if ((await judgeFailure(context, error, sourceOf(context, step))) === 'halt') return false;
    const failure = failureOf(error, step.stage);
    // By the step that was to be done, not by where in it the error arose: a part that the step does without is
    // noted, so that one which is thrown leaves nothing to go on with.
    if (isHard(step.stage, context.settings)) {
      await context.journal.failed(image, failure);
      return false;
    }
    walkState.noted = [failure];
  }
  await goOnWithout(walkState, step);
  return onward === 'next';
}

async function goOnWithout({ context, image, noted }: Walk, { onFailure }: Row): Promise<void> {
  const ways = noted.map(({ stage }) => onFailure[stage]);
  await context.journal.softFailed(image, noted, Object.assign({}, ...ways) as WayOn);
}

/** Whose errors a step's failures are counted with. */
function sourceOf({ providers, settings, textModel }: PipelineContext, { asks, stage }: Row): Source {
  switch (asks) {
    case 'image':
      return { stage, provider: providers.image.name, model: stage };
    case 'text':
      return { stage, provider: providers.text.name, model: textModel };
    case 'background':
      return {
        stage,
        provider: providers.background?.name ?? settings['provider.backgroundRemoval'],
        model: stage,
      };
    default:
      return { stage, provider: 'local', model: stage };
  }
}
