/**
 * The queue of a workspace: one run works at a time, across windows and processes (P1, M4). A process runs
 * what was queued in it; what another one queued and left behind is held until somebody lets it go on.
 * Its states, and who brings about which, are listed in `queueState.ts`; here is what each transition does.
 */
import { FactoryError, toFactoryError } from '../model/errors.ts';
import type { RunSummary } from '../model/events.ts';
import { jobErrorOf } from '../pipeline/policy.ts';
import type { Consent } from '../planning/consent.ts';
import { jobEvent, queueEvent, runEvent } from '../store/asEvents.ts';
import { endJob, findJob, jobBySeq, setStopping } from '../store/jobs.ts';
import {
  countUnfinishedRuns,
  endRun,
  getRun,
  holdQueue,
  holdRun,
  nextWaitingRun,
  requestStop,
  runningRun,
  setRunStatus,
  stopRequested,
  waitingRuns,
} from '../store/runs.ts';
import type { StopRequest } from '../store/runs.ts';
import type { HeldLease } from '../store/lease.ts';
import { writeLeaseFile } from '../store/leaseFile.ts';
import type { Emit, Reader, Writer } from '../store/store.ts';
import { hasOrphans, interruptOrphans } from './interrupted.ts';
import { createQueueState } from './queueState.ts';
import type { Owning } from './queueState.ts';
import type { Queue, QueueOptions, RunControl, RunEnd } from './queueTypes.ts';
import { messages } from './messages.ts';

/** Force Stop is done within a second; a window that closes waits a little longer. */
const closeWaitsMs = 3000;

export function createQueue(options: QueueOptions): Queue {
  const { store, lease, logger } = options;
  /** What was queued here, and what its user agreed to: after a restart nobody has agreed to anything. */
  const mine = new Map<string, Consent>();
  const waiters = new Map<string, ((run: RunSummary) => void)[]>();
  /** Runs that are over although their rows could not say so. */
  const unstored = new Map<string, RunSummary>();
  const state = createQueueState();
  /** As `state` says it, for the work under way. */
  const closing = new AbortController();
  /** Settles when the own work has ended and the lease was given back. */
  let over: Promise<void> = Promise.resolve();

  const writeFile = (owner: boolean): void => {
    const file = {
      owner: owner ? { id: options.id, pid: process.pid, machine: options.machine } : null,
      // An owner is about to give its run a row.
      unfinished: Math.max(Number(owner), store.read(countUnfinishedRuns)),
    };
    writeLeaseFile(options.root, file, logger);
  };

  const checkEnded = (): void => {
    for (const [runId, resolves] of [...waiters]) {
      // The own run is over when the lease is free again.
      if (runId === state.owning?.run?.id) continue;
      const run = unstored.get(runId) ?? store.read((db) => getRun(db, runId));
      if (run.status === 'waiting' || run.status === 'running') continue;
      waiters.delete(runId);
      for (const resolve of resolves) resolve(run);
    }
  };

  /** A stop that any process has asked for in the row. */
  const applyStopRequest = (): void => {
    const { owning } = state;
    if (owning === null || owning.run === null) return;
    const { id } = owning.run;
    const asked = store.read((db) => stopRequested(db, id));
    if (asked !== null) owning.stop.abort();
    if (asked === 'force') owning.force.abort();
  };

  /** True while the lease could be taken and what waits be started. */
  const mayStart = (): boolean => (state.name === 'idle' || state.name === 'grace') && !store.readOnly;

  const take = (): Owning | null => {
    if (!mayStart()) return null;
    const held = lease.take(applyStopRequest);
    if (held === null) return null;
    const owning = state.take(held);
    try {
      writeFile(true);
      if (store.read(hasOrphans)) interruptOrphans(store, options.now());
      return owning;
    } catch (error) {
      release(owning);
      throw error;
    }
  };

  const release = (owning: Owning): void => {
    if (!state.release(owning)) return;
    try {
      // Before the row is free: the next owner writes the file after us.
      if (!owning.lease.lost.aborted) writeFile(false);
      owning.lease.release();
    } catch (error) {
      // Others judge by the heartbeat, which has ended.
      logger.warn(messages.leaseKept({ reason: toFactoryError(error).told }));
    }
  };

  /** Work that threw has not said how its job ended: it can be resumed, whatever stood in the way. */
  const leaveJob = (db: Writer, { jobId }: RunSummary, error: FactoryError): void => {
    const working = jobId !== null && jobBySeq(db, findJob(db, jobId), options.now()).status === 'running';
    if (!working) return;
    const status = error.code === 'disk.full' || error.code === 'disk.unwritable' ? 'paused' : 'interrupted';
    endJob(db, jobId, status, options.now(), jobErrorOf(error, null));
  };

  const finish = async (
    run: RunSummary,
    held: HeldLease,
    end: RunEnd,
    thrown: FactoryError | null,
  ): Promise<void> => {
    await store.write(held, (db, emit) => {
      if (thrown !== null) leaveJob(db, run, thrown);
      if (end.status === 'held') holdRun(db, run.id, end.error);
      else endRun(db, run.id, end.status, options.now(), end.error);
      if (end.holdsQueue) holdQueue(db);
      // A window that closes shows nothing any more.
      if (state.name !== 'closing') tellEnd(db, emit, run);
    });
    mine.delete(run.id);
  };

  const tellEnd = (db: Reader, emit: Emit, run: RunSummary): void => {
    emit(runEvent(db, run.id));
    if (run.jobId !== null) emit(jobEvent(db, run.jobId, options.now()));
    emit(queueEvent(db));
  };

  const claim = (run: RunSummary, consent: Consent): void => {
    state.claim(run);
    mine.set(run.id, consent);
  };

  /** Works on what was claimed, to its end. */
  const work = async (owning: Owning, run: RunSummary, consent: Consent): Promise<void> => {
    const control: RunControl = {
      lease: owning.lease,
      consent,
      stop: owning.stop.signal,
      force: owning.force.signal,
      closing: closing.signal,
    };
    let stored = true;
    try {
      let thrown: FactoryError | null = null;
      const end = await options.execute(run, control).catch((error: unknown): RunEnd => {
        thrown = toFactoryError(error);
        const { code, message } = thrown;
        return { status: 'failed', error: { code, message }, holdsQueue: run.jobId !== null };
      });
      // Who is told of its end finds that nothing works here.
      state.end(owning);
      await finish(run, owning.lease, end, thrown);
    } catch (error) {
      stored = false;
      // The lease is lost, or the store takes no writes: who comes next finds the run without an owner.
      const { code, message, told } = toFactoryError(error);
      unstored.set(run.id, { ...run, status: 'failed', error: { code, message } });
      // Who has taken over goes on with it: nothing is wrong.
      if (code !== 'lease.lost') logger.warn(messages.endNotStored({ reason: told }));
    } finally {
      release(owning);
    }
    if (state.name === 'closing') return;
    if (!stored) store.report((db, emit) => tellEnd(db, emit, run));
    checkEnded();
    startNext();
  };

  const begin = (): void => {
    if (state.name === 'closing') {
      throw new FactoryError('cancelled', messages.closing());
    }
    const owning = state.begin();
    const consent = mine.get(owning.run.id);
    if (consent === undefined) throw new Error('A run begins that nobody agreed to.');
    over = work(owning, owning.run, consent).catch((error: unknown) =>
      logger.warn(toFactoryError(error).told),
    );
  };

  /** A run that another process queued and does not start: it has gone, so the queue is held. */
  const holdAbandoned = (): void => {
    if (lease.look() !== 'free') return;
    const left = store.read(waitingRuns).filter((run) => run.status === 'waiting' && !mine.has(run.id));
    if (left.length > 0) {
      store.edit((db, emit) => {
        for (const run of left) setRunStatus(db, run.id, 'held');
        emit(queueEvent(db));
      });
      writeFile(false);
    }
    startNext();
  };

  /** The first that waits; what is held stands still until it is let go on, and blocks nothing that is asked for now. */
  const nextWaiting = (): RunSummary | null => store.read(nextWaitingRun);

  const startNext = (): void => {
    if (!mayStart()) return;
    const next = nextWaiting();
    if (next === null) return;
    const consent = mine.get(next.id);
    if (consent === undefined) {
      if (state.name === 'idle') state.wait(options.graceMs, holdAbandoned);
      return;
    }
    let owning: Owning | null = null;
    try {
      owning = take();
      if (owning === null) return;
      const begins = store.edit((db, emit) => {
        // Since we looked, it may have been held or taken from the queue.
        if (getRun(db, next.id).status !== 'waiting') return false;
        setRunStatus(db, next.id, 'running');
        // Before anybody is told of it.
        claim(getRun(db, next.id), consent);
        emit(runEvent(db, next.id));
        emit(queueEvent(db));
        return true;
      }, 'atOnce');
      if (begins) begin();
      else release(owning);
    } catch (error) {
      // It goes on waiting; whatever happens next in this workspace tries again.
      if (owning !== null) release(owning);
      logger.warn(messages.notStarted({ reason: toFactoryError(error).told }));
    }
  };

  const reclaim = (): void => {
    if (!mayStart() || !store.read(hasOrphans)) return;
    const owning = take();
    if (owning !== null) release(owning);
  };

  const stop = (how: StopRequest): void => {
    const active = state.owning?.run ?? store.read(runningRun);
    if (active === null) throw new FactoryError('conflict', messages.nothingRuns());
    store.edit((db, emit) => {
      if (!requestStop(db, active.id, how)) throw new FactoryError('conflict', messages.ended());
      if (active.jobId === null) return;
      setStopping(db, active.jobId, true);
      emit(jobEvent(db, active.jobId, options.now()));
    });
    applyStopRequest();
  };

  options.onEvent(({ kind }) => {
    if (kind === 'queue' || kind === 'run') checkEnded();
  });

  return {
    own: () => (state.owning === null || state.owning.phase === 'ending' ? null : state.owning.run),
    take: () => take()?.lease ?? null,
    claim,
    begin,
    release() {
      if (state.owning !== null) release(state.owning);
    },
    queued(runs) {
      for (const { id, consent } of runs) mine.set(id, consent);
      startNext();
    },
    reclaim,
    startNext,
    stop,
    ended(runId) {
      return new Promise((resolve) => {
        waiters.set(runId, [...(waiters.get(runId) ?? []), resolve]);
        checkEnded();
      });
    },
    lookAround() {
      applyStopRequest();
      checkEnded();
    },
    async close() {
      if (state.name === 'closing') return;
      state.close();
      closing.abort();
      if (store.readOnly) return;
      const { owning } = state;
      if (owning?.phase === 'working' || owning?.phase === 'ending') {
        owning.stop.abort();
        owning.force.abort();
        let bound: NodeJS.Timeout | undefined;
        const late = new Promise<true>((resolve) => (bound = setTimeout(resolve, closeWaitsMs, true)));
        // Who opens the store next finds the run without an owner, and marks it as interrupted.
        if ((await Promise.race([over, late])) === true) release(owning);
        clearTimeout(bound);
      }
      const left = store.read(waitingRuns).filter((run) => run.status === 'waiting' && mine.has(run.id));
      if (left.length > 0) {
        store.edit((db) => {
          for (const run of left) setRunStatus(db, run.id, 'held');
        });
      }
      // Nobody is left who could tell the end: who waits for one gets what is known now.
      for (const [runId, resolves] of waiters) {
        const run = store.read((db) => getRun(db, runId));
        for (const resolve of resolves) resolve(run);
      }
      waiters.clear();
    },
  };
}
