/** Cutting out by Runware. The result comes inside the answer, so that no second address is involved. */
import { FactoryError } from '../../model/errors.ts';
import { guarded, type Account } from '../account.ts';
import { runwareBackgroundModel, runwareBackgroundPrice } from './models.ts';
import type { BackgroundRemover, BackgroundResult, Billed } from '../provider.ts';
import { mimeOf } from '../imageBytes.ts';
import { askDetails, bytesOf, costOf, errorOf, imagesOf, postTask, type RunwareAnswer } from './tasks.ts';
import { messages } from './messages.ts';

/** `download` fetches results that come as an address all the same. */
export function createRunwareBackground(
  account: Account,
  download: (url: string, context: Parameters<BackgroundRemover['remove']>[2]) => Promise<Uint8Array>,
): BackgroundRemover {
  const model = runwareBackgroundModel;

  const resultOf = async (
    answer: RunwareAnswer,
    id: string,
    context: Parameters<BackgroundRemover['remove']>[2],
  ): Promise<Billed<BackgroundResult>> => {
    const item = imagesOf(answer.items, id)[0];
    if (item === undefined) {
      if (answer.errors.length > 0 || answer.status >= 400) throw errorOf(account, model, answer);
      throw new FactoryError('provider.badAnswer', messages.noImage());
    }
    const bytes = bytesOf(item) ?? (await download(item.imageURL ?? '', context));
    return { value: { bytes }, costMicroUsd: costOf(item), requestId: answer.requestId };
  };

  return {
    name: 'runware',
    recoverable: true,
    remove: (image, requestId, context) =>
      guarded(account, context, async (clean) => {
        const task = {
          taskType: 'removeBackground',
          taskUUID: requestId,
          model,
          inputs: { image: `data:${mimeOf(image)};base64,${Buffer.from(image).toString('base64')}` },
          outputType: 'base64Data',
          outputFormat: 'PNG',
          includeCost: true,
        };
        return resultOf(await postTask(account, task, clean), requestId, clean);
      }),
    recover: (requestId, context) =>
      guarded(account, context, async (clean) => {
        const answer = await askDetails(account, requestId, clean);
        if (typeof answer === 'string') return { state: answer };
        return { state: 'found' as const, result: await resultOf(answer, requestId, clean) };
      }),
    worstPrice: () => runwareBackgroundPrice,
  };
}
