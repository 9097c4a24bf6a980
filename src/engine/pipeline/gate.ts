/** Whether a run may start new work: open until the first reason to end, which decides how the run ends. */
import { FactoryError } from '../model/errors.ts';
import { inWords } from '../model/message.ts';
import type { JobError } from '../model/job.ts';
import { messages } from './messages.ts';

/** Why a run stops before its work is done. */
export interface Halt {
  status: 'failed' | 'stopped' | 'paused' | 'interrupted';
  error: JobError | null;
}

export interface Gate {
  readonly halt: Halt | null;
  /** Aborted by the first reason to end: waits before a call are cut short, calls in flight go on. */
  readonly closed: AbortSignal;
  /** Aborted by Force Stop and by a lost lease: calls in flight are cut off. */
  readonly cut: AbortSignal;
  /** The first reason counts; only a lost lease (`interrupted`) replaces one. */
  close(halt: Halt): void;
  /** Throws `cancelled` once the gate is closed. */
  check(): void;
}

export interface GateSignals {
  stop: AbortSignal;
  force: AbortSignal;
  lost: AbortSignal;
}

const interrupted: Halt = {
  status: 'interrupted',
  error: {
    code: 'lease.lost',
    stage: null,
    provider: null,
    message: inWords(messages.takenOver()),
  },
};

/** Listens to the run's signals; `dispose` ends that. */
export function createGate(signals: GateSignals): Gate & { dispose(): void } {
  const closed = new AbortController();
  const cut = new AbortController();
  let halt: Halt | null = null;

  const close = (reason: Halt): void => {
    if (halt === null || (reason.status === 'interrupted' && halt.status !== 'interrupted')) halt = reason;
    if (reason.status === 'interrupted') cut.abort();
    closed.abort();
  };
  const onStop = (): void => close({ status: 'stopped', error: null });
  const onForce = (): void => {
    onStop();
    cut.abort();
  };
  const onLost = (): void => close(interrupted);

  const listened: [AbortSignal, () => void][] = [
    [signals.lost, onLost],
    [signals.force, onForce],
    [signals.stop, onStop],
  ];
  for (const [signal, listener] of listened) {
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
  }

  return {
    get halt() {
      return halt;
    },
    closed: closed.signal,
    cut: cut.signal,
    close,
    check() {
      if (halt !== null) throw new FactoryError('cancelled', messages.ending());
    },
    dispose() {
      for (const [signal, listener] of listened) signal.removeEventListener('abort', listener);
    },
  };
}
