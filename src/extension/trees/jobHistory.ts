/** The Job History tree: jobs newest first, their images below them. */
import {
  commands,
  l10n,
  TreeItem,
  TreeItemCollapsibleState,
  window,
  type CancellationToken,
  type Disposable,
  type TreeDataProvider,
} from 'vscode';
import type { Factory } from '../../engine/factory.ts';
import { formatDuration } from '../../engine/model/duration.ts';
import type { JobFilter, JobSummary } from '../../engine/model/job.ts';
import { formatCost } from '../../engine/model/money.ts';
import { jobStatusLabels, jobStatuses } from '../../engine/model/status.ts';
import { setContext } from '../contexts.ts';
import type { Session } from '../session.ts';
import { imageItem, imageNode, resolveImageItem, type ImageNode } from './imageNode.ts';
import { jobIcon } from './icons.ts';
import { Limits, moreItem, Refresher, withMore, type MoreNode } from './pagedTree.ts';

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
      ? l10n.t('1 image')
      : l10n.t('{0}/{1} images', String(job.generated), String(job.planned));
  return [status, formatDuration(job.durationMs), images].join(' · ');
}

function jobItem({ job }: JobNode): TreeItem {
  const item = new TreeItem(job.label, TreeItemCollapsibleState.Collapsed);
  item.id = `job ${job.id}`;
  item.iconPath = jobIcon(job.status);
  item.description = jobDescription(job);
  // `resumable` and `running` decide which inline buttons appear.
  const resumable = ['paused', 'stopped', 'interrupted'].includes(job.status);
  item.contextValue = job.status === 'running' ? 'job.running' : resumable ? 'job.resumable' : 'job';
  const lines = [
    job.label,
    jobDescription(job),
    l10n.t('{0} approved · {1} failed · {2}', String(job.approved), String(job.failed), formatCost(job.cost)),
    new Date(job.startedAt ?? job.createdAt).toLocaleString(),
    ...(job.error === null ? [] : [job.error.message]),
    ...(job.imageProvider === 'sample' ? [l10n.t('Made with the sample provider')] : []),
  ];
  item.tooltip = lines.join('\n');
  item.accessibilityInformation = { label: `${job.label}, ${jobDescription(job)}` };
  return item;
}

export class JobHistory implements TreeDataProvider<Node>, Disposable {
  readonly #session: Session;
  readonly #limits = new Limits();
  readonly #refresher = new Refresher<Node>();
  readonly #subscriptions: Disposable[];
  readonly #nodes = new Map<string, JobNode>();
  #filter: JobFilter = {};

  readonly onDidChangeTreeData = this.#refresher.event;

  constructor(session: Session) {
    this.#session = session;
    const view = window.createTreeView<Node>('genImageFactory.jobs', {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.#subscriptions = [
      view,
      this.#refresher,
      session.onDidChange(() => this.#refresher.all()),
      session.onDidOpen((factory) => this.#onOpen(factory)),
      session.onFactoryEvent((event) => {
        if (event.kind === 'job') this.#onJob(event.job);
        else if (event.kind === 'removed' || event.kind === 'changed') this.#refresher.all();
      }),
      commands.registerCommand('genImageFactory.filterJobs', async () => {
        await this.#askFilter();
        view.message = this.#filterWords();
      }),
      commands.registerCommand('genImageFactory.clearJobFilter', () => {
        this.#setFilter({});
        view.message = '';
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  loadMore(node: MoreNode): void {
    this.#limits.grow(node.parent);
    this.#refresher.all();
  }

  getTreeItem(node: Node): TreeItem {
    if (node.kind === 'job') return jobItem(node);
    return node.kind === 'image' ? imageItem(node) : moreItem(node);
  }

  resolveTreeItem(item: TreeItem, node: Node, token: CancellationToken): TreeItem {
    return node.kind === 'image' ? resolveImageItem(this.#session, item, node, token) : item;
  }

  getParent(): null {
    return null;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (this.#session.folder() === null || !this.#session.hasStore()) {
      setContext('hasJobs', false);
      return [];
    }
    const factory = await this.#session.factory();
    if (node === undefined) {
      const page = factory.jobs(this.#filter, 'newest', { limit: this.#limits.of('') });
      setContext('hasJobs', page.items.length > 0 || Object.keys(this.#filter).length > 0);
      return withMore({ items: page.items.map((job) => this.#nodeOf(job)), next: page.next }, '');
    }
    if (node.kind !== 'job') return [];
    const limit = this.#limits.of(node.jobId);
    const page = factory.images({ jobIds: [node.jobId] }, 'newest', { limit });
    return withMore({ items: page.items.map(imageNode), next: page.next }, node.jobId);
  }

  #onOpen(factory: Factory): void {
    this.#limits.reset();
    this.#nodes.clear();
    setContext('running', factory.activeRun() !== null);
    setContext(
      'queueHeld',
      factory.queue().some((run) => run.status === 'held'),
    );
    this.#refresher.all();
  }

  /** VS Code redraws a node only when it is given the very object that it was given before. */
  #nodeOf(job: JobSummary): JobNode {
    const node = this.#nodes.get(job.id) ?? { kind: 'job', jobId: job.id, job };
    node.job = job;
    this.#nodes.set(job.id, node);
    return node;
  }

  /** A known job is redrawn alone; a new one changes the list. */
  #onJob(job: JobSummary): void {
    if (this.#nodes.has(job.id)) this.#refresher.node(job.id, this.#nodeOf(job));
    else this.#refresher.all();
  }

  async #askFilter(): Promise<void> {
    const all = { label: l10n.t('All'), statuses: null };
    const items = [
      all,
      ...jobStatuses.map((status) => ({ label: l10n.t(jobStatusLabels[status]), statuses: [status] })),
    ];
    const picked = await window.showQuickPick(items, { title: l10n.t('Show jobs with status') });
    if (picked === undefined) return;
    const search = await window.showInputBox({
      title: l10n.t('Show jobs with this text'),
      prompt: l10n.t('In label or id; empty shows all'),
      value: this.#filter.search ?? '',
    });
    if (search === undefined) return;
    const filter: JobFilter = {};
    if (picked.statuses !== null) filter.statuses = picked.statuses;
    if (search.trim() !== '') filter.search = search.trim();
    this.#setFilter(filter);
  }

  #setFilter(filter: JobFilter): void {
    this.#filter = filter;
    this.#limits.reset();
    void commands.executeCommand(
      'setContext',
      'genImageFactory:jobsFiltered',
      Object.keys(filter).length > 0,
    );
    this.#refresher.all();
  }

  #filterWords(): string {
    const words = [
      ...(this.#filter.statuses ?? []).map((status) => l10n.t(jobStatusLabels[status])),
      ...(this.#filter.search === undefined ? [] : [`"${this.#filter.search}"`]),
    ];
    return words.length === 0 ? '' : l10n.t('Showing: {0}', words.join(', '));
  }
}
