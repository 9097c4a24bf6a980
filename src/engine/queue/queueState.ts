/**
 * What the queue of this process is doing: one state at a time, and nothing changes it but these transitions. Any
 * other is a fault of ours and fails.
 *
 *   idle      Nothing of this process works. What waits here starts as soon as the lease can be had.
 *   grace     As idle, but the first that waits was queued by another process, which is left some time to start it.
 *   owning    The lease is ours, in one of these phases:
 *     taken     the run it was taken for is still to get its row, or only what a dead owner left is to be marked
 *     claimed   the run is known and its row says `running`
 *     working   its work is under way
 *     ending    its work is over; the end is written down, then the lease is given back
 *   closing   The process closes and starts nothing more; what it owns still comes to its end, in the phases above.
 *
 *   from            to         transition   by whom, when
 *   idle            grace      wait         startNext: the first that waits is another's
 *   grace           idle       (timer)      the time is over: what is still there is held
 *   idle, grace     taken      take         a start, startNext, reclaim: the lease was free, or its owner dead (takeover)
 *   taken           claimed    claim        a start, startNext: in the transaction that says `running`, before it is told
 *   claimed         working    begin        a start, startNext
 *   working         ending     end          the work: it ended, failed, or found the lease lost
 *   taken, claimed  idle       release      a start, startNext: it came to nothing; reclaim: all is marked
 *   ending          idle       release      the work: its end is written down, or could not be
 *   any but closing closing    close        close
 *   closing         closing    release      the end of what it owns; close itself, when a work does not end in time
 */
import type { RunSummary } from '../model/events.ts';
import type { HeldLease } from '../store/lease.ts';

export type StateName = 'idle' | 'grace' | 'owning' | 'closing';
export type Phase = 'taken' | 'claimed' | 'working' | 'ending';

/** The lease, and the run that it was taken for. */
export interface Owning {
  readonly lease: HeldLease;
  readonly phase: Phase;
  /** Null in phase `taken`. */
  readonly run: RunSummary | null;
  /** Stop and Force Stop of its work. */
  readonly stop: AbortController;
  readonly force: AbortController;
}

export interface QueueState {
  readonly name: StateName;
  /** What is owned; also while closing. */
  readonly owning: Owning | null;
  wait(ms: number, over: () => void): void;
  take(lease: HeldLease): Owning;
  claim(run: RunSummary): void;
  begin(): Owning & { readonly run: RunSummary };
  /** Of this very owning: one that was given up while closing has no transition left. */
  end(owning: Owning): void;
  /** False when there was nothing left to release. */
  release(owning: Owning): boolean;
  close(): void;
}

export function createQueueState(): QueueState {
  let name: StateName = 'idle';
  let owning: { -readonly [K in keyof Owning]: Owning[K] } | null = null;
  let timer: NodeJS.Timeout | null = null;

  const enter = (next: StateName): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    name = next;
  };
  const refuse = (transition: string): never => {
    const phase = owning === null ? '' : ` (${owning.phase})`;
    throw new Error(`The queue does not ${transition} while it is ${name}${phase}.`);
  };
  const step = (transition: string, from: Phase, to: Phase): void => {
    if (owning?.phase !== from) refuse(transition);
    else owning.phase = to;
  };
  /** True where it is no longer ours to change, because closing gave it up. */
  const givenUp = (transition: string, which: Owning): boolean => {
    if (owning === which) return false;
    return name === 'closing' || refuse(transition);
  };

  return {
    get name() {
      return name;
    },
    get owning() {
      return owning;
    },
    wait(ms, over) {
      if (name !== 'idle') refuse('wait');
      enter('grace');
      timer = setTimeout(() => {
        enter('idle');
        over();
      }, ms);
    },
    take(lease) {
      if (name !== 'idle' && name !== 'grace') refuse('take');
      enter('owning');
      const [stop, force] = [new AbortController(), new AbortController()];
      owning = { lease, phase: 'taken', run: null, stop, force };
      return owning;
    },
    claim(run) {
      step('claim', 'taken', 'claimed');
      if (owning !== null) owning.run = run;
    },
    begin() {
      // Its stop and force were not there to be aborted when closing began.
      if (name === 'closing') refuse('begin');
      step('begin', 'claimed', 'working');
      return owning as Owning & { readonly run: RunSummary };
    },
    end(which) {
      if (!givenUp('end', which)) step('end', 'working', 'ending');
    },
    release(which) {
      if (givenUp('release', which)) return false;
      if (which.phase === 'working' && name !== 'closing') refuse('release');
      owning = null;
      if (name === 'owning') enter('idle');
      return true;
    },
    close() {
      if (name === 'closing') refuse('close');
      enter('closing');
    },
  };
}
