/** What people are told of remove.bg alone. */
import { defineMessages } from '../../model/message.ts';

export const messages = defineMessages('removebg', {
  removedNothing: 'Remove.bg answered without an image.',
  tooFewCredits:
    'Remove.bg answered with {width} × {height} pixels for an image of {fullWidth} × {fullHeight}: the account has too few credits for the full size. Add credits there, then resume.',
});
