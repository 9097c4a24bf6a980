/** Transactions of a run under its lease: log rows travel with them, and they emit what was touched. */
import type { LogLevel } from '../model/events.ts';
import { runEvent } from '../store/asEvents.ts';
import { imagesBySeq } from '../store/images.ts';
import { insertLogs } from '../store/logs.ts';
import type { NewLogEntry } from '../store/logs.ts';
import type { Emit, LeaseEpoch, Store, Writer } from '../store/store.ts';
import { inWords } from '../model/message.ts';
import type { Message } from '../model/message.ts';

export interface Transactions {
  /** `durable`: on the disk when it resolves. Inside `fn`, `touch` and `then` belong to this transaction. */
  run(fn: (db: Writer) => void, durable?: boolean): Promise<void>;
  /** An image changed in a way that people see. */
  touch: (imageSeq: number) => void;
  /** The counts of the retry or approve run changed. */
  touchRun: (runId: string) => void;
  /** Done when the transaction has succeeded. */
  then: (act: () => void) => void;
  /** A row of the log, written with the next transaction or soon. */
  log: (level: LogLevel, told: Message, imageId: string | null) => void;
  /** A technical row, which only Debug shows. */
  debug: (message: string, imageId: string | null) => void;
  /** Writes the rows that still wait. */
  flush: () => Promise<void>;
  /** Forgets them: nothing more may be written. */
  drop: () => void;
}

export interface TransactionOptions {
  store: Store;
  lease: LeaseEpoch;
  jobId: string;
  /** Rows that nobody waits for could not be written. */
  onError: (error: unknown) => void;
  now: () => number;
}

/** Rows of a log are written together when nothing else is, this often. */
const logIntervalMs = 100;

export function createTransactions(options: TransactionOptions): Transactions {
  const { store, lease, jobId } = options;
  let waitingLogs: NewLogEntry[] = [];
  let timer: NodeJS.Timeout | null = null;
  let touched = new Set<number>();
  let touchedRuns = new Set<string>();
  let after: (() => void)[] = [];

  const stopTimer = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };

  const run = async (fn: (db: Writer) => void, durable = false): Promise<void> => {
    let rows: NewLogEntry[] = [];
    let done: readonly (() => void)[] = [];
    const putBack = (): void => {
      waitingLogs = [...rows, ...waitingLogs];
      rows = [];
    };
    const body = (db: Writer, emit: Emit): void => {
      // A transaction may be tried again: nothing of the first try is kept.
      putBack();
      touched = new Set();
      touchedRuns = new Set();
      after = [];
      fn(db);
      // Taken at once: another write may begin before this one is known to be done.
      rows = waitingLogs;
      waitingLogs = [];
      done = after;
      for (const runId of touchedRuns) emit(runEvent(db, runId));
      for (const entry of insertLogs(db, rows)) emit({ kind: 'log', entry });
      if (touched.size === 0) return;
      for (const image of imagesBySeq(db, [...touched])) emit({ kind: 'image', image });
    };
    try {
      await (durable ? store.pay(lease, body) : store.write(lease, body));
    } catch (error) {
      putBack();
      throw error;
    }
    for (const act of done) act();
  };

  const flush = async (): Promise<void> => {
    stopTimer();
    if (waitingLogs.length > 0) await run(() => undefined);
  };

  const push = (entry: Omit<NewLogEntry, 'jobId' | 'at'>): void => {
    waitingLogs.push({ ...entry, jobId, at: options.now() });
    timer ??= setTimeout(() => void flush().catch(options.onError), logIntervalMs);
  };

  return {
    run,
    touch: (imageSeq) => touched.add(imageSeq),
    touchRun: (runId) => touchedRuns.add(runId),
    then: (act) => after.push(act),
    log: (level, told, imageId) => push({ imageId, level, debug: false, message: inWords(told) }),
    debug: (message, imageId) => push({ imageId, level: 'info', debug: true, message }),
    flush,
    drop() {
      stopTimer();
      waitingLogs = [];
    },
  };
}
