/** What a command costs is said before it is paid, whoever reads it. */
import assert from 'node:assert/strict';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { cliWorkspace } from './workspace.ts';
import type { CliWorkspace } from './workspace.ts';

const paid = {
  'genImageFactory.provider.image': 'runware',
  'genImageFactory.provider.text': 'sample',
  'genImageFactory.files.keywordsFile': 'keywords.txt',
  'genImageFactory.ai.qualityCheck': false,
  'genImageFactory.generation.retryAttempts': 0,
  // A workspace may not silence the question.
  'genImageFactory.budget.confirmAbove': 1000,
};
/** The price of an image is some cents or less: this many are dear. */
const many = ['--keywords', 'many.txt'];

describe('what a command costs', () => {
  let fake: FakeProviders;
  let workspace: CliWorkspace;
  beforeEach(async () => {
    fake = await startFakeProviders();
    workspace = cliWorkspace(paid, fake);
    workspace.write('many.txt', Array.from({ length: 400 }, (_, row) => `animal ${row}`).join('\n'));
  });
  afterEach(async () => {
    workspace.remove();
    await fake.close();
  });

  const asked: string[] = [];
  const personSays = (yes: boolean): void => {
    asked.length = 0;
    workspace.person.ask = (question) => {
      asked.push(question);
      return Promise.resolve(yes);
    };
  };
  /** A dear job whose first call pauses it. */
  const pausedJob = async (): Promise<string> => {
    await fake.script({ kind: 'image', do: 'status', status: 401 });
    assert.equal((await workspace.run('run', ...many)).status, 1);
    await fake.clearFaults();
    const [job] = (await workspace.json('jobs')) as { id: string; status: string }[];
    assert.equal(job?.status, 'paused');
    return job.id;
  };

  it('I8, B7: a person is asked, also where the workspace would silence it; no costs nothing', async () => {
    personSays(false);
    const { status, err } = await workspace.run('run', ...many);
    assert.deepEqual([status, asked.length], [3, 1]);
    assert.match(err, /^Plan: 400 images from 400 rows, at most \$\d+\.\d\d \(estimate, prices of .*\)$/mu);
    assert.match(err, /Nothing was started/u);
    assert.deepEqual([await fake.charges(), await workspace.json('jobs')], [[], []]);
  });

  it('I8: --yes is the answer, and so is a command that nobody sits at', async () => {
    personSays(false);
    const answered = await workspace.run('run', '--set', 'generation.count=1', '--yes');
    assert.equal(answered.status, 0, answered.err);
    workspace.person.ask = null;
    const alone = await workspace.run('run', '--set', 'generation.count=2');
    assert.equal(alone.status, 0, alone.err);
    assert.match(alone.err, /^Plan: 2 images from 2 of/mu);
    assert.equal((await fake.calls({ kind: 'image' })).length, 3);
    assert.deepEqual(asked, []);
  });

  it('I8: what is cheap or free starts without a question', async () => {
    personSays(false);
    const cheap = await workspace.run('run', '--set', 'generation.count=1');
    assert.equal(cheap.status, 0, cheap.err);
    const free = await workspace.run('run', '--set', 'provider.image=sample');
    assert.equal(free.status, 0, free.err);
    assert.match(free.err, /free of charge/u);
    assert.deepEqual(asked, []);
  });

  it('I8, B7: resume and rerun of a dear job ask with the sum; no leaves it as it was', async () => {
    const id = await pausedJob();
    const before = (await fake.calls({})).length;
    personSays(false);
    const resumed = await workspace.run('resume', id);
    assert.deepEqual([resumed.status, asked.length], [3, 1]);
    assert.match(resumed.err, /^Plan: \d+ images, at most \$\d+\.\d\d/mu);
    const rerun = await workspace.run('rerun', id, id);
    assert.deepEqual([rerun.status, asked.length], [3, 2]);
    assert.match(rerun.err, /^Plan: 800 images, at most \$\d+\.\d\d/mu);
    assert.equal((await fake.calls({})).length, before);
    const jobs = (await workspace.json('jobs')) as { status: string }[];
    assert.deepEqual(
      jobs.map(({ status }) => status),
      ['paused'],
    );
  });

  it('I8, B3: no to a resume with another budget leaves the budget of the job as it was', async () => {
    const id = await pausedJob();
    const budget = async (): Promise<unknown> =>
      ((await workspace.json('job', id)) as { settings: Record<string, unknown> }).settings[
        'budget.maxCostPerJob'
      ];
    const before = await budget();
    personSays(false);
    const raised = ['resume', id, '--set', 'budget.maxCostPerJob=50'];
    assert.deepEqual([(await workspace.run(...raised)).status, asked.length], [3, 1]);
    assert.equal(await budget(), before);
    await fake.script({ kind: 'image', do: 'status', status: 401 });
    personSays(true);
    await workspace.run(...raised);
    assert.deepEqual([asked.length, await budget()], [1, 50]);
  });

  it('I8, B5: retry and approve say what they cost', async () => {
    const described = {
      ...paid,
      'genImageFactory.provider.text': 'openai',
      'genImageFactory.ai.metadata': true,
      'genImageFactory.ai.qualityCheck': true,
    };
    workspace.write('.vscode/settings.json', JSON.stringify(described));
    await fake.script({ kind: 'qualityCheck', times: 2, do: 'verdict', passed: false, reason: 'Six legs.' });
    await workspace.run('run', '--set', 'generation.count=2');
    await fake.clearFaults();
    const [first, second] = (await workspace.json('images', '--status', 'all')) as { id: string }[];
    for (const [command, id] of [
      ['retry', first?.id],
      ['approve', second?.id],
    ] as const) {
      const { status, err } = await workspace.run(command, String(id));
      assert.equal(status, 0, err);
      assert.match(err, /^Plan: 1 image, at most \$0\.\d+ \(estimate/mu);
    }
  });
});
