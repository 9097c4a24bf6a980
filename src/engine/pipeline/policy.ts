/** What a failure means: for its call, its step, its image, its job. Every such decision is made here. */
import type { FactoryError } from '../model/errors.ts';
import type { JobError } from '../model/job.ts';
import type { Failure, Stage } from '../model/status.ts';
import { reactionOf } from '../providers/retry.ts';
import type { Settings } from '../settings/settings.ts';
import { isSuspect } from './circuit.ts';
import type { CircuitSource, Verdict } from './circuit.ts';
import type { PipelineImageChange } from './journal.ts';
import type { PipelineContext } from './pipelineContext.ts';

/** Where an error happened. */
export interface Source extends CircuitSource {
  stage: Stage;
}

type Gated = Pick<PipelineContext, 'gate'>;

/** True where a request may have reached the provider and been billed although no answer came. */
export function isAmbiguous(error: FactoryError, askable: boolean): boolean {
  if (error.notSent) return false;
  if (error.code === 'network.timeout' || error.code === 'network.unreachable') return true;
  if (error.code === 'provider.badAnswer' || error.code === 'unexpected') return true;
  // An error page of the server was an answer; asking is free, so it is still asked where it can be.
  return askable && error.code === 'provider.unavailable';
}

/**
 * What an error means once its retries are used up. `halt`: the run ends, or this process stops; rows stay as
 * they are and go on after Resume. `fail`: it concerns this slot or image.
 */
export async function judgeFailure(
  context: Pick<PipelineContext, 'gate' | 'circuit'>,
  error: FactoryError,
  source: Source,
): Promise<Verdict> {
  if (closeGateFor(context, error, source)) return 'halt';
  // Only the run's own end cuts a call off; anything else that says so is a fault of ours.
  if (error.code === 'cancelled') return context.gate.halt === null ? 'fail' : 'halt';
  // `withRetries` has waited for as long as it makes sense.
  if (error.code === 'provider.rateLimited') {
    pause(context, error, source);
    return 'halt';
  }
  if (!isSuspect(error)) return 'fail';
  return context.gate.halt === null ? context.circuit.suspect(source, error) : 'halt';
}

/** Closes the gate for errors that end the run at once; true when this one does. */
export function closeGateFor(context: Gated, error: FactoryError, source: Source): boolean {
  switch (reactionOf(error)) {
    case 'pauseJob':
      pause(context, error, source);
      return true;
    case 'failJob':
      context.gate.close({ status: 'failed', error: jobErrorOf(error, source) });
      return true;
    case 'stop':
      if (error.code === 'cancelled') return false;
      context.gate.close({ status: 'interrupted', error: jobErrorOf(error, source) });
      return true;
    default:
      return false;
  }
}

/** A fault of ours outside any step: the run stands still with the reason, nothing is lost. */
export function endFor(context: Gated, error: FactoryError, stage: Stage): void {
  const source = { stage, provider: 'local', model: '' };
  if (!closeGateFor(context, error, source)) pause(context, error, source);
}

export function pause(context: Gated, error: FactoryError, source: Source): void {
  context.gate.close({ status: 'paused', error: jobErrorOf(error, source) });
}

/** What a job says of its end; without a source the error arose outside any step. */
export function jobErrorOf(error: FactoryError, source: Source | null): JobError {
  const named = error.provider ?? source?.provider ?? null;
  const provider = /^(provider|network|key)\./.test(error.code) ? named : null;
  return { code: error.code, stage: error.stage ?? source?.stage ?? null, provider, message: error.message };
}

export function failureOf(error: FactoryError, stage: Stage): Failure {
  return { stage: error.stage ?? stage, code: error.code, reason: error.message };
}

const notBeside = (): boolean => false;

/**
 * Steps whose failure is soft: it is noted, and the image goes on without the step (P12). With each, which setting
 * beside `processing.failOnSteps` fails the image all the same. Every other failure fails its image.
 */
const softStages = {
  removeBackground: (settings) => settings['processing.removeBgFailureMode'] === 'markFailed',
  trim: notBeside,
  enhance: notBeside,
  metadata: notBeside,
} as const satisfies Partial<Record<Stage, (settings: Settings) => boolean>>;
export type SoftStage = keyof typeof softStages;

/** What the row of an image says from now on when it goes on without a step. */
export type WayOn = PipelineImageChange;
/** The later steps do with what is there. */
export const asItIs: WayOn = {};

/** A way to go on for each soft stage of a step, and for no other: what has none must not be soft. */
export type OnFailure<S extends Stage> = Readonly<Record<Extract<S, SoftStage>, WayOn>>;

/** True when a failure of this step fails the image. */
export function isHard(stage: Stage, settings: Settings): boolean {
  const failsBeside = (softStages as Partial<Record<Stage, (settings: Settings) => boolean>>)[stage];
  if (failsBeside === undefined) return true;
  return (settings['processing.failOnSteps'] as readonly Stage[]).includes(stage) || failsBeside(settings);
}
