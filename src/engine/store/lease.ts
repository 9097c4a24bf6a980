/**
 * The lease: only one process works in a workspace at a time (P1, J5). It is one row in the store with an
 * epoch that grows with every owner and a heartbeat that its owner counts up. Another process judges the
 * owner by that counter standing still on its own clock; wall clocks are never compared.
 */
import type { Logger } from '../model/logger.ts';
import { isGone, readLeaseFile } from './leaseFile.ts';
import { messages } from './messages.ts';

export interface LeaseRow {
  epoch: number;
  /** Random id of the owning process; null when the lease is free. */
  owner: string | null;
  heartbeat: number;
}

/** What the lease asks of the store; each call is one transaction. */
export interface LeaseRows {
  read(): LeaseRow;
  /** The new epoch when the row still was as `seen`; null when another process was quicker. */
  take(owner: string, seen: LeaseRow): number | null;
  /** Counts the heartbeat up; false when the lease is no longer ours. */
  beat(owner: string, epoch: number): boolean;
  release(owner: string, epoch: number): void;
}

export interface LeaseTiming {
  /** Between two heartbeats, and between two looks at another's. */
  heartbeatMs: number;
  /** How long a heartbeat must stand still until its owner counts as dead. */
  staleMs: number;
}

export const leaseTiming: LeaseTiming = { heartbeatMs: 1000, staleMs: 6000 };

export interface LeaseOptions {
  rows: LeaseRows;
  root: string;
  /** This process and opening. */
  id: string;
  machine: string | null;
  timing: LeaseTiming;
  /** The clock for standing still, in ms; must not go back. */
  now: () => number;
  logger: Logger;
}

/** `free`: nobody works. `dead`: the owner is gone and its work lies. `unsure`: not watched for long enough yet. */
export type LeaseState = 'free' | 'own' | 'living' | 'dead' | 'unsure';

export interface HeldLease {
  readonly epoch: number;
  /** Aborted when another process has taken over: nothing more may be written. */
  readonly lost: AbortSignal;
  /** Ends the heartbeat and gives the lease back; harmless when it was lost. */
  release(): void;
}

export interface Lease {
  /** Looks at the row. Called again and again it comes to know whether another owner lives. */
  look(): LeaseState;
  /** Takes a free lease, or a dead owner's; null while another process may hold it. */
  take(onBeat: () => void): HeldLease | null;
}

export function createLease(options: LeaseOptions): Lease {
  const { rows, timing } = options;
  let watched: { owner: string; epoch: number; heartbeat: number } | null = null;
  let stoodStill = 0;
  let moved = false;
  let lookedAt = 0;

  const judge = (row: LeaseRow): LeaseState => {
    if (row.owner === null) {
      watched = null;
      return 'free';
    }
    if (row.owner === options.id) return 'own';
    const now = options.now();
    const sameOwner = watched?.owner === row.owner && watched.epoch === row.epoch;
    if (watched === null || !sameOwner) {
      moved = false;
      stoodStill = 0;
    } else if (watched.heartbeat !== row.heartbeat) {
      moved = true;
      stoodStill = 0;
    } else {
      // A gap in our own watching (a machine that slept, a blocked thread) says nothing about the owner.
      stoodStill += Math.min(now - lookedAt, 2 * timing.heartbeatMs);
    }
    watched = { owner: row.owner, epoch: row.epoch, heartbeat: row.heartbeat };
    lookedAt = now;
    if (stoodStill >= timing.staleMs) return 'dead';
    const named = readLeaseFile(options.root)?.owner ?? null;
    if (named !== null && named.id === row.owner && isGone(named, options.machine)) return 'dead';
    return moved ? 'living' : 'unsure';
  };

  const hold = (epoch: number, onBeat: () => void): HeldLease => {
    const lost = new AbortController();
    let ended = false;
    const end = (): void => {
      ended = true;
      clearInterval(timer);
    };
    const timer = setInterval(() => {
      let held: boolean;
      try {
        held = rows.beat(options.id, epoch);
      } catch (error) {
        // A busy or full disk: a beat is missed. If it lasts, another process takes over and the next beat says so.
        options.logger.warn(messages.heartbeatLost({ reason: String(error) }));
        return;
      }
      if (held) onBeat();
      else {
        end();
        lost.abort();
      }
    }, timing.heartbeatMs);
    return {
      epoch,
      lost: lost.signal,
      release() {
        if (ended) return;
        end();
        rows.release(options.id, epoch);
      },
    };
  };

  return {
    look: () => judge(rows.read()),
    take(onBeat) {
      const row = rows.read();
      const state = judge(row);
      if (state !== 'free' && state !== 'dead') return null;
      const epoch = rows.take(options.id, row);
      return epoch === null ? null : hold(epoch, onBeat);
    },
  };
}
