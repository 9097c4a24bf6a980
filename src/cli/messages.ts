/** What people are told by this room. */
import { defineMessages } from '../engine/model/message.ts';

export const messages = defineMessages('cli', {
  nothingChanged: 'Nothing was changed.',
});
