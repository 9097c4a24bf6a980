import assert from 'node:assert/strict';
import { commands, MarkdownString, ThemeIcon, TreeItemCollapsibleState } from 'vscode';
import type { TreeItem } from 'vscode';
import type { Factory } from '../../src/engine/factory.ts';
import type { JobFilter } from '../../src/engine/model/job.ts';
import type { TestApi } from '../../src/extension/extension.ts';
import { treePageSize } from '../../src/extension/trees/pagedTree.ts';
import { useFakes } from './fakes.ts';
import type { Fakes } from './fakes.ts';
import {
  activeApi,
  asMade,
  configure,
  configureLongJob,
  ended,
  expectSoon,
  imagesOf,
  run,
  shown,
  start,
} from './host.ts';

describe('Trees', () => {
  let api: TestApi;
  let fakes: Fakes;
  /** Three images: one approved, one rejected, one whose metadata failed hard is left to others. */
  let jobId: string;

  const factory = (): Promise<Factory> => api.session.factory();

  before(async function () {
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

  it('H2: Job History lists jobs with status icon and status, duration and images', async () => {
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

  it('H2: its children are the images, each with its status in the words of every view', async () => {
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

  it('H2: hovers show thumbnail and facts, and no text of a model is read as markdown', async () => {
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
    assert.match(
      ofJob.tooltip.value,
      /^\w+ \d+\\, \d{4}\\, \d+\\:\d\d [AP]M$/m,
      'When, as the views write it.',
    );
  });

  it('H3: Failed Images are grouped by reason, with the slots that have no image', async () => {
    const groups = await shown(api.trees.failed);
    const words = groups.map(({ label, item }) => `${label} ${String(item.description)}`);
    assert.deepEqual(words.sort(), ['No Image 1', 'QC Failed 1']);
    const rejected = groups.find(({ label }) => label === 'QC Failed');
    const [image] = await shown(api.trees.failed, rejected?.node);
    assert.deepEqual([image?.item.contextValue, image?.item.description], ['image.failed.file', 'Forest']);
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

  it('F1, H3: Approve on several chosen images delivers all of them', async () => {
    const open = await factory();
    await fakes.script({ kind: 'qualityCheck', times: 2, do: 'verdict', passed: false, reason: 'Blurred.' });
    const several = await start();
    await ended(open, several);
    const rejectedOf = async (): Promise<unknown[]> => {
      const groups = await shown(api.trees.failed);
      const rejected = groups.find(({ label }) => label === 'QC Failed');
      if (rejected === undefined) return [];
      const nodes = (await shown(api.trees.failed, rejected.node)).map(({ node }) => node);
      return nodes.filter((node) => node.kind === 'image' && node.image.jobId === several);
    };
    const chosen = await rejectedOf();
    assert.equal(chosen.length, 2);
    // As VS Code calls a menu's command: the node that was clicked, and all that are selected.
    await run('approveFailedImages', chosen[0], chosen);
    await expectSoon('both approvals', async () =>
      (await imagesOf(open, several)).every(({ status }) => status === 'approved'),
    );
    assert.deepEqual(await rejectedOf(), []);
  });

  it('H2: while a job works only its node is redrawn, the very one that VS Code has', async () => {
    await configure({ 'provider.image': 'sample', 'provider.text': 'sample' });
    await configureLongJob();
    const watch = await watchTree(api, {});
    try {
      const working = await start();
      const drawn = (): TreeItem | undefined => watch.drawn.get(`job ${working}`);
      await expectSoon('a redraw of the job alone', () => watch.alone.includes(`job ${working}`));
      const { generated } = await ended(await factory(), working);
      await expectSoon('the end of the job', () => String(drawn()?.description).startsWith('Completed'));
      assert.equal(generated, 40);
      assert.match(String(drawn()?.description), / · 40\/40 images$/);
      assert.equal(drawn()?.contextValue, 'job.ended');
      assert.deepEqual(new Set(watch.alone), new Set([`job ${working}`]));
      assert.deepEqual(watch.unknown, [], 'VS Code does not redraw nodes that it does not have.');
      assert.ok(watch.all <= watch.reasons, `${watch.all} full redraws for ${watch.reasons} reasons.`);
    } finally {
      watch.stop();
      await configure({ ...asMade, 'generation.parallel': undefined });
    }
  });

  it('H2: a job that the filter leaves out redraws nothing while it works', async () => {
    await configure({ 'provider.image': 'sample', 'provider.text': 'sample' });
    await configureLongJob(100);
    const watch = await watchTree(api, { search: 'Forest' });
    try {
      const working = await start();
      await ended(await factory(), working);
      const [first] = await shown(api.trees.jobs);
      assert.equal(first?.label, 'Forest');
      assert.deepEqual(watch.alone, []);
      assert.ok(watch.all <= watch.reasons, `${watch.all} full redraws for ${watch.reasons} reasons.`);
    } finally {
      watch.stop();
      await run('clearJobFilter');
      await configure({ ...asMade, 'generation.parallel': undefined });
    }
  });

  it('H2: pages, and "Load More…" goes on', async () => {
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
      assert.equal(page.length, treePageSize + 1);
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

interface Watch {
  /** Items as last drawn, by id. */
  drawn: Map<string, TreeItem>;
  /** Ids of those that were redrawn alone, as often as that was. */
  alone: string[];
  /** Nodes that were to be redrawn though VS Code does not have them. */
  unknown: unknown[];
  /** Redraws of the whole tree. */
  all: number;
  /** Times that there was a reason to draw everything anew. */
  reasons: number;
  stop: () => void;
}

/**
 * Follows the Job History, with this filter, as VS Code does: asks for everything anew, or draws the nodes that are
 * named.
 */
async function watchTree({ session, trees }: TestApi, filter: JobFilter): Promise<Watch> {
  const tree = trees.jobs;
  const watch: Watch = {
    drawn: new Map(),
    alone: [],
    unknown: [],
    all: 0,
    reasons: 0,
    stop: () => undefined,
  };
  const because = (): void => void (watch.reasons += 1);
  const told = new Map<string, string>();
  let has: ReadonlySet<unknown> | null = null;
  const draw = (item: TreeItem): string => {
    const { id = '' } = item;
    watch.drawn.set(id, item);
    return id;
  };
  const drawAll = async (): Promise<void> => {
    const nodes = await shown(tree);
    has = new Set(nodes.map(({ node }) => node));
    for (const { item } of nodes) draw(item);
  };
  const redrawn = new Promise<void>((resolve) => {
    const listener = tree.onDidChangeTreeData((change) => {
      if (change !== undefined) return;
      listener.dispose();
      resolve();
    });
  });
  await run('filterJobs', { search: '', ...filter });
  await redrawn;
  await drawAll();
  const listeners = [
    tree.onDidChangeTreeData((change) => {
      if (!Array.isArray(change)) {
        watch.all += 1;
        has = null;
        void drawAll();
        return;
      }
      for (const node of change) {
        if (has !== null && !has.has(node)) watch.unknown.push(node);
        watch.alone.push(draw(tree.getTreeItem(node)));
      }
    }),
    session.onDidChange(because),
    session.onDidOpen(because),
    session.onFactoryEvent((event) => {
      if (event.kind === 'changed' || event.kind === 'removed') because();
      if (event.kind !== 'job' || told.get(event.job.id) === event.job.status) return;
      told.set(event.job.id, event.job.status);
      because();
    }),
  ];
  watch.stop = () => {
    for (const listener of listeners) listener.dispose();
  };
  return watch;
}
