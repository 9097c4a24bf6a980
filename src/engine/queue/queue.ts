/**
 * The queue of a workspace: one run works at a time, across windows and processes (P1, M4). A process runs
 * what was queued in it; what another one queued and left behind is held until somebody lets it go on.
 */
import { FactoryError, toFactoryError } from '../model/errors.ts';
import type { RunSummary } from '../model/events.ts';
import { jobErrorOf } from '../pipeline/policy.ts';
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
import type { Queue, QueueTools, RunControl, RunEnd } from './queueTypes.ts';
import { messages } from './messages.ts';

/** The lease, and the run that it was taken for. */
interface Own {
  lease: HeldLease;
  /** Null before it is known. */
  run: RunSummary | null;
  /** The work is over; its end is being written down and the lease given back. */
  ending: boolean;
  stop: AbortController;
  force: AbortController;
  /** Settles when the lease was given back; null before the work begins. */
  over: Promise<void> | null;
}

/** Force Stop is done within a second; a window that closes waits a little longer. */
const closeWaitsMs = 3000;

export function createQueue(tools: QueueTools): Queue {
  const { store, lease, logger } = tools;
  const mine = new Set<string>();
  const waiters = new Map<string, ((run: RunSummary) => void)[]>();
  /** Runs that are over although their rows could not say so. */
  const unstored = new Map<string, RunSummary>();
  const closing = new AbortController();
  let own: Own | null = null;
  let grace: NodeJS.Timeout | null = null;

  const writeFile = (owner: boolean): void => {
    const file = {
      owner: owner ? { id: tools.id, pid: process.pid, machine: tools.machine } : null,
      // An owner is about to give its run a row.
      unfinished: Math.max(Number(owner), store.read(countUnfinishedRuns)),
    };
    writeLeaseFile(tools.root, file, logger);
  };

  const checkEnded = (): void => {
    for (const [runId, resolves] of [...waiters]) {
      // The own run is over when the lease is free again.
      if (runId === own?.run?.id) continue;
      const run = unstored.get(runId) ?? store.read((db) => getRun(db, runId));
      if (run.status === 'waiting' || run.status === 'running') continue;
      waiters.delete(runId);
      for (const resolve of resolves) resolve(run);
    }
  };

  /** A stop that any process has asked for in the row. */
  const heedStop = (): void => {
    if (own === null || own.run === null) return;
    const { run } = own;
    const asked = store.read((db) => stopRequested(db, run.id));
    if (asked !== null) own.stop.abort();
    if (asked === 'force') own.force.abort();
  };

  const take = (): HeldLease | null => {
    if (own !== null || closing.signal.aborted || store.readOnly) return null;
    const held = lease.take(heedStop);
    if (held === null) return null;
    own = {
      lease: held,
      run: null,
      ending: false,
      stop: new AbortController(),
      force: new AbortController(),
      over: null,
    };
    try {
      writeFile(true);
      if (store.read(hasOrphans)) interruptOrphans(store, tools.now());
      return held;
    } catch (error) {
      giveBack(held);
      throw error;
    }
  };

  const giveBack = (held: HeldLease): void => {
    own = null;
    try {
      // Before the row is free: the next owner writes the file after us.
      if (!held.lost.aborted) writeFile(false);
      held.release();
    } catch (error) {
      // Others judge by the heartbeat, which has ended.
      logger.warn(`The lease could not be given back: ${toFactoryError(error).message}`);
    }
  };

  /** Work that threw has not said how its job ended: it can be resumed, whatever stood in the way. */
  const leaveJob = (db: Writer, { jobId }: RunSummary, error: FactoryError): void => {
    const working = jobId !== null && jobBySeq(db, findJob(db, jobId), tools.now()).status === 'running';
    if (!working) return;
    const status = error.code === 'disk.full' || error.code === 'disk.unwritable' ? 'paused' : 'interrupted';
    endJob(db, jobId, status, tools.now(), jobErrorOf(error, null));
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
      else endRun(db, run.id, end.status, tools.now(), end.error);
      if (end.holdsQueue) holdQueue(db);
      // A window that closes shows nothing any more.
      if (!closing.signal.aborted) tellEnd(db, emit, run);
    });
    mine.delete(run.id);
  };

  const tellEnd = (db: Reader, emit: Emit, run: RunSummary): void => {
    emit(runEvent(db, run.id));
    if (run.jobId !== null) emit(jobEvent(db, run.jobId, tools.now()));
    emit(queueEvent(db));
  };

  const claim = (run: RunSummary): void => {
    if (own === null) throw new Error('A run is claimed under its lease.');
    own.run = run;
    mine.add(run.id);
  };

  const begin = (): void => {
    if (own === null || own.run === null) throw new Error('A run is claimed before it begins.');
    const working = own;
    const { run, lease: held } = own;
    const control: RunControl = {
      lease: held,
      stop: own.stop.signal,
      force: own.force.signal,
      closing: closing.signal,
    };
    const over = (async () => {
      try {
        let thrown: FactoryError | null = null;
        const end = await tools.work(run, control).catch((error: unknown): RunEnd => {
          thrown = toFactoryError(error);
          const { code, message } = thrown;
          return { status: 'failed', error: { code, message }, holdsQueue: run.jobId !== null };
        });
        // Who is told of its end finds that nothing works here.
        working.ending = true;
        await finish(run, held, end, thrown);
      } catch (error) {
        // The lease is lost, or the store takes no writes: who comes next finds the run without an owner.
        const { code, message } = toFactoryError(error);
        unstored.set(run.id, { ...run, status: 'failed', error: { code, message } });
        // Who has taken over goes on with it: nothing is wrong.
        if (code !== 'lease.lost') {
          logger.warn(`The end of a run could not be stored: ${message}`);
        }
      } finally {
        giveBack(held);
      }
      if (closing.signal.aborted) return;
      if (unstored.has(run.id)) store.report((db, emit) => tellEnd(db, emit, run));
      checkEnded();
      pump();
    })();
    over.catch((error: unknown) => logger.warn(toFactoryError(error).message));
    own.over = over;
  };

  /** A run that another process queued and does not start: it has gone, so the queue is held. */
  const holdAbandoned = (): void => {
    grace = null;
    if (closing.signal.aborted || own !== null || lease.look() !== 'free') return;
    const left = store.read(waitingRuns).filter((run) => run.status === 'waiting' && !mine.has(run.id));
    if (left.length > 0) {
      store.edit((db, emit) => {
        for (const run of left) setRunStatus(db, run.id, 'held');
        emit(queueEvent(db));
      });
      writeFile(false);
    }
    pump();
  };

  /** The first that waits; what is held stands still until it is let go on, and blocks nothing that is asked for now. */
  const nextWaiting = (): RunSummary | null => store.read(nextWaitingRun);

  const pump = (): void => {
    if (own !== null || closing.signal.aborted || store.readOnly) return;
    const next = nextWaiting();
    if (next === null) return;
    if (!mine.has(next.id)) {
      grace ??= setTimeout(holdAbandoned, tools.graceMs);
      return;
    }
    let held: HeldLease | null = null;
    try {
      held = take();
      if (held === null) return;
      const begins = store.edit((db, emit) => {
        // Since we looked, it may have been held or taken from the queue.
        if (getRun(db, next.id).status !== 'waiting') return false;
        setRunStatus(db, next.id, 'running');
        // Before anybody is told of it.
        claim(getRun(db, next.id));
        emit(runEvent(db, next.id));
        emit(queueEvent(db));
        return true;
      }, 'atOnce');
      if (begins) begin();
      else giveBack(held);
    } catch (error) {
      // It goes on waiting; whatever happens next in this workspace tries again.
      if (held !== null) giveBack(held);
      logger.warn(`A waiting run could not be started: ${toFactoryError(error).message}`);
    }
  };

  const reclaim = (): void => {
    if (own !== null || store.readOnly || !store.read(hasOrphans)) return;
    const held = take();
    if (held !== null) giveBack(held);
  };

  const stop = (how: StopRequest): void => {
    const active = own?.run ?? store.read(runningRun);
    if (active === null) throw new FactoryError('conflict', messages.nothingRuns());
    store.edit((db, emit) => {
      if (!requestStop(db, active.id, how)) throw new FactoryError('conflict', messages.ended());
      if (active.jobId === null) return;
      setStopping(db, active.jobId, true);
      emit(jobEvent(db, active.jobId, tools.now()));
    });
    heedStop();
  };

  tools.onEvent(({ kind }) => {
    if (kind === 'queue' || kind === 'run') checkEnded();
  });

  return {
    own: () => (own === null || own.ending ? null : own.run),
    take,
    claim,
    begin,
    giveBack,
    queued(runIds) {
      for (const id of runIds) mine.add(id);
      pump();
    },
    reclaim,
    pump,
    stop,
    ended(runId) {
      return new Promise((resolve) => {
        waiters.set(runId, [...(waiters.get(runId) ?? []), resolve]);
        checkEnded();
      });
    },
    lookAround() {
      heedStop();
      checkEnded();
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      if (grace !== null) clearTimeout(grace);
      if (store.readOnly) return;
      if (own !== null && own.over !== null) {
        const { over, lease: held } = own;
        own.stop.abort();
        own.force.abort();
        let bound: NodeJS.Timeout | undefined;
        const late = new Promise<boolean>((resolve) => (bound = setTimeout(resolve, closeWaitsMs, true)));
        // Who opens the store next finds the run without an owner, and marks it as interrupted.
        if (await Promise.race([over, late])) giveBack(held);
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
