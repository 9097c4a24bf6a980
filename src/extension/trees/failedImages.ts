/** The Failed Images tree: grouped by reason, with a badge for those not yet reviewed. */
import {
  l10n,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  window,
  type Disposable,
  type Event,
  type TreeDataProvider,
  type TreeView,
} from 'vscode';
import type { Factory } from '../../engine/factory.ts';
import type { FactoryEvent } from '../../engine/model/events.ts';
import type { FailedSlot } from '../../engine/model/image.ts';
import { imageStatusLabels, reasonLabel, stageFailureLabels } from '../../engine/model/status.ts';
import { failedImages } from '../failedImages.ts';
import { plainText } from '../plainText.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { atMostEvery } from '../../engine/model/throttle.ts';
import { imageItem, resolveImageItem, type ImageNode } from './imageNode.ts';
import { firstItems, PageLimits, moreItem, Refresher, withMore, type MoreNode } from './pagedTree.ts';
import { offerSelection } from './selection.ts';
import { Unreviewed } from './unreviewed.ts';

export interface GroupNode {
  kind: 'group';
  /** Reason key of the store; what commands work on. */
  reason: string;
  count: number;
}

export interface SlotNode extends FailedSlot {
  kind: 'slot';
}

type Node = GroupNode | ImageNode | SlotNode | MoreNode;

/** The group of slots that ended without an image. */
export const slotsReason = 'slots';
const badgeMs = 1000;

function groupLabel(reason: string): string {
  return reason === slotsReason ? l10n.t('No Image') : l10n.t(reasonLabel(reason));
}

function groupItem({ reason, count }: GroupNode): TreeItem {
  const item = new TreeItem(groupLabel(reason), TreeItemCollapsibleState.Expanded);
  item.id = `reason ${reason}`;
  item.description = String(count);
  item.contextValue = reason === slotsReason ? 'failed.slots' : 'failed.group';
  item.accessibilityInformation = { label: `${groupLabel(reason)}, ${count}` };
  return item;
}

/** Its group says why it failed; what is left to say is of which job it is, and whether a retry failed. */
function failedItem(node: ImageNode): TreeItem {
  const item = imageItem(node);
  const { status } = node.image;
  const jobLabel = plainText(node.image.jobLabel);
  item.description =
    status === 'retryFailed' ? `${jobLabel} · ${l10n.t(imageStatusLabels.retryFailed)}` : jobLabel;
  item.accessibilityInformation = {
    label: `${item.accessibilityInformation?.label ?? ''}, ${jobLabel}`,
  };
  return item;
}

function slotItem(slot: SlotNode): TreeItem {
  const place = l10n.t('Generation {0}', String(slot.generation + 1));
  const jobLabel = plainText(slot.jobLabel);
  const reason = plainText(slot.failure.reason);
  const item = new TreeItem(`${jobLabel} · ${place}`);
  item.id = `slot ${slot.jobId} ${slot.generation} ${slot.variation}`;
  item.iconPath = new ThemeIcon('warning');
  item.description = l10n.t(stageFailureLabels[slot.failure.stage]);
  item.tooltip = reason;
  item.contextValue = 'slot.failed';
  item.accessibilityInformation = { label: `${jobLabel}, ${place}, ${reason}` };
  item.command = {
    command: 'genImageFactory.viewJob',
    title: l10n.t('View Job'),
    arguments: [{ jobId: slot.jobId }],
  };
  return item;
}

export class FailedImagesTree implements TreeDataProvider<Node>, Disposable {
  readonly #session: WorkspaceSession;
  readonly #limits = new PageLimits();
  readonly #refresher = new Refresher<Node>();
  readonly #view: TreeView<Node>;
  readonly #unreviewed: Unreviewed;
  readonly #badge = atMostEvery(badgeMs, () => void this.#updateBadge());
  readonly #subscriptions: Disposable[];
  /** Failures of each job as last told: a slot that fails changes nothing else. */
  readonly #failures = new Map<string, number>();
  /** Ids of the images that VS Code was given. */
  readonly #shown = new Set<string>();

  readonly onDidChangeTreeData: Event<Node | Node[] | undefined> = this.#refresher.event;

  constructor(session: WorkspaceSession) {
    this.#session = session;
    this.#unreviewed = new Unreviewed(session.context.workspaceState);
    this.#view = window.createTreeView<Node>('genImageFactory.failed', {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: true,
    });
    offerSelection('failed', () => this.#view.selection);
    this.#showBadge(this.#unreviewed.remembered());
    this.#subscriptions = [
      this.#view,
      this.#refresher,
      this.#badge,
      session.onDidChange(() => this.#refresher.all()),
      session.onDidOpen(() => {
        this.#limits.reset();
        this.#failures.clear();
        this.#badge.ask();
        this.#refresher.all();
      }),
      session.onFactoryEvent((event) => this.#onEvent(event)),
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible) void this.markReviewed();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** The user looks at the failures: here or in Failed Images Review. */
  async markReviewed(): Promise<void> {
    await this.#unreviewed.review();
    this.#view.badge = undefined;
  }

  loadMore(node: MoreNode): void {
    this.#limits.grow(node.parent);
    this.#refresher.all();
  }

  getTreeItem(node: Node): TreeItem {
    if (node.kind === 'image') return failedItem(node);
    if (node.kind === 'slot') return slotItem(node);
    return node.kind === 'more' ? moreItem(node) : groupItem(node);
  }

  resolveTreeItem(item: TreeItem, node: Node): TreeItem {
    return node.kind === 'image' ? resolveImageItem(this.#session, item, node) : item;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (this.#session.folder() === null || !this.#session.hasStore()) return [];
    const factory = await this.#session.factory().catch(() => null);
    if (factory === null) return [];
    if (node === undefined) {
      this.#shown.clear();
      return groups(factory);
    }
    if (node.kind !== 'group') return [];
    const limit = this.#limits.of(node.reason);
    if (node.reason === slotsReason) {
      const list = await firstItems(limit, (page) => factory.failedSlots({}, page));
      const items = list.items.map((slot): SlotNode => ({ kind: 'slot', ...slot }));
      return withMore({ ...list, items }, 'failed', node.reason);
    }
    const filter = { ...failedImages, reasons: [node.reason] };
    const list = await firstItems(limit, (page) => factory.images(filter, 'newest', page));
    const items = list.items.map((image): ImageNode => ({
      kind: 'image',
      imageId: image.id,
      image,
      heard: 0,
    }));
    for (const { imageId } of items) this.#shown.add(imageId);
    return withMore({ ...list, items }, 'failed', node.reason);
  }

  #onEvent(event: FactoryEvent): void {
    if (event.kind === 'job') {
      const { id, failed } = event.job;
      if (this.#failures.get(id) === failed) return;
      this.#failures.set(id, failed);
    }
    const changed = this.#unreviewed.handle(event);
    if (changed) this.#badge.ask();
    // An image that was rescued leaves the tree.
    if (changed || (event.kind === 'image' && this.#shown.has(event.image.id))) this.#refresher.all();
  }

  async #updateBadge(): Promise<void> {
    const factory = this.#session.current();
    if (factory === null) return;
    try {
      if (this.#view.visible) await this.markReviewed();
      else this.#showBadge(await this.#unreviewed.count(factory));
    } catch (thrown) {
      this.#session.log.debug(`Failures could not be counted: ${String(thrown)}`);
    }
  }

  #showBadge(value: number): void {
    this.#view.badge =
      value === 0
        ? undefined
        : {
            value,
            tooltip:
              value === 1
                ? l10n.t('1 failed image not yet reviewed')
                : l10n.t('{0} failed images not yet reviewed', String(value)),
          };
  }
}

async function groups(factory: Factory): Promise<GroupNode[]> {
  const counts = new Map<string, number>();
  for (const { reason, count } of await factory.failureGroups(failedImages)) {
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  const slots = factory.failedSlotCount();
  if (slots > 0) counts.set(slotsReason, slots);
  return [...counts].map(([reason, count]) => ({ kind: 'group', reason, count }));
}
