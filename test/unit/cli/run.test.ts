import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { cliWorkspace, sampleSettings } from './workspace.ts';
import type { CliWorkspace, EventLine } from './workspace.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u;

describe('running a job from the command line', () => {
  let workspace: CliWorkspace;
  beforeEach(() => {
    workspace = cliWorkspace();
  });
  afterEach(() => workspace.remove());

  it('I4: run --json prints the job, its progress, images and log, one object per line, and exits 0', async () => {
    const started = workspace.start('run', '--keywords', 'keywords.csv', '--label', 'twelve');
    const { status, events, err } = await started.ended;
    assert.equal(status, 0, err);
    const first = events[0] ?? { event: '' };
    assert.deepEqual(Object.keys(first), ['event', 'jobId', 'label', 'status', 'planned']);
    assert.match(String(first['jobId']), uuid);
    assert.deepEqual([first['label'], first['status'], first['planned']], ['twelve', 'running', 12]);
    const last = events.at(-1) ?? { event: '' };
    assert.deepEqual(
      Object.keys(last),
      'event jobId status planned generated approved failed cost durationMs'.split(' '),
    );
    assert.deepEqual(
      [last['status'], last['generated'], last['approved'], last['cost']],
      ['completed', 12, 12, 0],
    );
    const of = (kind: string): EventLine[] => events.filter(({ event }) => event === kind);
    assert.equal(of('job').length, 2);
    assert.deepEqual(
      Object.keys(of('progress')[0] ?? {}),
      'event jobId step percent planned generated checked approved failed cost elapsedMs etaMs'.split(' '),
    );
    const percents = of('progress').map((event) => Number(event['percent']));
    assert.deepEqual(
      percents,
      percents.toSorted((a, b) => a - b),
      'D1: percent never falls',
    );
    const images = of('image');
    assert.deepEqual(
      images.map((image) => image['generation']).sort((a, b) => Number(a) - Number(b)),
      [...Array(12).keys()],
    );
    for (const image of images) {
      assert.deepEqual(
        Object.keys(image),
        'event jobId imageId generation variation status path failure'.split(' '),
      );
      assert.ok(existsSync(join(workspace.root, String(image['path']))), 'P3: the file is there');
    }
    const messages = of('log').map((event) => String(event['message']));
    assert.equal(messages[0], 'Step 1/2: Initialization');
    assert.equal(new Set(messages).size, messages.length, 'no row twice');
    assert.match(err, /generation|provider\.image = "sample" \(\.vscode\/settings\.json\)/u);
  });

  it('S11: --keywords makes one generation of each row, --set wins over it', async () => {
    const { out, err } = await workspace.run(
      'run',
      '--keywords',
      'keywords.txt',
      '--set',
      'ai.qualityCheck=false',
    );
    assert.match(err, /Plan: 6 images from 6 rows, free of charge/u);
    assert.match(
      out,
      /Completed: job_\d{8}_\d{6} \([0-9a-f]{6}\)\n6 planned · 6 generated · 6 approved · 0 failed/u,
    );
    assert.match(out, /Images: .*pictures.toupload\n$/u);
    const two = await workspace.run('run', '--keywords', 'keywords.txt', '--set', 'generation.count=2');
    assert.match(two.err, /Plan: 2 images from 2 of 6 rows/u);
  });

  it('I5: bad settings and files exit 2 with every one named, and leave no job', async () => {
    workspace.write('prompt.md', 'A ${{Mood}} and\n${{Moood}}');
    workspace.write(
      '.vscode/settings.json',
      JSON.stringify({ ...sampleSettings, 'genImageFactory.generation.parallel': 0 }),
    );
    const bad = await workspace.run(
      'run',
      '--keywords',
      'keywords.csv',
      '--set',
      'files.systemPromptFile=prompt.md',
      '--set',
      'generation.count=2500',
      '--set',
      'generation.variations=5',
      '--set',
      'frob=1',
    );
    assert.equal(bad.status, 2);
    assert.match(
      bad.err,
      /\.vscode\/settings\.json:1:\d+: generation\.parallel: .*0 is not allowed.*1 to 32/u,
    );
    assert.match(bad.err, /frob: There is no setting "frob"/u);
    assert.match(bad.err, /generation\.count: .*2500 × 5 = 12,500 images are too many/u);
    assert.match(
      bad.err,
      /prompt\.md, line 2, column 4: the keyword file has no column "Moood"\. Did you mean \$\{\{Mood\}\}\?/u,
    );
    assert.equal(bad.out, '');
    assert.deepEqual(await workspace.json('jobs'), []);
  });

  it('I5: a bad option does not hide a bad setting', async () => {
    const { status, err } = await workspace.run('run', '--frob', '--set', 'generation.count=0');
    assert.equal(status, 2);
    assert.match(err, /no option --frob/u);
    assert.match(err, /generation\.count/u);
  });

  it('K1, K4: each unusable keyword file is one clear error and exit 2', async () => {
    workspace.write('utf16.csv', Buffer.from('\uFEFFA,B\n1,2\n', 'utf16le'));
    workspace.write('empty.txt', ' \n');
    workspace.write('twice.csv', 'A,A\n1,2\n');
    workspace.write('many.txt', 'fox\n'.repeat(2501));
    workspace.write('escape.csv', '\u001b[31mA,\u001b[31mA\n1,2\n');
    for (const [file, message] of [
      ['utf16.csv', /UTF-16, by its mark at byte offset 0/u],
      ['empty.txt', /empty\.txt is empty/u],
      ['twice.csv', /twice\.csv, line 1: the header names "A" twice/u],
      ['gone.csv', /gone\.csv does not exist/u],
      ['rows.xlsx', /"rows\.xlsx" is not allowed.*\.txt or \.csv/u],
      ['many.txt', /many\.txt has 2,501 rows; one job makes at most 2,500.*--set generation\.count=N/u],
      ['escape.csv', /the header names " \[31mA" twice/u],
    ] as const) {
      const { status, err } = await workspace.run('run', '--keywords', file);
      assert.equal(status, 2, err);
      assert.match(err, message);
      assert.equal(err.trim().split('\n').length, 1, err);
    }
  });
});

describe('stopping, resuming and waiting', () => {
  let fake: FakeProviders;
  let workspace: CliWorkspace;
  const settings = {
    'genImageFactory.files.keywordsFile': 'keywords.csv',
    'genImageFactory.runware.dimensions': '128x128',
    'genImageFactory.generation.count': 12,
    'genImageFactory.generation.parallel': 2,
    'genImageFactory.generation.retryBackoffMs': 1,
  };
  beforeEach(async () => {
    fake = await startFakeProviders();
    workspace = cliWorkspace(settings, fake);
  });
  afterEach(async () => {
    workspace.remove();
    await fake.close();
  });

  const approved = (event: EventLine): boolean => event.event === 'image' && event['status'] === 'approved';

  it('J1, J3: Ctrl+C stops the job with status 3, resume finishes it, and nothing is paid twice', async () => {
    await fake.change({ latency: { image: 1000 } });
    const started = workspace.start('run');
    await fake.waitForCalls('image', 3);
    started.signal('SIGINT');
    const stopped = await started.ended;
    assert.equal(stopped.status, 3, stopped.err);
    const end = stopped.events.at(-1) ?? { event: '' };
    assert.equal(end['status'], 'stopped');
    assert.ok(Number(end['generated']) < 12);
    const id = String(end['jobId']);
    await fake.change({ latency: {} });
    const resumed = await workspace.lines('resume', id.slice(-6));
    assert.equal(resumed.status, 0, resumed.err);
    assert.deepEqual(
      [resumed.events[0]?.['status'], resumed.events.at(-1)?.['status'], resumed.events.at(-1)?.['approved']],
      ['running', 'completed', 12],
    );
    assert.deepEqual(await fake.paidTwice(), []);
    assert.equal((await fake.calls({ kind: 'image' })).length, 12);
  });

  it('J2: a second Ctrl+C aborts what is in flight at once', async () => {
    await fake.script({ kind: 'image', do: 'hang' });
    const started = workspace.start('run');
    await fake.waitForCalls('image', 1);
    started.signal('SIGINT');
    await started.note('Press Ctrl+C again to force');
    started.signal('SIGTERM');
    await started.note('Force Stop');
    const { status, events, err } = await started.ended;
    assert.equal(status, 3, err);
    assert.equal(events.at(-1)?.['status'], 'stopped');
  });

  it('P1: while a job runs another command exits 4; with --wait it runs afterwards', async () => {
    await fake.change({ latency: { image: 50 } });
    const first = workspace.start('run', '--label', 'first');
    await first.line(({ event }) => event === 'job');
    const refused = await workspace.run('run');
    assert.equal(refused.status, 4);
    assert.match(refused.err, /first.*--wait/u);
    const second = workspace.start('run', '--wait', '--label', 'second', '--set', 'generation.count=1');
    const [one, two] = await Promise.all([first.ended, second.ended]);
    assert.deepEqual([one.status, two.status], [0, 0], one.err + two.err);
    const jobs = (await workspace.json('jobs')) as { label: string; startedAt: number; finishedAt: number }[];
    assert.deepEqual(
      jobs.map((job) => job.label),
      ['second', 'first'],
    );
    assert.ok((jobs[0]?.startedAt ?? 0) >= (jobs[1]?.finishedAt ?? Infinity));
  });

  it('P13: a refused key pauses the job with exit 1, a missing key exits 2 before anything is paid', async () => {
    await fake.script({ service: 'runware', do: 'status', status: 401, code: 'invalidApiKey' });
    const { status, events } = await workspace.lines('run');
    assert.equal(status, 1);
    const end = events.at(-1) ?? { event: '' };
    assert.equal(end['status'], 'paused');
    assert.match(JSON.stringify(end['error']), /provider\.auth.*[Rr]unware/u);
    const keyless = cliWorkspace(settings);
    try {
      const refused = await keyless.run('run');
      assert.equal(refused.status, 2);
      assert.match(refused.err, /OPENAI_API_KEY|OpenAI/u);
      assert.match(refused.err, /RUNWARE_API_KEY|Runware/u);
    } finally {
      keyless.remove();
    }
  });

  it('J6: resume takes a new budget, and no other setting', async () => {
    const poor = await workspace.run('run', '--set', 'budget.maxCostPerJob=0.005');
    assert.equal(poor.status, 1, poor.err);
    assert.match(poor.out, /Raise "Budget per Job" and resume/u);
    const [job] = (await workspace.json('jobs')) as { id: string }[];
    const id = String(job?.id);
    const other = await workspace.run('resume', id, '--set', 'generation.parallel=8');
    assert.equal(other.status, 2);
    assert.match(other.err, /generation\.parallel: .*only budget\.maxCostPerJob/u);
    const rich = await workspace.run('resume', id, '--set', 'budget.maxCostPerJob=5');
    assert.equal(rich.status, 0, rich.err);
    assert.match(rich.out, /12 generated · 12 approved/u);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('J4: a killed job is Interrupted in the list, and resume goes on with it', async () => {
    await fake.change({ latency: { image: 50 } });
    const started = workspace.start('run');
    const image = await started.line(approved);
    started.signal('SIGKILL');
    await started.ended;
    const resumed = await workspace.lines('resume', String(image['jobId']));
    assert.equal(resumed.status, 0, resumed.err);
    assert.equal(resumed.events.at(-1)?.['approved'], 12);
    assert.deepEqual(await fake.paidTwice(), []);
    assert.equal(((await workspace.json('images')) as unknown[]).length, 12);
  });

  it('F3: images of an approval that was killed can be approved again, and no cutout is paid twice', async () => {
    await fake.script({
      kind: 'qualityCheck',
      do: 'verdict',
      passed: false,
      reason: 'a watermark',
      times: 3,
    });
    await workspace.run('run', '--set', 'generation.count=3', '--set', 'processing.removeBackground=true');
    const ids = ((await workspace.json('images')) as { id: string }[]).map(({ id }) => id);
    await fake.change({ latency: { removeBackground: 200 } });
    const started = workspace.start('approve', ...ids);
    await fake.waitForCalls('removeBackground', 1);
    started.signal('SIGKILL');
    await started.ended;
    const waiting = (await workspace.json('images', '--status', 'retryPending')) as { id: string }[];
    assert.equal(waiting.length, 3);
    const again = await workspace.run('approve', ...ids);
    assert.equal(again.status, 0, again.err);
    const approvedNow = (await workspace.json('images', '--status', 'approved')) as { id: string }[];
    assert.equal(approvedNow.length, 3);
    assert.deepEqual(await fake.paidTwice(), []);
  });

  it('V2: rerun runs several jobs in order, each with its own settings', async () => {
    for (const count of [1, 2]) {
      const set = ['--set', `generation.count=${count}`, '--label', `of ${count}`];
      assert.equal((await workspace.lines('run', ...set)).status, 0);
    }
    const [second, first] = (await workspace.json('jobs')) as { id: string }[];
    assert.ok(first && second);
    const { status, events, err } = await workspace.lines('rerun', first.id, second.id);
    assert.equal(status, 0, err);
    const ends = events.filter(({ event, status: word }) => event === 'job' && word === 'completed');
    assert.deepEqual(
      ends.map((end) => end['planned']),
      [1, 2],
    );
    const begun = events.filter(({ event, status: word }) => event === 'job' && word === 'running');
    assert.deepEqual(
      begun.map((event) => event['label']),
      begun.map((event, i) => `of ${i + 1} (Rerun ${String(event['jobId']).slice(-6)})`),
    );
  });

  it('F1, F2: images that the check rejected are approved; failed ones are retried with other settings', async () => {
    await fake.script({ kind: 'qualityCheck', do: 'verdict', passed: false, reason: 'a watermark' });
    const rejected = await workspace.lines('run', '--set', 'generation.count=2');
    assert.equal(rejected.status, 0, 'rejected by the quality check only');
    const [one, two] = (await workspace.json('images', '--status', 'qcFailed')) as {
      id: string;
      path: null;
    }[];
    assert.ok(one && two);
    const approval = await workspace.lines('approve', one.id.slice(-8));
    assert.equal(approval.status, 0, approval.err);
    const lines = approval.events.filter(({ event }) => event === 'run');
    assert.deepEqual(lines.map((line) => [line['kind'], line['status']]).at(-1), ['approve', 'done']);
    assert.equal(approval.events[0]?.event, 'run');
    assert.equal(approval.events.at(-1)?.event, 'run');
    const steps = approval.events.filter(({ event }) => event === 'progress').map(({ step }) => step);
    assert.deepEqual([...new Set(steps)], ['Image Processing'], 'not the steps of a job');
    const image = approval.events.find(({ event }) => event === 'image');
    assert.deepEqual([image?.['imageId'], image?.['status']], [one.id, 'approved']);
    const refused = await workspace.run(
      'retry',
      two.id,
      '--set',
      'generation.count=3',
      '--set',
      'processing.sharpening=11',
    );
    assert.equal(refused.status, 2);
    assert.match(refused.err, /generation\.count: A retry changes processing settings only/u);
    assert.match(refused.err, /processing\.sharpening: .*0 to 10/u);
    const set = ['--set', 'processing.convert=true', '--set', 'processing.convertFormat=webp'];
    const retried = await workspace.lines('retry', two.id, ...set);
    assert.equal(retried.status, 0, retried.err);
    const images = (await workspace.json('images')) as { id: string; path: string; status: string }[];
    assert.match(images.find(({ id }) => id === two.id)?.path ?? '', /\.webp$/u);
  });

  it('I4: slots that failed technically make exit 1', async () => {
    await fake.script({
      kind: 'image',
      at: [0],
      do: 'status',
      status: 400,
      code: 'promptBlocked',
      message: 'blocked',
    });
    const { status, events } = await workspace.lines('run', '--set', 'generation.count=2');
    assert.deepEqual([status, events.at(-1)?.['status'], events.at(-1)?.['failed']], [1, 'completed', 1]);
  });
});
