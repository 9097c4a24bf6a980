/** remove.bg's adapter and key test. */
import { z } from 'zod';
import { jsonOf } from '../account.ts';
import type { Builder } from '../builder.ts';
import { keyCall } from '../keyCall.ts';
import { createRemoveBg, removeBgUrl } from './background.ts';
import { messages } from '../messages.ts';

const accountDetails = z.looseObject({
  data: z.looseObject({
    attributes: z.looseObject({ credits: z.looseObject({ total: z.number() }) }),
  }),
});

export const builder: Builder<'removebg'> = {
  backgroundRemoval: ({ account, settings, images }) =>
    createRemoveBg(account, settings['processing.removeBgSize'], images),
  testKey: async (account, signal) => {
    const answer = await keyCall(account, {
      url: removeBgUrl(account, 'account'),
      method: 'GET',
      headers: { 'x-api-key': account.key },
      signal,
    });
    const credits = accountDetails.safeParse(jsonOf(answer.body)).data?.data.attributes.credits.total;
    return credits === undefined ? messages.keyWorks() : messages.keyWorksCredits({ credits });
  },
};
