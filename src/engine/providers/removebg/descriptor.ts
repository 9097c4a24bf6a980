/** remove.bg and services that speak like it: background removal. */
import type { ProviderDescriptor } from '../descriptor.ts';

const processing = { section: 'processing', scope: 'resource', forms: ['settings', 'job', 'retry'] } as const;
const removing = { 'processing.removeBackground': [true] } as const;

export const removebg = {
  name: 'removebg',
  label: 'Remove.bg',
  choice: 'remove.bg',
  access: {
    variable: 'REMOVEBG_API_KEY',
    endpoint: { default: 'https://api.remove.bg', of: 'remove.bg or a compatible service' },
  },
  roles: {
    backgroundRemoval: { reads: ['processing.removeBgSize'], price: null },
  },
  settings: {
    'processing.removeBgSize': {
      ...processing,
      kind: 'choice',
      default: 'auto',
      options: [
        { value: 'auto', label: 'Auto' },
        { value: 'preview', label: 'Preview' },
        { value: 'full', label: 'Full' },
        { value: '50MP', label: '50MP' },
      ],
      label: 'Remove.bg Size',
      help: 'Size of the result; larger ones cost more credits.',
      when: { ...removing, 'provider.backgroundRemoval': ['removebg'] },
    },
    // For every remover; its name is older than the others.
    'processing.removeBgFailureMode': {
      ...processing,
      kind: 'choice',
      default: 'approve',
      options: [
        { value: 'markFailed', label: 'Mark Failed' },
        { value: 'approve', label: 'Approve' },
      ],
      label: 'On remove.bg failure',
      help: 'Mark Failed: the image fails. Approve: the original goes on, and the image says so.',
      when: removing,
    },
  },
  remedy: 'provider.backgroundRemoval',
  pricesAsOf: '2026-11-05',
  retirement: { at: '2026-12-01T09:00+01:00', what: 'self-service API', host: 'api.remove.bg' },
} as const satisfies ProviderDescriptor;
