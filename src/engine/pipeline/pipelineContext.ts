/** What every step of the pipeline is given. */
import type { Files } from '../files/files.ts';
import type { MicroUsd } from '../model/money.ts';
import type { Limit } from '../model/semaphore.ts';
import type { Limiter } from '../providers/limiter.ts';
import type { CallContext, Providers } from '../providers/provider.ts';
import type { Settings } from '../settings/settings.ts';
import type { Circuit } from './circuit.ts';
import type { RunFolders } from './runFolders.ts';
import type { Gate } from './gate.ts';
import type { Journal } from './journal.ts';

/** Money of a job: reserved before a call, settled after. */
export interface Budget {
  /**
   * Takes the worst price of a call (null: unknown) from what is left; waits while only calls in flight
   * stand in the way. Fails with `budget.exceeded`, or `cancelled` when the signal aborts.
   */
  reserve(worst: MicroUsd | null, signal: AbortSignal): Promise<void>;
  /** Gives the reservation back and counts what the call did cost; null: its worst price. */
  settle(worst: MicroUsd | null, cost: MicroUsd | null): void;
}

/** How much of each kind of work is under way at once. */
export interface StepLimits {
  /** Calls to the image provider: `generation.parallel`, fewer after "too many requests". */
  image: Limiter;
  prompt: Limiter;
  qualityCheck: Limiter;
  metadata: Limiter;
  background: Limiter;
  download: Limit;
  /** Images between their pixels' last change and delivery: their bytes are in memory. */
  finishing: Limit;
}

/** The texts that a job's prompts are made of. */
export interface Instructions {
  /** Instructions that write the prompt of a row: the template, filled. */
  prompt(row: Readonly<Record<string, string>>): string;
  qualityCheck: string;
  /** Instructions that describe an image made from this prompt. */
  metadata(prompt: string): string;
}

export interface PipelineContext {
  jobId: string;
  /** What file names begin with: the job's own label. */
  label: string;
  settings: Settings;
  /** What prompts, checks and descriptions are asked of, as the ledger names it. */
  textModel: string;
  /** True where the image model draws SVG. */
  vector: boolean;
  /** This retry, approval or job; what a retry has paid for is known by it. */
  runId: string | null;
  providers: Providers;
  instructions: Instructions;
  files: Files;
  folders: RunFolders;
  gate: Gate;
  circuit: Circuit;
  budget: Budget;
  limits: StepLimits;
  journal: Journal;
  now: () => number;
}

/** What a call of a provider is given: how it ends, and where its technical rows go. */
export function callContextFor(
  { gate, settings, journal }: PipelineContext,
  imageId: string | null,
): CallContext {
  return {
    signal: gate.cut,
    timeoutMs: timeoutMs(settings),
    debug: (message) => journal.debug(imageId, message),
  };
}

/** The time limit of one attempt, in milliseconds. */
function timeoutMs(settings: Settings): number {
  return settings['generation.enablePollingTimeout']
    ? settings['generation.pollingTimeoutMinutes'] * 60_000
    : 30_000;
}
