/** Settings of the Parameters section that say what is made and by which provider. */
import type { SettingDefinition } from '../model/settingDefinition.ts';
import { choicesFor, defaultProviders, providerSettings } from '../providers/registry.ts';

const parameter = { section: 'parameters', scope: 'resource', forms: ['settings', 'job'] } as const;

export const parameterSettings = {
  'job.label': {
    ...parameter,
    kind: 'text',
    default: '',
    maxLength: 120,
    label: 'Job Label',
    help: 'Name of the job in every list. Empty: job_ with date and time of its start.',
    scope: 'start',
  },
  'provider.image': {
    ...parameter,
    kind: 'choice',
    default: defaultProviders.image,
    options: choicesFor('image'),
    label: 'Image Provider',
    help: 'Who makes the images.',
  },
  'provider.text': {
    ...parameter,
    kind: 'choice',
    default: defaultProviders.text,
    options: choicesFor('text'),
    label: 'Text and Vision Provider',
    help: 'Who writes the prompts, checks the images and describes them.',
  },
  ...providerSettings('parameters'),
} as const satisfies Record<string, SettingDefinition>;
