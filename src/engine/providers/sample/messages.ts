/** What people are told of the sample provider alone. */
import { defineMessages } from '../../model/message.ts';

export const messages = defineMessages('sample', {
  busyBorder:
    'The sample background remover only takes plain backgrounds away, and the border of this image has many colours. Choose another Background Remover for such images.',
  onlyBackground: 'The sample background remover found nothing but background in this image.',
});
