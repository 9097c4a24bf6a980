/** The open workspace: store, lease, queue and events, and how it follows what other processes do. */
import { randomUUID } from 'node:crypto';
import { createFiles } from '../files/files.ts';
import type { Files } from '../files/files.ts';
import type { FactoryEvent } from '../model/events.ts';
import type { Progress } from '../model/job.ts';
import type { Logger } from '../model/logger.ts';
import { jobEvent, queueEvent } from '../store/asEvents.ts';
import { watchChanges } from '../store/changes.ts';
import type { Changes } from '../store/changes.ts';
import { createEvents } from '../store/events.ts';
import type { Events } from '../store/events.ts';
import { createLease, leaseTiming } from '../store/lease.ts';
import type { Lease } from '../store/lease.ts';
import { machineOfProcess } from '../store/leaseFile.ts';
import { createQueue } from '../queue/queue.ts';
import type { Queue, ExecuteRun } from '../queue/queueTypes.ts';
import { openStore } from '../store/database.ts';
import { leaseRows } from '../store/leaseRow.ts';
import { openReads } from '../store/reads.ts';
import type { Reads } from '../store/reads.ts';
import { getRun, runningRun } from '../store/runs.ts';
import type { Emit, Reader, Store } from '../store/store.ts';
import type { FactoryOptions } from './contract.ts';
import { storedProgress } from './storedProgress.ts';
import { messages } from './messages.ts';

export interface FactorySession {
  readonly options: FactoryOptions;
  readonly root: string;
  /** Which files of the workspace may be touched: the store travels with its folder, so its paths are outside data. */
  readonly files: Files;
  readonly store: Store;
  /** Lists, counts and Select All, off this thread where they may take long. */
  readonly reads: Reads;
  readonly events: Events;
  readonly lease: Lease;
  readonly queue: Queue;
  readonly logger: Logger;
  /** Milliseconds between two looks at another owner's heartbeat, and until it counts as dead. */
  readonly timing: { heartbeatMs: number; staleMs: number };
  /** The newest progress of the run of this process; null when there is none. */
  progress: () => Progress | null;
  /** Looks who works now, and acts on it: follows, takes over what is left, or starts what waits. */
  reconcile: () => void;
  /** UTC ms. */
  now: () => number;
  close(): Promise<void>;
}

/** About as many as fill a log of a thousand pages, where SQLite would write it back in the middle of a commit. */
const writesPerWriteBack = 100;

/** `executorOf` is given the session that it works in. Fails as `openStore` does. */
export async function openFactorySession(
  options: FactoryOptions,
  executorOf: (session: FactorySession) => ExecuteRun,
): Promise<FactorySession> {
  const { root, logger } = options;
  const worker = options.assets?.readWorker;
  const id = randomUUID();
  const machine = machineOfProcess();
  const timing = options.leaseTiming ?? leaseTiming;
  const events = createEvents(logger.scope('events'));
  let changes: Changes | null = null;
  let writes = 0;
  const store = await openStore({
    root,
    readOnly: options.readOnly === true,
    adopt: options.adopt === true,
    logger: logger.scope('store'),
    onWrite: (by, others) => {
      changes?.touch(by, others);
      writes += 1;
      // Where it fails, the log grows until the thread that writes does it.
      if (writes % writesPerWriteBack === 0) reads.writeBack().catch(() => undefined);
    },
    onEvents: (told) => events.emit(told),
    ...(worker === undefined ? {} : { worker }),
  });
  const reads = openReads(store, { worker });
  const now = options.now ?? Date.now;
  const lease = createLease({
    rows: leaseRows(store),
    root,
    id,
    machine,
    timing,
    now: () => performance.now(),
    logger: logger.scope('lease'),
  });
  let execute: ExecuteRun | null = null;
  const queue = createQueue({
    root,
    id,
    machine,
    store,
    onEvent: (listener) => events.on(listener),
    lease,
    execute: (run, control) => (execute ??= executorOf(session))(run, control),
    logger: logger.scope('queue'),
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
  const followedJob = (db: Reader): string | null => {
    const running = queue.own() === null ? runningRun(db) : null;
    if (running === null || running.id !== followed) return null;
    return running.kind === 'job' || running.kind === 'resume' ? running.jobId : null;
  };

  /** The run of another process, told as if it were ours (D3). */
  const emitFollowed = (db: Reader, emit: Emit): void => {
    if (queue.own() !== null) return;
    const running = runningRun(db);
    const before = followed;
    followed = running?.id ?? null;
    for (const runId of new Set([before, followed])) {
      if (runId === null) continue;
      const run = getRun(db, runId);
      emit({ kind: 'run', run });
      const { jobId } = run;
      if (jobId === null) continue;
      emit(jobEvent(db, jobId, now()));
      if (run.status === 'running')
        emit({ kind: 'progress', progress: storedProgress(db, { jobId, kind: run.kind }, now()) });
    }
  };

  const reconcile = (): void => {
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
    queue.startNext();
  };

  const look = (): void => {
    try {
      changes?.check();
      reconcile();
    } catch (error) {
      // The store is busy or the disk is away: the next look tries again.
      logger.warn(messages.ownerUnseen({ reason: String(error) }));
    }
  };

  const onForeignChange = (by: 'run' | 'edit'): void => {
    if (closed) return;
    try {
      store.report((db, emit) => {
        const onlyJob = by === 'run' ? followedJob(db) : null;
        emit({ kind: 'changed', ...(onlyJob === null ? {} : { onlyJob }) });
        emitFollowed(db, emit);
        emit(queueEvent(db));
      });
      queue.lookAround();
      reconcile();
    } catch (error) {
      logger.warn(messages.changesUnread({ reason: String(error) }));
    }
  };
  if (store.foreign === null) {
    const writes = !store.readOnly;
    changes = watchChanges({ root, id, writes, onForeignChange, logger: logger.scope('events') });
  }

  const session: FactorySession = {
    options,
    root,
    files: createFiles(options),
    store,
    reads,
    events,
    lease,
    queue,
    logger,
    timing,
    progress: () => newest,
    reconcile,
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
  reconcile();
  return session;
}
