/** What steps hand to the journal: plain data, known to all of them. */
import type { MicroUsd } from '../model/money.ts';
import type { Failure, Stage } from '../model/status.ts';
import type { CallRequest } from './imageRequest.ts';

/** Milliseconds by step. */
export type Timings = Partial<Record<Stage, number>>;

/** What the ledger is told of a call before it goes out. */
export interface CallFacts {
  stage: Stage;
  provider: string;
  model: string;
  generation: number | null;
  imageId: string | null;
  /** How many results are asked for. */
  count: number;
  /** Worst price; null: unknown. */
  worst: MicroUsd | null;
  /** What must be known to use the answer after a crash. */
  request: CallRequest;
}

/** A call that was sent and has no answer yet. */
export interface OpenCall {
  id: string;
  provider: string;
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

/** A generation with the variations that have no result yet. */
export interface OpenGeneration {
  generation: number;
  keywordRow: number;
  keyword: Readonly<Record<string, string>>;
  prompt: string | null;
  planned: readonly number[];
}

/** What one answer holds for the slots that it was asked for. */
export interface SlotResults {
  callId: string;
  images: {
    id: string;
    variation: number;
    providerImageId: string | null;
    seed: number | null;
    flagged: boolean;
    /** Where to download from; null when the bytes came inside the answer and lie in `file`. */
    url: string | null;
    file: string | null;
    /** Its part of the call; null: unknown. */
    costMicroUsd: MicroUsd | null;
  }[];
  /** Slots whose image the provider refused. */
  failures: { variation: number; failure: Failure }[];
  /** Slots without an image and without a lasting reason. */
  missing: readonly number[];
  timings: Timings;
}
