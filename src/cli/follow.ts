/** Follows runs to their end: what happens is reported, requests to stop are passed on. */
import type { Factory, Page } from '../engine/factory.ts';
import type { FactoryEvent, RunSummary } from '../engine/model/events.ts';
import type { ImageRecord } from '../engine/model/image.ts';
import type { JobSummary } from '../engine/model/job.ts';
import type { Reporter } from './reporter.ts';
import { exitStatus, type ExitStatus, type Terminal } from './terminal.ts';

/** Equal signals so close together are one key press: a shell and npm both pass it on. */
const onePressMs = 150;

/** The requests to stop, counted: the first stops, the second forces. */
export interface StopSignals {
  /** Aborts at the first request. */
  readonly stop: AbortSignal;
  readonly force: AbortSignal;
  end: () => void;
}

export function listenForStop(terminal: Terminal, now: () => number): StopSignals {
  const stop = new AbortController();
  const force = new AbortController();
  const last = new Map<string, number>();
  const end = terminal.onInterrupt((signal) => {
    const at = now();
    if (at - (last.get(signal) ?? Number.NEGATIVE_INFINITY) < onePressMs) return;
    last.set(signal, at);
    if (stop.signal.aborted) force.abort();
    else stop.abort();
  });
  return { stop: stop.signal, force: force.signal, end };
}

/** Calls back when the signal aborts, at once if it has. Returns a function that ends this. */
function whenAborted(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

/** Passes requests to stop on to the engine until the work is done. */
export async function withStopSignals<T>(
  factory: Factory,
  signals: StopSignals,
  reporter: Reporter,
  work: () => Promise<T>,
): Promise<T> {
  const failed = (error: unknown): void => {
    reporter.note(error instanceof Error ? error.message : String(error));
  };
  const ends = [
    whenAborted(signals.stop, () => {
      reporter.note(
        'Stopping: calls in flight finish and their images are kept. Press Ctrl+C again to force.',
      );
      factory.stop().catch(failed);
    }),
    whenAborted(signals.force, () => {
      reporter.note('Force Stop: everything in flight is aborted.');
      factory.forceStop().catch(failed);
    }),
  ];
  try {
    return await work();
  } finally {
    for (const end of ends) end();
  }
}

const finalStatuses = new Set<ImageRecord['status']>(['approved', 'qcFailed', 'failed', 'retryFailed']);

/** Reports the events of chosen jobs; the beginning of a job and each end of an image once. */
export interface Follower {
  /** From here on the job's events are reported, those that have already come too; of a new job all log rows. */
  follow: (jobId: string, isNew: boolean) => void;
  began: (job: JobSummary) => void;
  /** Reports log rows and ended images that no event told of: many may change at once, or in another process. */
  catchUp: (images: Iterable<ImageRecord> | AsyncIterable<ImageRecord>) => Promise<void>;
  end: () => void;
}

export function follower(
  factory: Factory,
  reporter: Reporter,
  wanted: (image: ImageRecord) => boolean = () => true,
): Follower {
  const jobs = new Set<string>();
  const begun = new Set<string>();
  const reported = new Map<string, string>();
  const lastLog = new Map<string, number>();
  /** What comes before the job's id is known. */
  const early: FactoryEvent[] = [];
  const image = (record: ImageRecord): void => {
    if (!finalStatuses.has(record.status) || !wanted(record)) return;
    const state = JSON.stringify([record.status, record.path, record.failure]);
    if (reported.get(record.id) === state) return;
    reported.set(record.id, state);
    reporter.image(record);
  };
  const began = (job: JobSummary): void => {
    if (begun.has(job.id)) return;
    begun.add(job.id);
    reporter.jobBegan(job);
  };
  // Read from the store, so that none is missing and none comes twice, whichever process wrote them.
  const logs = (jobId: string): void => {
    const limit = 500;
    let afterSeq = lastLog.get(jobId);
    while (afterSeq !== undefined) {
      const rows = factory.logs(jobId, { debug: false, afterSeq, limit });
      for (const row of rows) reporter.log(row);
      lastLog.set(jobId, rows.at(-1)?.seq ?? afterSeq);
      afterSeq = rows.length < limit ? undefined : lastLog.get(jobId);
    }
  };
  const show = (event: FactoryEvent): void => {
    if (event.kind === 'job' && event.job.status === 'running') began(event.job);
    if (event.kind === 'image') image(event.image);
    if (event.kind === 'progress') reporter.progress(event.progress);
    if (event.kind === 'log') {
      const { jobId, seq } = event.entry;
      // A job that goes on told its earlier rows when they were new.
      if (!lastLog.has(jobId)) lastLog.set(jobId, seq - 1);
      if (!event.entry.debug) logs(jobId);
    }
  };
  const showForeign = (): void => {
    for (const jobId of jobs) logs(jobId);
    const progress = factory.progress();
    if (progress !== null && jobs.has(progress.jobId)) reporter.progress(progress);
  };
  const end = factory.onEvent((event) => {
    const jobId = jobOf(event);
    if (event.kind === 'changed') showForeign();
    else if (jobId === null) return;
    else if (jobs.has(jobId)) show(event);
    else if (jobs.size === 0) early.push(event);
  });
  return {
    follow: (jobId, isNew) => {
      jobs.add(jobId);
      if (isNew && !lastLog.has(jobId)) lastLog.set(jobId, 0);
      for (const event of early.splice(0)) if (jobOf(event) === jobId) show(event);
    },
    began,
    catchUp: async (images) => {
      for (const jobId of jobs) logs(jobId);
      for await (const record of images) image(record);
    },
    end,
  };
}

function jobOf(event: FactoryEvent): string | null {
  if (event.kind === 'job') return event.job.id;
  if (event.kind === 'image') return event.image.jobId;
  if (event.kind === 'progress') return event.progress.jobId;
  return event.kind === 'log' ? event.entry.jobId : null;
}

/** Every image of a job, page by page. */
export async function* imagesOf(factory: Factory, jobId: string): AsyncGenerator<ImageRecord> {
  let after: string | null = null;
  do {
    const page: Page<ImageRecord> = await factory.images(
      { jobIds: [jobId] },
      'oldest',
      after === null ? { limit: 500 } : { limit: 500, after },
    );
    yield* page.items;
    after = page.next;
  } while (after !== null);
}

/** Waits until no run works in the workspace; false when the request to stop came first. */
export async function waitUntilFree(factory: Factory, stop: AbortSignal): Promise<boolean> {
  return await new Promise((resolve) => {
    const done = (free: boolean): void => {
      end();
      clearInterval(timer);
      stop.removeEventListener('abort', aborted);
      resolve(free);
    };
    const aborted = (): void => done(false);
    const check = (): void => {
      if (factory.activeRun() === null) done(true);
    };
    const end = factory.onEvent((event) => {
      if (event.kind === 'run' || event.kind === 'queue' || event.kind === 'changed') check();
    });
    // An owner that died tells nobody.
    const timer = setInterval(check, 1000);
    stop.addEventListener('abort', aborted);
    if (stop.aborted) aborted();
    else check();
  });
}

/** The exit status that a job's end means. */
export async function jobExit(factory: Factory, job: JobSummary): Promise<ExitStatus> {
  if (job.status === 'stopped') return exitStatus.stopped;
  if (job.status !== 'completed') return exitStatus.failed;
  const images = await factory.images({ jobIds: [job.id], statuses: ['failed', 'retryFailed'] }, 'oldest', {
    limit: 1,
  });
  const slots = await factory.failedSlots({ jobId: job.id }, { limit: 1 });
  return images.items.length + slots.items.length > 0 ? exitStatus.failed : exitStatus.ok;
}

/** The exit status that a retry's or approval's end means. */
export function runExit(run: RunSummary, images: readonly ImageRecord[], stopped: boolean): ExitStatus {
  if (stopped || run.status === 'cancelled') return exitStatus.stopped;
  const bad = images.some((image) => image.status !== 'approved' && image.status !== 'qcFailed');
  return run.status === 'done' && !bad ? exitStatus.ok : exitStatus.failed;
}
