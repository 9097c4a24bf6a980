import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JobRequest } from '../../../src/engine/factory.ts';
import { chosenFoldersFile } from '../../../src/engine/files/userFolder.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { RunSummary } from '../../../src/engine/model/events.ts';
import type { JobSummary } from '../../../src/engine/model/job.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { first as firstOf, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';
import { said, wordsOf } from '../../support/engine/said.ts';
import { inWords } from '../../../src/engine/model/message.ts';

describe('jobs of a factory', () => {
  let workspace: Workspace;
  let factory: Agreeing;
  beforeEach(async () => {
    workspace = makeWorkspace();
    factory = await workspace.open();
  });
  afterEach(() => workspace.dispose());

  const run = async (request: Partial<JobRequest> & { settings?: Settings } = {}): Promise<JobSummary> => {
    const job = await factory.start({ settings: sampleSettings(), ...request });
    await factory.runEnded(factory.activeRun()?.id ?? '');
    return factory.job(job.id);
  };
  const ended = async (runs: readonly RunSummary[]): Promise<RunSummary[]> =>
    Promise.all(runs.map((one) => factory.runEnded(one.id)));
  const rowsOf = async (jobId: string): Promise<number[]> =>
    (await factory.images({ jobIds: [jobId] }, 'oldest', { limit: 100 })).items
      .map((image) => image.keywordRow)
      .sort();

  it('W1: a start has its row and its run at once, works, and leaves its images', async () => {
    const started = await factory.start({ settings: sampleSettings({ 'job.label': 'summer' }) });
    assert.equal(started.status, 'running');
    assert.equal(started.label, 'summer');
    assert.equal(factory.ownsActiveRun(), true);
    const active = factory.activeRun();
    assert.ok(active !== null && active.jobId === started.id);
    const end = await factory.runEnded(active.id);
    assert.equal(end.status, 'done');
    const job = factory.job(started.id);
    assert.deepEqual([job.status, job.planned, job.approved], ['completed', 2, 2]);
    assert.equal(factory.activeRun(), null);
    const [image] = (await factory.images({}, 'newest', { limit: 1 })).items;
    assert.ok(existsSync(join(workspace.root, image?.path ?? '')));
  });

  it('P1: a second start is refused while one works, and the message names it', async () => {
    await factory.start({ settings: sampleSettings({ 'job.label': 'first' }) });
    await assert.rejects(
      factory.start({ settings: sampleSettings() }),
      (error: unknown) => isFactoryError(error, 'busy') && error.message.includes('"first"'),
    );
    await factory.runEnded(factory.activeRun()?.id ?? '');
    assert.equal(await factory.jobCount({}), 1);
  });

  it('K5, V4: the snapshot holds the settings and the files as run, and later edits change neither', async () => {
    const job = await run();
    workspace.write('keywords.csv', 'Animal,Place\nwolf,ice\n');
    factory.editSettings(job.id, sampleSettings({ 'generation.count': 9 }));
    const details = factory.job(job.id);
    assert.equal(details.snapshot?.['generation.count'], 2);
    assert.equal(details.settings['generation.count'], 9);
    assert.match(factory.document(details.inputs.keywordsFile?.sha256 ?? ''), /^Animal,Place\nfox,forest/);
  });

  it('K2: with Random Keywords every row has its turn before any repeats', async () => {
    const job = await run({
      settings: sampleSettings({ 'generation.keywordRandom': true, 'generation.count': 4 }),
    });
    assert.deepEqual(await rowsOf(job.id), [0, 1, 2, 3]);
  });

  it('B6: Test with 3 Rows runs the first three', async () => {
    const job = await run({ settings: sampleSettings({ 'generation.count': 50 }), rows: [0, 1, 2] });
    assert.deepEqual(await rowsOf(job.id), [0, 1, 2]);
    assert.equal(job.planned, 3);
  });

  it('B6: Only Rows Not Done Yet skips rows with an approved image of the same template', async () => {
    await run({ rows: [0, 2] });
    const settings = sampleSettings({ 'generation.count': 4 });
    const plan = await factory.plan({ settings, onlyRowsNotDone: true });
    assert.equal(plan.generations, 2);
    const rest = await run({ settings, onlyRowsNotDone: true });
    assert.deepEqual(await rowsOf(rest.id), [1, 3]);
    const none = await factory.plan({ settings, onlyRowsNotDone: true });
    assert.match(said(none.problems[0]), /Every row of keywords\.csv already has an approved image/);
    workspace.write('other.txt', 'Another ${{Animal}} in ${{Place}}');
    const other = await factory.plan({
      settings: { ...settings, 'files.systemPromptFile': 'other.txt' },
      onlyRowsNotDone: true,
    });
    assert.equal(other.generations, 4);
  });

  it('D5: a rerun, and the rerun of a rerun, show the first label with their own short id', async () => {
    const first = await run({ settings: sampleSettings({ 'job.label': 'autumn' }) });
    const second = await factory.rerun([first.id]);
    await ended(second);
    const third = await factory.rerun([second[0]?.jobId ?? '']);
    await ended(third);
    const job = factory.job(third[0]?.jobId ?? '');
    assert.equal(job.label, `autumn (Rerun ${job.id.slice(-6)})`);
    assert.equal(job.ownLabel, 'autumn');
    assert.equal(third[0]?.title, job.label);
  });

  it('D5: a rerun of a job that was never named keeps its generated label', async () => {
    const first = await run();
    const rerun = firstOf(await factory.rerun([first.id]));
    assert.match(first.label, /^job_\d{8}_\d{6}$/);
    assert.equal(factory.job(rerun.jobId ?? '').ownLabel, first.label);
    await ended([rerun]);
  });

  it('V2, V3: a rerun uses the settings of the job as edited, and Rerun With Changes those of the rerun only', async () => {
    const job = await run();
    factory.editSettings(job.id, sampleSettings({ 'generation.count': 3 }));
    await ended(await factory.rerun([job.id]));
    await ended(await factory.rerun([job.id], { 'generation.count': 1 }));
    const planned = (await factory.jobs({}, 'oldest', { limit: 10 })).items.map((one) => one.planned);
    assert.deepEqual(planned, [2, 3, 1]);
    assert.equal(factory.job(job.id).settings['generation.count'], 3);
    await assert.rejects(factory.rerun([job.id], { 'generation.count': 0 }), (error) =>
      isFactoryError(error, 'settings.invalid'),
    );
  });

  it('V5: a rerun warns of changed files, and uses the copy of a file that is gone', async () => {
    const job = await run();
    workspace.write('keywords.csv', 'Animal,Place\nwolf,ice\n');
    const changed = await factory.plan({ settings: sampleSettings(), copiesOf: job.id });
    assert.deepEqual(changed.warnings.map(inWords), ['keywords.csv has changed since the original job ran.']);
    rmSync(join(workspace.root, 'keywords.csv'));
    const rerun = firstOf(await factory.rerun([job.id]));
    await ended([rerun]);
    const again = factory.job(rerun.jobId ?? '');
    assert.equal(again.status, 'completed');
    assert.equal(again.inputs.keywordsFile?.sha256, factory.job(job.id).inputs.keywordsFile?.sha256);
    const warnings = factory
      .logs(again.id, { debug: false, limit: 100 })
      .filter(({ level }) => level === 'warn');
    assert.match(warnings[0]?.message ?? '', /keywords\.csv does not exist any more/);
  });

  it('B5: the plan of a rerun names images and warnings of the rerun itself, with the rows of its original', async () => {
    const job = await run({ settings: sampleSettings({ 'generation.count': 4 }), rows: [1, 3] });
    factory.editSettings(job.id, sampleSettings({ 'generation.count': 2, 'generation.variations': 3 }));
    rmSync(join(workspace.root, 'keywords.csv'));
    const [plan, changed] = [
      ...(await factory.planRerun([job.id])),
      ...(await factory.planRerun([job.id], { 'generation.variations': 1 })),
    ];
    assert.deepEqual([plan?.generations, plan?.images, changed?.images], [2, 6, 2]);
    assert.deepEqual(plan?.problems, []);
    assert.match(wordsOf(plan.warnings[0]), /keywords\.csv does not exist any more: the copy/);
    assert.equal(await factory.jobCount({}), 1, 'a plan leaves no row');
  });

  it('V5: an interactive rerun that cannot plan is refused without a row', async () => {
    const job = await run();
    workspace.write('keywords.csv', 'Animal,Colour\nwolf,grey\n');
    workspace.write('prompt.txt', '${{Place}}');
    factory.editSettings(job.id, sampleSettings({ 'files.systemPromptFile': 'prompt.txt' }));
    await assert.rejects(factory.rerun([job.id]), (error) => isFactoryError(error, 'input.invalid'));
    assert.equal(await factory.jobCount({}), 1);
  });

  it('V1: Rename changes the job, its settings and its future reruns, never other jobs', async () => {
    const job = await run({ settings: sampleSettings({ 'job.label': 'old' }) });
    await ended(await factory.rerun([job.id]));
    assert.equal(factory.rename(job.id, '  new  ').label, 'new');
    assert.equal(factory.job(job.id).settings['job.label'], 'new');
    await ended(await factory.rerun([job.id]));
    const labels = (await factory.jobs({}, 'oldest', { limit: 10 })).items.map((one) => one.ownLabel);
    assert.deepEqual(labels, ['new', 'old', 'new']);
    assert.equal(await factory.jobCount({ search: 'new' }), 2);
    assert.throws(
      () => factory.rename(job.id, '   '),
      (error) => isFactoryError(error, 'settings.invalid'),
    );
    assert.throws(
      () => factory.rename(job.id, 'x'.repeat(121)),
      (error) => isFactoryError(error, 'settings.invalid'),
    );
  });

  it('G4: an edited title is found by search at once', async () => {
    await run();
    const [image] = (await factory.images({}, 'newest', { limit: 1 })).items;
    factory.editMetadata(image?.id ?? '', { title: ' Zebra crossing ', tags: ['a', ' a ', '', 'b'] });
    const found = (await factory.images({ search: 'zebra' }, 'newest', { limit: 10 })).items;
    assert.deepEqual(
      found.map(({ id, title, tags }) => [id, title, tags]),
      [[image?.id, 'Zebra crossing', ['a', 'b']]],
    );
  });

  it('M5: deleting takes rows and files away, Undo brings both back', async () => {
    const job = await run();
    const [image] = (await factory.images({}, 'newest', { limit: 1 })).items;
    const file = join(workspace.root, image?.path ?? '');
    const { trashId, ...counts } = await factory.deleteJobs([job.id]);
    assert.deepEqual(counts, { jobs: 1, images: 2 });
    assert.deepEqual([await factory.jobCount({}), existsSync(file)], [0, false]);
    assert.deepEqual(await factory.undoDelete(trashId), { jobs: 1, images: 2 });
    assert.deepEqual([await factory.jobCount({}), existsSync(file)], [1, true]);
    await factory.deleteImages([image?.id ?? '']);
    assert.equal((await factory.images({}, 'newest', { limit: 10 })).items.length, 1);
    assert.equal(factory.job(job.id).approved, 2, 'the counters of a job are history');
  });

  it('M5: a file that a row names outside the workspace is neither exported nor deleted', async () => {
    const elsewhere = makeWorkspace();
    await factory.close();
    factory = await workspace.open({ folders: () => [join(elsewhere.root, 'out')] });
    const job = await run({
      settings: sampleSettings({ 'files.outputDirectory': join(elsewhere.root, 'out') }),
    });
    const [image] = (await factory.images({}, 'newest', { limit: 1 })).items;
    await factory.close();
    // As on a computer where nobody has chosen that folder.
    rmSync(chosenFoldersFile());
    const stranger = await workspace.open();
    await assert.rejects(stranger.exportImages({ ids: [image?.id ?? ''] }, { metadata: false }), (error) =>
      isFactoryError(error, 'export.failed'),
    );
    const owner = await workspace.open({ folders: () => [join(elsewhere.root, 'out')] });
    const { path } = await owner.exportImages({ ids: [image?.id ?? ''] }, { metadata: false });
    assert.ok(existsSync(path));
    const { left } = await stranger.deleteJobs([job.id]);
    assert.equal(left, 2, 'who deletes is told that files stayed');
    assert.ok(existsSync(image?.path ?? ''));
    await elsewhere.dispose();
  });

  it('X1, X2, X3: exports job, jobs and images into the exports folder', async () => {
    const job = await run({ settings: sampleSettings({ 'job.label': 'winter' }) });
    const other = await run();
    const folder = join(workspace.root, '.gen-image-factory', 'exports');
    const one = await factory.exportJob(job.id, {});
    const both = await factory.exportJobs([job.id, other.id], {});
    const images = await factory.exportImages({ filter: { jobIds: [job.id] } }, { metadata: true });
    for (const { path, leftOut } of [one, both, images]) {
      assert.ok(path.startsWith(folder) && existsSync(path), path);
      assert.equal(leftOut, 0);
    }
    assert.match(one.path, /winter_\d{8}_\d{6}\.xlsx$/);
  });

  it('W7: Clean Up says what takes room and removes what was chosen, never a delivered image', async () => {
    const job = await run();
    const before = await factory.cleanUpSizes();
    assert.equal(before.originals.files, 2);
    assert.equal(before.thumbnails.files, 2);
    await factory.cleanUp(['originals', 'thumbnails', 'logs']);
    const after = await factory.cleanUpSizes();
    assert.deepEqual([after.originals.files, after.thumbnails.files, after.logs.files], [0, 0, 0]);
    for (const image of (await factory.images({ jobIds: [job.id] }, 'newest', { limit: 10 })).items) {
      assert.ok(existsSync(join(workspace.root, image.path ?? '')));
    }
    await factory.deleteJobs([job.id]);
    assert.ok((await factory.cleanUpSizes()).trash.files > 0);
    await factory.cleanUp(['trash']);
    assert.equal((await factory.cleanUpSizes()).trash.files, 0);
  });

  it('H6: knows which image a file belongs to', async () => {
    await run();
    const [image] = (await factory.images({}, 'newest', { limit: 1 })).items;
    assert.equal(await factory.imageAt(join(workspace.root, image?.path ?? '')), image?.id);
    assert.equal(await factory.imageAt(join(workspace.root, image?.originalPath ?? '')), image?.id);
    assert.equal(await factory.imageAt(join(workspace.root, 'keywords.csv')), null);
  });

  it('D6: counts what ended', async () => {
    await run();
    const statistics = await factory.statistics();
    assert.equal(statistics.totalJobs, 1);
    assert.equal(statistics.totalImages, 2);
    assert.equal(statistics.successRate, 1);
  });
});
