/** Jobs with failures of every kind, made by the engine against the fake providers before a window opens. */
import type { Settings } from '../../src/engine/settings/settings.ts';
import type { FakeProviders, Fault } from '../support/providers/script.ts';
import { makeHistory } from './jobsHistory.ts';

/** What all of them have in common: small images of Runware, texts of OpenAI, no second try. */
const common: Partial<Settings> = {
  'provider.image': 'runware',
  'provider.text': 'openai',
  'runware.dimensions': '128x128',
  'generation.parallel': 1,
  'generation.retryAttempts': 0,
};

interface Failing {
  settings: Partial<Settings>;
  faults: Fault[];
}

export const rejection = 'The fox has six legs.';

const failing: readonly Failing[] = [
  {
    settings: { 'job.label': 'Unchecked', 'ai.qualityCheck': true },
    faults: [{ kind: 'qualityCheck', do: 'status', status: 500 }],
  },
  {
    settings: { 'job.label': 'Lost downloads' },
    faults: [{ kind: 'download', do: 'status', status: 404 }],
  },
  {
    settings: {
      'job.label': 'Cutouts',
      'generation.count': 2,
      'processing.removeBackground': true,
      'processing.removeBgFailureMode': 'markFailed',
    },
    faults: [{ kind: 'removeBackground', do: 'status', status: 500 }],
  },
  {
    settings: {
      'job.label': 'Described',
      'ai.metadata': true,
      'processing.failOnSteps': ['metadata'],
    },
    faults: [{ kind: 'metadata', do: 'refuse' }],
  },
  {
    settings: {
      'job.label': 'Flagged',
      'runware.advancedEnabled': true,
      'runware.checkNsfw': true,
    },
    faults: [{ kind: 'image', do: 'flag' }],
  },
  {
    settings: { 'job.label': 'Forest', 'generation.count': 8, 'ai.qualityCheck': true },
    faults: [
      {
        kind: 'image',
        contains: 'hedgehog',
        do: 'status',
        status: 400,
        code: 'moderationFailed',
        message: 'Refused.',
      },
      // All of them: which of the last two is checked first, nobody promises.
      { kind: 'qualityCheck', times: 7, do: 'verdict', passed: false, reason: rejection },
    ],
  },
];

/** Files of a workspace for these jobs. */
export const failingFiles = {
  'keywords.csv':
    'Subject,Style\nred fox,watercolor\nbarn owl,linocut\nhedgehog,pixel art\nbadger,oil\n' +
    'squirrel,ink\nnewt,felt\nheron,charcoal\nmarten,gouache\n',
  'prompt.md': 'A sticker of a ${{Subject}}, ${{Style}}, plain background.\n',
  '.vscode/settings.json': JSON.stringify({
    'genImageFactory.files.keywordsFile': 'keywords.csv',
    'genImageFactory.files.systemPromptFile': 'prompt.md',
  }),
};

/** Runs them one after another; the services work again afterwards. */
export async function makeFailures(workspace: string, fakes: FakeProviders): Promise<void> {
  for (const { settings, faults } of failing) {
    await fakes.script(...faults);
    await makeHistory(workspace, [{ ...common, ...settings }], fakes);
    await fakes.clearFaults();
  }
}
