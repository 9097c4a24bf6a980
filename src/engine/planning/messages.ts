/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('planning', {
  problems: 'The job cannot start: {count} problems.\n{list}',
});
