/** Step "qualityCheck": a vision model looks at a downscaled picture and decides (P7). */
import { firstOfImage, isAhead } from '../model/status.ts';
import type { QualityVerdict, VisionImage } from '../providers/provider.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import { isToFetch, nameOf } from './picture.ts';
import type { Picture } from './picture.ts';
import type { Step } from './step.ts';
import type { Work } from './work.ts';
import { messages } from './messages.ts';

export const qualityControl: Step<'qualityCheck'> = {
  stage: 'qualityCheck',
  asks: 'text',
  price: (prices) => prices.text('qualityCheck'),
  looks: true,
  applies(picture, { settings, retry }) {
    const wanted = settings['ai.qualityCheck'];
    if (retry === null) return wanted && isAhead('qualityCheck', picture.nextStage ?? firstOfImage);
    // A retry approves what the check rejected (the dialog says so), but not what was never looked at.
    const failedAt = picture.failure?.stage ?? null;
    const unchecked = isToFetch(picture) || failedAt === 'qualityCheck' || failedAt === 'download';
    const again = wanted || failedAt === 'qualityCheck';
    return retry.kind === 'retry' && unchecked && picture.qcPassed === null && again;
  },
  async run(walk) {
    const verdict = await checkQuality(walk.work, walk.picture, await walk.look());
    return verdict.passed ? 'next' : 'end';
  },
  onFailure: {},
};

/** Stores the verdict; a rejected picture ends here. Fails like `pay`: then nothing is known of the picture. */
async function checkQuality(work: Work, picture: Picture, image: VisionImage): Promise<QualityVerdict> {
  const { text } = work.providers;
  const { value } = await pay(work, {
    stage: 'qualityCheck',
    provider: text.name,
    model: work.textModel,
    generation: null,
    imageId: picture.id,
    count: 1,
    worst: text.worstPrice('qualityCheck'),
    limiter: work.limits.qualityCheck,
    request: noRequest,
    cheap: true,
    ask: null,
    send: (_id, context) => text.checkQuality(work.instructions.qualityCheck, image, context),
    settle: (db, _id, answer, timings) => work.journal.checked(db, picture, answer.value, timings),
  });
  if (value.passed) work.journal.log('info', messages.passedCheck({ image: nameOf(picture) }), picture.id);
  else
    work.journal.log(
      'warn',
      messages.failedCheck({ image: nameOf(picture), reason: value.reason }),
      picture.id,
    );
  return value;
}
