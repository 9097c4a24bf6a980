/** PiAPI and services that speak like it: images by Midjourney. */
import type { ProviderDescriptor } from '../descriptor.ts';
import { withoutMidjourneyFlags } from './promptFlags.ts';

const parameter = { section: 'parameters', scope: 'resource', forms: ['settings', 'job'] } as const;
const chosen = { 'provider.image': ['piapi'] } as const;

export const piapi = {
  name: 'piapi',
  label: 'PiAPI',
  choice: 'PiAPI (Midjourney)',
  access: {
    variable: 'PIAPI_API_KEY',
    keyLabel: 'PI API Key',
    endpoint: { default: 'https://api.piapi.ai', of: 'PiAPI or a compatible service' },
  },
  roles: {
    image: {
      reads: { pollingInterval: 'generation.pollingIntervalSeconds' },
      model: 'midjourney',
      facts: null,
      price: null,
      // One task makes a grid of four.
      maxPerRequest: 4,
      withoutFlags: withoutMidjourneyFlags,
    },
  },
  settings: {
    'midjourney.processMode': {
      ...parameter,
      kind: 'choice',
      default: 'relax',
      options: [
        { value: 'relax', label: 'Relax' },
        { value: 'fast', label: 'Fast' },
        { value: 'turbo', label: 'Turbo' },
      ],
      label: 'Process Mode',
      help: 'Faster modes cost more.',
      when: chosen,
    },
    'midjourney.aspectRatios': {
      ...parameter,
      kind: 'text',
      default: '1:1,16:9,9:16',
      maxLength: 500,
      required: true,
      format: 'aspectRatios',
      label: 'Aspect Ratios',
      help: 'Width:height; several, separated by commas, are used by the generations in turn.',
      when: chosen,
    },
    'midjourney.version': {
      ...parameter,
      kind: 'text',
      default: '6.1',
      maxLength: 20,
      label: 'MJ Version',
      help: 'Added to the prompt as --v. Empty: the default of the service.',
      when: chosen,
    },
  },
  remedy: 'midjourney.processMode',
  pricesAsOf: '2026-11-05',
} as const satisfies ProviderDescriptor;
