/** The Job History tree: jobs newest first, their images below them. */
import {
  commands,
  l10n,
  MarkdownString,
  TreeItem,
  TreeItemCollapsibleState,
  window,
  type Disposable,
  type Event,
  type TreeDataProvider,
  type TreeView,
} from 'vscode';
import type { Factory } from '../../engine/factory.ts';
import { formatDuration } from '../../engine/model/duration.ts';
import type { ImageRecord } from '../../engine/model/image.ts';
import type { JobFilter, JobSummary } from '../../engine/model/job.ts';
import { formatCost } from '../../engine/model/money.ts';
import { jobStatusLabel } from '../../engine/model/status.ts';
import { inSentence, trialBadge } from '../../engine/providers/registry.ts';
import { setContext } from '../contexts.ts';
import { plainText } from '../plainText.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { momentWords } from '../words.ts';
import { appendLines, appendThumbnails, imageItem, resolveImageItem, type ImageNode } from './imageNode.ts';
import { jobIcon } from './icons.ts';
import { askJobFilter, jobFilterIn, jobFilterWords } from './jobFilter.ts';
import {
  changesMore,
  firstItems,
  PageLimits,
  moreItem,
  Refresher,
  withMore,
  type MoreNode,
} from './pagedTree.ts';
import { offerSelection } from './selection.ts';

export interface JobNode {
  kind: 'job';
  /** What commands work on. */
  jobId: string;
  job: JobSummary;
  /** When an event last told of it. */
  heard: number;
  /** Those of its images that VS Code has. */
  images: Map<string, ImageNode>;
}

type Node = JobNode | ImageNode | MoreNode;

function jobDescription(job: JobSummary): string {
  const status = job.stopping ? l10n.t('Stopping...') : l10n.t(jobStatusLabel(job));
  const images =
    job.planned === 1
      ? l10n.t('{0}/1 image', String(job.generated))
      : l10n.t('{0}/{1} images', String(job.generated), String(job.planned));
  return [status, formatDuration(job.durationMs), images].join(' · ');
}

/** `job`, and for menus: `.running` what can be stopped, `.resumable` what can go on, `.ended` what can run again. */
function contextOf({ status }: JobSummary): string {
  if (status === 'running') return 'job.running';
  if (status === 'queued') return 'job.queued';
  return status === 'paused' || status === 'stopped' || status === 'interrupted'
    ? 'job.ended.resumable'
    : 'job.ended';
}

function jobItem({ job }: JobNode): TreeItem {
  const expandable = job.generated > 0 || job.status === 'running';
  const state = expandable ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
  const label = plainText(job.label);
  const item = new TreeItem(label, state);
  item.id = `job ${job.id}`;
  item.iconPath = jobIcon(job.status);
  item.description = jobDescription(job);
  item.contextValue = contextOf(job);
  item.accessibilityInformation = { label: `${label}, ${jobDescription(job)}` };
  if (!expandable) {
    item.command = {
      command: 'genImageFactory.viewJob',
      title: l10n.t('View Job'),
      arguments: [{ jobId: job.id }],
    };
  }
  return item;
}

/** What decides whether the tree shows a job. */
function standing({ status, label }: JobSummary): string {
  return `${status} ${label}`;
}

function imageNode(job: JobNode, image: ImageRecord, asked: number): ImageNode {
  const known = job.images.get(image.id);
  if (known === undefined) return { kind: 'image', imageId: image.id, image, heard: 0 };
  if (known.heard <= asked) known.image = image;
  return known;
}

/** Newest images of a job in its hover. */
const hoverImages = 3;

async function resolveJobItem(
  session: WorkspaceSession,
  item: TreeItem,
  { job }: JobNode,
): Promise<TreeItem> {
  const text = new MarkdownString();
  text.supportHtml = false;
  const factory = session.current();
  const images = await factory?.images({ jobIds: [job.id] }, 'newest', { limit: hoverImages });
  appendThumbnails(session, text, images?.items ?? []);
  appendLines(text, [
    job.label,
    jobDescription(job),
    l10n.t('{0} approved · {1} failed · {2}', String(job.approved), String(job.failed), formatCost(job.cost)),
    momentWords(job.startedAt ?? job.createdAt),
    job.error?.message ?? '',
    trialBadge(job.imageProvider) === null ? '' : l10n.t('Made with {0}', inSentence(job.imageProvider)),
  ]);
  item.tooltip = text;
  return item;
}

export class JobHistoryTree implements TreeDataProvider<Node>, Disposable {
  readonly #session: WorkspaceSession;
  readonly #view: TreeView<Node>;
  readonly #limits = new PageLimits();
  readonly #refresher = new Refresher<Node>();
  readonly #subscriptions: Disposable[];
  /** The nodes that VS Code has: it redraws a node by its identity, so each is made once. */
  #jobs = new Map<string, JobNode>();
  /** Jobs that are not in the tree, as last told: what stays the same about them redraws nothing. */
  readonly #elsewhere = new Map<string, string>();
  /** Counts events: what one told while a page was read is newer than the page. */
  #events = 0;
  #filter: JobFilter = {};

  readonly onDidChangeTreeData: Event<Node | Node[] | undefined> = this.#refresher.event;

  constructor(session: WorkspaceSession) {
    this.#session = session;
    this.#view = window.createTreeView<Node>('genImageFactory.jobs', {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: true,
    });
    offerSelection('jobs', () => this.#view.selection);
    this.#subscriptions = [
      this.#view,
      this.#refresher,
      session.onDidChange(() => this.#all()),
      session.onDidOpen(() => {
        this.#limits.reset();
        this.#elsewhere.clear();
        this.#all();
      }),
      session.onFactoryEvent((event) => {
        if (event.kind === 'job') this.#onJob(event.job);
        else if (event.kind === 'image') this.#onImage(event.image);
        else if (event.kind === 'removed' || changesMore(event)) this.#all();
      }),
      commands.registerCommand('genImageFactory.filterJobs', async (given: unknown) => {
        const filter = jobFilterIn(given) ?? (await askJobFilter(this.#filter));
        if (filter !== null) this.#setFilter(filter);
      }),
      commands.registerCommand('genImageFactory.clearJobFilter', () => this.#setFilter({})),
    ];
    this.#showMessage();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  loadMore(node: MoreNode): void {
    this.#limits.grow(node.parent);
    const job = this.#jobs.get(node.parent);
    if (job === undefined) this.#refresher.all();
    else this.#refresher.node(job);
  }

  getTreeItem(node: Node): TreeItem {
    if (node.kind === 'job') return jobItem(node);
    return node.kind === 'image' ? imageItem(node) : moreItem(node);
  }

  resolveTreeItem(item: TreeItem, node: Node): TreeItem | Promise<TreeItem> {
    if (node.kind === 'job') return resolveJobItem(this.#session, item, node);
    return node.kind === 'image' ? resolveImageItem(this.#session, item, node) : item;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const factory = await this.#factory();
    if (factory === null) return [];
    const asked = this.#events;
    if (node === undefined) {
      const list = await firstItems(this.#limits.of(''), (page) =>
        factory.jobs(this.#filter, 'newest', page),
      );
      const items = list.items.map((job) => this.#jobNode(job, asked));
      // Those of deleted jobs, or of another folder, are forgotten.
      this.#jobs = new Map(items.map((item) => [item.jobId, item]));
      return withMore({ ...list, items }, 'jobs', '');
    }
    if (node.kind !== 'job') return [];
    const filter = { jobIds: [node.jobId] };
    const list = await firstItems(this.#limits.of(node.jobId), (page) =>
      factory.images(filter, 'newest', page),
    );
    const items = list.items.map((image) => imageNode(node, image, asked));
    node.images = new Map(items.map((item) => [item.imageId, item]));
    return withMore({ ...list, items }, 'jobs', node.jobId);
  }

  /** Null where there is nothing to show; why, is said by the message above the tree or its welcome text. */
  async #factory(): Promise<Factory | null> {
    if (this.#session.folder() === null || !this.#session.hasStore()) return null;
    return this.#session.factory().catch(() => null);
  }

  #jobNode(job: JobSummary, asked: number): JobNode {
    this.#elsewhere.delete(job.id);
    const known = this.#jobs.get(job.id);
    if (known === undefined) return { kind: 'job', jobId: job.id, job, heard: 0, images: new Map() };
    if (known.heard <= asked) known.job = job;
    return known;
  }

  /** A job of the tree is redrawn alone, with its images where they are open; one that is new here may change the list. */
  #onJob(job: JobSummary): void {
    this.#events += 1;
    const known = this.#jobs.get(job.id);
    if (known === undefined) {
      if (this.#elsewhere.get(job.id) === standing(job)) return;
      this.#elsewhere.set(job.id, standing(job));
      this.#all();
      return;
    }
    const moved = Object.keys(this.#filter).length > 0 && standing(known.job) !== standing(job);
    known.job = job;
    known.heard = this.#events;
    if (moved) this.#all();
    else this.#refresher.node(known);
  }

  #onImage(image: ImageRecord): void {
    this.#events += 1;
    const known = this.#jobs.get(image.jobId)?.images.get(image.id);
    if (known === undefined) return;
    known.image = image;
    known.heard = this.#events;
    this.#refresher.node(known);
  }

  #all(): void {
    this.#showMessage();
    this.#refresher.all();
  }

  #setFilter(filter: JobFilter): void {
    this.#filter = filter;
    this.#limits.reset();
    setContext('jobsFiltered', Object.keys(filter).length > 0);
    this.#all();
  }

  #showMessage(): void {
    const words = jobFilterWords(this.#filter);
    const message = [this.#session.notice, words].filter((part) => part !== null).join('\n');
    if (message !== (this.#view.message ?? '')) this.#view.message = message;
  }
}
