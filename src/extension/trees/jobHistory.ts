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
import { jobStatusLabels } from '../../engine/model/status.ts';
import { setContext } from '../contexts.ts';
import type { Session } from '../session.ts';
import { appendLines, appendThumbnails, imageItem, resolveImageItem, type ImageNode } from './imageNode.ts';
import { jobIcon } from './icons.ts';
import { askJobFilter, jobFilterWords } from './jobFilter.ts';
import { firstItems, Limits, moreItem, Refresher, withMore, type MoreNode } from './pagedTree.ts';
import { offerSelection } from './selection.ts';

export interface JobNode {
  kind: 'job';
  /** What commands work on. */
  jobId: string;
  job: JobSummary;
}

type Node = JobNode | ImageNode | MoreNode;

function jobDescription(job: JobSummary): string {
  const status = job.stopping ? l10n.t('Stopping...') : l10n.t(jobStatusLabels[job.status]);
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
  const item = new TreeItem(job.label, state);
  item.id = `job ${job.id}`;
  item.iconPath = jobIcon(job.status);
  item.description = jobDescription(job);
  item.contextValue = contextOf(job);
  item.accessibilityInformation = { label: `${job.label}, ${jobDescription(job)}` };
  if (!expandable) {
    item.command = {
      command: 'genImageFactory.viewJob',
      title: l10n.t('View Job'),
      arguments: [{ jobId: job.id }],
    };
  }
  return item;
}

/** Newest pictures of a job in its hover. */
const hoverPictures = 3;

async function resolveJobItem(session: Session, item: TreeItem, { job }: JobNode): Promise<TreeItem> {
  const text = new MarkdownString();
  text.supportHtml = false;
  const factory = session.current();
  const pictures = await factory?.images({ jobIds: [job.id] }, 'newest', { limit: hoverPictures });
  appendThumbnails(session, text, pictures?.items ?? []);
  appendLines(text, [
    job.label,
    jobDescription(job),
    l10n.t('{0} approved · {1} failed · {2}', String(job.approved), String(job.failed), formatCost(job.cost)),
    new Date(job.startedAt ?? job.createdAt).toLocaleString(session.state().language),
    job.error?.message ?? '',
    job.imageProvider === 'sample' ? l10n.t('Made with the sample provider') : '',
  ]);
  item.tooltip = text;
  return item;
}

export class JobHistory implements TreeDataProvider<Node>, Disposable {
  readonly #session: Session;
  readonly #view: TreeView<Node>;
  readonly #limits = new Limits();
  readonly #refresher = new Refresher<Node>();
  readonly #subscriptions: Disposable[];
  /** The nodes that VS Code has: it refreshes a node by its identity. */
  readonly #jobs = new Map<string, JobNode>();
  readonly #images = new Map<string, ImageNode>();
  #filter: JobFilter = {};

  readonly onDidChangeTreeData: Event<Node | Node[] | undefined> = this.#refresher.event;

  constructor(session: Session) {
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
        this.#all();
      }),
      session.onFactoryEvent((event) => {
        if (event.kind === 'job') this.#onJob(event.job);
        else if (event.kind === 'image') this.#onImage(event.image);
        else if (event.kind === 'removed' || event.kind === 'changed') this.#all();
      }),
      commands.registerCommand('genImageFactory.filterJobs', async () => {
        const filter = await askJobFilter(this.#filter);
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
    if (node === undefined) {
      const list = await firstItems(this.#limits.of(''), (page) =>
        factory.jobs(this.#filter, 'newest', page),
      );
      return withMore({ ...list, items: list.items.map((job) => this.#jobNode(job)) }, '');
    }
    if (node.kind !== 'job') return [];
    const filter = { jobIds: [node.jobId] };
    const list = await firstItems(this.#limits.of(node.jobId), (page) =>
      factory.images(filter, 'newest', page),
    );
    return withMore({ ...list, items: list.items.map((image) => this.#imageNode(image)) }, node.jobId);
  }

  /** Null where there is nothing to show; why, is said by the message above the tree or its welcome text. */
  async #factory(): Promise<Factory | null> {
    if (this.#session.folder() === null || !this.#session.hasStore()) return null;
    return this.#session.factory().catch(() => null);
  }

  #jobNode(job: JobSummary): JobNode {
    const known = this.#jobs.get(job.id);
    if (known !== undefined) {
      known.job = job;
      return known;
    }
    const node: JobNode = { kind: 'job', jobId: job.id, job };
    this.#jobs.set(job.id, node);
    return node;
  }

  #imageNode(image: ImageRecord): ImageNode {
    const known = this.#images.get(image.id);
    if (known !== undefined) {
      known.image = image;
      return known;
    }
    const node: ImageNode = { kind: 'image', imageId: image.id, image };
    this.#images.set(image.id, node);
    return node;
  }

  /** A known job is redrawn alone, with its images where they are open; a new one changes the list. */
  #onJob(job: JobSummary): void {
    const known = this.#jobs.get(job.id);
    const filtered = Object.keys(this.#filter).length > 0 && known?.job.status !== job.status;
    if (known === undefined || filtered) {
      this.#all();
      return;
    }
    known.job = job;
    this.#refresher.node(known);
  }

  #onImage(image: ImageRecord): void {
    const known = this.#images.get(image.id);
    if (known === undefined) return;
    known.image = image;
    this.#refresher.node(known);
  }

  #all(): void {
    // Nodes that are asked for again are made anew; those of deleted rows are forgotten.
    this.#jobs.clear();
    this.#images.clear();
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
