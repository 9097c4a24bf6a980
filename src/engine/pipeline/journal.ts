/**
 * Every change of a run: one transaction under the lease, the counters with it, then the events. Steps say
 * what happened; here it is written down.
 */
import { isFactoryError } from '../model/errors.ts';
import type { FactoryEvent, LogEntry, LogLevel } from '../model/events.ts';
import type { JobCounters } from '../model/job.ts';
import type { MicroUsd } from '../model/money.ts';
import { imageStatusLabel, statusGroups } from '../model/status.ts';
import type { Failure, ImageStatus, Stage } from '../model/status.ts';
import type { QualityVerdict } from '../providers/provider.ts';
import { getCall, openCall, openCalls, setRecoveryKey, settleCall } from '../store/calls.ts';
import type { CallState } from '../store/calls.ts';
import { setPrompt } from '../store/generations.ts';
import { getImageWork, imagesBySeq, insertImage, updateImage } from '../store/images.ts';
import type { ImageChange } from '../store/images.ts';
import { countJob } from '../store/jobs.ts';
import { insertLogs } from '../store/logs.ts';
import type { NewLogEntry } from '../store/logs.ts';
import { countRun, getRun } from '../store/runs.ts';
import { failSlot } from '../store/slots.ts';
import type { LeaseEpoch, Store, Writer } from '../store/store.ts';
import type { PaidCall } from './calls.ts';
import type { Arrivals, Generation } from './generate.ts';
import { readCallRequest } from './imageRequest.ts';
import type { CallRequest } from './imageRequest.ts';
import { nameOf, nothingUnfinished, toPicture } from './picture.ts';
import type { Picture, Unfinished } from './picture.ts';

/** Milliseconds by step. */
export type Timings = Partial<Record<Stage, number>>;

/** A call that was sent and has no answer yet. */
export interface OpenCall {
  id: string;
  stage: Stage;
  generation: number | null;
  imageId: string | null;
  recoveryKey: string;
  /** Worst price; null: unknown. */
  reserved: MicroUsd | null;
  request: CallRequest;
  /** UTC ms. */
  sentAt: number;
}

export type PictureChange = Omit<ImageChange, 'unfinished' | 'status' | 'timings'> & {
  unfinished?: Unfinished;
  /** Added to those that are there. */
  timings?: Timings;
};

/** What the runner shows of the work, kept up with every change. */
export interface Tally {
  counted(add: Partial<JobCounters>): void;
  slotsFailed(count: number): void;
  /** A verdict of the quality check is awaited, or no longer. */
  awaits(imageId: string): void;
  awaitsNoMore(imageId: string): void;
  /** A picture of this run came to its end. */
  ended(): void;
}

export interface JournalOptions {
  store: Store;
  lease: LeaseEpoch;
  jobId: string;
  /** The retry or approve run whose counts go with its images; null for jobs. */
  imageRunId: string | null;
  runId: string | null;
  /** True where every picture gets a verdict before it is done. */
  qualityCheck: boolean;
  imageProvider: { name: string; model: string };
  tally: Tally;
  emit: (event: FactoryEvent) => void;
  /** A row that nobody waits for could not be written. */
  onError: (error: unknown) => void;
  now: () => number;
}

export interface Journal {
  /** One transaction under the lease; its events are told once it is done. */
  write(fn: (db: Writer) => void): Promise<void>;
  log(level: LogLevel, message: string, imageId?: string): void;
  debug(imageId: string | null, message: string): void;
  /** Writes the log rows that still wait. */
  flush(): Promise<void>;
  /** Forgets them: nothing more may be written. */
  drop(): void;

  /** On the disk when it resolves. */
  openCall<T>(open: OpenCall, call: PaidCall<T>): Promise<void>;
  callAccepted(id: string, recoveryKey: string): void;
  settleCall(
    db: Writer,
    open: Pick<OpenCall, 'id'>,
    state: Exclude<CallState, 'sent'>,
    cost: MicroUsd | null,
    requestId: string | null,
  ): void;
  /** The background removal of a picture that an earlier run has sent; null without one. */
  openCallOf(picture: Picture): OpenCall | null;
  callOf(id: string): { request: CallRequest; recoveryKey: string } | null;

  promptWritten(db: Writer, generation: Pick<Generation, 'generation'>, prompt: string): void;
  received(db: Writer, generation: Generation & { prompt: string }, arrived: Arrivals): Picture[];
  slotsFailed(generation: number, variations: readonly number[], failure: Failure): Promise<void>;

  change(db: Writer, picture: Picture, change: PictureChange): void;
  /** A retry takes the picture up. */
  begin(db: Writer, picture: Picture, change: PictureChange): void;
  /** A retry puts it down again, unfinished. */
  rest(db: Writer, picture: Picture): void;
  checked(db: Writer, picture: Picture, verdict: QualityVerdict, timings: Timings): void;
  approved(picture: Picture, change: PictureChange): Promise<void>;
  /** The picture fails; in a retry its file, path and metadata stay as they were. */
  failed(picture: Picture, failure: Failure): Promise<void>;
  /** A step failed without failing the picture; what it sent and lost is given up. */
  softFailed(picture: Picture, failures: readonly Failure[], change?: PictureChange): Promise<void>;
}

/** Rows of a log are written together when nothing else is, this often. */
const logIntervalMs = 100;

export function createJournal(options: JournalOptions): Journal {
  const { store, lease, jobId, tally, emit } = options;
  let waitingLogs: NewLogEntry[] = [];
  let timer: NodeJS.Timeout | null = null;
  /** What a transaction did, told when it is done. */
  let touched = new Set<number>();
  let after: (() => void)[] = [];

  const run = async (durable: boolean, fn: (db: Writer) => void): Promise<void> => {
    let logs: LogEntry[] = [];
    let rows: NewLogEntry[] = [];
    let seqs: Set<number> = new Set();
    let then: (() => void)[] = [];
    const putBack = (): void => {
      waitingLogs = [...rows, ...waitingLogs];
      rows = [];
    };
    const body = (db: Writer): void => {
      // A transaction may be tried again: nothing of the first try is kept.
      touched = new Set();
      after = [];
      putBack();
      fn(db);
      // Taken at once: another write may begin before this one is known to be done.
      rows = waitingLogs;
      waitingLogs = [];
      logs = rows.length === 0 ? [] : insertLogs(db, rows);
      seqs = touched;
      then = after;
    };
    try {
      await (durable ? store.pay(lease, body) : store.write(lease, body));
    } catch (error) {
      putBack();
      throw error;
    }
    for (const act of then) act();
    for (const entry of logs) emit({ kind: 'log', entry });
    if (seqs.size > 0) {
      for (const image of store.read((db) => imagesBySeq(db, [...seqs]))) emit({ kind: 'image', image });
    }
  };

  const flush = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waitingLogs.length > 0) await run(false, () => undefined);
  };

  const enter = (level: LogLevel, debug: boolean, message: string, imageId: string | null): void => {
    waitingLogs.push({ jobId, imageId, at: options.now(), level, debug, message });
    timer ??= setTimeout(() => void flush().catch(options.onError), logIntervalMs);
  };

  const count = (db: Writer, add: Partial<JobCounters>): void => {
    if (Object.values(add).every((n) => n === 0)) return;
    countJob(db, jobId, add);
    after.push(() => tally.counted(add));
  };

  const change = (db: Writer, picture: Picture, changes: PictureChange & { status?: ImageStatus }): void => {
    const timings =
      changes.timings === undefined ? {} : { timings: { ...picture.timings, ...rounded(changes.timings) } };
    const all = { ...changes, ...timings };
    updateImage(db, picture.id, all, options.now());
    if (changes.status !== undefined || changes.thumbnailPath !== undefined) touched.add(picture.seq);
    Object.assign(picture, known(picture, all));
  };

  /** The picture's last status in this run, with the counters that follow from it. */
  const end = (db: Writer, picture: Picture, status: ImageStatus, changes: PictureChange): void => {
    const before = picture.statusBefore ?? picture.status;
    change(db, picture, { ...changes, status, statusBefore: null, nextStage: null });
    count(db, difference(before, status));
    if (options.imageRunId !== null) {
      const runId = options.imageRunId;
      countRun(db, runId, status === 'approved' ? { done: 1 } : { failed: 1 }, picture.id);
      after.push(() => emit({ kind: 'run', run: store.read((reader) => getRun(reader, runId)) }));
    }
    after.push(() => {
      tally.awaitsNoMore(picture.id);
      tally.ended();
    });
  };

  const giveUpCalls = (db: Writer, which: (call: OpenCall) => boolean): void => {
    for (const call of openCallsOf(db).filter(which)) {
      settleCall(db, call.id, { state: 'lost', costMicroUsd: null, now: options.now() });
    }
  };
  const openCallsOf = (db: Writer): OpenCall[] => openCalls(db, jobId).map(toOpenCall);

  return {
    write: (fn) => run(false, fn),
    flush,
    drop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      waitingLogs = [];
    },
    log: (level, message, imageId) => enter(level, false, message, imageId ?? null),
    debug: (imageId, message) => enter('info', true, message, imageId),

    openCall: (open, call) =>
      run(true, (db) =>
        openCall(db, {
          id: open.id,
          jobId,
          runId: options.runId,
          generation: open.imageId === null ? open.generation : null,
          imageId: open.imageId,
          stage: open.stage,
          provider: call.provider,
          model: call.model,
          recoveryKey: open.recoveryKey,
          asked: call.count,
          request: open.request,
          reservedMicroUsd: open.reserved,
          sentAt: open.sentAt,
        }),
      ),
    callAccepted: (id, recoveryKey) => {
      run(true, (db) => setRecoveryKey(db, id, recoveryKey)).catch(options.onError);
    },
    settleCall: (db, open, state, costMicroUsd, providerRequestId) =>
      settleCall(db, open.id, { state, costMicroUsd, providerRequestId, now: options.now() }),
    openCallOf: (picture) => {
      const calls = store.read((db) => openCalls(db, jobId));
      const call = calls.find((one) => one.imageId === picture.id && one.stage === 'removeBackground');
      return call === undefined ? null : toOpenCall(call);
    },
    callOf: (id) => {
      try {
        const call = store.read((db) => getCall(db, id));
        return { request: readCallRequest(call.request), recoveryKey: call.recoveryKey };
      } catch (error) {
        if (isFactoryError(error, 'notFound')) return null;
        throw error;
      }
    },

    promptWritten: (db, { generation }, prompt) => setPrompt(db, jobId, generation, prompt),
    received(db, generation, arrived) {
      const pictures = arrived.pictures.map((one) => {
        insertImage(db, {
          id: one.id,
          jobId,
          generation: generation.generation,
          variation: one.variation,
          status: 'pending',
          nextStage: 'download',
          keywordRow: generation.keywordRow,
          keyword: generation.keyword,
          prompt: generation.prompt,
          provider: options.imageProvider.name,
          model: options.imageProvider.model,
          providerImageId: one.providerImageId,
          sourceUrl: one.url,
          originalPath: one.file,
          seed: one.seed,
          generationCostMicroUsd: one.costMicroUsd,
          unfinished: { ...nothingUnfinished, callId: arrived.callId, flagged: one.flagged },
          createdAt: options.now(),
        });
        const picture = toPicture(getImageWork(db, one.id));
        change(db, picture, { timings: arrived.timings });
        touched.add(picture.seq);
        return picture;
      });
      count(db, { generated: pictures.length, checked: options.qualityCheck ? 0 : pictures.length });
      for (const { variation, failure } of arrived.failures)
        failOne(db, generation.generation, variation, failure);
      after.push(() => {
        for (const picture of pictures) {
          if (options.qualityCheck) tally.awaits(picture.id);
          enter('info', false, `${nameOf(picture)} was generated.`, picture.id);
        }
      });
      return pictures;
    },
    slotsFailed: (generation, variations, failure) =>
      run(false, (db) => {
        giveUpCalls(
          db,
          (call) =>
            call.stage === 'generate' &&
            call.generation === generation &&
            call.request.variations.some((variation) => variations.includes(variation)),
        );
        for (const variation of variations) failOne(db, generation, variation, failure);
      }),

    change,
    begin: (db, picture, changes) => change(db, picture, { ...changes, status: 'processing' }),
    rest: (db, picture) => change(db, picture, { status: 'retryPending' }),
    checked(db, picture, verdict, timings) {
      const first = picture.qcPassed === null;
      const changes = { qcPassed: verdict.passed, qcReason: verdict.reason, timings };
      if (verdict.passed) change(db, picture, { ...changes, nextStage: 'removeBackground' });
      else end(db, picture, 'qcFailed', { ...changes, failure: null });
      if (first) count(db, { checked: 1 });
      after.push(() => tally.awaitsNoMore(picture.id));
    },
    async approved(picture, changes) {
      const { metadata, softFailures } = picture.unfinished;
      await run(false, (db) =>
        end(db, picture, 'approved', {
          ...changes,
          ...metadata,
          failure: null,
          softFailures,
          sourceUrl: null,
        }),
      );
      enter('info', false, `${nameOf(picture)} was saved as ${picture.path ?? ''}.`, picture.id);
    },
    async failed(picture, failure) {
      const inRetry = picture.statusBefore !== null;
      const { metadata, softFailures } = picture.unfinished;
      const status = inRetry ? 'retryFailed' : 'failed';
      // What was paid for is kept for the next try; what people see of an earlier success stays as it was.
      const kept = inRetry ? {} : { ...metadata, softFailures };
      const unfinished = { ...picture.unfinished, softFailures: [] };
      await run(false, (db) => {
        giveUpCalls(db, (call) => call.imageId === picture.id);
        end(db, picture, status, { ...kept, failure, unfinished });
      });
      const label = imageStatusLabel('failed', failure);
      enter('error', false, `${nameOf(picture)}: ${label}: ${failure.reason}`, picture.id);
    },
    async softFailed(picture, failures, changes = {}) {
      if (failures.length === 0) return;
      const softFailures = [...picture.unfinished.softFailures, ...failures];
      await run(false, (db) => {
        giveUpCalls(db, (call) => call.imageId === picture.id);
        change(db, picture, { ...changes, unfinished: { ...picture.unfinished, softFailures } });
      });
      for (const failure of failures) {
        const label = imageStatusLabel('failed', failure);
        enter(
          'warn',
          false,
          `${nameOf(picture)}: ${label}, going on without it: ${failure.reason}`,
          picture.id,
        );
      }
    },
  };

  function failOne(db: Writer, generation: number, variation: number, failure: Failure): void {
    failSlot(db, { jobId, generation, variation }, failure, options.now());
    count(db, { failed: 1 });
    after.push(() => {
      tally.slotsFailed(1);
      tally.ended();
      const name = nameOf({ generation, variation });
      enter('error', false, `${name}: ${imageStatusLabel('failed', failure)}: ${failure.reason}`, null);
    });
  }
}

export function toOpenCall(call: {
  id: string;
  stage: Stage;
  generation: number | null;
  imageId: string | null;
  recoveryKey: string;
  reservedMicroUsd: MicroUsd | null;
  request: unknown;
  sentAt: number;
}): OpenCall {
  const { id, stage, generation, imageId, recoveryKey, sentAt } = call;
  const request = readCallRequest(call.request);
  return { id, stage, generation, imageId, recoveryKey, sentAt, reserved: call.reservedMicroUsd, request };
}

function rounded(timings: Timings): Timings {
  return Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms)]));
}

/** The part of a change that the walk itself looks at. */
function known(picture: Picture, change: Record<string, unknown>): Partial<Picture> {
  return Object.fromEntries(Object.entries(change).filter(([key]) => Object.hasOwn(picture, key)));
}

/** Counters follow the status: what was counted before a retry is taken back. */
function difference(before: ImageStatus, now: ImageStatus): Partial<JobCounters> {
  const is = (status: ImageStatus, group: 'pass' | 'fail'): number =>
    Number((statusGroups[group] as readonly ImageStatus[]).includes(status));
  return {
    approved: is(now, 'pass') - is(before, 'pass'),
    failed: is(now, 'fail') - is(before, 'fail'),
  };
}
