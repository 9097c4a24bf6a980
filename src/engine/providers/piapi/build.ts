/** PiAPI's adapter and key test. */
import { z } from 'zod';
import { FactoryError } from '../../model/errors.ts';
import { jsonOf } from '../account.ts';
import type { Builder } from '../builder.ts';
import { keyCall, keyRefused } from '../keyCall.ts';
import { createPiapi } from './image.ts';
import { messages } from '../messages.ts';

const anyAnswer = z.looseObject({ code: z.number() });

export const builder: Builder<'piapi'> = {
  image: ({ account, settings, images, download }) => createPiapi(account, settings, images, download),
  testKey: async (account, signal) => {
    // There is no call for this: a task that cannot exist is "not found" for a good key, refused for a bad one.
    const url = `${account.endpoint}/api/v1/task/00000000-0000-4000-8000-000000000000`;
    const headers = { 'x-api-key': account.key };
    const answer = await keyCall(account, { url, method: 'GET', headers, signal }, [400, 404, 500]);
    const code = anyAnswer.safeParse(jsonOf(answer.body)).data?.code;
    if (code === undefined)
      throw new FactoryError('provider.badAnswer', messages.silentHere({ service: account.service }));
    if (code === 401 || code === 403) throw keyRefused(account, code, '');
    return messages.keyWorks();
  },
};
