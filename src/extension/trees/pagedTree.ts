/** What both trees share: pages with "Load More…", and refreshes that are gathered while events pour in. */
import { EventEmitter, l10n, TreeItem, type Disposable } from 'vscode';
import type { Page } from '../../engine/factory.ts';

export const pageSize = 50;
/** A tree is redrawn at most this often while a job runs. */
const refreshMs = 500;

export interface MoreNode {
  kind: 'more';
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
export class Limits {
  readonly #limits = new Map<string, number>();

  of(parent: string): number {
    return this.#limits.get(parent) ?? pageSize;
  }

  grow(parent: string): void {
    this.#limits.set(parent, this.of(parent) + pageSize);
  }

  reset(): void {
    this.#limits.clear();
  }
}

export function withMore<T>(page: Page<T>, parent: string): (T | MoreNode)[] {
  return page.next === null ? page.items : [...page.items, { kind: 'more', parent }];
}

/** Gathers what changed and fires once per interval: single nodes, or everything. */
export class Refresher<T> implements Disposable {
  readonly #emitter = new EventEmitter<T | T[] | undefined>();
  readonly #nodes = new Map<string, T>();
  #all = false;
  #timer: NodeJS.Timeout | null = null;

  readonly event = this.#emitter.event;

  node(key: string, node: T): void {
    this.#nodes.set(key, node);
    this.#soon();
  }

  all(): void {
    this.#all = true;
    this.#soon();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const nodes = [...this.#nodes.values()];
      this.#nodes.clear();
      if (this.#all) this.#emitter.fire(undefined);
      else if (nodes.length > 0) this.#emitter.fire(nodes);
      this.#all = false;
    }, refreshMs);
  }

  dispose(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#emitter.dispose();
  }
}
