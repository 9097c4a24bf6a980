import assert from 'node:assert/strict';
import { commands, MarkdownString, ThemeIcon, TreeItemCollapsibleState } from 'vscode';
import type { Factory } from '../../src/engine/factory.ts';
import type { TestApi } from '../../src/extension/extension.ts';
import { pageSize } from '../../src/extension/trees/pagedTree.ts';
import { useFakes } from './fakes.ts';
import type { Fakes } from './fakes.ts';
import { activeApi, asMade, configure, ended, expectSoon, imagesOf, run, shown, start } from './host.ts';

describe('Trees', () => {
  let api: TestApi;
  let fakes: Fakes;
  /** Three images: one approved, one rejected, one whose metadata failed hard is left to others. */
  let jobId: string;

  const factory = (): Promise<Factory> => api.session.factory();

  before(async function () {
    this.timeout(60_000);
    api = await activeApi();
    fakes = await useFakes(api);
    await fakes.script(
      { kind: 'qualityCheck', at: [0], do: 'verdict', passed: false, reason: 'Six legs.' },
      {
        kind: 'image',
        contains: 'hedgehog',
        do: 'status',
        status: 400,
        code: 'moderationFailed',
        message: 'Refused.',
      },
    );
    await configure({ 'generation.count': 3, 'job.label': undefined });
    await api.session.configuration.save({ 'job.label': 'Forest' });
    jobId = await start();
    await ended(await factory(), jobId);
  });

  after(async () => {
    await configure({ ...asMade, 'generation.count': undefined });
    await fakes.end();
  });

  it('section 12: Job History lists jobs with status icon and status, duration and images', async () => {
    const [first] = await shown(api.trees.jobs);
    assert.ok(first);
    assert.equal(first.label, 'Forest');
    assert.match(String(first.item.description), /^Completed · \d+s · [23]\/3 images$/);
    assert.ok(first.item.iconPath instanceof ThemeIcon);
    assert.equal(first.item.iconPath.id, 'pass');
    assert.equal(first.item.contextValue, 'job.ended');
    assert.equal(first.item.collapsibleState, TreeItemCollapsibleState.Collapsed);
    assert.match(first.item.accessibilityInformation?.label ?? '', /^Forest, Completed/);
  });

  it('section 12: its children are the images, each with its status in the words of every view', async () => {
    const [job] = await shown(api.trees.jobs);
    const images = await shown(api.trees.jobs, job?.node);
    const rows = await imagesOf(await factory(), jobId);
    assert.equal(images.length, rows.length);
    assert.ok(images.some(({ item }) => item.description === 'Approved' && item.contextValue === 'image'));
    assert.ok(
      images.some(
        ({ item }) => item.description === 'QC Failed' && item.contextValue === 'image.failed.file',
      ),
    );
    for (const { item } of images) assert.equal(item.command?.command, 'genImageFactory.viewImage');
  });

  it('4.1: hovers show thumbnail and facts, and no text of a model is read as markdown', async () => {
    const [job] = await shown(api.trees.jobs);
    assert.ok(job);
    const images = await shown(api.trees.jobs, job.node);
    const rejected = images.find(({ item }) => item.description === 'QC Failed');
    assert.ok(rejected);
    const drawn = await api.trees.jobs.resolveTreeItem(rejected.item, rejected.node);
    assert.ok(drawn.tooltip instanceof MarkdownString);
    assert.match(drawn.tooltip.value, /!\[\]\(file:\/\/\/.*\.gen-image-factory\/thumbnails\/.*\|width=160\)/);
    assert.match(drawn.tooltip.value, /QC Failed\\: Six legs\\\./);
    assert.notEqual(drawn.tooltip.isTrusted, true);
    const ofJob = await api.trees.jobs.resolveTreeItem(job.item, job.node);
    assert.ok(ofJob.tooltip instanceof MarkdownString);
    assert.match(ofJob.tooltip.value, /thumbnails/);
  });

  it('section 12: Failed Images are grouped by reason, with the slots that have no image', async () => {
    const groups = await shown(api.trees.failed);
    const words = groups.map(({ label, item }) => `${label} ${String(item.description)}`);
    assert.deepEqual(words.sort(), ['No Image 1', 'QC Failed 1']);
    const rejected = groups.find(({ label }) => label === 'QC Failed');
    const [image] = await shown(api.trees.failed, rejected?.node);
    assert.equal(image?.item.contextValue, 'image.failed.file');
    const empty = groups.find(({ label }) => label === 'No Image');
    const [slot] = await shown(api.trees.failed, empty?.node);
    assert.ok(slot);
    assert.equal(slot.item.contextValue, 'slot.failed');
    assert.match(slot.label, /^Forest · Generation \d$/);
    assert.equal(slot.item.description, 'Generation Failed');
    assert.equal(rejected?.item.collapsibleState, TreeItemCollapsibleState.Expanded);
  });

  it('F1: Approve on an image of the tree delivers it, and the tree lets it go', async () => {
    const open = await factory();
    const [rejected] = (await open.images({ statuses: ['qcFailed'] }, 'newest', { limit: 1 })).items;
    assert.ok(rejected);
    await run('approveFailedImages', { kind: 'image', imageId: rejected.id });
    await expectSoon('the approval', () => open.image(rejected.id).status === 'approved');
    const groups = await shown(api.trees.failed);
    assert.deepEqual(
      groups.map(({ label }) => label),
      ['No Image'],
    );
  });

  it('section 12: pages, and "Load More…" goes on', async function () {
    this.timeout(60_000);
    await configure({
      'provider.image': 'sample',
      'provider.text': 'sample',
      'generation.count': 1,
      'generation.variations': 20,
    });
    try {
      await configure({ 'generation.count': 3, 'generation.parallel': 8 });
      const many = await start();
      await ended(await factory(), many);
      const [job] = await shown(api.trees.jobs);
      assert.ok(job);
      const page = await shown(api.trees.jobs, job.node);
      assert.equal(page.length, pageSize + 1);
      const more = page.at(-1);
      assert.ok(more);
      assert.equal(more.label, 'Load More…');
      await commands.executeCommand(more.item.command?.command ?? '', more.node);
      const all = await shown(api.trees.jobs, job.node);
      assert.equal(all.length, 60);
      assert.ok(all.every(({ label }) => label !== 'Load More…'));
    } finally {
      await configure({ 'generation.variations': undefined, 'generation.parallel': undefined });
    }
  });
});
