/** What the queue is made of: what it is given, what it offers, what it asks of the work of a run. */
import type { ErrorCode } from '../model/errors.ts';
import type { RunSummary } from '../model/events.ts';
import type { StopRequest } from '../store/runs.ts';
import type { Store } from '../store/store.ts';
import type { Events } from '../store/events.ts';
import type { HeldLease, Lease } from '../store/lease.ts';

/** How a run ended for the queue. */
export interface RunEnd {
  /** `held`: the run itself stays in the queue and goes on when the queue does. */
  status: 'done' | 'failed' | 'cancelled' | 'held';
  error: { code: ErrorCode; message: string } | null;
  /** True when the user should look before the next starts: stopped, paused, interrupted. */
  holdsQueue: boolean;
}

/** What the work of a run is given. */
export interface RunControl {
  lease: HeldLease;
  stop: AbortSignal;
  force: AbortSignal;
  /** Aborted with `force` when this process closes: the work is interrupted, not stopped by the user. */
  closing: AbortSignal;
}

export type Work = (run: RunSummary, control: RunControl) => Promise<RunEnd>;

export interface QueueTools {
  root: string;
  /** This process and opening. */
  id: string;
  machine: string | null;
  store: Store;
  events: Events;
  lease: Lease;
  /** The work of a run; a failure that it throws ends the run as failed. */
  work: Work;
  /** Tells other processes at once that a run begins or has ended. */
  announce: () => void;
  /** UTC ms. */
  now: () => number;
  /** How long a free lease with a waiting run of another process is left to that process, in ms. */
  graceMs: number;
}

export interface Queue {
  /** The run that this process works on; null when it does not. */
  own(): RunSummary | null;
  /**
   * Takes the lease for a run that is about to get its row; null when another may hold it. What a dead owner
   * left is marked as interrupted and the queue held.
   */
  take(): HeldLease | null;
  /** Marks what a dead owner left, if there is any. */
  reclaim(): void;
  /** Works on a run whose row says `running`, under a lease from `take`. */
  begin(run: RunSummary, lease: HeldLease): void;
  /** Gives back a lease from `take` that came to nothing. */
  giveBack(lease: HeldLease): void;
  /** Says that a run was queued here, and starts it if nothing works. */
  queued(runIds: readonly string[]): void;
  /** Starts what waits, when nothing works. Harmless at any time. */
  pump(): void;
  stop(how: StopRequest): void;
  /** Settles when the run is over or stands still. */
  ended(runId: string): Promise<RunSummary>;
  /** Tells what waits, and who waits for a run that has ended elsewhere. */
  tellQueue(): void;
  checkEnded(): void;
  /** Interrupts the own run, waits for its end within a bound, holds what waits here. */
  close(): Promise<void>;
}
