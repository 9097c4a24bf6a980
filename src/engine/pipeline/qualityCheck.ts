/** Step "qualityCheck": a vision model looks at a downscaled picture and decides (P7). */
import type { QualityVerdict, VisionImage } from '../providers/provider.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import { nameOf } from './picture.ts';
import type { Picture } from './picture.ts';
import type { Work } from './work.ts';

/** Stores the verdict; a rejected picture ends here. Fails like `pay`: then nothing is known of the picture. */
export async function checkQuality(
  work: Work,
  picture: Picture,
  image: VisionImage,
): Promise<QualityVerdict> {
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
  if (value.passed) work.journal.log('info', `${nameOf(picture)} passed the quality check.`, picture.id);
  else work.journal.log('warn', `${nameOf(picture)} failed the quality check: ${value.reason}`, picture.id);
  return value;
}
