/** What the review shows, kept in step with the host: the images of a tab, why they failed, and what works. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { RunSummary } from '../../engine/model/events.ts';
import type { FailedSlot } from '../../engine/model/image.ts';
import type { Host } from '../client.ts';
import { isCancelled } from '../client.ts';
import { ImageSource } from '../components/imageSource.ts';
import type { ImageTile } from '../protocol.ts';
import type { Group } from './failed-causes.ts';
import type { FailedFilter, Tab } from './failedFilter.ts';
import { countOfTab, toFailedFilter, withoutStatus } from './failedFilter.ts';

const refreshMs = 500;
/** As many as one request may ask for. */
const shownSlots = 500;

export class FailedData implements ReactiveController {
  readonly #view: ReactiveControllerHost;
  readonly #host: Host;
  readonly #onError: (error: unknown) => void;
  #filter: FailedFilter;
  #stop: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly images: ImageSource;
  /** Another with each change of the images. */
  revision = 0;
  groups: readonly Group[] = [];
  slots: readonly FailedSlot[] = [];
  /** What works now: a job, a retry or an approval. */
  run: RunSummary | null = null;

  constructor(
    view: ReactiveControllerHost,
    host: Host,
    filter: FailedFilter,
    onError: (error: unknown) => void,
  ) {
    this.#view = view;
    this.#host = host;
    this.#filter = filter;
    this.#onError = onError;
    this.images = new ImageSource(host, {
      onChange: () => {
        this.revision += 1;
        view.requestUpdate();
      },
      onError,
    });
    this.images.setQuery(toFailedFilter(filter));
    view.addController(this);
  }

  hostConnected(): void {
    const host = this.#host;
    this.#stop = [
      host.on('removed', () => this.refreshSoon()),
      host.on('images', () => this.refreshSoon()),
      host.on('changed', () => this.refreshSoon()),
      host.on('run', (run) => {
        if (run.status === 'running') this.run = run;
        else if (this.run?.id === run.id) this.run = null;
        this.#view.requestUpdate();
        this.refreshSoon();
      }),
    ];
    void this.#loadSides();
  }

  hostDisconnected(): void {
    for (const stop of this.#stop) stop();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** False where it asks for the same images as before. */
  setFilter(filter: FailedFilter): boolean {
    const before = toFailedFilter(this.#filter);
    this.#filter = filter;
    const after = toFailedFilter(filter);
    if (JSON.stringify(before) === JSON.stringify(after)) return false;
    this.images.setQuery(after);
    void this.#loadSides();
    return true;
  }

  /** Images move between tabs while they are worked on; what is chosen stays chosen. */
  refreshSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.images.refresh();
      void this.#loadSides();
    }, refreshMs);
  }

  /** As far as it was looked at. */
  tile(id: string): ImageTile | undefined {
    return this.images.at(this.images.indexOf(id));
  }

  /** A run over images, as against one that makes new ones. */
  get imageRun(): RunSummary | null {
    return this.run?.kind === 'retry' || this.run?.kind === 'approve' ? this.run : null;
  }

  /** Null until it is known. */
  count(tab: Tab): number | null {
    const { counts } = this.images;
    if (counts === null) return null;
    return this.#isOfJob(tab) ? 0 : countOfTab(counts, tab);
  }

  /** Images of the tab that is shown. */
  get length(): number {
    return this.#isOfJob(this.#filter.tab) ? 0 : this.images.length;
  }

  /** While a job makes new images, those in work are its own and no concern of the review. */
  #isOfJob(tab: Tab): boolean {
    return tab === 'processing' && this.imageRun === null;
  }

  async #loadSides(): Promise<void> {
    const filter = {
      ...withoutStatus(this.#filter),
      statuses: ['qcFailed', 'failed', 'retryFailed'] as const,
    };
    const jobId = this.#filter.job?.id;
    try {
      const [groups, slots, { run }] = await Promise.all([
        this.#host.request('failures.groups', { filter }),
        this.#host.request('slots.failed', {
          page: { limit: shownSlots },
          ...(jobId === undefined ? {} : { jobId }),
        }),
        this.#host.request('progress.get', {}),
      ]);
      this.groups = groups;
      this.slots = slots.items;
      this.run = run;
      this.#view.requestUpdate();
    } catch (error) {
      if (!isCancelled(error)) this.#onError(error);
    }
  }
}
