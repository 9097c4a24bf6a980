/** Step "metadata": title, description and tags from the picture and its full prompt (P10). */
import type { ImageMetadata, VisionImage } from '../providers/provider.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import type { Picture } from './picture.ts';
import { asItIs } from './policy.ts';
import type { Step } from './step.ts';
import type { Work } from './work.ts';

export const description: Step<'metadata'> = {
  stage: 'metadata',
  asks: 'text',
  price: (prices) => prices.text('metadata'),
  looks: true,
  applies(picture, { settings, retry }) {
    const { metadata, metadataRun } = picture.unfinished;
    if (retry?.regenerateMetadata === true) return metadata === null || metadataRun !== retry.runId;
    // A job's picture has its words only when it is delivered.
    return settings['ai.metadata'] && picture.title === null && metadata === null;
  },
  async run(walk) {
    await describe(walk.work, walk.picture, await walk.look());
    return 'next';
  },
  onFailure: { metadata: asItIs },
};

/** Describes the picture and keeps the paid answer in its row until it is delivered. Fails like `pay`. */
async function describe(work: Work, picture: Picture, image: VisionImage): Promise<ImageMetadata> {
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
