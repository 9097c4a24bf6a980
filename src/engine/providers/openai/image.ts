/** Images by OpenAI's image API. It cannot be asked for a lost answer, so nothing is ever sent twice. */
import { z } from 'zod';
import { FactoryError } from '../../model/errors.ts';
import { plausibleCost } from '../../model/money.ts';
import type { MicroUsd } from '../../model/money.ts';
import type { Settings } from '../../settings/settings.ts';
import { guarded, withoutRecovery, type Account } from '../account.ts';
import { callOpenAi, isOpenAiItself, ParameterRefused, requestIdOf } from './client.ts';
import { imagesPrice } from '../prices.ts';
import { withoutForeignFlags } from '../promptFlags.ts';
import type { CallContext, GenerationResult, ImageModel, ImageRequest } from '../provider.ts';
import { openaiImageModel, openaiImageTokenPrices } from './imageModels.ts';
import { isAnswerLost } from '../retry.ts';
import { messages } from '../messages.ts';

export type OpenAiImageSettings = Pick<
  Settings,
  'openai.imageModel' | 'openai.imageQuality' | 'openai.imageBackground'
>;

const answerShape = z.looseObject({
  data: z.array(z.looseObject({ b64_json: z.string().nullish(), url: z.string().nullish() })).min(1),
  usage: z
    .looseObject({
      input_tokens: z.number().nonnegative(),
      output_tokens: z.number().nonnegative(),
      input_tokens_details: z
        .looseObject({ text_tokens: z.number().nullish(), image_tokens: z.number().nullish() })
        .nullish(),
    })
    .nullish()
    .catch(null),
});
type Answer = z.output<typeof answerShape>;

/** Ten images of 4K as base64. */
const maxAnswerBytes = 256 * 1024 * 1024;
const optionalParameters = ['quality', 'background', 'output_format'];

export function createOpenAiImage(account: Account, settings: OpenAiImageSettings): ImageModel {
  const model = settings['openai.imageModel'];
  const facts = openaiImageModel(model, settings['openai.imageQuality']);
  const refused = new Set<string>();

  const bodyOf = (request: ImageRequest): Record<string, unknown> => {
    const body: Record<string, unknown> = {
      model,
      prompt: withoutForeignFlags(account.provider, request.prompt),
      n: request.count,
      size: `${request.width}x${request.height}`,
      quality: settings['openai.imageQuality'],
      background: settings['openai.imageBackground'],
      output_format: 'png',
    };
    return Object.fromEntries(Object.entries(body).filter(([name]) => !refused.has(name)));
  };

  const send = async (
    request: ImageRequest,
    context: CallContext,
  ): Promise<Answer & { requestId: string | null }> => {
    for (;;) {
      try {
        const answer: unknown = await callOpenAi(
          account,
          { context, model, fresh: true, maxBytes: maxAnswerBytes },
          (client, options) => client.images.generate(bodyOf(request) as never, options),
        );
        const parsed = answerShape.safeParse(answer);
        if (parsed.success) return { ...parsed.data, requestId: requestIdOf(answer) };
        throw new FactoryError('provider.badAnswer', messages.noImages({ service: account.service }));
      } catch (error) {
        if (isAnswerLost(error)) throw withoutRecovery(account, messages.requestForImages(), error);
        if (!(error instanceof ParameterRefused)) throw error;
        if (!optionalParameters.includes(error.parameter) || refused.has(error.parameter)) throw error;
        refused.add(error.parameter);
        context.debug(`openai: ${model} does not take ${error.parameter}; sent again without`);
      }
    }
  };

  const generate = async (request: ImageRequest, context: CallContext): Promise<GenerationResult> => {
    const answer = await send(request, context);
    const images = answer.data.filter((item) => (item.b64_json ?? item.url ?? '') !== '');
    const cost = isOpenAiItself(account) || facts.known ? costOf(answer) : null;
    return {
      images: images.map((item, i) => ({
        source:
          typeof item.b64_json === 'string' && item.b64_json !== ''
            ? { kind: 'bytes', bytes: Buffer.from(item.b64_json, 'base64') }
            : { kind: 'url', url: item.url ?? '' },
        providerImageId: null,
        seed: null,
        costMicroUsd: cost === null ? null : shareOf(cost, images.length, i),
        flagged: false,
      })),
      failures: [],
      requestId: answer.requestId,
    };
  };

  return {
    name: 'openai',
    model,
    maxPerRequest: facts.maxResults,
    recoverable: false,
    generate: (request, context) => guarded(account, context, (clean) => generate(request, clean)),
    recover: () => Promise.resolve({ state: 'cannotAsk' }),
    worstPrice: (request) => imagesPrice(facts, request),
  };
}

function costOf(answer: Answer): MicroUsd | null {
  if (!answer.usage) return null;
  const images = answer.usage.input_tokens_details?.image_tokens ?? 0;
  const { textInput, imageInput, output } = openaiImageTokenPrices;
  return plausibleCost(
    Math.ceil(
      Math.max(0, answer.usage.input_tokens - images) * textInput +
        images * imageInput +
        answer.usage.output_tokens * output,
    ),
  );
}

/** Whole micro-dollars whose sum over all images is the cost. */
function shareOf(cost: MicroUsd, images: number, index: number): MicroUsd {
  const share = Math.floor(cost / images);
  return index === 0 ? cost - share * (images - 1) : share;
}
