/** Step "qualityCheck": a vision model looks at a downscaled image and decides (P7). */
import { firstOfImage, isAhead } from '../model/status.ts';
import type { QualityVerdict, VisionImage } from '../providers/provider.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import { isToFetch, imageByPlace } from './pipelineImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import type { Step } from './step.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

export const qualityControl: Step<'qualityCheck'> = {
  stage: 'qualityCheck',
  asks: 'text',
  price: (prices) => prices.text('qualityCheck'),
  looks: true,
  applies(image, { settings, retry }) {
    const wanted = settings['ai.qualityCheck'];
    if (retry === null) return wanted && isAhead('qualityCheck', image.nextStage ?? firstOfImage);
    // A retry approves what the check rejected (the dialog says so), but not what was never looked at.
    const failedAt = image.failure?.stage ?? null;
    const unchecked = isToFetch(image) || failedAt === 'qualityCheck' || failedAt === 'download';
    const again = wanted || failedAt === 'qualityCheck';
    return retry.kind === 'retry' && unchecked && image.qcPassed === null && again;
  },
  async run(walk) {
    const verdict = await checkQuality(walk.context, walk.image, await walk.look());
    return verdict.passed ? 'next' : 'end';
  },
  onFailure: {},
};

/** Stores the verdict; a rejected image ends here. Fails like `pay`: then nothing is known of the image. */
async function checkQuality(
  context: PipelineContext,
  image: PipelineImage,
  visionImage: VisionImage,
): Promise<QualityVerdict> {
  const { text } = context.providers;
  const { value } = await pay(context, {
    stage: 'qualityCheck',
    provider: text.name,
    model: context.textModel,
    generation: null,
    imageId: image.id,
    count: 1,
    worst: text.worstPrice('qualityCheck'),
    limiter: context.limits.qualityCheck,
    request: noRequest,
    cheap: true,
    ask: null,
    send: (_id, callContext) =>
      text.checkQuality(context.instructions.qualityCheck, visionImage, callContext),
    saveResult: (db, _id, answer, timings) => context.journal.checked(db, image, answer.value, timings),
  });
  if (value.passed)
    context.journal.log('info', messages.passedCheck({ image: imageByPlace(image) }), image.id);
  else
    context.journal.log(
      'warn',
      messages.failedCheck({ image: imageByPlace(image), reason: value.reason }),
      image.id,
    );
  return value;
}
