/**
 * Failures that look like the provider's or the network's, not the image's. They are held back: several in
 * a row pause the job and everything held stays unfinished, to be done after Resume; a success in between
 * shows that they belonged to their own images after all.
 */
import type { FactoryError } from '../model/errors.ts';

/** In a row, after each has used up its retries. */
const limits = { network: 3, provider: 5 } as const;

export interface CircuitSource {
  provider: string;
  model: string;
}

/** `fail`: it is the image's own failure. `halt`: the run ends, the work stays unfinished. */
export type Verdict = 'fail' | 'halt';

export interface Circuit {
  /** Failures that wait for their verdict. */
  readonly held: number;
  /** Holds a failure back until it is known whose it is. */
  suspect(source: CircuitSource, error: FactoryError): Promise<Verdict>;
  /** A call was answered: what was held against its source are failures of their own images. */
  success(source: CircuitSource): void;
  /** Nothing else is under way: decides what is held. */
  resolveHeld(): void;
  /** The run ends: everything held stays unfinished. */
  halt(): void;
}

interface Held {
  source: CircuitSource;
  error: FactoryError;
  decide: (verdict: Verdict) => void;
}

/** True for failures that a circuit holds back. */
export function isSuspect(error: FactoryError): boolean {
  return isNetwork(error) || error.code === 'provider.unavailable';
}

export interface CircuitEvents {
  /** A row is complete, or the network was silent to the end: the job is to pause. */
  trip(error: FactoryError, source: CircuitSource): void;
  /** Something new is held: the caller looks whether anything else is under way. */
  onHeld(): void;
}

export function createCircuit(events: CircuitEvents): Circuit {
  let held: Held[] = [];

  const decide = (verdict: Verdict, which: (entry: Held) => boolean): void => {
    const decided = held.filter(which);
    held = held.filter((entry) => !which(entry));
    for (const entry of decided) entry.decide(verdict);
  };
  const trip = (entry: Held): void => {
    events.trip(entry.error, entry.source);
    decide('halt', () => true);
  };

  return {
    get held() {
      return held.length;
    },
    suspect(source, error) {
      return new Promise((resolve) => {
        const entry: Held = { source, error, decide: resolve };
        held.push(entry);
        const row = held.filter(
          (other) => belongsTo(other, source) && isNetwork(other.error) === isNetwork(error),
        );
        if (row.length >= limits[isNetwork(error) ? 'network' : 'provider']) trip(entry);
        else events.onHeld();
      });
    },
    success(source) {
      decide('fail', (entry) => belongsTo(entry, source));
    },
    resolveHeld() {
      // A network that was silent to the end is not the fault of the last images.
      const silent = held.findLast((entry) => isNetwork(entry.error));
      decide('fail', (entry) => !isNetwork(entry.error));
      if (silent !== undefined) trip(silent);
    },
    halt() {
      decide('halt', () => true);
    },
  };
}

/** A silent network concerns the whole provider, an error of the server only the model that was asked for. */
function belongsTo(entry: Held, source: CircuitSource): boolean {
  return (
    entry.source.provider === source.provider &&
    (isNetwork(entry.error) || entry.source.model === source.model)
  );
}

function isNetwork(error: FactoryError): boolean {
  return error.code === 'network.timeout' || error.code === 'network.unreachable';
}
