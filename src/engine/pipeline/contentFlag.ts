/** Step "generate", its end: what the provider itself marked as unsafe goes no further before a person has looked. */
import { FactoryError } from '../model/errors.ts';
import type { Step } from './step.ts';
import { messages } from './messages.ts';

export const contentFlag: Step<'generate'> = {
  stage: 'generate',
  // Whoever retries or approves the image has looked at it.
  applies: (image, { retry }) => retry === null && image.unfinished.flagged,
  run: () => Promise.reject(new FactoryError('content.flagged', messages.flagged())),
  onFailure: {},
  afterStop: true,
};
