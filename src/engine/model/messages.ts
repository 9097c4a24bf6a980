/** What people are told by this room. */
import { defineMessages } from './message.ts';

export const messages = defineMessages('model', {
  cancelled: 'The work was cancelled.',
  full: 'There is no space left on the disk to write {path}. Free some space, then go on.',
  unwritable:
    '{path} could not be written ({reason}). Check that the folder exists and that you may write to it.',
});
