/** Settings of the AI Features and Advanced sections. */
import type { SettingDefinition } from '../model/settingDefinition.ts';
import { endpointSettings } from '../providers/registry.ts';

const feature = { section: 'ai', scope: 'resource', forms: ['settings', 'job'] } as const;
const endpoint = { kind: 'url', section: 'advanced', scope: 'machine', forms: ['settings'] } as const;

export const featureSettings = {
  'ai.qualityCheck': {
    ...feature,
    kind: 'toggle',
    default: true,
    label: 'AI Quality Check',
    help: 'A vision model looks at each image and rejects bad ones before they cost more.',
  },
  'ai.metadata': {
    ...feature,
    kind: 'toggle',
    default: true,
    label: 'AI Metadata Generation',
    help: 'A vision model writes title, description and tags.',
  },
  'ai.imageDetail': {
    ...feature,
    kind: 'choice',
    default: 'low',
    options: [
      { value: 'low', label: 'Low' },
      { value: 'high', label: 'High' },
    ],
    label: 'Image Detail',
    help: 'How closely the vision model looks; high costs more.',
  },
  'ai.maxImageSide': {
    ...feature,
    kind: 'integer',
    default: 1024,
    min: 256,
    max: 4096,
    unit: 'px',
    label: 'Largest Image Side',
    help: 'Images are scaled down to this before the vision model sees them.',
  },
  'advanced.debugMode': {
    kind: 'toggle',
    default: false,
    section: 'advanced',
    label: 'Debug Mode',
    help: 'Offer the technical rows in the log viewer.',
    scope: 'resource',
    forms: ['settings', 'job'],
  },
  ...endpointSettings(({ label, of, default: url }) => ({
    ...endpoint,
    default: url,
    label: `${label} Address`,
    help: `Base URL of ${of}. A key is only sent to the address that it was entered for.`,
  })),
} as const satisfies Record<string, SettingDefinition>;
