/** Step "metadata": title, description and tags from the image and its full prompt (P10). */
import type { ImageMetadata, VisionImage } from '../providers/provider.ts';
import { pay } from './calls.ts';
import { noRequest } from './imageRequest.ts';
import type { PipelineImage } from './pipelineImage.ts';
import { asItIs } from './policy.ts';
import type { Step } from './step.ts';
import type { PipelineContext } from './pipelineContext.ts';

export const description: Step<'metadata'> = {
  stage: 'metadata',
  asks: 'text',
  price: (prices) => prices.text('metadata'),
  looks: true,
  applies(image, { settings, retry }) {
    const { metadata, metadataRun } = image.unfinished;
    if (retry?.regenerateMetadata === true) return metadata === null || metadataRun !== retry.runId;
    // A job's image has its words only when it is delivered.
    return settings['ai.metadata'] && image.title === null && metadata === null;
  },
  async run(walk) {
    await describe(walk.context, walk.image, await walk.look());
    return 'next';
  },
  onFailure: { metadata: asItIs },
};

/** Describes the image and keeps the paid answer in its row until it is delivered. Fails like `pay`. */
async function describe(
  context: PipelineContext,
  image: PipelineImage,
  visionImage: VisionImage,
): Promise<ImageMetadata> {
  const { text } = context.providers;
  const { value } = await pay(context, {
    stage: 'metadata',
    provider: text.name,
    model: context.textModel,
    generation: null,
    imageId: image.id,
    count: 1,
    worst: text.worstPrice('metadata'),
    limiter: context.limits.metadata,
    request: noRequest,
    cheap: true,
    ask: null,
    send: (_id, callContext) =>
      text.describe(context.instructions.metadata(image.prompt), image.prompt, visionImage, callContext),
    saveResult: (db, _id, answer, timings) =>
      context.journal.change(db, image, {
        unfinished: { ...image.unfinished, metadata: answer.value, metadataRun: context.runId },
        timings,
      }),
  });
  return value;
}
