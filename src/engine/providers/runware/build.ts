/** Runware's adapters and key test. */
import { z } from 'zod';
import { baseUrl, jsonOf } from '../account.ts';
import type { Builder } from '../builder.ts';
import { bearer, keyCall } from '../keyCall.ts';
import { createRunwareBackground } from './background.ts';
import { createRunware } from './image.ts';
import { messages } from '../messages.ts';

/** The answer names keys of the account: only the balance is read. */
const accountDetails = z.looseObject({
  data: z.array(
    z.looseObject({
      balance: z.union([z.number(), z.looseObject({ amount: z.number() }).transform((b) => b.amount)]),
    }),
  ),
});

export const builder: Builder<'runware'> = {
  image: ({ account, settings }) => createRunware(account, settings),
  backgroundRemoval: ({ account, download }) => createRunwareBackground(account, download),
  testKey: async (account, signal) => {
    const task = {
      taskType: 'accountManagement',
      taskUUID: globalThis.crypto.randomUUID(),
      operation: 'getDetails',
    };
    const answer = await keyCall(account, {
      url: baseUrl(account, '/v1'),
      method: 'POST',
      headers: { ...bearer(account), 'content-type': 'application/json' },
      body: JSON.stringify([task]),
      signal,
    });
    const balance = accountDetails.safeParse(jsonOf(answer.body)).data?.data[0]?.balance;
    return balance === undefined
      ? messages.keyWorks()
      : messages.keyWorksBalance({ balance: `$${balance.toFixed(2)}` });
  },
};
