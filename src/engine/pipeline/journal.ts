/** What a run writes down: every change of a step is one of these. `createJournal` does the writing. */
import type { LogLevel } from '../model/events.ts';
import type { JobCounters } from '../model/job.ts';
import type { MicroUsd } from '../model/money.ts';
import type { Failure, Stage } from '../model/status.ts';
import type { QualityVerdict } from '../providers/provider.ts';
import type { Call, CallState } from '../store/rows/call.ts';
import type { ImageChange } from '../store/images.ts';
import type { Writer } from '../store/store.ts';
import { readCallRequest } from './imageRequest.ts';
import type { CallRequest } from './imageRequest.ts';
import type { PipelineImage, Unfinished } from './pipelineImage.ts';
import type { SlotResults, CallFacts, OpenGeneration, OpenCall, Timings } from './records.ts';
import type { Message } from '../model/message.ts';

/** Ends calls that nobody will ask for any more. */
export type WriteOffCalls = (db: Writer, which: (call: OpenCall) => boolean) => void;

export type PipelineImageChange = Omit<ImageChange, 'unfinished' | 'status' | 'timings'> & {
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
  /** An image of this run came to its end. */
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
  /** The call of this step for an image that an earlier run has sent; null without one. */
  openCallOf(image: PipelineImage, stage: Stage): OpenCall | null;
  callOf(id: string): { request: CallRequest; recoveryKey: string } | null;

  promptWritten(db: Writer, generation: Pick<OpenGeneration, 'generation'>, prompt: string): void;
  received(
    db: Writer,
    generation: OpenGeneration & { prompt: string },
    slotResults: SlotResults,
  ): PipelineImage[];
  slotsFailed(generation: number, variations: readonly number[], failure: Failure): Promise<void>;

  change(db: Writer, image: PipelineImage, change: PipelineImageChange): void;
  /** A retry takes the image up. */
  begin(db: Writer, image: PipelineImage, change: PipelineImageChange): void;
  /** A retry puts it down again, unfinished. */
  rest(db: Writer, image: PipelineImage): void;
  checked(db: Writer, image: PipelineImage, verdict: QualityVerdict, timings: Timings): void;
  approved(image: PipelineImage, change: PipelineImageChange): Promise<void>;
  /** The image fails; in a retry its file, path and metadata stay as they were. */
  failed(image: PipelineImage, failure: Failure): Promise<void>;
  /** A step failed without failing the image; what it sent and lost is given up. */
  softFailed(image: PipelineImage, failures: readonly Failure[], change?: PipelineImageChange): Promise<void>;
}

export function toOpenCall(call: Call): OpenCall {
  const { id, provider, stage, generation, imageId, recoveryKey, sentAt } = call;
  const request = readCallRequest(call.request);
  const reserved = call.reservedMicroUsd;
  return { id, provider, stage, generation, imageId, recoveryKey, reserved, request, sentAt };
}
