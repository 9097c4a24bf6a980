/** The embedded provider: draws by itself, without a key, a network or a price. */
import type { ChatRole, ProviderDescriptor } from '../descriptor.ts';

const free = { model: null, facts: null, price: 0 } as const satisfies ChatRole<string>;

export const sample = {
  name: 'sample',
  label: 'Sample',
  inSentence: 'the sample provider',
  choice: 'Sample (free, offline)',
  access: null,
  trialBadge: 'Sample',
  roles: {
    text: free,
    vision: free,
    image: {
      reads: { sizes: 'runware.dimensions', seed: 'generation.seed' },
      model: 'sample',
      facts: null,
      price: 0,
      maxPerRequest: 20,
    },
    backgroundRemoval: { reads: [], price: 0 },
  },
  settings: {},
  remedy: null,
  pricesAsOf: '2026-11-05',
} as const satisfies ProviderDescriptor;
