/** Step "metadata": title, description and tags from the picture and its full prompt (P10). */
import type { ImageMetadata, VisionImage } from '../providers/provider.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import type { Picture } from './picture.ts';
import type { Work } from './work.ts';

/** Describes the picture and keeps the paid answer in its row until it is delivered. Fails like `pay`. */
export async function describe(work: Work, picture: Picture, image: VisionImage): Promise<ImageMetadata> {
  const { text } = work.providers;
  const { value } = await pay(work, {
    stage: 'metadata',
    provider: text.name,
    model: work.textModel,
    generation: null,
    imageId: picture.id,
    count: 1,
    worst: text.worstPrice('metadata'),
    limiter: work.limits.metadata,
    request: noRequest,
    cheap: true,
    ask: null,
    send: (_id, context) =>
      text.describe(work.instructions.metadata(picture.prompt), picture.prompt, image, context),
    settle: (db, _id, answer, timings) =>
      work.journal.change(db, picture, {
        unfinished: { ...picture.unfinished, metadata: answer.value, metadataRun: work.runId },
        timings,
      }),
  });
  return value;
}
