/**
 * The images of one filter and order, as far as they were looked at. Pages come when they are in sight; what is on
 * screen stays where it is while new images arrive, until the reader asks for them.
 */
import type { ImageCounts, ImageFilter, ImageSort } from '../../engine/model/image.ts';
import type { Host } from '../client.ts';
import type { ImageTile } from '../protocol.ts';

export const imagePageSize = 100;

export interface ImageQuery {
  filter: ImageFilter;
  sort: ImageSort;
}

export interface ImageSourceEvents {
  /** Tiles, length, counts or freshness changed. */
  onChange(): void;
  onError(error: unknown): void;
}

const countDelayMs = 250;
const mostInFlight = 2;
/** Tiles kept in memory; beyond it those far from what is in sight are let go. */
const mostKept = 6000;

export class ImageSource {
  readonly #host: Host;
  readonly #events: ImageSourceEvents;
  #query: ImageQuery = { filter: {}, sort: 'newest' };
  #tiles = new Map<number, ImageTile>();
  /** Where to go on: the cursor that gives the page starting at this position. */
  #cursors = new Map<number, string>();
  /** Shown until the first page of a new or refreshed list is there. */
  #stale: Map<number, ImageTile> | null = null;
  /** The list as it is shown while the first page of a newer one is on its way. */
  #before: { tiles: Map<number, ImageTile>; cursors: Map<number, string>; length: number } | null = null;
  #length: number | null = null;
  #counts: ImageCounts | null = null;
  /** Images above position 0 that the reader has not asked for. */
  #fresh = 0;
  #held = false;
  #inFlight = new Map<number, AbortController>();
  #counting: AbortController | null = null;
  #countAgain = false;
  #countTimer: ReturnType<typeof setTimeout> | undefined;
  #wanted: [number, number] = [0, 0];
  #loaded = false;
  #failed = false;
  readonly #stop: (() => void)[];

  constructor(host: Host, events: ImageSourceEvents) {
    this.#host = host;
    this.#events = events;
    this.#stop = [
      host.on('images', (tiles) => this.#onImages(tiles)),
      host.on('removed', ({ imageIds, jobIds }) => this.#onRemoved(new Set(imageIds), new Set(jobIds))),
      host.on('changed', () => this.#countSoon()),
    ];
  }

  get query(): ImageQuery {
    return this.#query;
  }
  /** Counts of the filter without its status part; null until they are known. */
  get counts(): ImageCounts | null {
    return this.#counts;
  }
  /** False until the first page is there. */
  get loaded(): boolean {
    return this.#loaded;
  }
  get failed(): boolean {
    return this.#failed;
  }
  /** Images that arrived above while the list was held. */
  get fresh(): number {
    return this.#fresh;
  }
  /** Rows of the list: known from the counts, else as far as pages have shown. */
  get length(): number {
    return this.#length ?? 0;
  }
  /** Images of the filter, those that wait above among them. */
  get total(): number {
    return this.length + this.#fresh;
  }

  at(index: number): ImageTile | undefined {
    return this.#tiles.get(index) ?? this.#stale?.get(index);
  }

  indexOf(id: string): number {
    for (const [index, tile] of this.#tiles) if (tile.id === id) return index;
    return -1;
  }

  /**
   * A key for each position (the second excluded), so that an element shows one image for as long as it lives: the
   * image's id, or the position where its image is on the way or, while pages are replaced, stands elsewhere too.
   */
  keys(first: number, end: number): (string | number)[] {
    const keys = new Set<string | number>();
    for (let index = first; index < end; index += 1) {
      const id = this.at(index)?.id;
      keys.add(id === undefined || keys.has(id) ? index : id);
    }
    return [...keys];
  }

  setQuery(query: ImageQuery): void {
    if (this.#loaded && JSON.stringify(query) === JSON.stringify(this.#query)) return;
    this.#query = query;
    this.#counts = null;
    this.#restart(false);
  }

  /** Keeps everything where it is while the reader reads or chooses; new images wait above. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    if (held) this.#keepShown();
    else if (this.#fresh > 0) this.refresh();
  }

  /** A newer list that is not here yet waits above, too: nothing moves after the reader has taken hold. */
  #keepShown(): void {
    if (this.#before === null) return;
    const { tiles, cursors, length } = this.#before;
    for (const controller of this.#inFlight.values()) controller.abort();
    this.#inFlight.clear();
    this.#fresh = (this.#length ?? length) - length;
    this.#length = length;
    this.#tiles = tiles;
    this.#cursors = cursors;
    this.#stale = null;
    this.#before = null;
    this.ensure(...this.#wanted);
    this.#events.onChange();
  }

  /** Loads anew from the store, showing what is there until the answer comes. */
  refresh(): void {
    this.#restart(true);
  }

  /**
   * Asks for what is missing between two positions (the second excluded). While pages are on their way it only
   * notes what is asked: a bar that is dragged over everything asks for what is under it now, not for all it passed.
   */
  ensure(first: number, end: number): void {
    this.#wanted = [first, end];
    this.#loadNext();
  }

  #loadNext(): void {
    if (this.#failed) return;
    const [first, end] = this.#wanted;
    const from = Math.floor(first / imagePageSize) * imagePageSize;
    for (let start = from; start < Math.max(end, from + 1); start += imagePageSize) {
      if (this.#inFlight.size >= mostInFlight) return;
      if (this.#length !== null && start >= this.#length && start > 0) return;
      if (!this.#hasPage(start) && !this.#inFlight.has(start)) void this.#load(start);
    }
  }

  /** Ids between two positions, both included, loading what was never in sight. */
  async idsBetween(a: number, b: number): Promise<string[]> {
    const [first, last] = a <= b ? [a, b] : [b, a];
    for (
      let start = Math.floor(first / imagePageSize) * imagePageSize;
      start <= last;
      start += imagePageSize
    ) {
      if (!this.#hasPage(start)) await this.#load(start);
    }
    const ids: string[] = [];
    for (let index = first; index <= last; index += 1) {
      const tile = this.at(index);
      if (tile !== undefined) ids.push(tile.id);
    }
    return ids;
  }

  dispose(): void {
    for (const stop of this.#stop) stop();
    clearTimeout(this.#countTimer);
    this.#counting?.abort();
    for (const controller of this.#inFlight.values()) controller.abort();
  }

  #hasPage(start: number): boolean {
    const end = Math.min(start + imagePageSize, this.#length ?? start + imagePageSize);
    for (let index = start; index < end; index += 1) if (!this.#tiles.has(index)) return false;
    return this.#loaded;
  }

  #restart(keepShown: boolean): void {
    for (const controller of this.#inFlight.values()) controller.abort();
    this.#inFlight.clear();
    this.#before = null;
    this.#stale = keepShown ? new Map([...(this.#stale ?? []), ...this.#tiles]) : null;
    this.#tiles = new Map();
    this.#cursors = new Map();
    if (keepShown && this.#length !== null) this.#length += this.#fresh;
    this.#fresh = 0;
    this.#failed = false;
    if (!keepShown) {
      this.#length = null;
      this.#loaded = false;
      this.#wanted = [0, imagePageSize];
    }
    this.ensure(...this.#wanted);
    this.#countNow();
    this.#events.onChange();
  }

  async #load(start: number): Promise<void> {
    const controller = new AbortController();
    this.#inFlight.set(start, controller);
    const { filter, sort } = this.#query;
    const after = this.#cursors.get(start);
    // Images that wait above have moved every position of the store down.
    const shift = sort === 'newest' ? this.#fresh : 0;
    const place = after === undefined ? { offset: start + shift } : { after };
    try {
      const page = await this.#host.request(
        'images.page',
        { filter, sort, page: { limit: imagePageSize, ...place } },
        controller.signal,
      );
      this.#before = null;
      page.items.forEach((tile, i) => this.#tiles.set(start + i, tile));
      this.#letGo();
      const reached = start + page.items.length;
      if (page.next !== null) this.#cursors.set(reached, page.next);
      if (page.next === null) {
        if (page.items.length > 0 || start === 0) this.#length = reached;
      } else if (this.#length === null || this.#length <= reached) {
        this.#length = Math.max(this.#length ?? 0, reached + imagePageSize);
      }
      this.#loaded = true;
      if (
        this.#stale !== null &&
        this.#hasPage(Math.floor(this.#wanted[0] / imagePageSize) * imagePageSize)
      ) {
        this.#stale = null;
      }
    } catch (error) {
      if (controller.signal.aborted) return;
      this.#failed = true;
      this.#events.onError(error);
    } finally {
      if (this.#inFlight.get(start) === controller) this.#inFlight.delete(start);
    }
    this.#loadNext();
    this.#events.onChange();
  }

  #letGo(): void {
    if (this.#tiles.size <= mostKept) return;
    const [first, end] = this.#wanted;
    for (const index of this.#tiles.keys()) {
      if (index < first - mostKept / 4 || index > end + mostKept / 4) this.#tiles.delete(index);
    }
  }

  /** A count under way is waited for, not given up: while a job runs there is always a newer change. */
  #countSoon(): void {
    if (this.#counting !== null) this.#countAgain = true;
    else this.#countTimer ??= setTimeout(() => void this.#count(), countDelayMs);
  }

  /** True when something changed while counts were on their way. */
  #wantsCount(): boolean {
    return this.#countAgain;
  }

  #countNow(): void {
    this.#counting?.abort();
    void this.#count();
  }

  async #count(): Promise<void> {
    clearTimeout(this.#countTimer);
    this.#countTimer = undefined;
    const controller = new AbortController();
    this.#counting = controller;
    this.#countAgain = false;
    const { statuses: _, ...filter } = this.#query.filter;
    try {
      const counts = await this.#host.request('images.counts', { filter }, controller.signal);
      if (this.#counting === controller) this.#counting = null;
      this.#onCounts(counts);
      if (this.#wantsCount()) this.#countSoon();
    } catch (error) {
      if (controller.signal.aborted) return;
      if (this.#counting === controller) this.#counting = null;
      this.#events.onError(error);
      this.#events.onChange();
    }
  }

  #onCounts(counts: ImageCounts): void {
    const { statuses } = this.#query.filter;
    const total =
      statuses === undefined
        ? counts.total
        : statuses.reduce((sum, status) => sum + counts.byStatus[status], 0);
    const first = this.#counts === null;
    this.#counts = counts;
    this.#failed = false;
    const shown = this.#length ?? 0;
    if (first || !this.#loaded || total <= shown || this.#query.sort === 'oldest') {
      this.#length = total;
      if (total < shown) this.#fresh = 0;
    } else if (this.#held) {
      this.#fresh = total - shown;
    } else {
      this.#length = total;
      this.#refreshTiles(shown);
    }
    this.ensure(...this.#wanted);
    this.#events.onChange();
  }

  /** New images stand at the top: what is shown stays until the first page is there again. */
  #refreshTiles(length: number): void {
    this.#before ??= { tiles: this.#tiles, cursors: this.#cursors, length };
    this.#stale = new Map([...(this.#stale ?? []), ...this.#tiles]);
    this.#tiles = new Map();
    this.#cursors = new Map();
    this.#fresh = 0;
  }

  #onImages(tiles: readonly ImageTile[]): void {
    const byId = new Map(tiles.map((tile) => [tile.id, tile]));
    let seen = 0;
    for (const shown of [this.#tiles, this.#stale, this.#before?.tiles]) {
      for (const [index, tile] of shown ?? []) {
        const changed = byId.get(tile.id);
        if (changed === undefined) continue;
        shown?.set(index, changed);
        seen += 1;
      }
    }
    this.#countSoon();
    if (seen > 0) this.#events.onChange();
  }

  /** Closes the gaps that removed images leave, so that nothing else moves more than it must. */
  #onRemoved(imageIds: ReadonlySet<string>, jobIds: ReadonlySet<string>): void {
    const isGone = (tile: ImageTile): boolean => imageIds.has(tile.id) || jobIds.has(tile.jobId);
    this.#before = null;
    const gone = [...this.#tiles].filter(([, tile]) => isGone(tile)).map(([index]) => index);
    if (gone.length > 0) {
      gone.sort((a, b) => a - b);
      const sunk = (index: number): number => index - countBelow(gone, index);
      this.#tiles = new Map(
        [...this.#tiles].filter(([, tile]) => !isGone(tile)).map(([index, tile]) => [sunk(index), tile]),
      );
      this.#cursors = new Map([...this.#cursors].map(([index, cursor]) => [sunk(index), cursor]));
      this.#length = Math.max(0, (this.#length ?? 0) - gone.length);
      this.ensure(...this.#wanted);
      this.#events.onChange();
    }
    this.#countSoon();
  }
}

/** How many of the sorted numbers lie below one. */
function countBelow(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
