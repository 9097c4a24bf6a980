/** The open workspace: store, lease, queue and events, and how it follows what other processes do. */
import { randomUUID } from 'node:crypto';
import type { FactoryEvent } from '../model/events.ts';
import type { Progress } from '../model/job.ts';
import { watchChanges } from '../store/changes.ts';
import type { Changes } from '../store/changes.ts';
import { createEvents } from '../store/events.ts';
import type { Events } from '../store/events.ts';
import { createLease, leaseTiming } from '../store/lease.ts';
import type { Lease } from '../store/lease.ts';
import { machineOfProcess } from '../store/leaseFile.ts';
import { createQueue } from '../queue/queue.ts';
import type { Queue, Work } from '../queue/queueTypes.ts';
import { openStore } from '../store/database.ts';
import { findJob, jobBySeq } from '../store/jobs.ts';
import { leaseRows } from '../store/leaseRow.ts';
import { openReads } from '../store/reads.ts';
import type { Reads } from '../store/reads.ts';
import { getRun, runningRun } from '../store/runs.ts';
import type { Store } from '../store/store.ts';
import type { FactoryOptions } from './contract.ts';
import { storedProgress } from './storedProgress.ts';

export interface Session {
  readonly options: FactoryOptions;
  readonly root: string;
  readonly store: Store;
  /** Lists, counts and Select All, off this thread where they may take long. */
  readonly reads: Reads;
  readonly events: Events;
  readonly lease: Lease;
  readonly queue: Queue;
  /** Milliseconds between two looks at another owner's heartbeat, and until it counts as dead. */
  readonly timing: { heartbeatMs: number; staleMs: number };
  /** The newest progress of the run of this process; null when there is none. */
  progress: () => Progress | null;
  /** Looks who works now, and acts on it: follows, takes over what is left, or starts what waits. */
  settle: () => void;
  /** UTC ms. */
  now: () => number;
  close(): Promise<void>;
}

/** About as many as fill a log of a thousand pages, where SQLite would write it back in the middle of a commit. */
const writesPerWriteBack = 100;

/** `workOf` is given the session that it works in. Fails as `openStore` does. */
export async function openSession(
  options: FactoryOptions,
  workOf: (session: Session) => Work,
): Promise<Session> {
  const { root } = options;
  const worker = options.assets?.readWorker;
  const id = randomUUID();
  const machine = machineOfProcess();
  const timing = options.leaseTiming ?? leaseTiming;
  let changes: Changes | null = null;
  let writes = 0;
  const store = await openStore({
    root,
    readOnly: options.readOnly === true,
    adopt: options.adopt === true,
    onWrite: (by) => {
      changes?.touch(by);
      writes += 1;
      // Where it fails, the log grows until the thread that writes does it.
      if (writes % writesPerWriteBack === 0) reads.writeBack().catch(() => undefined);
    },
    ...(worker === undefined ? {} : { worker }),
  });
  const reads = openReads(store, { worker });
  const events = createEvents();
  const now = options.now ?? Date.now;
  const lease = createLease({
    rows: leaseRows(store),
    root,
    id,
    machine,
    timing,
    now: () => performance.now(),
  });
  let work: Work | null = null;
  const queue = createQueue({
    root,
    id,
    machine,
    store,
    events,
    lease,
    work: (run, control) => (work ??= workOf(session))(run, control),
    announce: () => changes?.announce(),
    now,
    graceMs: timing.staleMs,
  });

  let newest: Progress | null = null;
  events.on((event: FactoryEvent) => {
    if (event.kind === 'progress') newest = event.progress;
    if (event.kind === 'run' && event.run.status !== 'running') newest = null;
  });

  let followed: string | null = null;
  let poll: NodeJS.Timeout | null = null;
  let closed = false;

  /** The job that another process works on, as we know from before; null when none or something else is worked on. */
  const followedJob = (): string | null => {
    const running = queue.own() === null ? store.read(runningRun) : null;
    if (running === null || running.id !== followed) return null;
    return running.kind === 'job' || running.kind === 'resume' ? running.jobId : null;
  };

  /** The run of another process, told as if it were ours (D3). */
  const tellFollowed = (): void => {
    if (queue.own() !== null) return;
    const running = store.read(runningRun);
    const before = followed;
    followed = running?.id ?? null;
    for (const runId of new Set([before, followed])) {
      if (runId === null) continue;
      const run = store.read((db) => getRun(db, runId));
      events.emit({ kind: 'run', run });
      const { jobId } = run;
      if (jobId === null) continue;
      const job = store.read((db) => jobBySeq(db, findJob(db, jobId), now()));
      events.emit({ kind: 'job', job });
      if (run.status === 'running')
        events.emit({ kind: 'progress', progress: storedProgress(store, { jobId, kind: run.kind }, now()) });
    }
  };

  const settle = (): void => {
    // In a copy of a store from elsewhere nobody works, and its folder is not listened to.
    if (closed || store.foreign !== null) return;
    const state = lease.look();
    if (state === 'living' || state === 'unsure') {
      poll ??= setInterval(look, timing.heartbeatMs);
      return;
    }
    if (poll !== null) clearInterval(poll);
    poll = null;
    queue.reclaim();
    queue.pump();
  };

  const look = (): void => {
    try {
      changes?.check();
      settle();
    } catch (error) {
      // The store is busy or the disk is away: the next look tries again.
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  };

  if (store.foreign === null)
    changes = watchChanges({
      root,
      id,
      writes: !store.readOnly,
      onForeignChange: (by) => {
        if (closed) return;
        try {
          const onlyJob = by === 'run' ? followedJob() : null;
          events.emit({ kind: 'changed', ...(onlyJob === null ? {} : { onlyJob }) });
          tellFollowed();
          queue.tellQueue();
          queue.checkEnded();
          settle();
        } catch (error) {
          process.emitWarning(error instanceof Error ? error : String(error));
        }
      },
    });

  const session: Session = {
    options,
    root,
    store,
    reads,
    events,
    lease,
    queue,
    timing,
    progress: () => newest,
    settle,
    now,
    async close() {
      if (closed) return;
      await queue.close();
      closed = true;
      if (poll !== null) clearInterval(poll);
      events.close();
      changes?.close();
      // First the other connections, so that the log is written back.
      await reads.close();
      store.close();
    },
  };
  settle();
  return session;
}
