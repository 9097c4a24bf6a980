/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('queue', {
  closing: 'This window or command is closing, so nothing is started any more.',
  endNotStored: 'The end of a run could not be stored: {reason}',
  ended: 'The run has already ended.',
  imagesTaken: 'Some of the images were retried, approved or deleted meanwhile. Look at the list again.',
  jobGone: 'The job of this run is no longer there.',
  leaseKept: 'The lease could not be given back: {reason}',
  notStarted: 'A waiting run could not be started: {reason}',
  nothingRuns: 'Nothing is running in this workspace.',
  rerunsHeld: 'Reruns that were not all queued stay held: {reason}',
  runInterrupted:
    'The window or command that ran this job ended before it was done. Resume goes on where it stopped.',
});
