/** What a step of the pipeline is: how it is chosen, done, and left out when it fails. The steps are in `pipeline.ts`. */
import type { FactoryError } from '../model/errors.ts';
import type { MicroUsd } from '../model/money.ts';
import type { Limit } from '../model/semaphore.ts';
import { skippedLabel } from '../model/status.ts';
import type { Failure, Stage } from '../model/status.ts';
import type { PriceList } from '../providers/prices.ts';
import type { VisionImage } from '../providers/provider.ts';
import type { Settings } from '../settings/settings.ts';
import type { Marked } from '../images/pixels/markImage.ts';
import { imageByPlace } from './pipelineImage.ts';
import type { PipelineImage } from './pipelineImage.ts';
import type { OnFailure } from './policy.ts';
import type { PipelineContext } from './pipelineContext.ts';
import { messages } from './messages.ts';

/** Why an image is taken up again by a person. */
export interface Retry {
  kind: 'retry' | 'approve';
  /** Describe the image anew, even when it has metadata. */
  regenerateMetadata: boolean;
  runId: string;
}

/** What decides which steps an image has before it. */
export interface Purpose {
  settings: Settings;
  /** Null where a job does what its rows say is left. */
  retry: Retry | null;
}

/** The stages that an image has before it. */
export type Plan = ReadonlySet<Stage>;

/** One walk of one image through its plan. What steps leave for later ones is here; what must survive is in the row. */
export interface Walk {
  readonly context: PipelineContext;
  readonly image: PipelineImage;
  /** True when a step of the plan will look at the image. */
  readonly looks: boolean;
  /** The image for the vision calls, made when it is first asked for. */
  look: () => Promise<VisionImage>;
  /** Made on the way by a step that had the bytes in hand. */
  seen: VisionImage | null;
  /** What is to be delivered; null where the delivered file stays as it is. */
  finished: Marked | null;
  /** Failures of the step under way that it does without. */
  noted: Failure[];
  /** Waits for a place that is taken until the walk ends. */
  hold: (limit: Limit) => Promise<void>;
  /** Notes a failure of a part that the step does without; throws it where the policy says that it fails the image. */
  partFailed: (stage: Stage, error: FactoryError) => void;
}

/** `end`: the walk is over, the step has written down why. */
export type Onward = 'next' | 'end';

export interface Step<Own extends Stage = Stage, Part extends Stage = never> {
  /** Failures that name no stage are its own. */
  stage: Own;
  /** Stages that are done in the same run, before its own. */
  parts?: readonly Part[];
  /** Asked once, before the first step of the image. */
  applies: (image: PipelineImage, purpose: Purpose) => boolean;
  run: (walk: Walk) => Promise<Onward>;
  onFailure: OnFailure<Own | Part>;
  /** Whom it asks; an outage there is not the image's fault. */
  asks?: 'image' | 'text' | 'background';
  /** The most that it costs for one image. */
  price?: (prices: PriceList) => MicroUsd | null;
  /** True when it looks at the image. */
  looks?: true;
  /** What is in hand is brought home after a stop. */
  afterStop?: true;
  /** True when the answer of a call that a killed process has sent is asked for by the step itself. */
  asksAgain?: true;
}

/** Says that these steps do not apply to a drawing. */
export function logSkipped({ context, image }: Walk, skipped: readonly Stage[]): void {
  if (skipped.length === 0) return;
  const list = skipped.map(skippedLabel).join(', ');
  context.journal.log('info', messages.skipped({ image: imageByPlace(image), list }), image.id);
}
