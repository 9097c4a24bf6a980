/** Every command and option of the command line, once: parsing and help both read this. */
import { keyedProviders } from '../engine/providers/registry.ts';

/** "a, b or c". */
const oneOf = new Intl.ListFormat('en-GB', { type: 'disjunction' });

export interface OptionDefinition {
  /** `flag` is given or not; `text` takes a value, `texts` may be given several times. */
  type: 'flag' | 'text' | 'texts';
  /** What stands for the value in the help. */
  value?: string;
  help: string;
}

export interface CommandDefinition {
  /** As shown in the help, after the name. */
  operands: string;
  min: number;
  max: number;
  options: readonly OptionName[];
  help: string;
}

export const options = {
  workspace: { type: 'text', value: 'DIR', help: 'workspace folder (default: current folder)' },
  json: { type: 'flag', help: 'print JSON' },
  adopt: { type: 'flag', help: 'take over a history that came from elsewhere' },
  help: { type: 'flag', help: 'show this help' },
  endpoint: {
    type: 'texts',
    value: 'SERVICE=URL',
    help: `address of ${oneOf.format(keyedProviders)}`,
  },
  wait: { type: 'flag', help: 'wait while another run works in this workspace' },
  label: { type: 'text', value: 'L', help: 'name of the job' },
  keywords: {
    type: 'text',
    value: 'FILE',
    help: 'keyword file (.txt, .csv); makes one generation for each of its rows unless told otherwise',
  },
  settings: { type: 'text', value: 'FILE.json', help: 'settings as one flat JSON object' },
  set: { type: 'texts', value: 'KEY=VALUE', help: 'one setting; may be given several times' },
  metadata: { type: 'flag', help: 'write title, description and tags anew' },
  status: { type: 'text', value: 'S', help: 'one or more statuses, separated by commas, or all' },
  search: { type: 'text', value: 'Q', help: 'only what contains this text' },
  sort: { type: 'text', value: 'newest|oldest|name', help: 'order (default: newest)' },
  limit: { type: 'text', value: 'N', help: 'at most so many' },
  offset: { type: 'text', value: 'N', help: 'leave out the first N' },
  job: { type: 'text', value: 'JOB', help: 'only images of this job' },
  debug: { type: 'flag', help: 'technical rows too' },
  images: { type: 'flag', help: 'the ids are of images, not of jobs' },
  yes: { type: 'flag', help: 'do it without asking' },
  out: { type: 'text', value: 'PATH', help: 'file to write (default: the exports folder)' },
  'on-conflict': {
    type: 'text',
    value: 'append|overwrite',
    help: 'when the file exists: add a number (default) or replace it',
  },
  'no-metadata': { type: 'flag', help: 'no metadata.xlsx in the archive' },
  rows: { type: 'text', value: 'N', help: 'how many rows (default: 3)' },
} as const satisfies Record<string, OptionDefinition>;
export type OptionName = keyof typeof options;

export const commonOptions = ['workspace', 'json', 'adopt', 'help'] as const satisfies readonly OptionName[];

const many = Number.POSITIVE_INFINITY;
const settingOptions = ['keywords', 'settings', 'set'] as const;
const listOptions = ['status', 'search', 'sort', 'limit', 'offset'] as const;
const exportOptions = ['out', 'on-conflict'] as const;

export const commands = {
  run: {
    operands: '',
    min: 0,
    max: 0,
    options: ['label', ...settingOptions, 'yes', 'wait', 'endpoint'],
    help: 'plan and run one job, and wait for its end',
  },
  resume: {
    operands: 'JOB',
    min: 1,
    max: 1,
    options: ['set', 'yes', 'wait', 'endpoint'],
    help: 'go on with a paused, stopped or interrupted job; --set takes budget.maxCostPerJob and provider.backgroundRemoval only',
  },
  rerun: {
    operands: 'JOB…',
    min: 1,
    max: many,
    options: ['yes', 'wait', 'endpoint'],
    help: "run jobs again with the jobs' own settings, one after another",
  },
  retry: {
    operands: 'IMAGE…',
    min: 1,
    max: many,
    options: ['metadata', 'set', 'yes', 'wait', 'endpoint'],
    help: 'process failed images again; --set takes processing settings',
  },
  approve: {
    operands: 'IMAGE…',
    min: 1,
    max: many,
    options: ['yes', 'wait', 'endpoint'],
    help: 'finish and deliver images without the quality check',
  },
  jobs: { operands: '', min: 0, max: 0, options: listOptions, help: 'list jobs' },
  job: { operands: 'JOB', min: 1, max: 1, options: [], help: 'show a job' },
  logs: { operands: 'JOB', min: 1, max: 1, options: ['debug'], help: 'show the log of a job' },
  images: { operands: '', min: 0, max: 0, options: ['job', ...listOptions], help: 'list images' },
  delete: {
    operands: 'JOB… | --images IMAGE…',
    min: 1,
    max: many,
    options: ['images', 'yes'],
    help: 'delete jobs or images, with their files',
  },
  'export xlsx': { operands: 'JOB', min: 1, max: 1, options: exportOptions, help: 'write a job to Excel' },
  'export jobs': {
    operands: 'JOB…',
    min: 1,
    max: many,
    options: exportOptions,
    help: 'write jobs to one ZIP with a workbook for each',
  },
  'export images': {
    operands: '[--job JOB | IMAGE…]',
    min: 0,
    max: many,
    options: ['job', 'no-metadata', ...exportOptions],
    help: 'write approved images, or the named ones, to a ZIP',
  },
  preview: {
    operands: '',
    min: 0,
    max: 0,
    options: [...settingOptions, 'rows'],
    help: 'show the instructions of the first rows, without any network call',
  },
  stats: { operands: '', min: 0, max: 0, options: [], help: 'show statistics' },
  'settings schema': { operands: '', min: 0, max: 0, options: [], help: 'print the settings as JSON Schema' },
  'settings defaults': {
    operands: '',
    min: 0,
    max: 0,
    options: [],
    help: 'print the default of every setting',
  },
  'settings check': {
    operands: 'FILE',
    min: 1,
    max: 1,
    options: ['set'],
    help: 'name every bad setting, and where each came from',
  },
} as const satisfies Record<string, CommandDefinition>;
export type CommandName = keyof typeof commands;

export function commandOf(name: CommandName): CommandDefinition {
  return commands[name];
}

export function optionOf(name: OptionName): OptionDefinition {
  return options[name];
}
