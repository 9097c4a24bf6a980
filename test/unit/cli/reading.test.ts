import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { defaultSettings, settingKeys } from '../../../src/engine/settings/settings.ts';
import { cliWorkspace } from './workspace.ts';
import type { CliWorkspace } from './workspace.ts';

type Row = Record<string, unknown>;

describe('reading from the command line', () => {
  let workspace: CliWorkspace;
  let jobId: string;
  before(async () => {
    workspace = cliWorkspace();
    const { events } = await workspace.start('run', '--keywords', 'keywords.csv', '--label', 'stickers')
      .ended;
    jobId = String(events[0]?.['jobId']);
  });
  after(() => workspace.remove());

  it('I3: jobs --json is a bare array of rows', async () => {
    const [job] = (await workspace.json('jobs')) as Row[];
    for (const key of 'id label status createdAt startedAt finishedAt planned generated approved failed cost error'.split(
      ' ',
    )) {
      assert.ok(Object.hasOwn(job ?? {}, key), key);
    }
    assert.deepEqual(
      [job?.['id'], job?.['label'], job?.['status'], job?.['error']],
      [jobId, 'stickers', 'completed', null],
    );
    assert.deepEqual(await workspace.json('jobs', '--status', 'failed'), []);
    assert.equal(((await workspace.json('jobs', '--search', 'STICK')) as Row[]).length, 1);
  });

  it('I3: images --json has the row, the prompt and the file of every image', async () => {
    const images = (await workspace.json('images', '--job', jobId.slice(-6), '--sort', 'oldest')) as Row[];
    assert.equal(images.length, 12);
    for (const key of (
      'id jobId generation variation status failure softFailures prompt keyword provider model seed width height bytes cost path ' +
      'title description tags createdAt'
    ).split(' ')) {
      assert.ok(Object.hasOwn(images[0] ?? {}, key), key);
    }
    const bicycle = images.find((image) => (image['keyword'] as Row)['Subject'] === 'bicycle');
    assert.ok(bicycle);
    assert.equal((bicycle['keyword'] as Row)['Style'], 'minimal line art, "one line"');
    assert.match(String(bicycle['prompt']), /[Bb]icycle/u);
    assert.deepEqual(
      [bicycle['width'], bicycle['height'], bicycle['failure'], bicycle['status']],
      [128, 128, null, 'approved'],
    );
    assert.equal(((await workspace.json('images', '--limit', '5', '--offset', '10')) as Row[]).length, 2);
    const found = (await workspace.json('images', '--search', 'bicycle')) as Row[];
    assert.deepEqual(
      found.map((image) => image['id']),
      [bicycle['id']],
    );
  });

  it('I3: job, logs and stats', async () => {
    const job = (await workspace.json('job', jobId)) as Row;
    assert.equal((job['snapshot'] as Row)['generation.count'], 12);
    assert.deepEqual(job['failedSlots'], []);
    const logs = (await workspace.json('logs', jobId)) as Row[];
    assert.equal(logs[0]?.['message'], 'Step 1/2: Initialization');
    assert.ok(((await workspace.json('logs', jobId, '--debug')) as Row[]).length >= logs.length);
    const stats = (await workspace.json('stats')) as Row;
    assert.deepEqual([stats['totalJobs'], stats['successRate'], stats['totalImages']], [1, 1, 12]);
  });

  it('I3: people read tables and times', async () => {
    const jobs = await workspace.run('jobs');
    assert.match(
      jobs.out,
      /^ID +LABEL +STATUS.*\n[0-9a-f]{6} {2}stickers {2}Completed {2}\d{4}-\d\d-\d\d \d\d:\d\d/u,
    );
    const images = await workspace.run('images', '--limit', '2');
    assert.equal(images.out.trim().split('\n').length, 3);
    assert.match(images.err, /2 of 12 shown/u);
    const job = await workspace.run('job', jobId);
    assert.match(job.out, /Completed: stickers.*12 planned.*Generations +12\n/su);
  });

  it('K3: preview fills the template without any network call', async () => {
    const set = ['--keywords', 'keywords.csv', '--set', 'files.systemPromptFile=system-prompt.md'];
    const prompts = (await workspace.json('preview', ...set, '--rows', '2')) as Row[];
    assert.deepEqual(
      prompts.map((prompt) => prompt['row']),
      [0, 1],
    );
    assert.match(String(prompts[0]?.['instructions']), /Subject: red fox\nStyle: flat vector sticker\n/u);
    const plain = await workspace.run('preview', ...set, '--rows', '1');
    assert.match(plain.out, /^--- Row 1 ---\nYou write prompts/u);
    const bad = await workspace.run(
      'preview',
      '--keywords',
      'keywords.txt',
      '--set',
      'files.systemPromptFile=system-prompt.md',
    );
    assert.equal(bad.status, 2);
    assert.match(bad.err, /system-prompt\.md, line 3, column 13: the keyword file has no column "Subject"/u);
  });

  it('X1, X3, X4: exports print the path of what they wrote', async () => {
    const xlsx = (await workspace.json('export', 'xlsx', jobId)) as { path: string };
    assert.match(basename(xlsx.path), /^stickers.*\.xlsx$/u);
    assert.equal(readFileSync(xlsx.path).subarray(0, 2).toString(), 'PK');
    const out = join(workspace.root, 'mine.zip');
    for (const expected of ['mine.zip', 'mine-1.zip']) {
      const { out: printed, status } = await workspace.run('export', 'images', '--job', jobId, '--out', out);
      assert.equal(status, 0);
      assert.equal(basename(printed.trim()), expected);
    }
    const [gone] = (await workspace.json('images', '--job', jobId)) as { path: string }[];
    const kept = join(workspace.root, gone?.path ?? '');
    renameSync(kept, `${kept}.away`);
    const partial = await workspace.run('export', 'images', '--job', jobId, '--out', out);
    assert.equal(basename(partial.out.trim()), 'mine-2.zip');
    assert.match(partial.err, /^1 image was left out because it has no file that can be read\.$/mu);
    renameSync(`${kept}.away`, kept);
    const bulk = await workspace.run('export', 'jobs', jobId, '--out', out, '--on-conflict', 'overwrite');
    assert.equal(basename(bulk.out.trim()), 'mine.zip');
    // By its whole id and by the end of it: one job, exported once.
    const twice = await workspace.run(
      'export',
      'jobs',
      jobId,
      jobId.slice(-6),
      '--out',
      join(workspace.root, 'twice'),
    );
    const zip = readFileSync(twice.out.trim());
    assert.equal(zip.readUInt16LE(zip.length - 12), 2, 'entries: one workbook and the summary');
  });

  it('I2: ids that do not exist or fit several are told, with exit 2', async () => {
    const none = await workspace.run('job', 'ffffffff');
    assert.equal(none.status, 2);
    assert.match(none.err, /ffffffff/u);
    assert.equal((await workspace.run('resume', jobId)).status, 2, 'a completed job cannot be resumed');
  });

  it('M5: delete asks for --yes, says how much goes, and removes rows and files', async () => {
    const { events } = await workspace.lines('run', '--keywords', 'keywords.txt');
    const id = String(events[0]?.['jobId']);
    const images = (await workspace.json('images', '--job', id)) as { id: string; path: string }[];
    const asked = await workspace.run('delete', id);
    assert.equal(asked.status, 2);
    assert.match(asked.err, /deletes 1 job and 6 images/u);
    const [first, ...rest] = images;
    assert.ok(first);
    assert.equal((await workspace.run('delete', '--images', first.id, '--yes')).status, 0);
    assert.equal(existsSync(join(workspace.root, first.path)), false);
    const gone = (await workspace.json('delete', id, '--yes')) as Row;
    assert.deepEqual([gone['jobs'], gone['images']], [1, rest.length]);
    assert.equal(((await workspace.json('jobs')) as Row[]).length, 1);
    for (const image of rest) assert.equal(existsSync(join(workspace.root, image.path)), false);
  });
});

describe('settings from the command line', () => {
  let workspace: CliWorkspace;
  before(() => {
    workspace = cliWorkspace();
  });
  after(() => workspace.remove());

  it('S7: schema and defaults are JSON of every setting', async () => {
    const schema = (await workspace.json('settings', 'schema')) as { properties: Row };
    assert.deepEqual(Object.keys(schema.properties), [...settingKeys]);
    assert.deepEqual(await workspace.json('settings', 'defaults'), defaultSettings());
    assert.equal(existsSync(join(workspace.root, '.gen-image-factory')), false);
  });

  it('I5: check names every bad setting and where each good one came from', async () => {
    workspace.write('good.json', '{"generation.count": 12}');
    const good = await workspace.run('settings', 'check', join(workspace.root, 'good.json'));
    assert.equal(good.status, 0, good.err);
    assert.match(good.out, /generation\.count = 12 \(.*good\.json\)/u);
    assert.match(good.out, /provider\.image = "sample" \(\.vscode\/settings\.json\)/u);
    workspace.write(
      'bad.json',
      '{"generation.count": 0, "runware.format": "svg", "provider.image": "runware"}',
    );
    const bad = await workspace.run('settings', 'check', join(workspace.root, 'bad.json'), '--json');
    assert.equal(bad.status, 2);
    const { ok, problems } = JSON.parse(bad.out) as { ok: boolean; problems: { key: string }[] };
    assert.equal(ok, false);
    assert.deepEqual(
      problems.map((problem) => problem.key),
      ['generation.count', 'runware.format'],
    );
  });

  it('I5: a reading command with a bad argument does not complain of settings that it has no use for', async () => {
    const own = cliWorkspace({ 'genImageFactory.generation.count': 0 });
    const { status, err } = await own.run('logs');
    own.remove();
    assert.equal(status, 2);
    assert.match(err, /"logs" needs JOB/u);
    assert.doesNotMatch(err, /generation\.count/u);
  });

  it('W1: reading a folder without history leaves no trace in it', async () => {
    assert.deepEqual(await workspace.json('jobs'), []);
    assert.deepEqual(await workspace.json('images'), []);
    assert.equal((await workspace.run('job', 'ffffffff')).status, 2);
    assert.equal((await workspace.run('preview', '--keywords', 'keywords.csv')).status, 0);
    assert.equal(existsSync(join(workspace.root, '.gen-image-factory')), false);
  });

  it('S6, W3: history in a folder that may only be read is shown', async () => {
    const archived = cliWorkspace();
    const ran = await archived.run('run', '--keywords', 'keywords.csv', '--set', 'generation.count=1');
    assert.equal(ran.status, 0, ran.err);
    const store = join(archived.root, '.gen-image-factory');
    chmodSync(join(store, 'factory.db'), 0o444);
    chmodSync(store, 0o555);
    const jobs = await archived.run('jobs', '--json');
    const preview = await archived.run('preview', '--keywords', 'keywords.csv');
    chmodSync(store, 0o755);
    archived.remove();
    assert.equal(jobs.status, 0, jobs.err);
    assert.equal((JSON.parse(jobs.out) as Row[]).length, 1);
    assert.equal(preview.status, 0, preview.err);
  });

  it('W3: a store of a newer version is read, and who would change it is told once why not', async () => {
    const own = cliWorkspace();
    const ran = await own.run('run', '--keywords', 'keywords.csv', '--set', 'generation.count=1');
    assert.equal(ran.status, 0, ran.err);
    const database = new BetterSqlite3(join(own.root, '.gen-image-factory', 'factory.db'));
    database.pragma('user_version = 9999');
    database.close();
    const read = await own.run('jobs', '--json');
    const refused = await own.run('run', '--keywords', 'keywords.csv');
    own.remove();
    assert.equal((JSON.parse(read.out) as Row[]).length, 1);
    assert.equal(read.err.match(/written by a newer version/gu)?.length, 1, read.err);
    assert.equal(refused.status, 1);
    assert.equal(refused.err.match(/written by a newer version/gu)?.length, 1, refused.err);
    assert.match(refused.err, /Nothing was changed/u);
  });

  it('I5: a workspace folder that does not exist is told', async () => {
    const gone = cliWorkspace();
    gone.remove();
    const { status, err } = await gone.run('stats');
    assert.equal(status, 2);
    assert.equal(err, `The workspace folder ${gone.root} does not exist.\n`);
  });
});

describe('a history from elsewhere, on the command line', function () {
  this.timeout(30_000);

  it('W11: is listed, refuses work with exit 2 and the way on, and is taken over with --adopt', async () => {
    const made = cliWorkspace();
    assert.equal((await made.run('run', '--keywords', 'keywords.csv')).status, 0);
    const copy = cliWorkspace();
    try {
      cpSync(join(made.root, '.gen-image-factory'), join(copy.root, '.gen-image-factory'), {
        recursive: true,
      });
      const listed = await copy.run('jobs');
      assert.equal(listed.status, 0);
      assert.match(listed.err, /comes from elsewhere/);
      assert.match(listed.err, /It holds 1 job, .*Add --adopt/);
      const refused = await copy.run('run', '--keywords', 'keywords.csv');
      assert.equal(refused.status, 2);
      const adopted = await copy.run('jobs', '--adopt');
      assert.equal(adopted.err, '');
      assert.equal((await copy.run('run', '--keywords', 'keywords.csv')).status, 0);
    } finally {
      made.remove();
      copy.remove();
    }
  });
});
