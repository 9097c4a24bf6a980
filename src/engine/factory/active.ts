/** Who works now, and what may not be done because of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { FactoryError } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import type { RunSummary } from '../model/events.ts';
import { keyProblem, missingKeys, planError } from '../planning/plan.ts';
import type { ProviderNeeds } from '../providers/build.ts';
import type { Settings } from '../settings/settings.ts';
import type { HeldLease } from '../store/lease.ts';
import { runningRun } from '../store/runs.ts';
import type { FactorySession } from './factorySession.ts';
import { messages } from './messages.ts';

/** The run that works now, in whichever process. One without a living owner is not active: it waits to be found. */
export function activeRun({ store, lease, queue }: FactorySession): RunSummary | null {
  const running = store.read(runningRun);
  if (running === null || queue.own() !== null) return running;
  const state = lease.look();
  return state === 'free' || state === 'dead' ? null : running;
}

/** Fails where this factory may only show what is there. */
export function refuseReadOnly({ store, options }: FactorySession): void {
  if (options.readOnly === true) {
    throw new FactoryError('untrusted', messages.untrusted());
  }
  if (store.foreign !== null) throw new FactoryError('store.foreign', noticeOf(store));
  if (store.readOnly) throw new FactoryError('store.readOnly', noticeOf(store));
}

function noticeOf({ notice }: FactorySession['store']): Message {
  return notice ?? messages.readOnly();
}

/** Fails with `key.missing` for whom this work would call. */
export async function refuseWithoutKeys(
  { options }: FactorySession,
  settings: Settings,
  needs: ProviderNeeds,
): Promise<void> {
  const missing = await missingKeys(settings, options.keys, needs);
  if (missing.length > 0) throw planError(missing.map(keyProblem));
}

export function refuseBusy(session: FactorySession): void {
  const active = activeRun(session);
  if (active !== null && session.lease.look() !== 'unsure') throw busyWith(active);
}

function busyWith(run: RunSummary | null): FactoryError {
  const told = run === null ? messages.busyElsewhere() : messages.busy({ title: run.title });
  return new FactoryError('busy', told);
}

/**
 * The lease, now. Of an owner that was not watched before, it takes some seconds to know whether it lives:
 * so long this waits. Fails with `busy`.
 */
export async function takeLease(session: FactorySession): Promise<HeldLease> {
  const { queue, lease, timing, store } = session;
  const looks = Math.ceil(timing.staleMs / timing.heartbeatMs) + 3;
  for (let look = 0; look < looks; look += 1) {
    const held = queue.take();
    if (held !== null) return held;
    if (lease.look() !== 'unsure') break;
    await delay(timing.heartbeatMs);
  }
  throw busyWith(store.read(runningRun));
}
