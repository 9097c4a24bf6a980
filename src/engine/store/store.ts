/** What the store offers the rest of the engine; the files beside this one hold the queries, one per table. */
import type { Statement } from 'better-sqlite3';
import type { FactoryEvent } from '../model/events.ts';
import type { Message } from '../model/message.ts';

/** Where queries are asked. Statements are prepared once and kept. */
export interface Reader {
  sql<R = unknown>(text: string): Statement<unknown[], R>;
}

/** Inside a transaction that may write; `write`, `pay`, `edit` and `editDurably` hand one out. */
export interface Writer extends Reader {
  readonly writes: true;
}

/**
 * Says in words what a transaction changes. It is told to who listens once the transaction is committed, in order,
 * and never when it is not; one inside another is told with the outer one.
 */
export type Emit = (event: FactoryEvent) => void;

/** How other processes learn of a commit: within 100 ms; now, even if this one dies the next moment; or not at all. */
export type Telling = 'soon' | 'atOnce' | 'never';

/** The lease that a write of a run carries: it is refused once another process has taken over. */
export interface LeaseEpoch {
  readonly epoch: number;
}

/** Parameters of the queries by name. */
export type Values = Record<string, string | number | bigint | null>;

/** What a store from elsewhere holds, for the question before it is adopted. */
export interface ForeignStore {
  jobs: number;
  images: number;
  /** Jobs, retries and approvals that would go on. */
  unfinishedRuns: number;
  /** Deletions and restorations that would be brought to their end. */
  unfinishedDeletions: number;
}

export interface Store {
  /** Absolute path of the workspace folder. */
  readonly root: string;
  /** Absolute path of `.gen-image-factory`. */
  readonly folder: string;
  /** Absolute path of `factory.db`. */
  readonly path: string;
  /** What further connections read: the same file, or the copy of a store from elsewhere. */
  readonly readPath: string;
  readonly readOnly: boolean;
  /** Null, or what the user must know: read-only because newer, set aside because damaged, no WAL here. */
  readonly notice: Message | null;
  /** What a store from elsewhere holds, of which this is a copy that can only be read; null for one of ours. */
  readonly foreign: ForeignStore | null;
  /** True when the last user of the store did not close it: `checkIntegrity` is due. */
  readonly endedUncleanly: boolean;
  /** False where WAL does not work: then no second connection can look at the store, not even to count. */
  readonly shared: boolean;

  /** Queries that see one moment of the store. Fails with `store.unavailable`. */
  read<T>(fn: (db: Reader) => T): T;
  /**
   * One transaction of a run. It is done when this returns, unless another process holds the file: then it
   * is tried again for a minute. Fails with `lease.lost`, `disk.full`, `disk.unwritable`, `store.readOnly`,
   * `store.unavailable`, or with what `fn` throws; then nothing is written.
   */
  write<T>(lease: LeaseEpoch, fn: (db: Writer, emit: Emit) => T, others?: Telling): Promise<T>;
  /** As `write`, and on the disk when it resolves: for rows that record money, before a paid call goes out. */
  pay<T>(lease: LeaseEpoch, fn: (db: Writer, emit: Emit) => T): Promise<T>;
  /** One transaction without a lease (rename, edited metadata, delete, the lease itself); waits a second at most. */
  edit<T>(fn: (db: Writer, emit: Emit) => T, others?: Telling): T;
  /** As `edit`, on the disk when it returns: before files are moved that its rows name. */
  editDurably<T>(fn: (db: Writer, emit: Emit) => T): T;
  /** Tells here what is to be seen without a write of this process: the clock of a run, the work of other processes. */
  report(fn: (db: Reader, emit: Emit) => void): void;
  /** Changes when another connection, of this or another process, has written. */
  dataVersion(): number;
  /**
   * The full check of the file, off this thread; empty when it is sound. What it finds is remembered, and
   * the next opening sets the file aside.
   */
  checkIntegrity(): Promise<string[]>;
  /**
   * Takes a lock between processes, named as its file in the store's folder; null while another holds it.
   * Call the result to give it back; the system frees it when the process dies.
   */
  lock(name: string): (() => void) | null;
  /** Writes everything into the one file and closes it. */
  close(): void;
}
