/** What a run writes down: every change of a step is one of these. `createJournal` does the writing. */
import type { LogLevel } from '../model/events.ts';
import type { JobCounters } from '../model/job.ts';
import type { MicroUsd } from '../model/money.ts';
import type { Failure, Stage } from '../model/status.ts';
import type { QualityVerdict } from '../providers/provider.ts';
import type { Call, CallState } from '../store/calls.ts';
import type { ImageChange } from '../store/images.ts';
import type { Writer } from '../store/store.ts';
import { readCallRequest } from './imageRequest.ts';
import type { CallRequest } from './imageRequest.ts';
import type { Picture, Unfinished } from './picture.ts';
import type { Arrivals, CallFacts, Generation, OpenCall, Timings } from './records.ts';
import type { Message } from '../model/message.ts';

/** Ends calls that nobody will ask for any more. */
export type GiveUp = (db: Writer, which: (call: OpenCall) => boolean) => void;

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

export interface Journal {
  /** One transaction under the lease. */
  write(fn: (db: Writer) => void): Promise<void>;
  log(level: LogLevel, told: Message, imageId?: string): void;
  debug(imageId: string | null, message: string): void;
  /** Writes the log rows that still wait. */
  flush(): Promise<void>;
  /** Forgets them: nothing more may be written. */
  drop(): void;

  /** On the disk when it resolves. */
  openCall(open: OpenCall, call: CallFacts): Promise<void>;
  callAccepted(id: string, recoveryKey: string): void;
  settleCall(
    db: Writer,
    open: Pick<OpenCall, 'id' | 'reserved'>,
    state: Exclude<CallState, 'sent'>,
    cost: MicroUsd | null,
    requestId: string | null,
  ): void;
  /** The call of this step for a picture that an earlier run has sent; null without one. */
  openCallOf(picture: Picture, stage: Stage): OpenCall | null;
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

export function toOpenCall(call: Call): OpenCall {
  const { id, provider, stage, generation, imageId, recoveryKey, sentAt } = call;
  const request = readCallRequest(call.request);
  const reserved = call.reservedMicroUsd;
  return { id, provider, stage, generation, imageId, recoveryKey, reserved, request, sentAt };
}
