import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Range, Uri, workspace, WorkspaceEdit } from 'vscode';
import type { Factory } from '../../src/engine/factory.ts';
import type { TestApi } from '../../src/extension/extension.ts';
import { errorShownBy } from './shownErrors.ts';
import {
  activeApi,
  asMade,
  configure,
  configureLongJob,
  ended,
  expectSoon,
  folderPath,
  recordEvents,
  run,
  start,
} from './host.ts';

describe('Jobs from commands', () => {
  let api: TestApi;
  let factory: Factory;

  before(async () => {
    api = await activeApi();
    factory = await api.session.factory();
  });

  afterEach(() => configure({ ...asMade, 'generation.count': undefined, 'generation.parallel': undefined }));

  it('W1, W2: Start Job makes images in the folder, with its store and .gitignore beside them', async () => {
    await configure({ 'generation.count': 3 });
    const job = await ended(factory, await start());
    assert.deepEqual([job.status, job.generated, job.planned], ['completed', 3, 3]);
    const { items } = await factory.images({ jobIds: [job.id] }, 'newest', { limit: 10 });
    for (const { path } of items) {
      assert.match(path ?? '', /^pictures\/toupload\//);
      assert.ok(existsSync(join(folderPath(), path ?? '')), `${path ?? 'An image'} is not there.`);
    }
    assert.equal(readFileSync(join(folderPath(), '.gen-image-factory/.gitignore'), 'utf8'), '*\n');
  });

  it('B6: Test with 3 Rows makes the first three rows, whatever the settings ask for', async () => {
    await configure({ 'generation.count': 1 });
    const job = await ended(factory, await start('testWith3Rows'));
    const { items } = await factory.images({ jobIds: [job.id] }, 'oldest', { limit: 10 });
    assert.deepEqual(items.map(({ keyword }) => keyword['Subject']).sort(), [
      'barn owl',
      'hedgehog',
      'red fox',
    ]);
  });

  it('S11: Start Job with Keyword File sets the generations to the rows of the file and changes no setting', async () => {
    const file = Uri.joinPath(Uri.file(folderPath()), 'two.txt');
    await workspace.fs.writeFile(file, Buffer.from('lynx\n\nbear\n'));
    await configure({ 'files.systemPromptFile': undefined });
    const before = readFileSync(join(folderPath(), '.vscode/settings.json'), 'utf8');
    const job = await ended(factory, await start('startJobWithFile', file));
    assert.deepEqual([job.planned, job.settings['files.keywordsFile']], [2, 'two.txt']);
    assert.equal(readFileSync(join(folderPath(), '.vscode/settings.json'), 'utf8'), before);
  });

  it('B6: "Only rows not done yet" leaves out rows with an approved image of the same template', async () => {
    const keywords = Uri.joinPath(Uri.file(folderPath()), 'rows.txt');
    await workspace.fs.writeFile(keywords, Buffer.from('kiwi\nplum\npear\n'));
    await configure({
      'files.keywordsFile': 'rows.txt',
      'files.systemPromptFile': undefined,
      'generation.count': 2,
    });
    await ended(factory, await start());
    await configure({ 'generation.count': 3 });
    const rest = await ended(factory, await start('startRowsNotDone'));
    const { items } = await factory.images({ jobIds: [rest.id] }, 'newest', { limit: 10 });
    assert.deepEqual(
      items.map(({ keyword }) => keyword['keyword']),
      ['pear'],
    );
  });

  it('H5: Start Sample Job uses the sample provider, makes few images and changes no setting', async () => {
    await configure({ 'provider.image': 'runware', 'provider.text': 'openai', 'generation.count': 2000 });
    const before = readFileSync(join(folderPath(), '.vscode/settings.json'), 'utf8');
    const job = await ended(factory, await start('startSampleJob'));
    assert.deepEqual([job.status, job.imageProvider, job.label], ['completed', 'sample', 'Sample job']);
    assert.equal(job.planned, 3, 'The keyword file of the workspace has three rows.');
    assert.equal(readFileSync(join(folderPath(), '.vscode/settings.json'), 'utf8'), before);
  });

  it('H5: Start Sample Job brings its own keywords where no file is configured', async () => {
    await configure({ 'files.keywordsFile': undefined, 'files.systemPromptFile': undefined });
    const job = await ended(factory, await start('startSampleJob'));
    assert.deepEqual([job.status, job.planned], ['completed', 6]);
  });

  it('S13: a label of the start form is for one start and stays out of settings.json', async () => {
    await api.session.configuration.save({ 'job.label': 'Autumn set' });
    const job = await ended(factory, await start());
    assert.equal(job.label, 'Autumn set');
    assert.equal(api.session.configuration.read().settings['job.label'], '');
    const next = await ended(factory, await start());
    assert.match(next.label, /^job_\d{8}_\d{6}$/);
    assert.doesNotMatch(readFileSync(join(folderPath(), '.vscode/settings.json'), 'utf8'), /label/);
  });

  it('J1, J3: Stop Job keeps what is made, Resume makes the rest', async () => {
    await configureLongJob();
    const { events, stop } = recordEvents(api);
    const jobId = await start();
    await expectSoon('the first image', () => factory.job(jobId).generated > 0);
    await run('stopJob');
    const stopped = await ended(factory, jobId);
    assert.equal(stopped.status, 'stopped');
    assert.ok(stopped.generated < 40);
    await run('resumeJob', { jobId });
    const job = await ended(factory, jobId);
    stop();
    assert.deepEqual([job.status, job.generated], ['completed', 40]);
    const paths = (await factory.images({ jobIds: [jobId] }, 'newest', { limit: 100 })).items.map(
      ({ path }) => path,
    );
    assert.equal(new Set(paths).size, 40);
    const percents = events.flatMap((event) => (event.kind === 'progress' ? [event.progress.percent] : []));
    assert.deepEqual(
      percents.toSorted((a, b) => a - b),
      percents,
      'D1: the percentage fell.',
    );
  });

  it('Stop on a job that has ended meanwhile does not stop the one that works by then', async () => {
    await configure({ 'generation.count': 1 });
    const before = await ended(factory, await start());
    await configureLongJob();
    const jobId = await start();
    for (const command of ['stopJob', 'forceStopJob']) {
      const told = await errorShownBy(api, () => run(command, { jobId: before.id }));
      assert.match(told, /^It has ended meanwhile; ".+" is running\.$/);
      assert.equal(factory.activeRun()?.jobId, jobId);
    }
    await run('stopJob', { jobId });
    assert.equal((await ended(factory, jobId)).status, 'stopped');
  });

  it('P1: a second start is refused while a job runs', async () => {
    await configureLongJob();
    const jobId = await start();
    const jobs = await factory.jobCount({});
    assert.equal(await run('startJob'), undefined);
    assert.equal(await factory.jobCount({}), jobs);
    await run('stopJob');
    await ended(factory, jobId);
  });

  it('P1: of starts at the same moment one works, and the others are refused in words; so is one while it stops', async () => {
    await configureLongJob();
    const jobs = await factory.jobCount({});
    let answers: unknown[] = [];
    const told = await errorShownBy(api, async () => {
      answers = await Promise.all(['startJob', 'startJob', 'startSampleJob'].map((name) => run(name)));
    });
    assert.match(told, /^"job_\d+_\d+" is running/);
    const [started, ...more] = answers.filter((answer) => answer !== undefined) as { jobId: string }[];
    assert.ok(started);
    assert.deepEqual(more, []);
    assert.equal(await factory.jobCount({}), jobs + 1);
    await expectSoon('the first image', () => factory.job(started.jobId).generated > 0);
    await run('stopJob');
    if (factory.activeRun() !== null) assert.equal(await run('startJob'), undefined);
    await ended(factory, started.jobId);
    assert.equal(await factory.jobCount({}), jobs + 1);
  });

  it('starts with what the editor shows: an open keyword file with changes is saved first', async () => {
    const file = Uri.joinPath(Uri.file(folderPath()), 'dirty.txt');
    await workspace.fs.writeFile(file, Buffer.from('cat\n'));
    await configure({ 'files.keywordsFile': 'dirty.txt', 'files.systemPromptFile': undefined });
    const edit = new WorkspaceEdit();
    const document = await workspace.openTextDocument(file);
    edit.replace(file, new Range(0, 0, 9, 0), 'tapir\n');
    await workspace.applyEdit(edit);
    assert.equal(document.isDirty, true);
    const job = await ended(factory, await start());
    const { items } = await factory.images({ jobIds: [job.id] }, 'newest', { limit: 1 });
    assert.equal(items[0]?.keyword['keyword'], 'tapir');
  });
});

describe('A store that is deleted while its window is open', () => {
  it('W1: the next start makes a new one, where its job is still found after a reload', async () => {
    const api = await activeApi();
    const before = await api.session.factory();
    rmSync(join(folderPath(), '.gen-image-factory'), { recursive: true });
    await configure({ 'generation.count': 1 });
    const jobId = await start();
    const factory = await api.session.factory();
    assert.ok(factory !== before, 'The store that is gone is still used.');
    assert.equal((await ended(factory, jobId)).status, 'completed');
    assert.equal(await factory.jobCount({}), 1);
    assert.ok(existsSync(join(folderPath(), '.gen-image-factory/factory.db')));
    await configure({ 'generation.count': undefined });
  });
});
