/** What both trees share: pages with "Load More…", and refreshes that are gathered while events pour in. */
import { EventEmitter, l10n, TreeItem, type Disposable, type Event } from 'vscode';
import type { Page, PageRequest } from '../../engine/factory.ts';
import type { FactoryEvent } from '../../engine/model/events.ts';
import { atMostEvery, type Throttle } from '../../engine/model/throttle.ts';
import type { TreeName } from './selection.ts';

export const treePageSize = 50;
/** The longest page that the store gives at once. */
const longestPage = 1000;
/** A tree is redrawn at most this often while a job runs. */
const refreshMs = 500;

export interface MoreNode {
  kind: 'more';
  tree: TreeName;
  /** Whose children go on. */
  parent: string;
}

export function moreItem(node: MoreNode): TreeItem {
  const item = new TreeItem(l10n.t('Load More…'));
  item.id = `more ${node.parent}`;
  item.command = {
    command: 'genImageFactory.loadMore',
    title: l10n.t('Load More…'),
    arguments: [node],
  };
  return item;
}

/** How many items of each parent are asked for; grows by a page with each "Load More…". */
export class PageLimits {
  readonly #limits = new Map<string, number>();

  of(parent: string): number {
    return this.#limits.get(parent) ?? treePageSize;
  }

  grow(parent: string): void {
    this.#limits.set(parent, this.of(parent) + treePageSize);
  }

  reset(): void {
    this.#limits.clear();
  }
}

/** The first `limit` items, and whether there are more. */
export async function firstItems<T>(
  limit: number,
  fetch: (page: PageRequest) => Promise<Page<T>>,
): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let next: string | null = null;
  do {
    const size = Math.min(longestPage, limit - items.length);
    const page: Page<T> = await fetch(next === null ? { limit: size } : { limit: size, after: next });
    items.push(...page.items);
    ({ next } = page);
  } while (next !== null && items.length < limit);
  return { items, more: next !== null };
}

export function withMore<T>(
  list: { items: T[]; more: boolean },
  tree: TreeName,
  parent: string,
): (T | MoreNode)[] {
  return list.more ? [...list.items, { kind: 'more', tree, parent }] : list.items;
}

/** Rows changed that no event of their own tells. */
export function changesMore(event: FactoryEvent): boolean {
  return event.kind === 'changed' && event.onlyJob === undefined;
}

/** Gathers what changed and fires once per interval: single nodes, or everything. VS Code knows nodes by identity. */
export class Refresher<T> implements Disposable {
  readonly #emitter = new EventEmitter<T | T[] | undefined>();
  readonly #nodes = new Set<T>();
  readonly #throttle: Throttle;
  #all = false;

  readonly event: Event<T | T[] | undefined> = this.#emitter.event;

  constructor() {
    this.#throttle = atMostEvery(refreshMs, () => this.#fire());
  }

  node(node: T): void {
    this.#nodes.add(node);
    this.#throttle.ask();
  }

  all(): void {
    this.#all = true;
    this.#throttle.ask();
  }

  #fire(): void {
    const nodes = [...this.#nodes];
    const all = this.#all;
    this.#nodes.clear();
    this.#all = false;
    if (all) this.#emitter.fire(undefined);
    else if (nodes.length > 0) this.#emitter.fire(nodes);
  }

  dispose(): void {
    this.#throttle.dispose();
    this.#emitter.dispose();
  }
}
