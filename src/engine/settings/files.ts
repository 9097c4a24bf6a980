/** Settings of the File Paths section. */
import type { SettingDefinition } from '../model/settingDefinition.ts';

const promptFile = {
  kind: 'path',
  default: '',
  pick: 'file',
  access: 'read',
  extensions: ['.txt', '.md'],
  section: 'files',
  scope: 'resource',
  restricted: true,
  forms: ['settings', 'job'],
} as const;

export const fileSettings = {
  'files.outputDirectory': {
    kind: 'path',
    default: 'pictures/toupload',
    pick: 'folder',
    access: 'write',
    extensions: [],
    required: true,
    section: 'files',
    label: 'Output Directory',
    help: 'Folder for finished images, relative to the workspace folder.',
    scope: 'resource',
    restricted: true,
    forms: ['settings', 'job'],
  },
  'files.tempDirectory': {
    kind: 'path',
    default: 'pictures/generated',
    pick: 'folder',
    access: 'write',
    extensions: [],
    required: true,
    section: 'files',
    label: 'Temp Directory',
    help: 'Folder for images as the provider made them, relative to the workspace folder. Retries need them.',
    scope: 'resource',
    restricted: true,
    forms: ['settings', 'job'],
  },
  'files.keywordsFile': {
    ...promptFile,
    extensions: ['.txt', '.csv'],
    label: 'Keywords File',
    help: 'A .txt file with one keyword per line, or a .csv file with a header row. Each generation uses one row.',
  },
  'files.systemPromptFile': {
    ...promptFile,
    label: 'System Prompt File',
    help: 'Template of the instructions that write each prompt; ${{Column}} is replaced by the value of the row. Empty: the built-in template.',
  },
  'files.qualityCheckPromptFile': {
    ...promptFile,
    label: 'Quality Check Prompt File',
    help: 'Instructions for the quality check. Empty: the built-in ones.',
  },
  'files.metadataPromptFile': {
    ...promptFile,
    label: 'Metadata Prompt File',
    help: 'Instructions for title, description and tags; ${promptContext} is replaced by the full prompt. Empty: the built-in ones.',
  },
} as const satisfies Record<string, SettingDefinition>;
