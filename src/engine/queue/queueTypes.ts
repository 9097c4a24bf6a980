/** What the queue is made of: what it is given, what it offers, what it asks of the work of a run. */
import type { ErrorCode } from '../model/errors.ts';
import type { FactoryEvent, RunSummary } from '../model/events.ts';
import type { Consent } from '../planning/consent.ts';
import type { Logger } from '../model/logger.ts';
import type { StopRequest } from '../store/runs.ts';
import type { Store } from '../store/store.ts';
import type { HeldLease, Lease } from '../store/lease.ts';

/** How a run ended for the queue. */
export interface RunEnd {
  /** `held`: the run itself stays in the queue and goes on when the queue does. */
  status: 'done' | 'failed' | 'cancelled' | 'held';
  error: { code: ErrorCode; message: string } | null;
  /** True when the user should look before the next starts: stopped, paused, interrupted. */
  holdsQueue: boolean;
}

/** A run that may start, and what its user agreed to pay for it. */
export interface PaidRun {
  id: string;
  consent: Consent;
}

/** What the work of a run is given. */
export interface RunControl {
  lease: HeldLease;
  consent: Consent;
  stop: AbortSignal;
  force: AbortSignal;
  /** Aborted with `force` when this process closes: the work is interrupted, not stopped by the user. */
  closing: AbortSignal;
}

export type ExecuteRun = (run: RunSummary, control: RunControl) => Promise<RunEnd>;

export interface QueueOptions {
  root: string;
  /** This process and opening. */
  id: string;
  machine: string | null;
  store: Store;
  /** Runs may also be held, cancelled and let go on by edits that are none of the queue's. */
  onEvent: (listener: (event: FactoryEvent) => void) => unknown;
  lease: Lease;
  /** The work of a run; a failure that it throws ends the run as failed. */
  execute: ExecuteRun;
  logger: Logger;
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
  /** The run that the lease was taken for; its row says `running`. It is the own run from here on. */
  claim(run: RunSummary, consent: Consent): void;
  /** Works on the run that was claimed. Fails with `cancelled` when this process closes. */
  begin(): void;
  /** What was taken or claimed came to nothing. */
  release(): void;
  /** Says that runs were queued here, and starts the first if nothing works. Without its consent none ever starts. */
  queued(runs: readonly PaidRun[]): void;
  /** Starts what waits, when nothing works. Harmless at any time. */
  startNext(): void;
  stop(how: StopRequest): void;
  /** Settles when the run is over or stands still. */
  ended(runId: string): Promise<RunSummary>;
  /** Another process has written: heeds a stop, and tells who waits for a run that has ended there. */
  lookAround(): void;
  /** Interrupts the own run, waits for its end within a bound, holds what waits here. */
  close(): Promise<void>;
}
