/** Step "removeBackground": a remover cuts the subject out; the paid result is a file of its own (P8). */
import { join } from 'node:path';
import { toStored } from '../files/inside.ts';
import { workOnPixels } from '../images/pixelPool.ts';
import { acceptImage } from '../images/sniff.ts';
import { FactoryError } from '../model/errors.ts';
import { firstOfImage, isAhead, stageAfter } from '../model/status.ts';
import { cutoutKey } from '../settings/settings.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import { recoverAnswer } from './lostAnswers.ts';
import type { PaidCall } from './paidCall.ts';
import { hasCutout } from './cutout.ts';
import { isFinished, isUnusableCutout } from './finishImage.ts';
import { isDrawing, originalStem, readOriginal } from './pipelineImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import { logSkipped } from './step.ts';
import type { Step } from './step.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

const nextStage = stageAfter('removeBackground');

export const backgroundRemoval: Step<'removeBackground'> = {
  stage: 'removeBackground',
  asks: 'background',
  price: (prices) => prices.background(),
  asksAgain: true,
  applies(image, { settings, retry }) {
    if (!settings['processing.removeBackground']) return false;
    // A cutout that an earlier try has paid for is used, unless it is what could not be finished.
    if (hasCutout(settings, image) && !isUnusableCutout(image)) return false;
    return retry === null
      ? isAhead('removeBackground', image.nextStage ?? firstOfImage)
      : !isFinished(image, settings);
  },
  async run(walk) {
    const { context, image } = walk;
    if (isDrawing(image)) {
      logSkipped(walk, ['removeBackground']);
      await context.journal.write((db) => context.journal.change(db, image, { nextStage }));
    } else {
      await removeBackground(context, image);
    }
    return 'next';
  },
  onFailure: { removeBackground: { nextStage } },
};

/** Stores the cutout beside the original. Fails like `pay`, or with `image.…` when the answer is no image. */
async function removeBackground(context: PipelineContext, image: PipelineImage): Promise<void> {
  const { background } = context.providers;
  if (background === null || image.originalPath === null) {
    throw new FactoryError('key.missing', messages.noRemover(), {
      stage: 'removeBackground',
      provider: context.settings['provider.backgroundRemoval'],
    });
  }
  const remover = background;
  // A remover may leave the profile out: without one the answer is sRGB.
  const bytes = await readOriginal(context, image);
  const original = (await workOnPixels('inSrgb', { bytes }, context.gate.cut)) ?? bytes;
  let cutoutPath = '';
  const call: PaidCall<Uint8Array> = {
    stage: 'removeBackground',
    provider: remover.name,
    model: remover.name,
    generation: null,
    imageId: image.id,
    count: 1,
    worst: remover.worstPrice(),
    limiter: context.limits.background,
    request: noRequest,
    cheap: false,
    ask: remover.recoverable
      ? async (callId, _key, callContext) => {
          const asked = await remover.recover(callId, callContext);
          if (asked.state !== 'found') return { state: asked.state };
          return { state: 'found', answer: { ...asked.result, value: asked.result.value.bytes } };
        }
      : null,
    send: async (callId, callContext) => {
      const answer = await remover.remove(original, callId, callContext);
      return { ...answer, value: answer.value.bytes };
    },
    saveFiles: async (_id, answer) => {
      const file = join(
        context.folders.temp,
        `${originalStem(context, image)}_cutout.${acceptImage(answer.value).type}`,
      );
      await context.files.write(file, answer.value);
      cutoutPath = toStored(context.files.root, file);
    },
    saveResult: (db, _id, _answer, timings) =>
      context.journal.change(db, image, {
        cutoutPath,
        nextStage,
        unfinished: { ...image.unfinished, cutoutBy: cutoutKey(context.settings) },
        timings,
      }),
  };
  const before = image.cutoutPath;
  const open = context.journal.openCallOf(image, 'removeBackground');
  if (open === null || (await recoverAnswer(context, call, open)) === null) await pay(context, call);
  if (before !== null && before !== image.cutoutPath) {
    await context.files.remove(before, 'picture');
  }
}
