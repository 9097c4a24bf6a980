/** Step "removeBackground": a remover cuts the subject out; the paid result is a file of its own (P8). */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveStored, toStored, writeAtomically } from '../images/files.ts';
import { acceptImage } from '../images/sniff.ts';
import { FactoryError } from '../model/errors.ts';
import { removerInWords, type Settings } from '../settings/settings.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import { askAgain } from './lostAnswers.ts';
import type { PaidCall } from './paidCall.ts';
import { folderList, originalStem, readOriginal } from './picture.ts';
import type { Picture } from './picture.ts';
import type { Work } from './work.ts';

/** What made a cutout: the same wish finds the same file. */
export function cutoutWish(settings: Settings): string {
  return removerInWords(settings);
}

/** Stores the cutout beside the original. Fails like `pay`, or with `image.…` when the answer is no picture. */
export async function removeBackground(work: Work, picture: Picture): Promise<void> {
  const { background } = work.providers;
  if (background === null || picture.originalPath === null) {
    throw new FactoryError(
      'key.missing',
      'No background remover is ready. Set its key or choose another one.',
      {
        stage: 'removeBackground',
        provider: work.settings['provider.backgroundRemoval'],
      },
    );
  }
  const remover = background;
  const original = await readOriginal(work, picture);
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
        nextStage: 'trim',
        unfinished: { ...picture.unfinished, cutoutBy: cutoutWish(work.settings) },
        timings,
      }),
  };
  const before = picture.cutoutPath;
  const open = work.journal.openCallOf(picture);
  if (open === null || (await askAgain(work, call, open)) === null) await pay(work, call);
  if (before !== null && before !== picture.cutoutPath) {
    await rm(await resolveStored(work.root, folderList(work), before), { force: true });
  }
}
