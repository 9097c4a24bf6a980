/** What the dashboard shows, kept in step with the host: one owner for its copies. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { JobStatistics, JobSummary, Progress } from '../../engine/model/job.ts';
import type { RunSummary } from '../../engine/model/events.ts';
import type { Host } from '../client.ts';
import { isCancelled } from '../client.ts';
import type { ImageTile, PlanSummary } from '../protocol.ts';

const historyLength = 20;
const newestLength = 14;
const reloadDelayMs = 400;

export class DashboardData implements ReactiveController {
  readonly #view: ReactiveControllerHost;
  readonly #host: Host;
  readonly #onError: (error: unknown) => void;
  #stop: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #newest: readonly ImageTile[] = [];

  /** Null until the first answer. */
  jobs: readonly JobSummary[] | null = null;
  statistics: JobStatistics | null = null;
  progress: Progress | null = null;
  /** UTC ms when `progress` came. */
  progressAt = 0;
  run: RunSummary | null = null;
  plan: PlanSummary | null = null;

  constructor(view: ReactiveControllerHost, host: Host, onError: (error: unknown) => void) {
    this.#view = view;
    this.#host = host;
    this.#onError = onError;
    view.addController(this);
  }

  /** The job that runs, else the newest one. */
  get current(): JobSummary | null {
    const running = this.jobs?.find((job) => job.status === 'running');
    return running ?? this.jobs?.find((job) => job.status !== 'queued') ?? null;
  }

  /** Images of the current job, newest first; those of the one before are not its own. */
  get newest(): readonly ImageTile[] {
    const id = this.current?.id;
    return this.#newest.filter((tile) => tile.jobId === id);
  }

  hostConnected(): void {
    const host = this.#host;
    this.#stop = [
      host.on('job', (job) => this.#onJob(job)),
      host.on('progress', ({ progress }) => this.#onProgress(progress)),
      host.on('run', (run) => this.#onRun(run)),
      host.on('images', (tiles) => this.#onImages(tiles)),
      host.on('removed', ({ jobIds, imageIds }) => this.#onRemoved(jobIds, imageIds)),
      host.on('changed', () => this.#loadSoon()),
      host.on('settings', () => void this.#loadPlan()),
      host.on('keys', () => void this.#loadPlan()),
    ];
    void this.load();
  }

  hostDisconnected(): void {
    for (const stop of this.#stop) stop();
    clearTimeout(this.#timer);
  }

  async load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#attempt(async () => {
      const [page, statistics, now] = await Promise.all([
        this.#host.request('jobs.page', { filter: {}, sort: 'newest', page: { limit: historyLength } }),
        this.#host.request('statistics.get', {}),
        this.#host.request('progress.get', {}),
      ]);
      this.jobs = page.items;
      this.statistics = statistics;
      this.#onProgress(now.progress);
      this.run = now.run;
      await this.#loadNewest();
      if (this.run === null) await this.#loadPlan();
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isCancelled(error)) this.#onError(error);
    }
    this.#view.requestUpdate();
  }

  /** What Start would do. A plan that cannot be made is told when Start is pressed, with the field to mend. */
  async #loadPlan(): Promise<void> {
    try {
      this.plan = await this.#host.request('plan.get', {});
    } catch {
      this.plan = null;
    }
    this.#view.requestUpdate();
  }

  async #loadNewest(): Promise<void> {
    const job = this.current;
    if (job === null) {
      this.#newest = [];
      return;
    }
    const page = await this.#host.request('images.page', {
      filter: { jobIds: [job.id] },
      sort: 'newest',
      page: { limit: newestLength },
    });
    this.#newest = page.items;
  }

  #loadSoon(): void {
    this.#timer ??= setTimeout(() => void this.load(), reloadDelayMs);
  }

  #onJob(job: JobSummary): void {
    const jobs = this.jobs ?? [];
    const known = jobs.some((one) => one.id === job.id);
    const joined = known ? jobs.map((one) => (one.id === job.id ? job : one)) : [job, ...jobs];
    this.jobs = joined.slice(0, historyLength);
    if (job.status !== 'running' && this.progress?.jobId === job.id) this.progress = null;
    // Numbers over all jobs change when a job begins or ends.
    this.#loadSoon();
    this.#view.requestUpdate();
  }

  #onProgress(progress: Progress | null): void {
    this.progress = progress;
    this.progressAt = Date.now();
    this.#view.requestUpdate();
  }

  #onRun(run: RunSummary): void {
    if (run.status === 'running') this.run = run;
    else if (this.run?.id === run.id) this.run = null;
    if (this.run === null) this.#loadSoon();
    this.#view.requestUpdate();
  }

  #onImages(tiles: readonly ImageTile[]): void {
    const job = this.current;
    if (job === null) return;
    const byId = new Map(this.newest.map((tile) => [tile.id, tile]));
    for (const tile of tiles) if (tile.jobId === job.id) byId.set(tile.id, tile);
    this.#newest = [...byId.values()].sort((a, b) => b.seq - a.seq).slice(0, newestLength);
    this.#view.requestUpdate();
  }

  #onRemoved(jobIds: readonly string[], imageIds: readonly string[]): void {
    this.jobs = this.jobs?.filter((job) => !jobIds.includes(job.id)) ?? null;
    this.#newest = this.#newest.filter((tile) => !imageIds.includes(tile.id) && !jobIds.includes(tile.jobId));
    this.#loadSoon();
    this.#view.requestUpdate();
  }
}
