/** OpenAI's adapters and key test. */
import { z } from 'zod';
import { baseUrl, jsonOf } from '../account.ts';
import type { Builder } from '../builder.ts';
import { bearer, keyCall } from '../keyCall.ts';
import { createOpenAiImage } from './image.ts';
import { createOpenAiText } from './text.ts';
import { messages } from '../messages.ts';

const modelList = z.looseObject({ data: z.array(z.unknown()) });

export const builder: Builder<'openai'> = {
  text: ({ account, settings, images }) => createOpenAiText(account, settings['openai.model'], images),
  image: ({ account, settings }) => createOpenAiImage(account, settings),
  testKey: async (account, signal) => {
    const url = `${baseUrl(account, '/v1')}/models`;
    const answer = await keyCall(account, { url, method: 'GET', headers: bearer(account), signal });
    const models = modelList.safeParse(jsonOf(answer.body));
    return models.success ? messages.keyWorksModels({ count: models.data.data.length }) : messages.keyWorks();
  },
};
