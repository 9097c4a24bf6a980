/** The Failed Images tree: grouped by reason, with a badge for those not yet reviewed. */
import {
  l10n,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  window,
  type CancellationToken,
  type Disposable,
  type TreeDataProvider,
  type TreeView,
} from 'vscode';
import type { Factory } from '../../engine/factory.ts';
import type { FailedSlot, ImageFilter } from '../../engine/model/image.ts';
import { stageFailureLabels, stages } from '../../engine/model/status.ts';
import { setContext } from '../contexts.ts';
import type { Session } from '../session.ts';
import { imageItem, imageNode, resolveImageItem, type ImageNode } from './imageNode.ts';
import { Limits, moreItem, Refresher, withMore, type MoreNode } from './pagedTree.ts';

interface GroupNode {
  kind: 'group';
  reason: string;
  count: number;
}

interface SlotNode extends FailedSlot {
  kind: 'slot';
}

type Node = GroupNode | ImageNode | SlotNode | MoreNode;

const failed: ImageFilter = { statuses: ['qcFailed', 'failed', 'retryFailed'] };
const slotsGroup = 'slots';
/** Creation time of the newest failure that was looked at, kept with the workspace. */
const reviewedMemory = 'failed.reviewedAt';

/** A reason key of the store in words; stages by their failure label. */
function reasonLabel(reason: string): string {
  if (reason === 'qcFailed') return l10n.t('QC Failed');
  if (reason === 'flagged') return l10n.t('Content Flagged');
  if (reason === slotsGroup) return l10n.t('No Image');
  const stage = stages.find((name) => name === reason);
  return stage === undefined ? reason : l10n.t(stageFailureLabels[stage]);
}

function slotItem(slot: SlotNode): TreeItem {
  const item = new TreeItem(l10n.t('{0} · generation {1}', slot.jobLabel, String(slot.generation + 1)));
  item.id = `slot ${slot.jobId} ${slot.generation} ${slot.variation}`;
  item.iconPath = new ThemeIcon('warning');
  item.description = stageFailureLabels[slot.failure.stage];
  item.tooltip = slot.failure.reason;
  item.contextValue = 'slot.failed';
  item.accessibilityInformation = { label: `${slot.jobLabel}, ${slot.failure.reason}` };
  return item;
}

export class FailedImages implements TreeDataProvider<Node>, Disposable {
  readonly #session: Session;
  readonly #limits = new Limits();
  readonly #refresher = new Refresher<Node>();
  readonly #view: TreeView<Node>;
  readonly #subscriptions: Disposable[];

  readonly onDidChangeTreeData = this.#refresher.event;

  constructor(session: Session) {
    this.#session = session;
    this.#view = window.createTreeView<Node>('genImageFactory.failed', {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.#subscriptions = [
      this.#view,
      this.#refresher,
      session.onDidChange(() => this.#refresher.all()),
      session.onDidOpen(() => this.#changed()),
      session.onFactoryEvent((event) => {
        const concerns =
          event.kind === 'image'
            ? event.image.status !== 'pending' && event.image.status !== 'processing'
            : event.kind === 'removed' ||
              event.kind === 'changed' ||
              event.kind === 'run' ||
              event.kind === 'job';
        if (concerns) this.#changed();
      }),
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible) void this.#markReviewed();
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
    if (node.kind === 'image') return imageItem(node);
    if (node.kind === 'slot') return slotItem(node);
    if (node.kind === 'more') return moreItem(node);
    const item = new TreeItem(reasonLabel(node.reason), TreeItemCollapsibleState.Expanded);
    item.id = `reason ${node.reason}`;
    item.description = String(node.count);
    item.contextValue = 'failed.group';
    item.accessibilityInformation = { label: `${reasonLabel(node.reason)}, ${node.count}` };
    return item;
  }

  resolveTreeItem(item: TreeItem, node: Node, token: CancellationToken): TreeItem {
    return node.kind === 'image' ? resolveImageItem(this.#session, item, node, token) : item;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (this.#session.folder() === null || !this.#session.hasStore()) return [];
    const factory = await this.#session.factory();
    if (node === undefined) return this.#groups(factory);
    if (node.kind !== 'group') return [];
    const limit = this.#limits.of(node.reason);
    if (node.reason === slotsGroup) {
      const page = factory.failedSlots({}, { limit });
      const items = page.items.map((slot): SlotNode => ({ kind: 'slot', ...slot }));
      return withMore({ items, next: page.next }, node.reason);
    }
    const page = factory.images({ ...failed, reasons: [node.reason] }, 'newest', { limit });
    return withMore({ items: page.items.map(imageNode), next: page.next }, node.reason);
  }

  #groups(factory: Factory): Node[] {
    const counts = new Map<string, number>();
    for (const { reason, count } of factory.failureGroups(failed)) {
      counts.set(reason, (counts.get(reason) ?? 0) + count);
    }
    const groups = [...counts].map(([reason, count]): GroupNode => ({ kind: 'group', reason, count }));
    const slots = factory.failedSlotCount();
    if (slots > 0) groups.push({ kind: 'group', reason: slotsGroup, count: slots });
    setContext('hasFailedImages', groups.length > 0);
    void this.#showBadge(factory);
    return groups;
  }

  #changed(): void {
    if (this.#view.visible) void this.#markReviewed();
    this.#refresher.all();
  }

  async #markReviewed(): Promise<void> {
    await this.#session.context.workspaceState.update(reviewedMemory, Date.now());
    this.#view.badge = undefined;
  }

  /** Counts failures since the view was last open. */
  async #showBadge(factory: Factory): Promise<void> {
    const from = this.#session.context.workspaceState.get<number>(reviewedMemory) ?? 0;
    const { byStatus } = await factory.imageCounts({ from });
    const value = byStatus.qcFailed + byStatus.failed + byStatus.retryFailed;
    this.#view.badge =
      value === 0 || this.#view.visible
        ? undefined
        : { value, tooltip: l10n.t('{0} failed images not yet reviewed', String(value)) };
  }
}
