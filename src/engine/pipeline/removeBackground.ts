/** Step "removeBackground": a remover cuts the subject out; the paid result is a file of its own (P8). */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveStored, toStored, writeAtomically } from '../images/files.ts';
import { inSrgb } from '../images/marks/colours.ts';
import { acceptImage } from '../images/sniff.ts';
import { FactoryError } from '../model/errors.ts';
import { firstOfImage, isAhead, stageAfter } from '../model/status.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import { askAgain } from './lostAnswers.ts';
import type { PaidCall } from './paidCall.ts';
import { cutoutWish, hasCutout } from './cutout.ts';
import { isFinished, isSpoilt } from './finishPicture.ts';
import { folderList, isDrawing, originalStem, readOriginal } from './picture.ts';
import type { Picture } from './picture.ts';
import { logSkipped } from './step.ts';
import type { Step } from './step.ts';
import type { Work } from './work.ts';
import { messages } from './messages.ts';

const nextStage = stageAfter('removeBackground');

export const backgroundRemoval: Step<'removeBackground'> = {
  stage: 'removeBackground',
  asks: 'background',
  price: (prices) => prices.background(),
  asksAgain: true,
  applies(picture, { settings, retry }) {
    if (!settings['processing.removeBackground']) return false;
    // A cutout that an earlier try has paid for is used, unless it is what could not be finished.
    if (hasCutout(settings, picture) && !isSpoilt(picture)) return false;
    return retry === null
      ? isAhead('removeBackground', picture.nextStage ?? firstOfImage)
      : !isFinished(picture, settings);
  },
  async run(walk) {
    const { work, picture } = walk;
    if (isDrawing(picture)) {
      logSkipped(walk, ['removeBackground']);
      await work.journal.write((db) => work.journal.change(db, picture, { nextStage }));
    } else {
      await removeBackground(work, picture);
    }
    return 'next';
  },
  onFailure: { removeBackground: { nextStage } },
};

/** Stores the cutout beside the original. Fails like `pay`, or with `image.…` when the answer is no picture. */
async function removeBackground(work: Work, picture: Picture): Promise<void> {
  const { background } = work.providers;
  if (background === null || picture.originalPath === null) {
    throw new FactoryError('key.missing', messages.noRemover(), {
      stage: 'removeBackground',
      provider: work.settings['provider.backgroundRemoval'],
    });
  }
  const remover = background;
  // A remover may leave the profile out: without one the answer is sRGB.
  const original = await inSrgb(await readOriginal(work, picture), work.gate.cut);
  let cutoutPath = '';
  const call: PaidCall<Uint8Array> = {
    stage: 'removeBackground',
    provider: remover.name,
    model: remover.name,
    generation: null,
    imageId: picture.id,
    count: 1,
    worst: remover.worstPrice(),
    limiter: work.limits.background,
    request: noRequest,
    cheap: false,
    ask: remover.recoverable
      ? async (callId, _key, context) => {
          const asked = await remover.recover(callId, context);
          if (asked.state !== 'found') return { state: asked.state };
          return { state: 'found', answer: { ...asked.result, value: asked.result.value.bytes } };
        }
      : null,
    send: async (callId, context) => {
      const answer = await remover.remove(original, callId, context);
      return { ...answer, value: answer.value.bytes };
    },
    keep: async (_id, answer) => {
      const file = join(
        work.folders.temp,
        `${originalStem(work, picture)}_cutout.${acceptImage(answer.value).type}`,
      );
      await writeAtomically(file, answer.value);
      cutoutPath = toStored(work.root, file);
    },
    settle: (db, _id, _answer, timings) =>
      work.journal.change(db, picture, {
        cutoutPath,
        nextStage,
        unfinished: { ...picture.unfinished, cutoutBy: cutoutWish(work.settings) },
        timings,
      }),
  };
  const before = picture.cutoutPath;
  const open = work.journal.openCallOf(picture, 'removeBackground');
  if (open === null || (await askAgain(work, call, open)) === null) await pay(work, call);
  if (before !== null && before !== picture.cutoutPath) {
    await rm(await resolveStored(work.root, folderList(work), before), { force: true });
  }
}
