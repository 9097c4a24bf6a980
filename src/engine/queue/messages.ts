/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('queue', {
  closing: 'This window or command is closing, so nothing is started any more.',
  ended: 'The run has already ended.',
  imagesTaken: 'Some of the images were retried, approved or deleted meanwhile. Look at the list again.',
  jobGone: 'The job of this run is no longer there.',
  nothingRuns: 'Nothing is running in this workspace.',
});
